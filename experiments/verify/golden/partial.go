package golden

import (
	"fmt"
	"maps"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/registry"
)

// PartialTrajectory is a training run in partial domain adaptation, where the
// target has some of the source's classes, of the network
//
//	features → ReLU → bottleneck → classifier
//
// with a discriminator disc1 → ReLU → disc2 → ReLU → disc3 behind a gradient
// reversal and, in ETN, an auxiliary head aux1 → ReLU → aux2 → ReLU → aux3, both on
// the bottleneck. There are no norms and no dropout.
type PartialTrajectory struct {
	Kind Kind `json:"kind"`
	// Method is "etn" or "ba3us".
	Method     string               `json:"method"`
	Note       string               `json:"note"`
	References map[string]Reference `json:"references"`
	Dimensions PartialDimensions    `json:"dimensions"`
	// SharedClasses is the number of classes that the target has.
	SharedClasses int `json:"shared_classes"`

	// BA3US: the rows of a batch, the divisor μ of the rows of the middle domain,
	// the length of the run, the iterations between updates of the class weights,
	// and the weights of two terms.
	Batch            int     `json:"batch,omitempty"`
	Mu               int     `json:"mu,omitempty"`
	MaxIterations    int     `json:"max_iterations,omitempty"`
	Interval         int     `json:"interval,omitempty"`
	EntropyWeight    float64 `json:"entropy_weight,omitempty"`
	ComplementWeight float64 `json:"complement_weight,omitempty"`
	// TargetTest is [rows, inputs], from which BA3US takes its class weights.
	TargetTest *Array `json:"target_test,omitempty"`
	// LossWeights are ETN's weights of the terms.
	LossWeights map[string]float64 `json:"loss_weights,omitempty"`

	Optimizer PartialOptimizer `json:"optimizer"`
	// Init and Final are the parameters before the first and after the last step.
	Init  Parameters     `json:"init"`
	Steps []PartialStep  `json:"steps"`
	Final Parameters     `json:"final"`
	Eval  TrajectoryEval `json:"eval"`
}

// PartialDimensions are the widths of the network's layers.
type PartialDimensions struct {
	Inputs      int `json:"inputs"`
	Hidden      int `json:"hidden"`
	Bottleneck  int `json:"bottleneck"`
	Classes     int `json:"classes"`
	Adversarial int `json:"adversarial"`
}

// PartialOptimizer is SGD with momentum. The note gives the decay of its rate.
type PartialOptimizer struct {
	// Kind is "sgd".
	Kind        string  `json:"kind"`
	Momentum    float64 `json:"momentum"`
	Nesterov    bool    `json:"nesterov"`
	WeightDecay float64 `json:"weight_decay"`
	// DecayMult multiplies WeightDecay; nil means 1.
	DecayMult *float64 `json:"decay_mult,omitempty"`
	LR        float64  `json:"lr"`
	// LRMult is the multiplier of the learning rate by layer name.
	LRMult map[string]float64 `json:"lr_mult"`
}

// PartialStep is one batch, its coefficients and its losses before the update.
// What is nil does not belong to the method or is not used at this step.
type PartialStep struct {
	Iteration int `json:"iteration"`
	// XSource and XTarget are [rows, inputs].
	XSource      Array `json:"x_source"`
	LabelsSource []int `json:"labels_source"`
	XTarget      Array `json:"x_target"`
	// XMiddle holds BA3US's source rows that count as target.
	XMiddle      *Array `json:"x_middle,omitempty"`
	LabelsMiddle []int  `json:"labels_middle,omitempty"`

	// Coefficients of gradient reversal: ETN's of source and target, BA3US's of
	// features and entropy.
	GRLCoeffSource   *float64 `json:"grl_coeff_source,omitempty"`
	GRLCoeffTarget   *float64 `json:"grl_coeff_target,omitempty"`
	GRLCoeffFeatures *float64 `json:"grl_coeff_features,omitempty"`
	GRLCoeffEntropy  *float64 `json:"grl_coeff_entropy,omitempty"`
	// LR is the learning rate of layers whose multiplier is 1.
	LR float64 `json:"lr"`
	// Weights are ETN's of the source rows, ClassWeight BA3US's of the classes.
	Weights     *Array             `json:"weights,omitempty"`
	ClassWeight *Array             `json:"class_weight,omitempty"`
	Terms       map[string]float64 `json:"terms"`
	Loss        float64            `json:"loss"`
}

