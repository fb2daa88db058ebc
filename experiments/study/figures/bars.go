package figures

import (
	"cmp"
	"context"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/plots"
)

// BarOptions select what [Bars] draws.
type BarOptions struct {
	// Choice names the record.Choice of the checkpoint; empty means the last step.
	Choice string
}

// Bars draws the target accuracies of results, mean and standard deviation over
// seeds. Each task has a group of bars, or each task and objective if there are
// several objectives; each norm has a bar. Bars returns an error if a group lacks a
// norm that another group has.
func Bars(results []record.Result, bar BarOptions, o plots.Options) (*plots.Figure, error) {
	groups, err := bar.groups(results)
	if err != nil {
		return nil, err
	}
	return plots.Bars(groups, plots.BarOptions{Options: o, YLabel: "target accuracy, " + bar.label(), Percent: true})
}

// choice returns the name of the choice.
func (o BarOptions) choice() string { return cmp.Or(o.Choice, "last") }

// label names the choice in the label of the axis.
func (o BarOptions) label() string {
	if o.choice() == "last" {
		return "last step"
	}
	return o.choice()
}

// groups returns the groups of bars.
func (o BarOptions) groups(results []record.Result) ([]plots.Group, error) {
	choice, err := record.LookupChoice(o.choice())
	if err != nil {
		return nil, err
	}
	var values []labelled
	for _, r := range record.LatestOfEach(results) {
		i, ok := choice.Of(r.Points)
		if !ok {
			return nil, fmt.Errorf("run %s lacks the score by which the choice %s selects", r.ID, choice.Name)
		}
		values = append(values, labelled{runOf(r), r.Points[i].Target.Accuracy})
	}
	return groupsOf(values)
}

// barNumbers is the JSON of a bar.
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
