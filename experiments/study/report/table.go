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

// table is a table of text.
type table struct {
	Caption string
	Header  []cell
	Rows    [][]cell
}

// cell is a cell of a table. Numbers are aligned right.
type cell struct {
	Text   string
	Number bool
	Strong bool
}

// texts returns cells of words.
func texts(words ...string) (cells []cell) {
	for _, w := range words {
		cells = append(cells, cell{Text: w})
	}
	return cells
}

// numbers returns cells of numbers.
func numbers(values ...string) (cells []cell) {
	for _, v := range values {
		cells = append(cells, cell{Text: v, Number: true})
	}
	return cells
}

// choices returns the choices of the checkpoint that at least one group has.
func choices(groups []ablations.Group) []record.Choice {
	m := ablations.Metrics()[0]
	return slices.DeleteFunc(record.Choices(), func(c record.Choice) bool {
		return !slices.ContainsFunc(groups, func(g ablations.Group) bool { return g.Summary(m, c) != nil })
	})
}

// choiceTitle returns the column title of a choice.
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

// anyOf returns one result of a group, for what all its results share.
func anyOf(g ablations.Group) record.Result { return g[g.Seeds()[0]] }

// secondsText formats a time in seconds for a table.
func secondsText(s float64) string {
	if s < 10 {
		return strconv.FormatFloat(s, 'f', 1, 64)
	}
	return strconv.FormatFloat(s, 'f', 0, 64)
}

// durationText formats a time in seconds for a sentence.
func durationText(s float64) string {
	if s < 3600 {
		return fmt.Sprintf("%.1f minutes", s/60)
	}
	return fmt.Sprintf("%.1f hours", s/3600)
}

// summarize makes the facts and a table for each recipe.
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
		{"Runs", fmt.Sprintf("%d in %s, %s of training", len(results), count(len(groups), "configuration"), durationText(seconds))},
		{"Finished", when},
	}
	for _, recipe := range recipes {
		p.Summaries = append(p.Summaries, summary(recipe, slices.DeleteFunc(slices.Clone(groups), func(g ablations.Group) bool { return anyOf(g).Recipe != recipe })))
	}
}

// joined formats differences on one line.
func joined(all []figures.Difference) string {
	parts := make([]string, len(all))
	for i, d := range all {
		parts[i] = d.Field + " = " + d.Value
	}
	return strings.Join(parts, ", ")
}

// summary returns the table of a recipe, one row per configuration.
func summary(recipe string, groups []ablations.Group) table {
	configs := make([]config.Config, len(groups))
	for i, g := range groups {
		configs[i] = anyOf(g).Config
	}
	common := figures.Common(configs)
	differ := false
	rest := make([]string, len(groups))
	for i, c := range configs {
		own := slices.DeleteFunc(figures.Differences(c), func(d figures.Difference) bool { return slices.Contains(common, d) })
		rest[i] = joined(own)
		differ = differ || rest[i] != ""
	}
	t := table{Caption: "Recipe " + recipe + ": target accuracy in %, mean ± standard deviation over n seeds, for each choice of the checkpoint."}
	if len(common) > 0 {
		t.Caption += " All rows have " + joined(common) + "."
	}
	t.Header = texts("task", "objective", "norm")
	if differ {
		t.Header = append(t.Header, texts("differs from the recipe")...)
	}
	chosen := choices(groups)
	for _, c := range chosen {
		t.Header = append(t.Header, numbers(choiceTitle(c))...)
	}
	t.Header = append(t.Header, numbers("mean recall, last", "n", "seconds per run")...)
	metrics := ablations.Metrics()
	for i, g := range groups {
		r := anyOf(g)
		row := texts(taskOf(r), r.Objective, r.Norm)
		if differ {
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
