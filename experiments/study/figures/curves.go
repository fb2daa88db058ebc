package figures

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/plots"
)

// Quantity is a number of an evaluation that curves can show.
type Quantity struct {
	// Name identifies the quantity on the command line; Label is the axis label.
	Name, Label string
	// Percent is true for a share, which the axis shows in percent.
	Percent bool

	of func(record.Point) float64
}

// quantities lists all quantities.
var quantities = []Quantity{
	{"accuracy", "target accuracy", true, func(p record.Point) float64 { return p.Target.Accuracy }},
	{"mean-recall", "mean per-class recall", true, func(p record.Point) float64 { return p.Target.MeanRecall }},
	{"infomax", "InfoMax (nats)", false, func(p record.Point) float64 { return p.Target.InfoMax }},
	{"entropy", "mean entropy (nats)", false, func(p record.Point) float64 { return p.Target.Entropy }},
	{"snd", "soft neighbourhood density", false, func(p record.Point) float64 { return p.Target.SND }},
	{"ece", "expected calibration error", true, func(p record.Point) float64 { return p.Target.ECE }},
	{"task-loss", "task loss", false, func(p record.Point) float64 { return p.TaskLoss }},
	{"transfer-loss", "transfer loss", false, func(p record.Point) float64 { return p.TransferLoss }},
}

// Quantities lists the quantities that curves can show, the default first.
func Quantities() []Quantity { return slices.Clone(quantities) }

// lookupQuantity finds a quantity by name; the error lists the known names.
func lookupQuantity(name string) (Quantity, error) {
	if name == "" {
		return quantities[0], nil
	}
	return registry.Find("quantity", name, quantities, func(q Quantity) string { return q.Name })
}

// maxSeries is the number of line colours of package plots.
const maxSeries = 8

// CurveOptions select what [Curves] draws.
type CurveOptions struct {
	// Quantity is a name of [Quantities]; empty means the target accuracy.
	Quantity string
	// Band selects the band around the mean over seeds.
	Band plots.Band
}

// Curves draws a quantity over training. Results that differ only in their seed
// share a line, whose name says how it differs from the other lines. Curves returns
// an error for more than eight lines, because readers could not tell them apart.
func Curves(results []record.Result, curve CurveOptions, o plots.Options) (*plots.Figure, error) {
	series, q, err := curve.series(results)
	if err != nil {
		return nil, err
	}
	if len(series) > maxSeries {
		return nil, fmt.Errorf("the results give %d lines, of which %d can be told apart: select fewer tasks, objectives or norms", len(series), maxSeries)
	}
	return plots.Curves(series, plots.CurveOptions{Options: o, XLabel: "step", YLabel: q.Label, Percent: q.Percent, Band: curve.Band})
}

// series returns the lines.
func (o CurveOptions) series(results []record.Result) ([]plots.Series, Quantity, error) {
	q, err := lookupQuantity(o.Quantity)
	if err != nil {
		return nil, q, err
	}
	results = record.LatestOfEach(results)
	if len(results) == 0 {
		return nil, q, errors.New("no results to draw")
	}
	l := newLabels(runsOf(results))
	at := make(map[string]int)
	var series []plots.Series
	for _, r := range results {
		variant := r.GroupID()
		i, seen := at[variant]
		if !seen {
			i = len(series)
			at[variant] = i
			series = append(series, plots.Series{Name: l.series(runOf(r))})
		}
		var x, y []float64
		for _, p := range r.Points {
			x, y = append(x, float64(p.Step)), append(y, q.of(p))
		}
		if seen && !slices.Equal(x, series[i].X) {
			return nil, q, fmt.Errorf("run %s was evaluated at other steps than the other runs of %s", r.ID, series[i].Name)
		}
		series[i].X = x
		series[i].Runs = append(series[i].Runs, y)
	}
	return series, q, nil
}

// curveNumbers is the JSON of a line.
type curveNumbers struct {
	Name     string    `json:"name"`
	Quantity string    `json:"quantity"`
	Steps    []float64 `json:"steps"`
	// Runs are values of the quantity, [seeds][steps].
	Runs [][]float64 `json:"runs"`
}

func drawCurves(_ context.Context, in Input) (Drawing, error) {
	series, q, err := in.Curve.series(in.Results)
	if err != nil {
		return Drawing{}, err
	}
	numbers := make([]curveNumbers, len(series))
	for i, s := range series {
		numbers[i] = curveNumbers{s.Name, q.Name, s.X, s.Runs}
	}
	f, err := Curves(in.Results, in.Curve, in.titled("%s", commonTitle(in.Results)))
	return drawing(f, numbers, err)
}

// commonTitle names the task, or the recipe of several tasks, and the objective if
// all results share it.
func commonTitle(results []record.Result) string {
	l, c := newLabels(runsOf(results)), results[0].Config
	switch {
	case l.tasks && l.objectives:
		return c.Recipe
	case l.tasks:
		return c.Recipe + ", " + c.Objective
	case l.objectives:
		return taskOf(c)
	default:
		return taskOf(c) + ", " + c.Objective
	}
}
