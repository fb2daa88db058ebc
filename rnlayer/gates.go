package rnlayer

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// paramGateMin is the hyperparameter that a layer with gates sets in its own scope to
// the lower end of their range, and that [projectGates] reads there.
const paramGateMin = "rn_gate_min"

// WithGateProjection returns an optimizer that takes opt's step and then clamps the
// gates of all RN layers, and α of all AutoDIAL layers, to their range [GateMin, 1].
// It works with any GoMLX trainer, and with gradient accumulation if opt does.
func WithGateProjection(opt optimizer.Interface) optimizer.Interface {
	p := projecting{opt}
	if o, ok := opt.(train.OptimizeWithGradients); ok {
		return projectingWithGradients{p, o}
	}
	return p
}

// projecting is an optimizer that projects the gates after each step.
type projecting struct{ optimizer.Interface }

// UpdateGraph implements optimizer.Interface.
func (p projecting) UpdateGraph(scope *model.Scope, g *Graph, loss *Node) {
	p.Interface.UpdateGraph(scope, g, loss)
	projectGates(scope, g)
}

// projectingWithGradients is projecting for optimizers that take gradients.
type projectingWithGradients struct {
	projecting
	inner train.OptimizeWithGradients
}

// UpdateGraphWithGradients implements train.OptimizeWithGradients.
func (p projectingWithGradients) UpdateGraphWithGradients(scope *model.Scope, gradients []*Node, lossDType dtypes.DType) {
	p.inner.UpdateGraphWithGradients(scope, gradients, lossDType)
	if len(gradients) > 0 {
		projectGates(scope, gradients[0].Graph())
	}
}

// projectGates clamps the gates under scope that graph g uses, after the optimizer has
// updated them in the same graph.
func projectGates(scope *model.Scope, g *Graph) {
	var gates []*model.Variable // collected first: NodeValue may add to the iterated variables
	for v := range scope.IterVariables() {
		if isGate(v) && v.InUseByGraph(g) {
			gates = append(gates, v)
		}
	}
	for _, v := range gates {
		lo := model.GetParamOr(scope.Store().Scope(v.Scope()), paramGateMin, DefaultOptions().GateMin)
		v.SetNodeValue(ClipScalar(v.NodeValue(g), lo, 1))
	}
}

// isGate distinguishes gates from the optimizer's own variables, which may have the
// same name under a copy of the path but are not trainable.
func isGate(v *model.Variable) bool {
	return v.Trainable && model.BasePath(v.Scope()) == ScopeName && slices.Contains([]string{VarMeanGate, VarVarianceGate, VarAlpha}, v.Name())
}
