package parity

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// pair joins the source's and target's values of a parameter to [2, channels].
func pair(source, target golden.Array) golden.Array {
	return golden.Array{
		Shape: append([]int{2}, source.Shape...),
		Data:  append(append([]float64{}, source.Data...), target.Data...),
	}
}

// layer runs the training steps of a layer case, then its inference.
func (r *run) layer() error {
	c := r.file.Layer
	store := model.NewStore()
	scope := store.RootScope().In(rnlayer.ScopeName)
	for name, value := range map[string]golden.Array{
		rnlayer.VarMeanGate:     pair(c.Init.MeanGateSource, c.Init.MeanGateTarget),
		rnlayer.VarVarianceGate: pair(c.Init.VarianceGateSource, c.Init.VarianceGateTarget),
		rnlayer.VarScale:        c.Init.Gamma,
		rnlayer.VarOffset:       c.Init.Beta,
	} {
		if _, err := scope.CreateVariable(name, r.tensor(value)); err != nil {
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
			{"grad_mean_gate", pair(s.GradMeanGateSource, s.GradMeanGateTarget)},
			{"grad_var_gate", pair(s.GradVarianceGateSource, s.GradVarianceGateTarget)},
			{"grad_gamma", s.GradGamma}, {"grad_beta", s.GradBeta},
		} {
			if err := r.compare(fmt.Sprintf("steps[%d].%s", i, want.name), out[j], want.Array, r.tolerance()); err != nil {
				return err
			}
		}
		if err := r.compareRunning(fmt.Sprintf("steps[%d].", i), scope, s); err != nil {
			return err
		}
	}
	y, err := model.CallOnce(r.backend, store, build, r.tensor(c.Eval.X))
	if err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	return r.compare("eval.y", y, c.Eval.Y, r.tolerance())
}

// compareRunning checks the running statistics after a step.
func (r *run) compareRunning(prefix string, scope *model.Scope, s golden.LayerStep) error {
	for variable, want := range map[string]golden.Array{
		rnlayer.VarRunningMean:     pair(s.RunningMeanSource, s.RunningMeanTarget),
		rnlayer.VarRunningVariance: pair(s.RunningVarianceSource, s.RunningVarianceTarget),
	} {
		got, err := scope.GetVariable(variable).Value()
		if err != nil {
			return err
		}
		if err := r.compare(prefix+variable, got, want, r.tolerance()); err != nil {
			return err
		}
	}
	return nil
}
