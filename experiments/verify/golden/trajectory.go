package golden

import (
	"fmt"
	"maps"
	"slices"
)

// Trajectory is a training run of the network
//
//	linear1 → norm1 (RN) → ReLU → bottleneck → norm2 (RN) → ReLU → classifier
//
// with CDAN or CDAN+E and the discriminator disc1 → ReLU → disc2 → ReLU → disc3
// on softmax ⊗ features, without dropout. Domain label 1 is source, 0 target;
// the loss is the cross-entropy of the source rows plus the transfer loss.
type Trajectory struct {
	Kind Kind `json:"kind"`
	// Method is "cdan" or "cdan_e".
	Method string `json:"method"`
	// BatchPerDomain is the number of rows of each of the two domains, n.
	BatchPerDomain int       `json:"batch_per_domain"`
	Optimizer      Optimizer `json:"optimizer"`

	// Init and Final are the parameters and running statistics before the first
	// and after the last step.
	Init  Parameters       `json:"init"`
	Steps []TrajectoryStep `json:"steps"`
	Final Parameters       `json:"final"`
	// Eval is inference with the final parameters and the target's statistics.
	Eval TrajectoryEval `json:"eval"`
}

// Optimizer is SGD with momentum and learning rate
// LR·LRMult[layer]·(1 + 0.001·iteration)^(−0.75).
type Optimizer struct {
	// Kind is "sgd".
	Kind     string  `json:"kind"`
	Momentum float64 `json:"momentum"`
	Nesterov bool    `json:"nesterov"`
	// The weight decay is WeightDecay·DecayMult.
	WeightDecay float64 `json:"weight_decay"`
	DecayMult   float64 `json:"decay_mult"`
	LR          float64 `json:"lr"`
	// LRMult is the multiplier of the learning rate by layer name.
	LRMult map[string]float64 `json:"lr_mult"`
	// GateClamp is the range [lowest, highest] the gates are clamped to after
	// every step.
	GateClamp []float64 `json:"gate_clamp"`
}

// Parameters are arrays by layer name, then by name in the layer.
//
// The linear layers (linear1, bottleneck, classifier, disc1, disc2, disc3) have
// weight_in_out [in, out] and bias [out]. The norms (norm1, norm2) have gamma, beta,
// {mean,var}_gate_{source,target} and running_{mean,var}_{source,target}, all
// [channels].
type Parameters map[string]map[string]Array

// TrajectoryStep is one batch and its losses before the update.
type TrajectoryStep struct {
	Iteration int `json:"iteration"`
	// X is [2n, in], source rows first.
	X Array `json:"x"`
	// LabelsSource are the n labels of the source rows.
	LabelsSource []int `json:"labels_source"`
	// GRLCoeff is the gradient-reversal coefficient of the step.
	GRLCoeff float64 `json:"grl_coeff"`
	// LR is the learning rate of layers whose multiplier is 1.
	LR             float64 `json:"lr"`
	ClassifierLoss float64 `json:"classifier_loss"`
	TransferLoss   float64 `json:"transfer_loss"`
}

// TrajectoryEval is an inference: X is [m, in], Logits [m, classes].
type TrajectoryEval struct {
	X      Array `json:"x"`
	Logits Array `json:"logits"`
}

// Names of the layers of a trajectory's network and of the arrays they hold.
var (
	linearLayers = []string{"linear1", "bottleneck", "classifier", "disc1", "disc2", "disc3"}
	normLayers   = []string{"norm1", "norm2"}
	normArrays   = []string{
		"gamma", "beta",
		"mean_gate_source", "mean_gate_target", "var_gate_source", "var_gate_target",
		"running_mean_source", "running_mean_target", "running_var_source", "running_var_target",
	}
)

// classes returns the number of classes, the width of the classifier.
func (t *Trajectory) classes() int { return t.Init["classifier"]["bias"].Shape[0] }

// Validate checks the settings, that the layers fit to each other and to the
// batches, and that Init and Final have the same shapes.
func (t *Trajectory) Validate() error {
	err := firstError(
		check(t.Kind == KindTrajectory, "kind", "got %q, expected %q", t.Kind, KindTrajectory),
		check(t.Method == "cdan" || t.Method == "cdan_e", "method", `got %q, expected "cdan" or "cdan_e"`, t.Method),
		check(t.BatchPerDomain >= 2, "batch_per_domain",
			"got %d, expected at least 2 (an unbiased variance needs two rows)", t.BatchPerDomain),
		check(len(t.Optimizer.GateClamp) == 2 && t.Optimizer.GateClamp[0] <= t.Optimizer.GateClamp[1],
			"optimizer.gate_clamp", "got %v, expected [lowest, highest]", t.Optimizer.GateClamp),
		t.Optimizer.validate("optimizer"),
		t.Init.validate("init"),
		t.Final.validate("final"),
		checkNotEmpty("steps", len(t.Steps)),
	)
	if err != nil {
		return err
	}
	for _, layer := range slices.Sorted(maps.Keys(t.Init)) {
		for _, name := range slices.Sorted(maps.Keys(t.Init[layer])) {
			err := checkShape(fmt.Sprintf("final.%s.%s", layer, name), t.Final[layer][name],
				t.Init[layer][name].Shape, fmt.Sprintf("as init.%s.%s", layer, name))
			if err != nil {
				return err
			}
		}
	}
	for i, step := range t.Steps {
		if err := t.validateStep(fmt.Sprintf("steps[%d]", i), step); err != nil {
			return err
		}
	}
	if err := checkRank("eval.x", t.Eval.X, 2, "[rows, inputs]"); err != nil {
		return err
	}
	rows, inputs := t.Eval.X.Shape[0], t.Eval.X.Shape[1]
	return firstError(
		check(inputs == t.inputs(), "eval.x.shape", "got %v, expected the %d inputs of linear1 on axis 1",
			t.Eval.X.Shape, t.inputs()),
		checkShape("eval.logits", t.Eval.Logits, []int{rows, t.classes()}, "(rows of eval.x, classes)"),
	)
}

