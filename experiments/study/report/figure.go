package report

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"iter"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/plots"
)

// figure is a figure in both schemes, as SVG in data URLs.
type figure struct {
	Caption string
	Light   template.URL
	Dark    template.Srcset
	Wide    bool // takes the page's width
}

// gallery is figures below a title, with what could not be drawn.
type gallery struct {
	Title   string
	Text    string
	Figures []figure
	Notes   []string
}

// Widths of figures in millimetres: a column, and two with the gap between.
const (
	columnWidth = plots.DefaultWidth
	wideWidth   = 2*columnWidth + 5
)

// manyBars and manyGates are how many bars, and panels of gates, a column has room
// for.
const manyBars, manyGates = 8, 4

// add draws a figure of a kind in both schemes, in a column if it fits; one that
// cannot be drawn is left out, with the reason.
func (g *gallery) add(ctx context.Context, kind, caption string, wide bool, in figures.Input) error {
	f, err := drawn(ctx, kind, caption, wide, in)
	if err != nil && !wide {
		f, err = drawn(ctx, kind, caption, true, in)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		g.leaveOut(caption, err)
		return nil
	}
	g.Figures = append(g.Figures, *f)
	return nil
}

// leaveOut notes that a figure is left out; those that lack the same are one note.
func (g *gallery) leaveOut(caption string, err error) {
	if inner := errors.Unwrap(err); inner != nil { // without the kind, which the caption says
		err = inner
	}
	reason := ": left out, " + err.Error()
	for i, note := range g.Notes {
		if captions, same := strings.CutSuffix(note, reason); same {
			g.Notes[i] = captions + "; " + caption + reason
			return
		}
	}
	g.Notes = append(g.Notes, caption+reason)
}

// drawn is a figure of a kind.
func drawn(ctx context.Context, kind, caption string, wide bool, in figures.Input) (*figure, error) {
	k, err := figures.Lookup(kind)
	if err != nil {
		return nil, err
	}
	f := &figure{Caption: caption, Wide: wide}
	in.Figure.Width = columnWidth
	if wide {
		in.Figure.Width = wideWidth
	}
	for _, theme := range plots.Themes() {
		in.Figure.Theme = theme
		d, err := k.Draw(ctx, in)
		if err != nil {
			return nil, err
		}
		var svg bytes.Buffer
		if err := d.Figure.WriteSVG(&svg); err != nil {
			return nil, err
		}
		url := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg.Bytes())
		if theme == plots.Dark {
			f.Dark = template.Srcset(url)
		} else {
			f.Light = template.URL(url)
		}
	}
	return f, nil
}

// draw draws all figures.
func (p *page) draw(ctx context.Context) error {
	for i := range p.Ablations {
		a := &p.Ablations[i]
		f, err := drawn(ctx, "ablation", "Differences to the base row, paired by seed, at the last step", true, figures.Input{Tables: []ablations.Table{a.source}})
		if err != nil {
			a.Notes = append(a.Notes, "the figure is left out: "+err.Error())
		}
		a.Figure = f
	}
	if err := p.overview(ctx); err != nil {
		return err
	}
	return p.networks(ctx)
}

// taskOf names a task.
func taskOf(r record.Result) string { return r.Source + " → " + r.Target }

// part are the results of which something is the same, in order of first
// appearance.
type part struct {
	name    string
	results []record.Result
}

// parts splits results.
func parts(results []record.Result, name func(record.Result) string) (all []part) {
	at := make(map[string]int)
	for _, r := range results {
		i, seen := at[name(r)]
		if !seen {
			i = len(all)
			at[name(r)] = i
			all = append(all, part{name: name(r)})
		}
		all[i].results = append(all[i].results, r)
	}
	return all
}

