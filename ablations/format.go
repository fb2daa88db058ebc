package ablations

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Format is a way to write tables.
type Format struct {
	// Name is the format's name in the command.
	Name string
	// Write writes tables. A format with room for one column of differences shows
	// those at the given choice of the checkpoint.
	Write func(w io.Writer, tables []Table, differences record.Choice) error
}

// formats is the one list of formats.
var formats = []Format{
	{"terminal", each(writeTerminal)},
	{"markdown", each(writeMarkdown)},
	{"latex", each(writeLaTeX)},
	{"csv", writeCSV},
	{"json", writeJSON},
}

// Formats lists the formats.
func Formats() []Format { return slices.Clone(formats) }

// LookupFormat finds a format by name. The error lists the known names.
func LookupFormat(name string) (Format, error) {
	return registry.Find("format", name, formats, func(f Format) string { return f.Name })
}

// each calls write for every metric of every table.
func each(write func(w io.Writer, g grid) error) func(io.Writer, []Table, record.Choice) error {
	return func(w io.Writer, tables []Table, differences record.Choice) error {
		first := true
		for _, t := range tables {
			for _, m := range metrics {
				if !first {
					if _, err := fmt.Fprintln(w); err != nil {
						return err
					}
				}
				first = false
				if err := write(w, t.grid(m, differences)); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// grid is the text of a table for one metric.
type grid struct {
	title  string
	header []string
	rows   [][]string
}

// none stands in a table for a missing number.
const none = "–"

// title names the suite, the task, the settings that differ from the recipe, and the
// code.
func (t Table) title() string {
	c := t.Config
	title := fmt.Sprintf("%s on %s, %s → %s, %s, %s, %d steps", t.Suite, c.Recipe, c.Source, c.Target, c.Objective, c.Norm, c.Steps)
	if changes, _, err := c.FromRecipe(); err == nil {
		for _, field := range changes {
			if field != "steps" { // the title has them already
				title += ", " + set(field, c.Field(field)).String()
			}
		}
	}
	if t.Setting != "" {
		title += ", " + t.Setting
	}
	for i, version := range t.Versions {
		if i == 0 {
			title += ", code"
		}
		title += " " + record.ShortVersion(version)
	}
	return title
}

// grid lays out a metric in percent.
func (t Table) grid(m Metric, differences record.Choice) grid {
	g := grid{title: fmt.Sprintf("%s: %s, %%, mean ± standard deviation over n seeds", t.title(), m.Label), header: []string{"variant"}}
	base, _ := t.base()
	for _, c := range record.Choices() {
		name := c.Name
		if c.Oracle {
			name += " (target labels)"
		}
		g.header = append(g.header, name)
		if c.Name == differences.Name {
			g.header = append(g.header, fmt.Sprintf("%s − %s [95 %% CI]", c.Name, cmp.Or(base.Name, "base row")))
		}
	}
	g.header = append(g.header, "n", "seconds a run")
	for _, row := range t.Rows {
		cells := []string{row.Name}
		for _, c := range record.Choices() {
			cell := row.cell(m, c)
			cells = append(cells, cell.Summary.Percent())
			if c.Name != differences.Name {
				continue
			}
			if row.Base {
				cells = append(cells, "base row")
			} else {
				cells = append(cells, cell.Difference.percent(len(row.Seeds)))
			}
		}
		digits := 0
		if row.Seconds < 10 {
			digits = 1
		}
		g.rows = append(g.rows, append(cells, strconv.Itoa(len(row.Seeds)), strconv.FormatFloat(row.Seconds, 'f', digits, 64)))
	}
	return g
}

// Percent formats mean and standard deviation in percent, and nil as a dash.
func (s *Summary) Percent() string {
	switch {
	case s == nil:
		return none
	case s.N == 1:
		return fmt.Sprintf("%.1f", 100*s.Mean)
	default:
		return fmt.Sprintf("%.1f ± %.1f", 100*s.Mean, 100*s.Std)
	}
}

// percent formats the difference of a row that has the given number of seeds.
func (d *Difference) percent(seeds int) string {
	if d == nil {
		return none
	}
	text := fmt.Sprintf("%+.1f", 100*d.Mean)
	if d.Low != nil {
		text += fmt.Sprintf(" [%+.1f, %+.1f]", 100**d.Low, 100**d.High)
	}
	if d.N != seeds {
		text += fmt.Sprintf(" of %d", d.N)
	}
	return text
}

// writeTerminal aligns the columns.
func writeTerminal(w io.Writer, g grid) error {
	if _, err := fmt.Fprintln(w, g.title); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range slices.Concat([][]string{g.header}, g.rows) {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

// writeMarkdown writes a pipe table.
func writeMarkdown(w io.Writer, g grid) error {
	lines := []string{g.title, "", "| " + strings.Join(g.header, " | ") + " |", "|" + strings.Repeat("---|", len(g.header))}
	for _, row := range g.rows {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

var (
	// latexText escapes the characters that mean something else in LaTeX.
	latexText = strings.NewReplacer(`\`, `\textbackslash{}`, "%", `\%`, "_", `\_`, "&", `\&`, "#", `\#`, "$", `\$`, "{", `\{`, "}", `\}`,
		"→", `$\to$`, "±", `$\pm$`, "−", "$-$", "–", "--")
	// latexNumber matches numbers with their sign.
	latexNumber = regexp.MustCompile(`[+-]?\d+(\.\d+)?`)
)

// writeLaTeX writes a tabular for the package booktabs.
func writeLaTeX(w io.Writer, g grid) error {
	line := func(cells []string) string { return strings.Join(cells, " & ") + ` \\` }
	escaped := func(cells []string) []string {
		out := make([]string, len(cells))
		for i, cell := range cells {
			out[i] = latexText.Replace(cell)
		}
		return out
	}
	lines := []string{"% " + g.title, `% \usepackage{booktabs}`, `\begin{tabular}{l` + strings.Repeat("r", len(g.header)-1) + "}", `\toprule`, line(escaped(g.header)), `\midrule`}
	for _, row := range g.rows {
		cells := escaped(row)
		for i := range cells[1:] {
			cells[i+1] = latexNumber.ReplaceAllString(cells[i+1], "$$$0$$")
		}
		lines = append(lines, line(cells))
	}
	lines = append(lines, `\bottomrule`, `\end{tabular}`)
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// writeCSV writes a line for each variant, metric and choice. Numbers are fractions
// of 1; missing ones are empty.
func writeCSV(w io.Writer, tables []Table, _ record.Choice) error {
	real := func(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }
	optional := func(v *float64) string {
		if v == nil {
			return ""
		}
		return real(*v)
	}
	lines := [][]string{{
		"variant", "metric", "mean", "std", "n", "difference", "low", "high", "difference_n", "seconds",
		"suite", "base", "recipe", "source", "target", "objective", "steps", "versions",
	}}
	for _, t := range tables {
		base, _ := t.base()
		for _, row := range t.Rows {
			for _, cell := range row.Cells {
				line := []string{row.Name, cell.Metric + "_" + cell.Choice, "", "", strconv.Itoa(len(row.Seeds)), "", "", "", "", real(row.Seconds)}
				if s := cell.Summary; s != nil {
					line[2], line[3] = real(s.Mean), real(s.Std)
				}
				if d := cell.Difference; d != nil {
					line[5], line[6], line[7], line[8] = real(d.Mean), optional(d.Low), optional(d.High), strconv.Itoa(d.N)
				}
				c := t.Config
				lines = append(lines, append(line, t.Suite, base.Name, c.Recipe, c.Source, c.Target, c.Objective, strconv.Itoa(c.Steps), strings.Join(t.Versions, " ")))
			}
		}
	}
	return csv.NewWriter(w).WriteAll(lines)
}

// writeJSON writes one line of JSON per table.
func writeJSON(w io.Writer, tables []Table, _ record.Choice) error {
	for _, t := range tables {
		if err := json.NewEncoder(w).Encode(t); err != nil {
			return err
		}
	}
	return nil
}
