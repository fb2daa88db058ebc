package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
)

// table is text in rows.
type table struct {
	Caption string
	Header  []cell
	Rows    [][]cell
}

// cell is a cell; numbers stand at the right.
type cell struct {
	Text   string
	Number bool
	Strong bool
}

// texts are cells of words, numbers those of numbers.
func texts(words ...string) (cells []cell) {
	for _, w := range words {
		cells = append(cells, cell{Text: w})
	}
	return cells
}

func numbers(values ...string) (cells []cell) {
	for _, v := range values {
		cells = append(cells, cell{Text: v, Number: true})
	}
	return cells
}

// choices are those of the checkpoint that some group of results has.
func choices(groups []ablations.Group) []record.Choice {
	m := ablations.Metrics()[0]
	return slices.DeleteFunc(record.Choices(), func(c record.Choice) bool {
		return !slices.ContainsFunc(groups, func(g ablations.Group) bool { return g.Summary(m, c) != nil })
	})
}

// choiceTitle heads a column.
func choiceTitle(c record.Choice) string {
	switch {
	case c.Oracle:
		return c.Name + " (target labels)"
	case c.Name == "last":
		return c.Name
	default:
		return c.Name + " (label-free)"
	}
}

// anyOf is a result of a group: what it is of is that of all.
func anyOf(g ablations.Group) record.Result { return g[g.Seeds()[0]] }

// secondsText is a time for a table.
func secondsText(s float64) string {
	if s < 10 {
		return strconv.FormatFloat(s, 'f', 1, 64)
	}
	return strconv.FormatFloat(s, 'f', 0, 64)
}

// durationText is a time for a sentence.
func durationText(s float64) string {
	if s < 3600 {
		return fmt.Sprintf("%.1f minutes", s/60)
	}
	return fmt.Sprintf("%.1f hours", s/3600)
}

// summarize makes the facts, and a table of each recipe.
func (p *page) summarize() {
	results := p.results()
	groups := ablations.Groups(results)
	first, last, seconds := results[0].Time, results[0].Time, 0.0
	var tasks, recipes []string
	for _, r := range results {
		if r.Time.Before(first) {
			first = r.Time
		}
		if r.Time.After(last) {
			last = r.Time
		}
		seconds += r.Seconds
		if task := taskOf(r); !slices.Contains(tasks, task) {
			tasks = append(tasks, task)
		}
		if !slices.Contains(recipes, r.Recipe) {
			recipes = append(recipes, r.Recipe)
		}
	}
	const day = "2 January 2006"
	when := first.Format(day)
	if to := last.Format(day); to != when {
		when += " to " + to
	}
	p.Facts = []fact{
		{"Recipes", strings.Join(recipes, ", ")},
		{"Tasks", strings.Join(tasks, ", ")},
		{"Runs", fmt.Sprintf("%d, of %s; trained in %s", len(results), count(len(groups), "configuration"), durationText(seconds))},
		{"Finished", when},
	}
	for _, recipe := range recipes {
		p.Summaries = append(p.Summaries, summary(recipe, slices.DeleteFunc(slices.Clone(groups), func(g ablations.Group) bool { return anyOf(g).Recipe != recipe })))
	}
}

// joined are differences as a line.
func joined(all []figures.Difference) string {
	parts := make([]string, len(all))
	for i, d := range all {
		parts[i] = d.Field + " = " + d.Value
	}
	return strings.Join(parts, ", ")
}

// summary is the table of a recipe: a row a configuration.
func summary(recipe string, groups []ablations.Group) table {
	configs := make([]config.Config, len(groups))
	for i, g := range groups {
		configs[i] = anyOf(g).Config
	}
	common := figures.Common(configs)
	also := false
	rest := make([]string, len(groups))
	for i, c := range configs {
		own := slices.DeleteFunc(figures.Differences(c), func(d figures.Difference) bool { return slices.Contains(common, d) })
		rest[i] = joined(own)
		also = also || rest[i] != ""
	}
	t := table{Caption: "Recipe " + recipe + ": target accuracy, %, mean ± standard deviation over n seeds, by choice of the checkpoint"}
	if len(common) > 0 {
		t.Caption += "; in all rows " + joined(common)
	}
	t.Header = texts("task", "objective", "norm")
	if also {
		t.Header = append(t.Header, texts("not the recipe's")...)
	}
	chosen := choices(groups)
	for _, c := range chosen {
		t.Header = append(t.Header, numbers(choiceTitle(c))...)
	}
	t.Header = append(t.Header, numbers("mean recall, last", "n", "seconds a run")...)
	metrics := ablations.Metrics()
	for i, g := range groups {
		r := anyOf(g)
		row := texts(taskOf(r), r.Objective, r.Norm)
		if also {
			row = append(row, texts(rest[i])...)
		}
		for _, c := range chosen {
			row = append(row, numbers(g.Summary(metrics[0], c).Percent())...)
		}
		row = append(row, numbers(g.Summary(metrics[1], record.Choices()[0]).Percent(), strconv.Itoa(len(g)), secondsText(g.Seconds()))...)
		t.Rows = append(t.Rows, row)
	}
	return t
}
