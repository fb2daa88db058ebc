package figures

import (
	"context"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/plots"
)

// BarOptions say what bars show.
type BarOptions struct{}

// Bars draws the target accuracies of results at the last step: a group a task,
// or a task and objective where there are several, a bar a norm, mean and
// deviation over seeds. It is an error if a group lacks a norm.
func Bars(results []experiments.Result, bar BarOptions, o plots.Options) (*plots.Figure, error) {
	groups, err := bar.groups(results)
	if err != nil {
		return nil, err
	}
	return plots.Bars(groups, plots.BarOptions{Options: o, YLabel: "target accuracy, last step", Percent: true})
}

// groups are the bars.
func (o BarOptions) groups(results []experiments.Result) ([]plots.Group, error) {
	var values []labelled
	for _, r := range latest(results) {
		values = append(values, labelled{r.Config, r.Accuracy.Last})
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
