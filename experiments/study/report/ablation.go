package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// ablation is the table and the figure of a suite.
type ablation struct {
	Title  string
	Table  table
	Notes  []string
	Figure *figure

	source ablations.Table
}

// compare makes a table for each suite that the results belong to.
func (p *page) compare() {
	if !slices.ContainsFunc(p.records, func(r ablations.Record) bool { return r.Base != nil }) {
		return
	}
	tables, err := ablations.Tables(p.records, ablations.Selection{})
	if err != nil {
		p.note(fmt.Errorf("the ablations are left out: %w", err))
		return
	}
	for _, t := range tables {
		c := t.Config
		a := ablation{Title: fmt.Sprintf("%s: %s → %s, %s, %s", t.Suite, c.Source, c.Target, c.Objective, c.Norm), source: t}
		if t.Setting != "" {
			a.Notes = append(a.Notes, t.Setting)
		}
		if len(t.Missing) > 0 {
			a.Notes = append(a.Notes, "no results yet for "+strings.Join(t.Missing, ", "))
		}
		a.Table = differenceTable(t)
		p.Ablations = append(p.Ablations, a)
	}
}

// differenceTable returns the target accuracies of a suite and their differences to
// the base row.
func differenceTable(t ablations.Table) table {
	out := table{
		Caption: "Target accuracy in %, mean ± standard deviation over n seeds. Differences to the base row are paired by seed; their 95 % confidence intervals use Student's t and are not corrected for the number of rows.",
		Header:  texts("variant", "description"),
	}
	metric := ablations.Metrics()[0].Name
	last := record.Choices()[0].Name
	has := func(choice string) bool {
		return slices.ContainsFunc(t.Rows, func(r ablations.TableRow) bool { return cellOf(r, metric, choice).Summary != nil })
	}
	for _, c := range record.Choices() {
		if has(c.Name) {
			out.Header = append(out.Header, numbers(choiceTitle(c))...)
		}
		if c.Name == last {
			out.Header = append(out.Header, numbers("difference, last")...)
		}
	}
	out.Header = append(out.Header, numbers("n", "seconds per run")...)
	for _, r := range t.Rows {
		row := []cell{{Text: r.Name, Strong: r.Base}, {Text: r.Summary}}
		for _, c := range record.Choices() {
			found := cellOf(r, metric, c.Name)
			if has(c.Name) {
				row = append(row, numbers(found.Summary.Percent())...)
			}
			if c.Name == last {
				row = append(row, numbers(differenceText(r, found.Difference))...)
			}
		}
		out.Rows = append(out.Rows, append(row, numbers(strconv.Itoa(len(r.Seeds)), secondsText(r.Seconds))...))
	}
	return out
}

// cellOf returns the cell of a row for a metric and a choice.
func cellOf(r ablations.TableRow, metric, choice string) ablations.Cell {
	for _, c := range r.Cells {
		if c.Metric == metric && c.Choice == choice {
			return c
		}
	}
	return ablations.Cell{}
}

// differenceText formats a difference in percentage points.
func differenceText(r ablations.TableRow, d *ablations.Difference) string {
	switch {
	case r.Base:
		return "base row"
	case d == nil:
		return "–"
	case d.Low == nil || d.High == nil:
		return fmt.Sprintf("%+.1f (one seed)", 100*d.Mean)
	case d.N != len(r.Seeds):
		return fmt.Sprintf("%+.1f [%+.1f, %+.1f], n = %d", 100*d.Mean, 100**d.Low, 100**d.High, d.N)
	default:
		return fmt.Sprintf("%+.1f [%+.1f, %+.1f]", 100*d.Mean, 100**d.Low, 100**d.High)
	}
}
