package figures

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/plots"
)

// GateOptions select the gates that a figure draws.
type GateOptions struct {
	// Layers are names as in [LayerOptions]; empty means all layers.
	Layers []string
	// Statistic is Mean or Variance; empty means Mean.
	Statistic string
	// Mark is a reference value. The zero Mark stands for the value that gates reach
	// by weight decay alone at the last evaluation, if all drawn layers share it.
	Mark plots.Mark
}

// GateHistories draws RN's gates over the evaluations of a run, one panel per layer:
// the median and bands of quantiles over channels and domains.
func GateHistories(r record.Result, gates GateOptions, o plots.Options) (*plots.Figure, error) {
	history, err := gates.history(r)
	if err != nil {
		return nil, err
	}
	layers := make([]plots.GateHistory, len(history))
	for i, h := range history {
		layers[i].Layer = h.Layer
		for _, p := range h.Points {
			layers[i].Steps = append(layers[i].Steps, float64(p.Step))
			layers[i].Gates = append(layers[i].Gates, quantiles(p.Quantiles))
		}
	}
	return plots.GateHistories(layers, gates.plot(r, history, o))
}

// gatesByLayer draws RN's gates at the last evaluation of a run, one row per layer.
func gatesByLayer(r record.Result, gates GateOptions, o plots.Options) (*plots.Figure, error) {
	history, err := gates.history(r)
	if err != nil {
		return nil, err
	}
	layers := make([]plots.LayerGates, len(history))
	for i, h := range history {
		layers[i] = plots.LayerGates{Layer: h.Layer, Gates: quantiles(h.Points[len(h.Points)-1].Quantiles)}
	}
	return plots.Gates(layers, gates.plot(r, history, o))
}

// plot returns the options for package plots.
func (g GateOptions) plot(r record.Result, history []gateHistory, o plots.Options) plots.GateOptions {
	if g.Mark == (plots.Mark{}) {
		g.Mark = decayMark(r, history)
	}
	return plots.GateOptions{Options: o, Label: "gate of " + cmp.Or(g.Statistic, Mean) + "s", Mark: g.Mark}
}

// decayMark marks the value that the gates reach by weight decay alone. It returns no
// mark if this value is unknown or differs between layers.
func decayMark(r record.Result, history []gateHistory) plots.Mark {
	at := history[0].Decay
	for _, h := range history {
		if h.Decay == nil || *h.Decay != *at {
			return plots.Mark{}
		}
	}
	return plots.Mark{Name: fmt.Sprintf("weight decay alone, after %d steps", r.Points[len(r.Points)-1].Step), At: *at}
}

// quantiles converts recorded quantiles for package plots.
func quantiles(q record.Quantiles) plots.Quantiles {
	return plots.Quantiles{Min: q[0], P5: q[1], P25: q[2], Median: q[3], P75: q[4], P95: q[5], Max: q[6]}
}

// gateHistory is the JSON of the gates of a layer over training.
type gateHistory struct {
	Layer     string `json:"layer"`
	Statistic string `json:"statistic"`
	// Decay is the value that the gates reach by weight decay alone at the last point.
	// It is nil if this version of the code cannot compute it for the configuration.
	Decay  *float64    `json:"weight_decay_alone,omitempty"`
	Points []gatePoint `json:"points"`
}

// gatePoint is the distribution of the gates of a layer at a step.
type gatePoint struct {
	Step int `json:"step"`
	// Quantiles are the minimum, the 5, 25, 50, 75 and 95 % quantiles and the maximum.
	Quantiles record.Quantiles `json:"quantiles"`
}

// history returns the selected gates of a run.
func (g GateOptions) history(r record.Result) ([]gateHistory, error) {
	o, err := LayerOptions{Statistic: g.Statistic}.filled()
	if err != nil {
		return nil, err
	}
	if len(r.Points) == 0 || len(r.Points[0].Gates) == 0 {
		return nil, fmt.Errorf("run %s has no gates: its norm is %q", r.ID, r.Norm)
	}
	var paths []string
	for _, gates := range r.Points[0].Gates {
		paths = append(paths, gates.Layer)
	}
	chosen := make([]int, 0, len(paths))
	for _, name := range g.Layers {
		i, err := experiments.FindLayer(paths, name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, i)
	}
	for i := range paths {
		if len(g.Layers) == 0 {
			chosen = append(chosen, i)
		}
	}
	var all []gateHistory
	for _, i := range chosen {
		h := gateHistory{Layer: experiments.LayerName(paths[i]), Statistic: o.Statistic}
		if decay, err := training.GatesByDecay(r.Config, paths[i], r.Points[len(r.Points)-1].Step); err == nil {
			h.Decay = &decay
		}
		for _, p := range r.Points {
			if i >= len(p.Gates) || p.Gates[i].Layer != paths[i] {
				return nil, fmt.Errorf("run %s has gates of different layers at step %d and at its first evaluation", r.ID, p.Step)
			}
			q := p.Gates[i].Mean
			if o.Statistic == Variance {
				q = p.Gates[i].Variance
			}
			if q == (record.Quantiles{}) {
				return nil, fmt.Errorf("run %s has no quantiles of its gates of the %ss: it aggregates the other statistic, or an earlier version of the code recorded it", r.ID, o.Statistic)
			}
			h.Points = append(h.Points, gatePoint{p.Step, q})
		}
		all = append(all, h)
	}
	return all, nil
}

// lastWithGates returns the last result that has gates.
func lastWithGates(results []record.Result) (record.Result, error) {
	for i := len(results) - 1; i >= 0; i-- {
		if r := results[i]; len(r.Points) > 0 && len(r.Points[0].Gates) > 0 {
			return r, nil
		}
	}
	return record.Result{}, errors.New("no result has gates: only runs of RN have")
}

// drawGateFigure draws the gates of the last result that has any.
func drawGateFigure(in Input, draw func(record.Result, GateOptions, plots.Options) (*plots.Figure, error)) (Drawing, error) {
	r, err := lastWithGates(in.Results)
	if err != nil {
		return Drawing{}, err
	}
	g := GateOptions{Statistic: in.Layer.Statistic}
	if in.Layer.Layer != "" {
		g.Layers = []string{in.Layer.Layer}
	}
	history, err := g.history(r)
	if err != nil {
		return Drawing{}, err
	}
	f, err := draw(r, g, in.titled("%s", runTitle(r.Config)))
	return drawing(f, history, err)
}

func drawGates(_ context.Context, in Input) (Drawing, error) {
	return drawGateFigure(in, GateHistories)
}

func drawGatesByLayer(_ context.Context, in Input) (Drawing, error) {
	return drawGateFigure(in, gatesByLayer)
}
