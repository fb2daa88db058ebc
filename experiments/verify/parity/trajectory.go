package parity

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// trajectory trains the network of a trajectory with the project's own layer,
// losses and optimizer. It compares every loss, the final parameters and running
// statistics, and inference.
func (r *run) trajectory() error {
	t := r.file.Trajectory
	store := model.NewStore()
	initial := trajectoryVariables(t.Init)
	for _, path := range slices.Sorted(maps.Keys(initial)) { // a fixed order, so that XLA's cache recognizes the program
		v, err := store.CreateVariable(path, r.tensor(initial[path]))
		if err != nil {
			return err
		}
		v.SetTrainable(!strings.HasPrefix(v.Name(), "running_"))
	}
	opt, err := sgd.New(trajectoryOptimizer(t))
	if err != nil {
		return err
	}
	projected := rnlayer.WithGateProjection(opt)
	loss := objective.CDAN
	if t.Method == "cdan_e" {
		loss = objective.CDANE
	}
	step, err := model.NewExec(r.backend, store, func(scope *model.Scope, x, labels, lambda *Node) []*Node {
		g := x.Graph()
		scope.Store().SetTraining(g, true)
		rows := t.BatchPerDomain
		features, logits := r.network(scope, x)
		batch := objective.Batch{
			SourceLogits: Slice(logits, AxisRange(0, rows)), TargetLogits: Slice(logits, AxisRange(rows)),
			SourceFeatures: Slice(features, AxisRange(0, rows)), TargetFeatures: Slice(features, AxisRange(rows)),
			SourceLabels: labels, Lambda: lambda,
		}
		task := objective.CrossEntropy(batch.SourceLogits, labels)
		adversarial := loss(scope, batch, objective.MultilinearMap, func(scope *model.Scope, x *Node) *Node {
			x = MaxScalar(r.linear(scope, "disc1", x), 0)
			x = MaxScalar(r.linear(scope, "disc2", x), 0)
			return r.linear(scope, "disc3", x)
		})
		projected.UpdateGraph(scope, g, Add(task, adversarial))
		return []*Node{task, adversarial}
	})
	if err != nil {
		return err
	}
	defer step.Finalize()

	globalStep := optimizer.GetGlobalStepVar(store)
	during, end := r.tolerance(), trajectory64
	if r.dtype != dtypes.Float64 {
		during, end = trajectory32, trajectory32
	}
	for i, s := range t.Steps {
		labels := make([]int32, len(s.LabelsSource))
		for j, label := range s.LabelsSource {
			labels[j] = int32(label)
		}
		// The file's iterations need not be consecutive; the rate decays by them.
		if err := globalStep.SetValue(tensors.FromScalar(int64(s.Iteration))); err != nil {
			return err
		}
		out, err := step.Call(r.tensor(s.X), labels, r.tensor(number(s.GRLCoeff)))
		if err != nil {
			return fmt.Errorf("steps[%d]: %w", i, err)
		}
		for j, want := range []float64{s.ClassifierLoss, s.TransferLoss} {
			name := fmt.Sprintf("steps[%d].%s", i, []string{"classifier_loss", "transfer_loss"}[j])
			if err := r.compare(name, out[j], number(want), during); err != nil {
				return err
			}
		}
	}
	final := trajectoryVariables(t.Final)
	for _, path := range slices.Sorted(maps.Keys(final)) {
		got, err := store.GetVariable(path).Value()
		if err != nil {
			return err
		}
		if err := r.compare("final"+path, got, final[path], end); err != nil {
			return err
		}
	}
	logits, err := model.CallOnce(r.backend, store, func(scope *model.Scope, x *Node) *Node {
		_, logits := r.network(scope, x)
		return logits
	}, r.tensor(t.Eval.X))
	if err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	return r.compare("eval.logits", logits, t.Eval.Logits, end)
}

// network is linear1 → norm1 → ReLU → bottleneck → norm2 → ReLU → classifier.
func (r *run) network(scope *model.Scope, x *Node) (features, logits *Node) {
	norm := func(name string, x *Node) *Node {
		return MaxScalar(rnlayer.New(scope.In("%s", name), x).Domains(rnlayer.Halves()).Done(), 0)
	}
	x = norm("norm1", r.linear(scope, "linear1", x))
	features = norm("norm2", r.linear(scope, "bottleneck", x))
	return features, r.linear(scope, "classifier", features)
}

// linear is affine with the variables of a layer.
func (r *run) linear(scope *model.Scope, name string, x *Node) *Node {
	scope = scope.In("%s", name)
	variable := func(name string) *Node {
		v := scope.GetVariable(name) // created from the file
		return scope.VariableWithShape(name, shapes.Make(r.dtype, v.Shape().Dimensions...)).NodeValue(x.Graph())
	}
	return affine(x, variable("weight_in_out"), variable("bias"))
}

// trajectoryVariables are the parameters of a file by the path of their variable.
func trajectoryVariables(p golden.Parameters) map[string]golden.Array {
	out := make(map[string]golden.Array)
	for name, arrays := range p {
		scope := model.ScopeSeparator + name
		if strings.HasPrefix(name, "disc") {
			scope = model.JoinPath(model.ScopeSeparator, objective.DiscriminatorScope, name)
		}
		if _, norm := arrays["gamma"]; !norm {
			for variable, value := range arrays {
				out[model.JoinPath(scope, variable)] = value
			}
			continue
		}
		for variable, value := range map[string]golden.Array{
			rnlayer.VarScale:           arrays["gamma"],
			rnlayer.VarOffset:          arrays["beta"],
			rnlayer.VarMeanGate:        stack(arrays["mean_gate_source"], arrays["mean_gate_target"]),
			rnlayer.VarVarianceGate:    stack(arrays["var_gate_source"], arrays["var_gate_target"]),
			rnlayer.VarRunningMean:     stack(arrays["running_mean_source"], arrays["running_mean_target"]),
			rnlayer.VarRunningVariance: stack(arrays["running_var_source"], arrays["running_var_target"]),
		} {
			out[model.JoinPath(scope, rnlayer.ScopeName, variable)] = value
		}
	}
	return out
}

// trajectoryOptimizer is the file's optimizer.
func trajectoryOptimizer(t *golden.Trajectory) sgd.Config {
	c := sgd.Default()
	o := t.Optimizer
	c.LearningRate, c.Momentum, c.Nesterov, c.WeightDecay = o.LR, o.Momentum, o.Nesterov, o.WeightDecay*o.DecayMult
	for name, factor := range o.LRMult {
		prefix := model.ScopeSeparator + name
		if strings.HasPrefix(name, "disc") {
			prefix = model.JoinPath(model.ScopeSeparator, objective.DiscriminatorScope, name)
		}
		c.Rules = append(c.Rules, sgd.Rule{Prefix: prefix, LearningRate: factor, WeightDecay: 1})
	}
	return c
}