// partialMethod is what the files of a method hold.
type partialMethod struct {
	name      string
	auxiliary bool
	terms     []string
}

var partialMethods = []partialMethod{
	{"etn", true, []string{"ce", "adv_loss", "entropy", "adv_loss_aug", "ce_aug"}},
	{"ba3us", false, []string{"src_loss", "transfer_loss", "tar_loss", "cot_loss"}},
}

// layer is a linear layer of a network and its widths.
type layer struct {
	name    string
	in, out int
}

// layers are the layers of a method's network.
func (t *PartialTrajectory) layers(m partialMethod) []layer {
	d := t.Dimensions
	all := []layer{
		{"features", d.Inputs, d.Hidden}, {"bottleneck", d.Hidden, d.Bottleneck}, {"classifier", d.Bottleneck, d.Classes},
		{"disc1", d.Bottleneck, d.Adversarial}, {"disc2", d.Adversarial, d.Adversarial}, {"disc3", d.Adversarial, 1},
	}
	if m.auxiliary {
		all = append(all, layer{"aux1", d.Bottleneck, d.Adversarial}, layer{"aux2", d.Adversarial, d.Adversarial}, layer{"aux3", d.Adversarial, d.Classes})
	}
	return all
}

// Validate checks the settings, and every shape against the dimensions.
func (t *PartialTrajectory) Validate() error {
	m, err := registry.Find("method", fmt.Sprintf("%.40s", t.Method), partialMethods, func(m partialMethod) string { return m.name })
	err = firstError(
		check(t.Kind == KindPartial, "kind", "got %.40q, expected %q", t.Kind, KindPartial),
		fieldError("method", err),
		validateReferences("references", t.References),
		t.Dimensions.validate("dimensions"),
		check(t.SharedClasses >= 1 && t.SharedClasses <= t.Dimensions.Classes, "shared_classes",
			"got %d, expected 1 to %d, the classes", t.SharedClasses, t.Dimensions.Classes),
		checkNotEmpty("steps", len(t.Steps)),
	)
	if err != nil {
		return err
	}
	layers := t.layers(m)
	err = firstError(
		t.Optimizer.validate("optimizer", layers),
		validateLayers("init", t.Init, layers),
		validateLayers("final", t.Final, layers),
		t.validateSettings(m),
	)
	if err != nil {
		return err
	}
	for i := range t.Steps {
		if err := t.validateStep(fmt.Sprintf("steps[%d]", i), &t.Steps[i], m); err != nil {
			return err
		}
	}
	if err := t.checkInputs("eval.x", t.Eval.X); err != nil {
		return err
	}
	return checkShape("eval.logits", t.Eval.Logits, []int{t.Eval.X.Shape[0], t.Dimensions.Classes}, "(rows of eval.x, classes)")
}

// validateSettings checks what belongs to one method.
func (t *PartialTrajectory) validateSettings(m partialMethod) error {
	if m.auxiliary {
		return checkNames("loss_weights", slices.Collect(maps.Keys(t.LossWeights)), m.terms)
	}
	err := firstError(
		check(t.Batch >= 1, "batch", "got %d, expected at least 1", t.Batch),
		check(t.Mu >= 1, "mu", "got %d, expected at least 1", t.Mu),
		check(t.Interval >= 1, "interval", "got %d, expected at least 1", t.Interval),
		check(t.MaxIterations >= t.Interval, "max_iterations", "got %d, expected at least the interval, %d", t.MaxIterations, t.Interval),
		check(t.TargetTest != nil, "target_test", "%w", errMissing),
	)
	if err != nil {
		return err
	}
	return t.checkInputs("target_test", *t.TargetTest)
}

