package parity

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// stack joins arrays of the same shape along a new first axis, such as the values
// of a parameter in each domain.
func stack(arrays ...golden.Array) golden.Array {
	all := golden.Array{Shape: append([]int{len(arrays)}, arrays[0].Shape...)}
	for _, a := range arrays {
		all.Data = append(all.Data, a.Data...)
	}
	return all
}

// layer runs the training steps of a layer case, then its inference.
func (r *run) layer() error {
	c := r.file.Layer
	store := model.NewStore()
	scope := store.RootScope().In(rnlayer.ScopeName)
	for _, v := range []struct {
		name  string
		value golden.Array
	}{
		{rnlayer.VarMeanGate, stack(c.Init.MeanGateSource, c.Init.MeanGateTarget)},
		{rnlayer.VarVarianceGate, stack(c.Init.VarianceGateSource, c.Init.VarianceGateTarget)},
		{rnlayer.VarScale, c.Init.Gamma},
		{rnlayer.VarOffset, c.Init.Beta},
	} {
		if _, err := scope.CreateVariable(v.name, r.tensor(v.value)); err != nil {
			return err
		}
	}
	axis := 1
	if !strings.HasPrefix(c.Layout, "NC") {
		return fmt.Errorf("layout %q: want channels after the batch axis", c.Layout)
	}
	build := func(scope *model.Scope, x *Node) *Node {
		return rnlayer.New(scope, x).ChannelsAxis(axis).
			Domains(rnlayer.Sizes(c.PerDomainBatch, c.PerDomainBatch)).
			Distance(rnlayer.Distance(c.DistanceName())).GroupSize(c.Group).
			Epsilon(c.Epsilon).Momentum(c.Momentum).Done()
	}
	trained := []string{rnlayer.VarMeanGate, rnlayer.VarVarianceGate, rnlayer.VarScale, rnlayer.VarOffset}
	train, err := model.NewExec(r.backend, store, func(scope *model.Scope, x, upstream *Node) []*Node {
		g := x.Graph()
		scope.Store().SetTraining(g, true)
		y := build(scope, x)
		wrt := []*Node{x}
		for _, name := range trained {
			wrt = append(wrt, scope.At(rnlayer.ScopeName).GetVariable(name).NodeValue(g))
		}
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, upstream)), wrt...)...)
	})
	if err != nil {
		return err
	}
	defer train.Finalize()
	for i, s := range c.Steps {
		out, err := train.Call(r.tensor(s.X), r.tensor(s.Upstream))
		if err != nil {
			return fmt.Errorf("steps[%d]: %w", i, err)
		}
		for j, want := range []struct {
			name string
			golden.Array
		}{
			{"y", s.Y}, {"grad_x", s.GradX},
			{"grad_mean_gate", stack(s.GradMeanGateSource, s.GradMeanGateTarget)},
			{"grad_var_gate", stack(s.GradVarianceGateSource, s.GradVarianceGateTarget)},
			{"grad_gamma", s.GradGamma}, {"grad_beta", s.GradBeta},
		} {
			if err := r.compare(fmt.Sprintf("steps[%d].%s", i, want.name), out[j], want.Array, r.tolerance()); err != nil {
				return err
			}
		}
		running := map[string]golden.Array{
			rnlayer.VarRunningMean:     stack(s.RunningMeanSource, s.RunningMeanTarget),
			rnlayer.VarRunningVariance: stack(s.RunningVarianceSource, s.RunningVarianceTarget),
		}
		if err := r.compareVariables(fmt.Sprintf("steps[%d].", i), scope, running); err != nil {
			return err
		}
	}
	y, err := model.CallOnce(r.backend, store, build, r.tensor(c.Eval.X))
	if err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	return r.compare("eval.y", y, c.Eval.Y, r.tolerance())
}

// compareVariables checks the values of variables, in the order of their names.
func (r *run) compareVariables(prefix string, scope *model.Scope, want map[string]golden.Array) error {
	for _, variable := range slices.Sorted(maps.Keys(want)) {
		got, err := scope.GetVariable(variable).Value()
		if err != nil {
			return err
		}
		if err := r.compare(prefix+variable, got, want[variable], r.tolerance()); err != nil {
			return err
		}
	}
	return nil
}
