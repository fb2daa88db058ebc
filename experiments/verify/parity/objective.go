package parity

import (
	"fmt"
	"maps"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// objectivePeer computes a formula of the objective files.
type objectivePeer struct {
	run func(r *run, name string, c golden.ObjectiveCase) error
	// cannot returns why this repository computes something else than the case,
	// "" if it does not; nil never does.
	cannot func(c golden.ObjectiveCase) string
}

// objectivePeers are by formula.
var objectivePeers = map[string]objectivePeer{
	"dann_vda":       {run: (*run).dann, cannot: unlikeDANN},
	"dann_tllib":     {run: (*run).dann, cannot: unlikeDANN},
	"entropy_tllib":  {run: meanEntropy(1e-5)},
	"entropy_ba3us":  {run: meanEntropy(1e-7)},
	"entropy_easydl": {run: meanEntropy(1e-20)},
	"schedule_tllib": {run: (*run).ramp, cannot: unlikeRamp},
}

// formulasNotRun are the reasons for formulas without a peer that need more words
// than the objective's name.
var formulasNotRun = map[string]string{
	"entropy_dwt":        "objective.Entropy is −Σ p log(p + ε) with ε > 0; DWT's code takes the log-softmax",
	"consensus_dwt":      "DWT's min-entropy consensus loss is not implemented",
	"schedule_etn_grl":   "ETN's reversal schedule, which counts passes of the discriminator, is not implemented",
	"schedule_etn_rate":  "sgd's learning rate decays without end; ETN's stops at iteration 10,000",
	"schedule_ba3us_grl": "BA3US's reversal schedule, one iteration ahead for features, is not implemented",
	"class_balance":      "class-balanced sampling is not implemented",
}

// objectiveCases lists the cases of an objective file by name.
func objectiveCases(file *golden.File) []Case {
	var all []Case
	for _, name := range slices.Sorted(maps.Keys(file.Objective.Cases)) {
		c := file.Objective.Cases[name]
		all = append(all, objectiveCase(file, name, c))
	}
	return all
}

func objectiveCase(file *golden.File, name string, c golden.ObjectiveCase) Case {
	peer, known := objectivePeers[c.Formula]
	if !known {
		why, ok := formulasNotRun[c.Formula]
		if !ok {
			why = fmt.Sprintf("the objective %q is not implemented", file.Objective.Objective)
		}
		return Case{File: file, Name: name, NotRun: why}
	}
	if peer.cannot != nil {
		if why := peer.cannot(c); why != "" {
			return Case{File: file, Name: name, NotRun: why}
		}
	}
	return Case{File: file, Name: name, dtypes: bothDTypes, run: func(r *run) error { return peer.run(r, name, c) }}
}

// compareCase is compareLoss with the inputs of a case by their keys.
func (r *run) compareCase(name string, c golden.ObjectiveCase, inputs []string, build func(scope *model.Scope, inputs []*Node) *Node) error {
	loss, err := c.Number("loss")
	if err != nil {
		return err
	}
	all := make([]differentiated, len(inputs))
	for i, input := range inputs {
		value, err := c.Array(input)
		if err != nil {
			return err
		}
		gradient, err := c.Array("grad_" + input)
		if err != nil {
			return err
		}
		all[i] = differentiated{input, value, gradient}
	}
	return r.compareLoss(name, all, loss, build)
}

// dann compares objective.DANN with a linear discriminator.
func (r *run) dann(name string, c golden.ObjectiveCase) error {
	lambda, err := c.Number("grl_coeff")
	if err != nil {
		return err
	}
	inputs := []string{"source_features", "target_features", "disc_w", "disc_b"}
	return r.compareCase(name, c, inputs, func(scope *model.Scope, in []*Node) *Node {
		source, target, w, b := in[0], in[1], in[2], in[3]
		batch := objective.Batch{
			SourceFeatures: source, TargetFeatures: target,
			SourceLogits: source, TargetLogits: target, // DANN uses their numbers of rows alone
			Lambda: Scalar(source.Graph(), source.DType(), lambda),
		}
		return objective.DANN(scope, batch, func(_ *model.Scope, x *Node) *Node { return affine(x, w, b) })
	})
}

// unlikeDANN tells cases apart that objective.DANN does not compute.
func unlikeDANN(c golden.ObjectiveCase) string {
	_, source := c.Values["source_weights"]
	_, target := c.Values["target_weights"]
	if source || target {
		return "objective.DANN has no weights of rows"
	}
	if s, t := c.Values["source_features"], c.Values["target_features"]; c.Formula == "dann_tllib" && len(s.Data) != len(t.Data) {
		return "objective.DANN is the mean over all rows, not half the sum of the domains' means"
	}
	return ""
}

// meanEntropy compares the mean over rows of objective.Entropy.
func meanEntropy(epsilon float64) func(*run, string, golden.ObjectiveCase) error {
	return func(r *run, name string, c golden.ObjectiveCase) error {
		return r.compareCase(name, c, []string{"target_logits"}, func(_ *model.Scope, in []*Node) *Node {
			return ReduceAllMean(objective.Entropy(Softmax(in[0], -1), epsilon))
		})
	}
}

// rampFactor is the exponent of objective.Ramp where the golden schedule has alpha.
const rampFactor = 10

// ramp compares objective.Ramp by iteration.
func (r *run) ramp(name string, c golden.ObjectiveCase) error {
	var settings [2]float64
	for i, key := range []string{"alpha", "max_iterations"} {
		var err error
		if settings[i], err = c.Number(key); err != nil {
			return err
		}
	}
	iterations, err := c.Array("iterations")
	if err != nil {
		return err
	}
	want, err := c.Array("values")
	if err != nil {
		return err
	}
	ramp := objective.Ramp{Iterations: int(rampFactor * settings[1] / settings[0])}
	if err := ramp.Validate(); err != nil {
		return err
	}
	got := make([]float64, len(iterations.Data))
	for i, iteration := range iterations.Data {
		got[i] = ramp.Coefficient(int(iteration))
	}
	r.compareValues(name+".values", got, want.Data, r.tolerance())
	return nil
}

// unlikeRamp tells schedules apart that objective.Ramp does not compute.
func unlikeRamp(c golden.ObjectiveCase) string {
	for key, want := range map[string]float64{"low": 0, "high": 1} {
		if v, err := c.Number(key); err != nil || v != want {
			return "objective.Ramp goes from 0 to 1"
		}
	}
	return ""
}
