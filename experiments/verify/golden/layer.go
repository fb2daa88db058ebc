package golden

import (
	"fmt"
	"slices"
)

// layoutRanks is the number of axes of x by layout. C is always axis 1.
var layoutRanks = map[string]int{"NC": 2, "NCL": 3, "NCHW": 4, "NCDHW": 5}

// LayerCase is a run of one RN layer with two domains: training steps with
// constant parameters, running statistics carried on, then one inference on
// target data.
type LayerCase struct {
	Kind Kind `json:"kind"`
	// Layout names the axes of x: "NC", "NCL", "NCHW" or "NCDHW".
	Layout string `json:"layout"`
	// Channels is C.
	Channels int `json:"channels"`
	// Group is g, the number of adjacent channels of a group; it divides C.
	Group int `json:"group"`
	// Distance is "l2", "l1" or "cosine" as written in the file; "cosine" is the
	// authors' name for the plain dot product. See [LayerCase.DistanceName].
	Distance string `json:"distance"`
	// PerDomainBatch is the number of rows of each of the two domains.
	PerDomainBatch int `json:"per_domain_batch"`
	// Epsilon is added to the variance.
	Epsilon float64 `json:"epsilon"`
	// Momentum is the share of the new statistics in the running ones.
	Momentum float64 `json:"momentum"`

	Init  LayerInit   `json:"init"`
	Steps []LayerStep `json:"steps"`
	// Eval is inference with the target's running statistics after the last step.
	Eval LayerEval `json:"eval"`
}

// LayerInit holds the parameters of the layer, all of shape [C]. Running means
// start at 0 and running variances at 1.
type LayerInit struct {
	MeanGateSource     Array `json:"mean_gate_source"`
	MeanGateTarget     Array `json:"mean_gate_target"`
	VarianceGateSource Array `json:"var_gate_source"`
	VarianceGateTarget Array `json:"var_gate_target"`
	Gamma              Array `json:"gamma"`
	Beta               Array `json:"beta"`
}

// LayerStep is one training forward and backward of loss = sum(y·upstream). X,
// Upstream, Y and GradX have the axes of the layout and 2·PerDomainBatch rows,
// source first; the other arrays are of shape [C]. Running statistics are the
// values after the step.
type LayerStep struct {
	X        Array `json:"x"`
	Upstream Array `json:"upstream"`
	Y        Array `json:"y"`
	GradX    Array `json:"grad_x"`

	GradMeanGateSource     Array `json:"grad_mean_gate_source"`
	GradMeanGateTarget     Array `json:"grad_mean_gate_target"`
	GradVarianceGateSource Array `json:"grad_var_gate_source"`
	GradVarianceGateTarget Array `json:"grad_var_gate_target"`
	GradGamma              Array `json:"grad_gamma"`
	GradBeta               Array `json:"grad_beta"`

	RunningMeanSource     Array `json:"running_mean_source"`
	RunningVarianceSource Array `json:"running_var_source"`
	RunningMeanTarget     Array `json:"running_mean_target"`
	RunningVarianceTarget Array `json:"running_var_target"`
}

// LayerEval is one inference on target rows; X and Y have the layout's shape
// with any number of rows.
type LayerEval struct {
	X Array `json:"x"`
	Y Array `json:"y"`
}

// DistanceName is this repository's name of the distance: "l2", "l1" or "dot"
// (the files' "cosine").
func (c *LayerCase) DistanceName() string {
	if c.Distance == "cosine" {
		return "dot"
	}
	return c.Distance
}