func (t *Trajectory) inputs() int { return t.Init["linear1"]["weight_in_out"].Shape[0] }

func (t *Trajectory) validateStep(path string, s TrajectoryStep) error {
	rows, err := Size([]int{2, t.BatchPerDomain})
	if err != nil {
		return fieldError("batch_per_domain", err)
	}
	err = firstError(
		checkIteration(path, s.Iteration),
		checkShape(path+".x", s.X, []int{rows, t.inputs()}, "(2·batch_per_domain, inputs of linear1)"),
		check(len(s.LabelsSource) == t.BatchPerDomain, path+".labels_source",
			"got %d labels, expected batch_per_domain = %d", len(s.LabelsSource), t.BatchPerDomain),
		check(s.LR >= 0, path+".lr", "got %v, expected 0 or more", s.LR),
	)
	if err != nil {
		return err
	}
	for i, label := range s.LabelsSource {
		if label < 0 || label >= t.classes() {
			return fmt.Errorf("%s.labels_source[%d]: got %d, expected 0 to %d", path, i, label, t.classes()-1)
		}
	}
	return nil
}

func (o *Optimizer) validate(path string) error {
	err := firstError(
		check(o.Kind == "sgd", path+".kind", `got %q, expected "sgd"`, o.Kind),
		check(o.Momentum >= 0 && o.Momentum < 1, path+".momentum", "got %v, expected a number in [0, 1)", o.Momentum),
		check(o.WeightDecay >= 0, path+".weight_decay", "got %v, expected 0 or more", o.WeightDecay),
		check(o.DecayMult >= 0, path+".decay_mult", "got %v, expected 0 or more", o.DecayMult),
		check(o.LR > 0, path+".lr", "got %v, expected a positive number", o.LR),
		checkNames(path+".lr_mult", slices.Collect(maps.Keys(o.LRMult)), slices.Concat(linearLayers, normLayers)),
	)
	if err != nil {
		return err
	}
	for _, layer := range slices.Sorted(maps.Keys(o.LRMult)) {
		if o.LRMult[layer] < 0 {
			return fmt.Errorf("%s.lr_mult.%s: got %v, expected 0 or more", path, layer, o.LRMult[layer])
		}
	}
	return nil
}

func (p Parameters) validate(path string) error {
	err := checkNames(path, slices.Collect(maps.Keys(p)), slices.Concat(linearLayers, normLayers))
	if err != nil {
		return err
	}
	for _, layer := range linearLayers {
		if err := validateLinear(path+"."+layer, p[layer]); err != nil {
			return err
		}
	}
	in := func(layer string) int { return p[layer]["weight_in_out"].Shape[0] }
	out := func(layer string) int { return p[layer]["weight_in_out"].Shape[1] }
	joint, err := Size([]int{out("bottleneck"), out("classifier")})
	if err != nil {
		return fieldError(path+".classifier", err)
	}
	for _, link := range []struct {
		layer string
		want  int
		from  string
	}{
		{"bottleneck", out("linear1"), "outputs of linear1"},
		{"classifier", out("bottleneck"), "outputs of bottleneck"},
		{"disc1", joint, "outputs of bottleneck times classes"},
		{"disc2", out("disc1"), "outputs of disc1"},
		{"disc3", out("disc2"), "outputs of disc2"},
	} {
		if in(link.layer) != link.want {
			return fmt.Errorf("%s.%s.weight_in_out.shape: got %v, expected %d inputs, the %s",
				path, link.layer, p[link.layer]["weight_in_out"].Shape, link.want, link.from)
		}
	}
	return firstError(
		check(out("disc3") == 1, path+".disc3.weight_in_out.shape",
			"got %v, expected 1 output", p["disc3"]["weight_in_out"].Shape),
		validateNorm(path+".norm1", p["norm1"], out("linear1"), "(outputs of linear1)"),
		validateNorm(path+".norm2", p["norm2"], out("bottleneck"), "(outputs of bottleneck)"),
	)
}

func validateLinear(path string, layer map[string]Array) error {
	err := checkNames(path, slices.Collect(maps.Keys(layer)), []string{"weight_in_out", "bias"})
	if err != nil {
		return err
	}
	weight := layer["weight_in_out"]
	if err := checkRank(path+".weight_in_out", weight, 2, "[in, out]"); err != nil {
		return err
	}
	return checkShape(path+".bias", layer["bias"], weight.Shape[1:], "(outputs)")
}

func validateNorm(path string, layer map[string]Array, channels int, like string) error {
	if err := checkNames(path, slices.Collect(maps.Keys(layer)), normArrays); err != nil {
		return err
	}
	for _, name := range normArrays {
		if err := checkShape(path+"."+name, layer[name], []int{channels}, like); err != nil {
			return err
		}
	}
	return nil
}

// checkNames compares the names found at path with the expected ones.
func checkNames(path string, got, want []string) error {
	slices.Sort(got)
	for _, name := range want {
		if !slices.Contains(got, name) {
			return fmt.Errorf("%s.%s: the key is missing", path, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			return fmt.Errorf("%s.%.40s: unknown name, expected only %v", path, name, want)
		}
	}
	return nil
}