func (t *PartialTrajectory) validateStep(path string, s *PartialStep, m partialMethod) error {
	err := firstError(
		checkIteration(path, s.Iteration),
		t.checkInputs(path+".x_source", s.XSource),
		t.checkInputs(path+".x_target", s.XTarget),
		checkLabels(path+".labels_source", s.LabelsSource, s.XSource, t.Dimensions.Classes),
		check(s.LR >= 0, path+".lr", "got %v, expected 0 or more", s.LR),
		checkNames(path+".terms", slices.Collect(maps.Keys(s.Terms)), m.terms),
	)
	if err != nil {
		return err
	}
	if m.auxiliary {
		err := firstError(
			check(s.GRLCoeffSource != nil, path+".grl_coeff_source", "%w", errMissing),
			check(s.GRLCoeffTarget != nil, path+".grl_coeff_target", "%w", errMissing),
			check(s.Weights != nil, path+".weights", "%w", errMissing),
		)
		if err != nil {
			return err
		}
		return checkShape(path+".weights", *s.Weights, s.XSource.Shape[:1], "(rows of x_source)")
	}
	err = firstError(
		check(s.GRLCoeffFeatures != nil, path+".grl_coeff_features", "%w", errMissing),
		check(s.GRLCoeffEntropy != nil, path+".grl_coeff_entropy", "%w", errMissing),
	)
	if err != nil {
		return err
	}
	if s.ClassWeight != nil {
		if err := checkShape(path+".class_weight", *s.ClassWeight, []int{t.Dimensions.Classes}, "(classes)"); err != nil {
			return err
		}
	}
	if s.XMiddle == nil {
		return check(len(s.LabelsMiddle) == 0, path+".labels_middle", "got %d labels without x_middle", len(s.LabelsMiddle))
	}
	if err := t.checkInputs(path+".x_middle", *s.XMiddle); err != nil {
		return err
	}
	return checkLabels(path+".labels_middle", s.LabelsMiddle, *s.XMiddle, t.Dimensions.Classes)
}

// checkInputs checks rows of the network's inputs.
func (t *PartialTrajectory) checkInputs(field string, a Array) error {
	if err := checkRank(field, a, 2, "[rows, inputs]"); err != nil {
		return err
	}
	return check(a.Shape[1] == t.Dimensions.Inputs, field+".shape", "got %v, expected %d inputs on axis 1", a.Shape, t.Dimensions.Inputs)
}

// checkLabels checks that every row has a label below classes.
func checkLabels(field string, labels []int, x Array, classes int) error {
	if len(labels) != x.Shape[0] {
		return fmt.Errorf("%s: got %d labels for %d rows", field, len(labels), x.Shape[0])
	}
	for i, label := range labels {
		if label < 0 || label >= classes {
			return fmt.Errorf("%s[%d]: got %d, expected 0 to %d", field, i, label, classes-1)
		}
	}
	return nil
}

func (d PartialDimensions) validate(path string) error {
	for _, width := range []struct {
		name  string
		value int
	}{{"inputs", d.Inputs}, {"hidden", d.Hidden}, {"bottleneck", d.Bottleneck}, {"classes", d.Classes}, {"adversarial", d.Adversarial}} {
		if width.value < 1 {
			return fmt.Errorf("%s.%s: got %d, expected at least 1", path, width.name, width.value)
		}
	}
	return nil
}

func (o *PartialOptimizer) validate(path string, layers []layer) error {
	err := firstError(
		check(o.Kind == "sgd", path+".kind", `got %.40q, expected "sgd"`, o.Kind),
		check(o.Momentum >= 0 && o.Momentum < 1, path+".momentum", "got %v, expected a number in [0, 1)", o.Momentum),
		check(o.WeightDecay >= 0, path+".weight_decay", "got %v, expected 0 or more", o.WeightDecay),
		check(o.DecayMult == nil || *o.DecayMult >= 0, path+".decay_mult", "expected 0 or more"),
		check(o.LR > 0, path+".lr", "got %v, expected a positive number", o.LR),
		checkNames(path+".lr_mult", slices.Collect(maps.Keys(o.LRMult)), layerNames(layers)),
	)
	if err != nil {
		return err
	}
	for _, l := range layers {
		if o.LRMult[l.name] < 0 {
			return fmt.Errorf("%s.lr_mult.%s: got %v, expected 0 or more", path, l.name, o.LRMult[l.name])
		}
	}
	return nil
}

func layerNames(layers []layer) []string {
	return registry.Names(layers, func(l layer) string { return l.name })
}

// validateLayers checks the names and shapes of linear layers.
func validateLayers(path string, p Parameters, layers []layer) error {
	if err := checkNames(path, slices.Collect(maps.Keys(p)), layerNames(layers)); err != nil {
		return err
	}
	for _, l := range layers {
		field := path + "." + l.name
		if err := validateLinear(field, p[l.name]); err != nil {
			return err
		}
		if err := checkShape(field+".weight_in_out", p[l.name]["weight_in_out"], []int{l.in, l.out}, "from dimensions"); err != nil {
			return err
		}
	}
	return nil
}
