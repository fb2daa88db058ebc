package rnlayer

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
	"github.com/reciprocalnorm/rn/rnlayer/internal/exchange"
)

// watcherParam is the graph parameter in which layers find their watcher.
const watcherParam = "/rnlayer_watcher"

// watcher collects the statistics that the RN layers of a graph compute.
type watcher struct{ layers []watched }

// watched holds the nodes of one layer: own mean and variance, mixed mean and variance,
// correlations.
type watched struct {
	path    string
	domains int
	nodes   [5]*Node
}

// watcherOf returns the watcher of a graph, or nil.
func watcherOf(g *Graph) *watcher {
	value, _ := model.GetGraphParam(g, watcherParam)
	w, _ := value.(*watcher)
	return w
}

// watch adds the layer to the graph's watcher, if there is one.
func (l *layer) watch(own, used batch.Moments) {
	w := watcherOf(l.x.Graph())
	if w == nil {
		return
	}
	stats := axes.Concatenate([]*Node{own.Mean, own.Variance})
	repeated, others := exchange.Copies(stats, l.domains-1), exchange.Others(stats, l.domains)
	p := correlation(l.opts.Distance, l.inGroups(repeated), l.inGroups(others))
	w.layers = append(w.layers, watched{l.scope.Scope(), l.domains, [5]*Node{own.Mean, own.Variance, used.Mean, used.Variance, p}})
}

// outputs returns the nodes of all layers as float64.
func (w *watcher) outputs() []*Node {
	var all []*Node
	for _, l := range w.layers {
		for _, n := range l.nodes {
			all = append(all, ConvertDType(n, dtypes.Float64))
		}
	}
	return all
}

// inspections sorts the values of outputs by layer.
func (w *watcher) inspections(values []*tensors.Tensor) ([]Inspection, error) {
	out := make([]Inspection, len(w.layers))
	for i, l := range w.layers {
		in, err := l.inspection(values[len(l.nodes)*i : len(l.nodes)*(i+1)])
		if err != nil {
			return nil, fmt.Errorf("rnlayer: inspecting %s: %w", l.path, err)
		}
		out[i] = in
	}
	return out, nil
}

// inspection sorts the values of one layer's nodes.
func (l watched) inspection(values []*tensors.Tensor) (Inspection, error) {
	in := Inspection{Path: l.path}
	for j, to := range []*[][]float64{&in.Mean, &in.Variance, &in.MixedMean, &in.MixedVariance} {
		rows, err := rowsOf(values[j])
		if err != nil {
			return Inspection{}, err
		}
		*to = rows
	}
	p, ok := values[4].Value().([][][]float64) // [(K − 1)·2·K][groups][groups], as exchange.Others orders them
	if !ok {
		return Inspection{}, fmt.Errorf("correlations have shape %s, expected [pairs, groups, groups]", values[4].Shape())
	}
	k := l.domains
	for n, matrix := range p {
		from, r := n%k, n/(2*k)+1
		in.Correlations = append(in.Correlations, Correlation{
			Statistic: [2]string{"mean", "variance"}[n/k%2], From: from, To: (from + r) % k, P: matrix,
		})
	}
	return in, nil
}