// overview draws the figures of results: bars of each recipe, the curves of each
// task and objective, and the gates of the latest run of each task that has any.
func (p *page) overview(ctx context.Context) error {
	g := &p.Overview
	results := p.results()
	recipes := parts(results, func(r record.Result) string { return r.Recipe })
	taskOf := func(r record.Result) string { // recipes may have domains of one name
		if len(recipes) > 1 {
			return r.Recipe + ", " + taskOf(r)
		}
		return taskOf(r)
	}
	for _, recipe := range recipes {
		wide := len(ablations.Groups(recipe.results)) > manyBars
		if err := g.add(ctx, "bars", "Target accuracy at the last step, "+recipe.name, wide, figures.Input{Results: recipe.results}); err != nil {
			return err
		}
	}
	for _, task := range parts(results, func(r record.Result) string { return taskOf(r) + ", " + r.Objective }) {
		if !slices.ContainsFunc(task.results, func(r record.Result) bool { return len(r.Points) > 1 }) {
			continue // no line
		}
		if err := g.add(ctx, "curves", "Target accuracy over training, "+task.name, false, figures.Input{Results: task.results}); err != nil {
			return err
		}
	}
	for _, task := range parts(results, taskOf) {
		of := slices.DeleteFunc(task.results, func(r record.Result) bool { return len(r.Points[len(r.Points)-1].Gates) == 0 })
		if len(of) == 0 {
			continue
		}
		r := of[len(of)-1]
		kind, when := "gates", "over training"
		if len(r.Points) == 1 {
			kind, when = "gates-by-layer", "at the last step"
		}
		for _, statistic := range []string{figures.Mean, figures.Variance} {
			caption := fmt.Sprintf("Gates of the %ss %s, %s, run %s", statistic, when, task.name, r.ID)
			in := figures.Input{Results: []record.Result{r}, Layer: figures.LayerOptions{Statistic: statistic}}
			if err := g.add(ctx, kind, caption, len(r.Points[0].Gates) > manyGates, in); err != nil {
				return err
			}
		}
	}
	return nil
}

// chosen are the results of the runs whose networks are drawn.
func (p *page) chosen() (all []record.Result) {
	out := p.options.Environment.Out
	if len(p.options.Runs) > 0 {
		for _, id := range p.options.Runs {
			i := slices.IndexFunc(p.records, func(r ablations.Record) bool { return r.ID == id })
			if i < 0 {
				p.note(fmt.Errorf("run %s is not among the results: its network is left out", id))
				continue
			}
			all = append(all, p.records[i].Result)
		}
		return all
	}
	there := slices.DeleteFunc(p.results(), func(r record.Result) bool { return !experiments.HasCheckpoints(out, r.ID) })
	if missing := len(p.records) - len(there); missing > 0 && p.options.Networks > 0 {
		p.note(fmt.Errorf("the networks of %d of %d runs are not in the folder, in runs: they have no figures of layers and predictions", missing, len(p.records)))
	}
	for _, task := range parts(there, func(r record.Result) string { return r.Recipe + ", " + taskOf(r) }) {
		best := task.results[len(task.results)-1]
		for _, r := range task.results {
			if r.Norm == "rn" {
				best = r
			}
		}
		all = append(all, best)
	}
	if more := len(all) - p.options.Networks; more > 0 {
		all = all[:p.options.Networks]
		if p.options.Networks > 0 {
			p.note(fmt.Errorf("the networks of %d more tasks are there and not drawn", more))
		}
	}
	return all
}

// networks draws the figures of networks.
func (p *page) networks(ctx context.Context) error {
	for _, r := range p.chosen() {
		s, err := experiments.OpenSaved(ctx, r.ID, checkpoint.Latest, p.options.Environment)
		if err != nil {
			p.note(fmt.Errorf("the network of run %s is left out: %w", r.ID, err))
			continue
		}
		g, err := network(ctx, r, s)
		s.Close()
		if err != nil {
			return err
		}
		for _, note := range g.Notes {
			if warn := p.options.Environment.Warn; warn != nil {
				warn(fmt.Errorf("run %s: %s", r.ID, note))
			}
		}
		p.Networks = append(p.Networks, g)
	}
	return nil
}

// network draws the figures of a network.
func network(ctx context.Context, r record.Result, s *experiments.Saved) (gallery, error) {
	g := gallery{
		Title: fmt.Sprintf("Run %s: %s, %s, %s, seed %d", r.ID, taskOf(r), r.Objective, r.Norm, r.Seed),
		Text:  fmt.Sprintf("The network after step %d. Layers are drawn for the first training batch, predictions for the target's test images.", s.Step),
	}
	for _, f := range []struct {
		kind, caption string
		layer         figures.LayerOptions
	}{
		{"correlation", "Channel correlation of the last layer, means", figures.LayerOptions{}},
		{"correlation", "Channel correlation of the last layer, variances", figures.LayerOptions{Statistic: figures.Variance}},
		{"alignment", "Channels that find themselves in the other domain, by layer", figures.LayerOptions{}},
		{"statistics", "Running statistics of the last layer, target against source", figures.LayerOptions{}},
		{"confusion", "Confusion matrix", figures.LayerOptions{}},
		{"reliability", "Reliability", figures.LayerOptions{}},
	} {
		in := figures.Input{Runs: one(s), Layer: f.layer}
		if err := g.add(ctx, f.kind, f.caption, false, in); err != nil {
			return g, err
		}
	}
	return g, nil
}

// one is an open network.
func one(s *experiments.Saved) iter.Seq2[*experiments.Saved, error] {
	return func(yield func(*experiments.Saved, error) bool) { yield(s, nil) }
}
