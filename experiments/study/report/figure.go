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

// figure is a figure in the light and the dark scheme, as SVG in data URLs.
type figure struct {
	Caption string
	Light   template.URL
	Dark    template.Srcset
	Wide    bool // spans the width of the page
}

// gallery is a title with figures, and notes about figures that are left out.
type gallery struct {
	Title   string
	Text    string
	Figures []figure
	Notes   []string
}

// Widths of figures in millimetres: one column, and two columns with their gap.
const (
	columnWidth = plots.DefaultWidth
	wideWidth   = 2*columnWidth + 5
)

// manyBars and manyGates are the largest numbers of bars, and of panels of gates, in
// a figure of one column.
const manyBars, manyGates = 8, 4

// add draws a figure of a kind. If the figure does not fit into a column, it gets the
// width of the page. If it cannot be drawn, a note gives the reason.
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

// leaveOut notes that a figure is left out. Figures with the same reason share a note.
func (g *gallery) leaveOut(caption string, err error) {
	if inner := errors.Unwrap(err); inner != nil { // drops the kind, which the caption names
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

// drawn draws a figure of a kind in both schemes.
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

// draw draws the figures of ablations, results and networks.
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

// taskOf names the task of a result.
func taskOf(r record.Result) string { return r.Source + " → " + r.Target }

// part holds the results that share a name.
type part struct {
	name    string
	results []record.Result
}

// parts groups results by name, in order of first appearance.
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

// overview draws the figures of results: bars for each recipe, curves for each task
// and objective, and for each task the gates of the latest run with gates.
func (p *page) overview(ctx context.Context) error {
	g := &p.Overview
	results := p.results()
	recipes := parts(results, func(r record.Result) string { return r.Recipe })
	taskOf := func(r record.Result) string { // recipes may share the names of domains
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
			continue // one point is no curve
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

// chosen returns the results of the runs whose networks the page draws.
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
		p.note(fmt.Errorf("the networks of %d of %d runs are not in the folder: the page has no figures of their layers and predictions", missing, len(p.records)))
	}
	for _, task := range parts(there, func(r record.Result) string { return r.Recipe + ", " + taskOf(r) }) {
		latest := task.results[len(task.results)-1]
		for _, r := range task.results {
			if r.Norm == "rn" {
				latest = r
			}
		}
		all = append(all, latest)
	}
	if more := len(all) - p.options.Networks; more > 0 {
		all = all[:p.options.Networks]
		if p.options.Networks > 0 {
			p.note(fmt.Errorf("the networks of %d more tasks are in the folder but not drawn", more))
		}
	}
	return all
}

// networks draws the figures of the chosen networks.
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

// network draws the figures of one network.
func network(ctx context.Context, r record.Result, s *experiments.Saved) (gallery, error) {
	g := gallery{
		Title: fmt.Sprintf("Run %s: %s, %s, %s, seed %d", r.ID, taskOf(r), r.Objective, r.Norm, r.Seed),
		Text:  fmt.Sprintf("The network after step %d. Figures of layers use the first training batch, predictions the target's test images.", s.Step),
	}
	for _, f := range []struct {
		kind, caption string
		layer         figures.LayerOptions
	}{
		{"correlation", "Channel correlation of the last layer, means", figures.LayerOptions{}},
		{"correlation", "Channel correlation of the last layer, variances", figures.LayerOptions{Statistic: figures.Variance}},
		{"alignment", "Channels whose best match in the other domain has the same index, by layer", figures.LayerOptions{}},
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

// one yields an open network.
func one(s *experiments.Saved) iter.Seq2[*experiments.Saved, error] {
	return func(yield func(*experiments.Saved, error) bool) { yield(s, nil) }
}
