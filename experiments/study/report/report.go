package report

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// Options say what a report is of.
type Options struct {
	// Environment says where the results are, Out, and what opening the networks of
	// runs needs. Its Warn is told what the page goes without, as the page says, too.
	Environment environment.Environment
	// Title of the page; empty for one that names the folder.
	Title string
	// Command makes the command line that makes a run; nil for none in the page.
	Command func(config.Config) (string, error)
	// Runs are the ids of the runs whose networks are drawn; none for the latest of
	// RN of each task, as far as their networks are there, and at most Networks.
	Runs     []string
	Networks int
}

// Write writes the page. Lines of the results that cannot be read, networks that
// are not there and figures that cannot be drawn are left out, and said; results
// of the same run with different figures are an error, as in [ablations.Merge].
func Write(ctx context.Context, w io.Writer, o Options) error {
	p, err := newPage(ctx, o)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var out bytes.Buffer // a page that cannot be finished is not begun
	if err := layout.Execute(&out, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

//go:embed page.html
var layoutText string

var layout = template.Must(template.New("page").Parse(layoutText))

// page is what the layout shows.
type page struct {
	Title     string
	Facts     []fact
	Notes     []string // what the page goes without
	Summaries []table
	Ablations []ablation
	Overview  gallery
	Networks  []gallery
	Groups    []group
	Machines  table

	options Options
	records []ablations.Record
}

// fact is a line at the top.
type fact struct{ Name, Value string }

// newPage collects everything.
func newPage(ctx context.Context, o Options) (*page, error) {
	p := &page{Title: o.Title, options: o}
	if p.Title == "" {
		dir, err := filepath.Abs(o.Environment.Out)
		if err != nil {
			return nil, err
		}
		p.Title = "Results in " + filepath.Base(dir)
	}
	records, err := ablations.Read(o.Environment.Out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		p.note(err)
	}
	if p.records, err = ablations.Merge(records); err != nil {
		return nil, err
	}
	if len(p.records) == 0 {
		return nil, fmt.Errorf("no results in %s", o.Environment.Out)
	}
	if _, err := ablations.OneVersion(p.records, ""); err != nil {
		p.note(fmt.Errorf("%w; of each configuration the latest result is shown", err))
		p.records = ablations.AnyVersion(p.records)
	}
	p.summarize()
	p.compare()
	if err := p.draw(ctx); err != nil {
		return nil, err
	}
	p.list()
	return p, nil
}

// note says what the page goes without, in the page and to Warn.
func (p *page) note(err error) {
	if warn := p.options.Environment.Warn; warn != nil {
		warn(err)
	}
	for line := range strings.Lines(err.Error()) {
		p.Notes = append(p.Notes, strings.TrimSpace(line))
	}
}

// results are those of the records.
func (p *page) results() []record.Result {
	results := make([]record.Result, len(p.records))
	for i, r := range p.records {
		results[i] = r.Result
	}
	return results
}
