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

// Options select the contents of a report.
type Options struct {
	// Environment has the results folder, Out, and what opens the networks of runs. The
	// notes of the page about missing parts also go to its Warn.
	Environment environment.Environment
	// Title is the title of the page. If it is empty, the title names the folder.
	Title string
	// Command returns the command line that repeats a run. If it is nil, the page has no
	// commands.
	Command func(config.Config) (string, error)
	// Runs are the ids of the runs whose networks the page draws. Without ids, it draws
	// one network per task among those in the folder: the latest of RN, or else the
	// latest.
	Runs []string
	// Networks limits the number of networks drawn if Runs is empty.
	Networks int
}

// Write writes the page. It leaves out unreadable lines of the results file, missing
// networks and figures that cannot be drawn, and notes each. Results of the same run
// with different numbers are an error, as in [ablations.Merge].
func Write(ctx context.Context, w io.Writer, o Options) error {
	p, err := newPage(ctx, o)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var out bytes.Buffer // an error leaves w untouched
	if err := layout.Execute(&out, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

//go:embed page.html
var layoutText string

var layout = template.Must(template.New("page").Parse(layoutText))

// page is the data of the layout.
type page struct {
	Title     string
	Facts     []fact
	Notes     []string // about missing parts
	Summaries []table
	Ablations []ablation
	Overview  gallery
	Networks  []gallery
	Groups    []group
	Machines  table

	options Options
	records []ablations.Record
}

// fact is a line at the top of the page.
type fact struct{ Name, Value string }

// newPage collects the data of the page.
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
	if err := record.Unchecked(o.Environment.Out); err != nil {
		p.note(err)
	}
	if p.records, err = ablations.Merge(records); err != nil {
		return nil, err
	}
	if len(p.records) == 0 {
		return nil, fmt.Errorf("no results in %s", o.Environment.Out)
	}
	if _, err := ablations.OneVersion(p.records, ""); err != nil {
		p.note(fmt.Errorf("%w; the page shows the latest result of each configuration", err))
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

// note adds the error to the notes of the page and passes it to Warn.
func (p *page) note(err error) {
	if warn := p.options.Environment.Warn; warn != nil {
		warn(err)
	}
	for line := range strings.Lines(err.Error()) {
		p.Notes = append(p.Notes, strings.TrimSpace(line))
	}
}

// results returns the results of the records.
func (p *page) results() []record.Result {
	results := make([]record.Result, len(p.records))
	for i, r := range p.records {
		results[i] = r.Result
	}
	return results
}
