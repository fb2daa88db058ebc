package figures

import (
	"cmp"
	"context"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/plots"
)

// BarOptions say what bars show.
type BarOptions struct {
	// Choice is the name of a record.Choice of the checkpoint; empty for the
	// last step.
	Choice string
}

// Bars draws the target accuracies of results: a group a task, or a task and
// objective where there are several, a bar a norm, mean and deviation over seeds.
// It is an error if a group lacks a norm.
func Bars(results []record.Result, bar BarOptions, o plots.Options) (*plots.Figure, error) {
	groups, err := bar.groups(results)
	if err != nil {
		return nil, err
	}
	return plots.Bars(groups, plots.BarOptions{Options: o, YLabel: "target accuracy, " + bar.label(), Percent: true})
}

// choice is the name of the choice.
func (o BarOptions) choice() string { return cmp.Or(o.Choice, "last") }

// label says in the axis' label what is chosen.
func (o BarOptions) label() string {
	if o.choice() == "last" {
		return "last step"
	}
	return o.choice()
}

// groups are the bars.
func (o BarOptions) groups(results []record.Result) ([]plots.Group, error) {
	choice, err := record.LookupChoice(o.choice())
	if err != nil {
		return nil, err
	}
	var values []labelled
	for _, r := range record.LatestOfEach(results) {
		i, ok := choice.Of(r.Points)
		if !ok {
			return nil, fmt.Errorf("run %s lacks what the choice %s looks at", r.ID, choice.Name)
		}
		values = append(values, labelled{runOf(r), r.Points[i].Target.Accuracy})
	}
	return groupsOf(values)
}

// barNumbers is a bar.
type barNumbers struct {
	Group string    `json:"group"`
	Bar   string    `json:"bar"`
	Runs  []float64 `json:"runs"`
}

func drawBars(_ context.Context, in Input) (Drawing, error) {
	groups, err := in.Bar.groups(in.Results)
	if err != nil {
		return Drawing{}, err
	}
	var numbers []barNumbers
	for _, g := range groups {
		for _, b := range g.Bars {
			numbers = append(numbers, barNumbers{g.Name, b.Name, b.Runs})
		}
	}
	f, err := Bars(in.Results, in.Bar, in.titled("%s", commonTitle(in.Results)))
	return drawing(f, numbers, err)
}
