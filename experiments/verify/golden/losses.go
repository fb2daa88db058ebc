package golden

import "fmt"

// Losses holds values and gradients of the transfer losses and values of the
// schedules.
type Losses struct {
	CDAN           CDANLoss           `json:"cdan"`
	CDANE          CDANLoss           `json:"cdan_e"`
	TargetEntropy  EntropyLoss        `json:"target_entropy"`
	GRLCoefficient []GRLCoefficient   `json:"grl_coefficient"`
	InverseDecayLR []InverseDecayRate `json:"inverse_decay_lr"`
}

// CDANLoss is one evaluation of CDAN or CDAN+E with the linear discriminator
// sigmoid((softmax(Logits) ⊗ Features)·DiscW + DiscB), without gradient reversal
// of its input. The softmax is detached in the outer product; in CDAN+E the
// gradient of the entropy is reversed with GRLCoeff.
type CDANLoss struct {
	// Features is [2n, F], Logits [2n, K]: n rows of source, then n of target.
	Features Array `json:"features"`
	Logits   Array `json:"logits"`
	// DiscW is [F·K, 1], DiscB [1].
	DiscW    Array   `json:"disc_w"`
	DiscB    Array   `json:"disc_b"`
	GRLCoeff float64 `json:"grl_coeff"`
	Loss     float64 `json:"loss"`

	GradFeatures Array `json:"grad_features"`
	GradLogits   Array `json:"grad_logits"`
	GradDiscW    Array `json:"grad_disc_w"`
	GradDiscB    Array `json:"grad_disc_b"`
	// Note explains in words what was computed.
	Note string `json:"note,omitempty"`
}

// EntropyLoss is Weight times the mean entropy of softmax(Logits), with
// log(p + 1e-8).
type EntropyLoss struct {
	// Logits is [n, K], as is GradLogits.
	Logits     Array   `json:"logits"`
	Weight     float64 `json:"weight"`
	Loss       float64 `json:"loss"`
	GradLogits Array   `json:"grad_logits"`
}

// GRLCoefficient is the gradient-reversal coefficient at one iteration.
type GRLCoefficient struct {
	Iteration int     `json:"iteration"`
	Value     float64 `json:"value"`
}

// InverseDecayRate is the learning rate at one iteration, Base at iteration 0.
type InverseDecayRate struct {
	Iteration int     `json:"iteration"`
	Base      float64 `json:"base"`
	Value     float64 `json:"value"`
}

// Validate checks every shape against the others and that iterations are not
// negative.
func (l *Losses) Validate() error {
	err := firstError(
		l.CDAN.validate("cdan"),
		l.CDANE.validate("cdan_e"),
		checkRank("target_entropy.logits", l.TargetEntropy.Logits, 2, "[rows, classes]"),
		checkShape("target_entropy.grad_logits", l.TargetEntropy.GradLogits, l.TargetEntropy.Logits.Shape,
			"as target_entropy.logits"),
		checkNotEmpty("grl_coefficient", len(l.GRLCoefficient)),
		checkNotEmpty("inverse_decay_lr", len(l.InverseDecayLR)),
	)
	if err != nil {
		return err
	}
	for i, point := range l.GRLCoefficient {
		if err := checkIteration(fmt.Sprintf("grl_coefficient[%d]", i), point.Iteration); err != nil {
			return err
		}
	}
	for i, point := range l.InverseDecayLR {
		if err := checkIteration(fmt.Sprintf("inverse_decay_lr[%d]", i), point.Iteration); err != nil {
			return err
		}
	}
	return nil
}

func (c *CDANLoss) validate(path string) error {
	err := firstError(
		checkRank(path+".features", c.Features, 2, "[rows, features]"),
		checkRank(path+".logits", c.Logits, 2, "[rows, classes]"),
	)
	if err != nil {
		return err
	}
	rows, features, classes := c.Features.Shape[0], c.Features.Shape[1], c.Logits.Shape[1]
	joint, err := Size([]int{features, classes})
	if err != nil {
		return fieldError(path+".logits", err)
	}
	return firstError(
		check(rows%2 == 0, path+".features.shape",
			"got %v, expected an even number of rows, half source and half target", c.Features.Shape),
		check(c.Logits.Shape[0] == rows, path+".logits.shape",
			"got %v, expected the %d rows of %s.features", c.Logits.Shape, rows, path),
		checkShape(path+".disc_w", c.DiscW, []int{joint, 1}, "(features·classes, 1)"),
		checkShape(path+".disc_b", c.DiscB, []int{1}, "(one output)"),
		checkShape(path+".grad_features", c.GradFeatures, c.Features.Shape, "as "+path+".features"),
		checkShape(path+".grad_logits", c.GradLogits, c.Logits.Shape, "as "+path+".logits"),
		checkShape(path+".grad_disc_w", c.GradDiscW, c.DiscW.Shape, "as "+path+".disc_w"),
		checkShape(path+".grad_disc_b", c.GradDiscB, c.DiscB.Shape, "as "+path+".disc_b"),
	)
}

func checkIteration(path string, iteration int) error {
	return check(iteration >= 0, path+".iteration", "got %d, expected 0 or more", iteration)
}
