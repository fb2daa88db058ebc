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

// Quantity is what a curve shows of an evaluation.
type Quantity struct {
	// Name is what the command calls it, Label what the axis does.
	Name, Label string
	// Percent says that it is a share.
	Percent bool

	of func(record.Point) float64
}

// quantities is the one list of them.
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

// Quantities lists what curves can show, the default first.
func Quantities() []Quantity { return slices.Clone(quantities) }

// lookupQuantity finds a quantity; the error lists the names there are.
func lookupQuantity(name string) (Quantity, error) {
	if name == "" {
		return quantities[0], nil
	}
	return registry.Find("quantity", name, quantities, func(q Quantity) string { return q.Name })
}

// maxSeries is the number of colours of package plots.
const maxSeries = 8

// CurveOptions say what curves show.
type CurveOptions struct {
	// Quantity is a name of [Quantities]; empty for the target accuracy.
	Quantity string
	// Band is what is drawn around the mean over seeds.
	Band plots.Band
}

// Curves draws a quantity over training: a line for each group of results that
// differ in their seed alone, named by what tells the groups apart. More than
// eight lines cannot be told apart and are an error; choose results.
func Curves(results []record.Result, curve CurveOptions, o plots.Options) (*plots.Figure, error) {
	series, q, err := curve.series(results)
	if err != nil {
		return nil, err
	}
	if len(series) > maxSeries {
		return nil, fmt.Errorf("there are %d lines, of which %d can be told apart: choose results of fewer tasks, objectives or norms", len(series), maxSeries)
	}
	return plots.Curves(series, plots.CurveOptions{Options: o, XLabel: "step", YLabel: q.Label, Percent: q.Percent, Band: curve.Band})
}

// series are the lines.
func (o CurveOptions) series(results []record.Result) ([]plots.Series, Quantity, error) {
	q, err := lookupQuantity(o.Quantity)
	if err != nil {
		return nil, q, err
	}
	results = record.LatestOfEach(results)
	if len(results) == 0 {
		return nil, q, errors.New("there are no results to draw")
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
			return nil, q, fmt.Errorf("run %s was evaluated at other steps than others of %s", r.ID, series[i].Name)
		}
		series[i].X = x
		series[i].Runs = append(series[i].Runs, y)
	}
	return series, q, nil
}

// curveNumbers is a line.
type curveNumbers struct {
	Name     string    `json:"name"`
	Quantity string    `json:"quantity"`
	Steps    []float64 `json:"steps"`
	// Runs are [seeds][steps].
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

// commonTitle names what all results have in common.
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
