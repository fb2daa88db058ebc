package rnlayer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Layer is what a store holds of one norm layer that keeps running statistics.
// All values are [domains][channels] unless it is said; they are copies.
type Layer struct {
	// Path is the scope of the layer's variables, such as "/model/conv1/norm".
	Path string
	// Scale and Offset are γ and β, [1][channels] where the domains share them.
	Scale, Offset [][]float64
	// RunningMean and RunningVariance are the statistics of inference.
	RunningMean, RunningVariance [][]float64
	// MeanGates and VarianceGates are RN's gates; nil for a layer without.
	MeanGates, VarianceGates [][]float64
	// Alpha is AutoDIAL's α, [1][1]; nil for a layer without.
	Alpha [][]float64
}

// Layers returns the norm layers of a store in the order of their creation. An
// error says which variable cannot be read.
func Layers(store *model.Store) ([]Layer, error) {
	var layers []Layer
	for v := range store.IterVariables() {
		if model.BasePath(v.Scope()) != ScopeName || v.Name() != VarRunningMean {
			continue
		}
		l := Layer{Path: v.Scope()}
		for name, to := range map[string]*[][]float64{
			VarScale: &l.Scale, VarOffset: &l.Offset,
			VarRunningMean: &l.RunningMean, VarRunningVariance: &l.RunningVariance,
			VarMeanGate: &l.MeanGates, VarVarianceGate: &l.VarianceGates, VarAlpha: &l.Alpha,
		} {
			value := store.GetVariable(model.JoinPath(l.Path, name))
			if value == nil {
				continue
			}
			t, err := value.Value()
			if err != nil {
				return nil, fmt.Errorf("rnlayer: reading %s/%s: %w", l.Path, name, err)
			}
			rows, err := rowsOf(t)
			if err != nil {
				return nil, fmt.Errorf("rnlayer: reading %s/%s: %w", l.Path, name, err)
			}
			*to = rows
		}
		layers = append(layers, l)
	}
	return layers, nil
}

// Correlation is how channels of one domain look up those of another.
type Correlation struct {
	// Statistic is "mean" or "variance".
	Statistic string
	// From is the domain that is compensated, To the one that is looked up.
	From, To int
	// P is the softmax, [groups of From][groups of To]; rows sum to 1.
	P [][]float64
}

// Inspection is what one RN layer computed for a batch.
type Inspection struct {
	// Path is the scope of the layer's variables.
	Path string
	// Mean and Variance are the domains' own statistics, [domains][channels].
	Mean, Variance [][]float64
	// MixedMean and MixedVariance are those that normalized the batch.
	MixedMean, MixedVariance [][]float64
	// Correlations are the matrices of every ordered pair of domains and both
	// statistics: four with two domains. They are there too where compensation
	// is off or a statistic is not shared, as what it would look up.
	Correlations []Correlation
}

// Correlation returns the matrix of a statistic ("mean" or "variance") between
// two domains; the error says which there are.
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

// Compensated returns what a statistic ("mean" or "variance") of domain from is as
// seen from domain to: P times that of to, by channel. It is there too where the
// layer did not use it.
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

// Inspect passes a training batch through a network and returns what each of
// its RN layers computed. forward builds the network from its input (any number
// of tensors in batch); what it returns is dropped. The store is not changed:
// running statistics do not move.
func Inspect(backend compute.Backend, store *model.Store, forward func(scope *model.Scope, inputs []*Node) []*Node, batch ...any) ([]Inspection, error) {
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
		return w.outputs
	})
	if err != nil {
		return nil, fmt.Errorf("rnlayer: inspecting: %w", err)
	}
	defer exec.Finalize()
	values, err := exec.Call(batch...)
	if err != nil {
		return nil, fmt.Errorf("rnlayer: inspecting: %w", err)
	}
	return w.inspections(values)
}

// watcherParam is the graph parameter under which layers find their watcher.
const watcherParam = "/rnlayer_watcher"

// watcher collects what the RN layers of a graph compute.
type watcher struct {
	paths   []string
	domains []int
	outputs []*Node // 5 a layer: own mean and variance, mixed mean and variance, correlations
}

// watcherOf returns the watcher of a graph, or nil.
func watcherOf(g *Graph) *watcher {
	value, _ := model.GetGraphParam(g, watcherParam)
	w, _ := value.(*watcher)
	return w
}

// record adds a layer.
func (w *watcher) record(l *layer, own, used Moments) {
	stats := concatenate([]*Node{own.Mean, own.Variance})
	repeated := concatenate(slices.Repeat([]*Node{stats}, l.domains-1))
	p := correlation(l.opts.Distance, l.inGroups(repeated), l.inGroups(otherDomains(stats, l.domains)))
	w.paths = append(w.paths, l.scope.Scope())
	w.domains = append(w.domains, l.domains)
	for _, n := range []*Node{own.Mean, own.Variance, used.Mean, used.Variance, p} {
		w.outputs = append(w.outputs, ConvertDType(n, dtypes.Float64))
	}
}

// inspections sorts the values of outputs by layer.
func (w *watcher) inspections(values []*tensors.Tensor) ([]Inspection, error) {
	out := make([]Inspection, len(w.paths))
	for i, path := range w.paths {
		v := values[5*i : 5*i+5]
		in := Inspection{Path: path}
		for j, to := range []*[][]float64{&in.Mean, &in.Variance, &in.MixedMean, &in.MixedVariance} {
			rows, err := rowsOf(v[j])
			if err != nil {
				return nil, fmt.Errorf("rnlayer: inspecting %s: %w", path, err)
			}
			*to = rows
		}
		p, ok := v[4].Value().([][][]float64) // [(K − 1)·2·K][groups][groups]
		if !ok {
			return nil, fmt.Errorf("rnlayer: inspecting %s: correlations of shape %s", path, v[4].Shape())
		}
		k := w.domains[i]
		for n, matrix := range p {
			from, r := n%k, n/(2*k)+1
			in.Correlations = append(in.Correlations, Correlation{
				Statistic: [2]string{"mean", "variance"}[n/k%2], From: from, To: (from + r) % k, P: matrix,
			})
		}
		out[i] = in
	}
	return out, nil
}

// rowsOf copies a tensor of [rows, columns] into float64 slices; [columns] and
// scalars are one row.
func rowsOf(t *tensors.Tensor) ([][]float64, error) {
	shape := t.Shape()
	if shape.Rank() > 2 {
		return nil, fmt.Errorf("want values of [rows, columns], got shape %s", shape)
	}
	var flat []float64
	switch shape.DType {
	case dtypes.Float64:
		values, err := tensors.CopyFlatData[float64](t)
		if err != nil {
			return nil, err
		}
		flat = values
	case dtypes.Float32:
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, err
		}
		for _, x := range values {
			flat = append(flat, float64(x))
		}
	default:
		return nil, fmt.Errorf("want values of float32 or float64, got shape %s", shape)
	}
	columns := 1
	if shape.Rank() > 0 {
		columns = shape.Dim(-1)
	}
	return slices.Collect(slices.Chunk(flat, columns)), nil
}
