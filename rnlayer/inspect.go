package rnlayer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Correlation holds P: how channels of one domain look up the channels of another.
type Correlation struct {
	// Statistic is "mean" or "variance".
	Statistic string
	// From is the compensated domain, To the one it looks up.
	From, To int
	// P is the softmax, [groups of From][groups of To]; rows sum to 1.
	P [][]float64
}

// Inspection holds the statistics that one RN layer computed for a batch.
type Inspection struct {
	// Path is the scope of the layer's variables.
	Path string
	// Mean and Variance are the domains' own statistics, [domains][channels].
	Mean, Variance [][]float64
	// MixedMean and MixedVariance normalized the batch, [domains][channels].
	MixedMean, MixedVariance [][]float64
	// Correlations has a matrix for every ordered pair of domains and both statistics:
	// four with two domains. Without compensation, and for a statistic that is not
	// shared, it has the matrices that the layer would use.
	Correlations []Correlation
}

// Correlation returns the matrix of a statistic ("mean" or "variance") between two
// domains. The error for a matrix that does not exist lists the existing ones.
func (i Inspection) Correlation(statistic string, from, to int) (Correlation, error) {
	var have []string
	for _, c := range i.Correlations {
		if c.Statistic == statistic && c.From == from && c.To == to {
			return c, nil
		}
		have = append(have, fmt.Sprintf("%s %d→%d", c.Statistic, c.From, c.To))
	}
	return Correlation{}, fmt.Errorf("layer %s has no correlation of the %s from domain %d to %d, only: %s",
		i.Path, statistic, from, to, strings.Join(have, ", "))
}

// Compensated returns a statistic ("mean" or "variance") of domain from as seen from
// domain to, P times the statistic of to, [channels]; also if the layer did not use it.
func (i Inspection) Compensated(statistic string, from, to int) ([]float64, error) {
	c, err := i.Correlation(statistic, from, to)
	if err != nil {
		return nil, err
	}
	other := i.Mean[to]
	if statistic == "variance" {
		other = i.Variance[to]
	}
	size := len(other) / len(c.P) // of a group
	out := make([]float64, len(other))
	for group, row := range c.P {
		for j, p := range row {
			for k := range size {
				out[group*size+k] += p * other[j*size+k]
			}
		}
	}
	return out, nil
}

// errNoRNLayer ends the building of a graph that Inspect would have no outputs from.
var errNoRNLayer = errors.New("the network has no RN layer")

// Inspect passes a training batch through a network and returns the statistics that
// each of its RN layers computed, in the order in which forward builds them; none if
// the network has no RN layer. forward builds the network from its inputs, one for each
// tensor of batch, and its outputs are dropped. The store does not change: running
// statistics do not move.
func Inspect(backend compute.Backend, store *model.Store, forward func(scope *model.Scope, inputs []*Node) []*Node, batch ...any) ([]Inspection, error) {
	if len(batch) == 0 {
		return nil, errors.New("rnlayer: inspecting: the batch has no tensors, expected at least one")
	}
	copied, err := store.Clone()
	if err != nil {
		return nil, fmt.Errorf("rnlayer: inspecting: %w", err)
	}
	defer copied.Finalize()
	w := &watcher{}
	exec, err := model.NewExec(backend, copied, func(scope *model.Scope, inputs []*Node) []*Node {
		g := inputs[0].Graph()
		copied.SetTraining(g, true)
		model.SetGraphParam(g, watcherParam, w)
		*w = watcher{}
		forward(scope, inputs)
		if len(w.layers) == 0 {
			panic(errNoRNLayer) // compiling a graph without outputs panics outside of GoMLX's recovery
		}
		return w.outputs()
	})
	if err != nil {
		return nil, fmt.Errorf("rnlayer: inspecting: %w", err)
	}
	values, err := exec.Call(batch...)
	// Not deferred: after a panic in Call, Finalize would wait for the compilation forever.
	exec.Finalize()
	if errors.Is(err, errNoRNLayer) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("rnlayer: inspecting: %w", err)
	}
	return w.inspections(values)
}