// Validate checks the settings and every shape against them.
func (c *LayerCase) Validate() error {
	rank, known := layoutRanks[c.Layout]
	err := firstError(
		check(c.Kind == KindLayer, "kind", "got %q, expected %q", c.Kind, KindLayer),
		check(known, "layout", `got %q, expected "NC", "NCL", "NCHW" or "NCDHW"`, c.Layout),
		check(c.Channels >= 1, "channels", "got %d, expected at least 1", c.Channels),
		check(c.Group >= 1, "group", "got %d, expected at least 1", c.Group),
		check(slices.Contains([]string{"l2", "l1", "cosine", "dot"}, c.Distance),
			"distance", `got %q, expected "l2", "l1" or "cosine" (the dot product)`, c.Distance),
		check(c.PerDomainBatch >= 1, "per_domain_batch", "got %d, expected at least 1", c.PerDomainBatch),
		check(c.Epsilon > 0, "epsilon", "got %v, expected a positive number", c.Epsilon),
		check(c.Momentum > 0 && c.Momentum <= 1, "momentum", "got %v, expected a number in (0, 1]", c.Momentum),
		checkNotEmpty("steps", len(c.Steps)),
	)
	if err != nil {
		return err
	}
	if c.Channels%c.Group != 0 {
		return fmt.Errorf("group: got %d, expected a divisor of the %d channels", c.Group, c.Channels)
	}
	for _, p := range c.Init.named() {
		if err := c.checkPerChannel("init."+p.name, p.array); err != nil {
			return err
		}
	}
	for i, step := range c.Steps {
		if err := c.validateStep(fmt.Sprintf("steps[%d]", i), step, rank); err != nil {
			return err
		}
	}
	return firstError(
		c.checkBatch("eval.x", c.Eval.X, rank),
		checkShape("eval.y", c.Eval.Y, c.Eval.X.Shape, "as eval.x"),
	)
}

func (c *LayerCase) validateStep(path string, s LayerStep, rank int) error {
	if err := c.checkBatch(path+".x", s.X, rank); err != nil {
		return err
	}
	if rows := s.X.Shape[0]; rows%2 != 0 || rows/2 != c.PerDomainBatch {
		return fmt.Errorf("%s.x.shape: got %v, expected 2·per_domain_batch rows, per_domain_batch is %d",
			path, s.X.Shape, c.PerDomainBatch)
	}
	if len(s.X.Data)/(2*c.Channels) < 2 {
		return fmt.Errorf("%s.x.shape: got %v, one value per channel and domain, expected at least two for an unbiased variance",
			path, s.X.Shape)
	}
	for _, a := range []named{{"upstream", s.Upstream}, {"y", s.Y}, {"grad_x", s.GradX}} {
		if err := checkShape(path+"."+a.name, a.array, s.X.Shape, "as "+path+".x"); err != nil {
			return err
		}
	}
	for _, a := range s.perChannel() {
		if err := c.checkPerChannel(path+"."+a.name, a.array); err != nil {
			return err
		}
	}
	return nil
}

// checkBatch checks an array of the case's layout: its rank, channels, and that
// no axis is empty.
func (c *LayerCase) checkBatch(field string, a Array, rank int) error {
	if err := checkRank(field, a, rank, "layout "+c.Layout); err != nil {
		return err
	}
	return check(a.Shape[1] == c.Channels, field+".shape", "got %v, expected %d channels on axis 1", a.Shape, c.Channels)
}

func (c *LayerCase) checkPerChannel(field string, a Array) error {
	return checkShape(field, a, []int{c.Channels}, "(channels)")
}

type named struct {
	name  string
	array Array
}

func (in LayerInit) named() []named {
	return []named{
		{"mean_gate_source", in.MeanGateSource},
		{"mean_gate_target", in.MeanGateTarget},
		{"var_gate_source", in.VarianceGateSource},
		{"var_gate_target", in.VarianceGateTarget},
		{"gamma", in.Gamma},
		{"beta", in.Beta},
	}
}

func (s LayerStep) perChannel() []named {
	return []named{
		{"grad_mean_gate_source", s.GradMeanGateSource},
		{"grad_mean_gate_target", s.GradMeanGateTarget},
		{"grad_var_gate_source", s.GradVarianceGateSource},
		{"grad_var_gate_target", s.GradVarianceGateTarget},
		{"grad_gamma", s.GradGamma},
		{"grad_beta", s.GradBeta},
		{"running_mean_source", s.RunningMeanSource},
		{"running_var_source", s.RunningVarianceSource},
		{"running_mean_target", s.RunningMeanTarget},
		{"running_var_target", s.RunningVarianceTarget},
	}
}
