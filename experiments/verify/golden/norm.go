package golden

import (
	"fmt"
	"maps"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/registry"
)

// NormCase is a run of one normalization layer of other authors: training steps
// with constant parameters, running statistics carried on, then one inference with
// the statistics of the last domain, the target.
type NormCase struct {
	Kind Kind `json:"kind"`
	// Norm is "transnorm", "dwt", "dsbn", "domain_bn" or "autodial".
	Norm string `json:"norm"`
	// Layout names the axes of x: "NC", "NCL", "NCHW" or "NCDHW".
	Layout   string `json:"layout"`
	Channels int    `json:"channels"`
	// Domains are the names of the domains in the order of their rows. Names of
	// arrays end in the domain where each domain has its own.
	Domains []string `json:"domains"`
	// DomainRows are the rows of each domain in a training batch.
	DomainRows []int `json:"domain_rows"`
	// Group is the number of adjacent channels that DWT whitens together.
	Group int `json:"group,omitempty"`
	// Epsilon is added to the variance; for DWT it is the identity's share in the
	// covariance.
	Epsilon float64 `json:"epsilon"`
	// Momentum is the share of the new statistics in the running ones. AutoDIAL
	// has MovingAverageFraction instead, the factor by which a step's weight in
	// the running average shrinks at each later step.
	Momentum              float64 `json:"momentum,omitempty"`
	MovingAverageFraction float64 `json:"moving_average_fraction,omitempty"`
	// Note explains the formula in words.
	Note      string    `json:"note"`
	Reference Reference `json:"reference"`

	// Init holds the parameters and the running statistics before the first step.
	Init Arrays `json:"init"`
	// Steps hold x, upstream, y and grad_x, of the layout's shape, the gradient
	// grad_<parameter> of every parameter and the running statistics after the
	// step. The loss is sum(y·upstream).
	Steps []Arrays `json:"steps"`
	// Eval is inference after the last step.
	Eval LayerEval `json:"eval"`
}

// Arrays are arrays by name.
type Arrays map[string]Array

// normFormat lists the arrays that a norm's cases hold.
type normFormat struct {
	name string
	// parameters have gradients; statistics do not. Those of each domain are
	// written once per domain, as name_domain.
	parameters, domainParameters []normArray
	statistics, domainStatistics []normArray
	// startsEmpty says that Init has no statistics.
	startsEmpty bool
	whitens     bool // Group applies
	averages    bool // MovingAverageFraction replaces Momentum
}

// normArray is an array of a norm's case and its shape.
type normArray struct {
	name  string
	shape func(*NormCase) []int
}

var (
	perChannel = func(c *NormCase) []int { return []int{c.Channels} }
	perGroup   = func(c *NormCase) []int { return []int{c.Channels / c.Group, c.Group, c.Group} }
	scalar     = func(*NormCase) []int { return nil }

	affine  = []normArray{{"gamma", perChannel}, {"beta", perChannel}}
	moments = []normArray{{"running_mean", perChannel}, {"running_var", perChannel}}
)

var normFormats = []normFormat{
	{name: "transnorm", parameters: affine, domainStatistics: moments},
	{name: "dwt", parameters: affine, whitens: true,
		domainStatistics: []normArray{{"running_mean", perChannel}, {"running_cov", perGroup}}},
	{name: "dsbn", domainParameters: affine, domainStatistics: moments},
	{name: "domain_bn", parameters: affine, domainStatistics: moments},
	{name: "autodial", parameters: []normArray{{"alpha", scalar}}, domainStatistics: moments,
		statistics: []normArray{{"running_weight", scalar}}, startsEmpty: true, averages: true},
}

// Rows is the number of rows of a training batch.
func (c *NormCase) Rows() int {
	rows := 0
	for _, n := range c.DomainRows {
		rows += n
	}
	return rows
}

func (c *NormCase) format() (normFormat, error) {
	return registry.Find("norm", fmt.Sprintf("%.40s", c.Norm), normFormats, func(f normFormat) string { return f.name })
}

// expand lists the shared arrays, then the arrays of every domain.
func (c *NormCase) expand(shared, perDomain []normArray) []normArray {
	all := slices.Clone(shared)
	for _, a := range perDomain {
		for _, domain := range c.Domains {
			all = append(all, normArray{a.name + "_" + domain, a.shape})
		}
	}
	return all
}

func names(arrays []normArray) []string {
	return registry.Names(arrays, func(a normArray) string { return a.name })
}

// maxDomains bounds the names that a case makes up.
const maxDomains = 100

// Validate checks the settings and every shape against them.
func (c *NormCase) Validate() error {
	rank, known := layoutRanks[c.Layout]
	f, err := c.format()
	err = firstError(
		check(c.Kind == KindNorm, "kind", "got %.40q, expected %q", c.Kind, KindNorm),
		fieldError("norm", err),
		check(known, "layout", `got %.40q, expected "NC", "NCL", "NCHW" or "NCDHW"`, c.Layout),
		check(c.Channels >= 1, "channels", "got %d, expected at least 1", c.Channels),
		c.validateDomains(),
		check(c.Epsilon > 0, "epsilon", "got %v, expected a positive number", c.Epsilon),
		c.Reference.validate("reference"),
		checkNotEmpty("steps", len(c.Steps)),
	)
	if err != nil {
		return err
	}
	share, field := c.Momentum, "momentum"
	if f.averages {
		share, field = c.MovingAverageFraction, "moving_average_fraction"
	}
	if err := check(share > 0 && share <= 1, field, "got %v, expected a number in (0, 1]", share); err != nil {
		return err
	}
	if f.whitens && (c.Group < 1 || c.Channels%c.Group != 0) {
		return fmt.Errorf("group: got %d, expected a divisor of the %d channels", c.Group, c.Channels)
	}
	parameters, statistics := c.expand(f.parameters, f.domainParameters), c.expand(f.statistics, f.domainStatistics)
	initial := slices.Concat(parameters, statistics)
	if f.startsEmpty {
		initial = parameters
	}
	if err := c.checkArrays("init", c.Init, initial); err != nil {
		return err
	}
	for i, step := range c.Steps {
		if err := c.validateStep(fmt.Sprintf("steps[%d]", i), step, rank, parameters, statistics); err != nil {
			return err
		}
	}
	return firstError(
		c.checkBatch("eval.x", c.Eval.X, rank),
		checkShape("eval.y", c.Eval.Y, c.Eval.X.Shape, "as eval.x"),
	)
}

func (c *NormCase) validateDomains() error {
	err := firstError(
		check(len(c.Domains) >= 2 && len(c.Domains) <= maxDomains, "domains",
			"got %d names, expected 2 to %d", len(c.Domains), maxDomains),
		check(len(c.DomainRows) == len(c.Domains), "domain_rows",
			"got %d numbers for %d domains", len(c.DomainRows), len(c.Domains)),
	)
	if err != nil {
		return err
	}
	for i, domain := range c.Domains {
		err := firstError(
			check(domain != "" && len(domain) <= 40, fmt.Sprintf("domains[%d]", i), "got a name of %d bytes, expected 1 to 40", len(domain)),
			check(!slices.Contains(c.Domains[:i], domain), fmt.Sprintf("domains[%d]", i), "the name %q is repeated", domain),
			check(c.DomainRows[i] >= 1 && c.DomainRows[i] <= maxSize, fmt.Sprintf("domain_rows[%d]", i), "got %d, expected at least 1", c.DomainRows[i]),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *NormCase) validateStep(path string, step Arrays, rank int, parameters, statistics []normArray) error {
	x, ok := step["x"]
	if !ok {
		return fieldError(path+".x", errMissing)
	}
	if err := c.checkBatch(path+".x", x, rank); err != nil {
		return err
	}
	if x.Shape[0] != c.Rows() {
		return fmt.Errorf("%s.x.shape: got %v, expected the %d rows of domain_rows", path, x.Shape, c.Rows())
	}
	batch := func(*NormCase) []int { return x.Shape }
	want := []normArray{{"x", batch}, {"upstream", batch}, {"y", batch}, {"grad_x", batch}}
	for _, p := range parameters {
		want = append(want, normArray{"grad_" + p.name, p.shape})
	}
	return c.checkArrays(path, step, append(want, statistics...))
}

// checkArrays checks the names of arrays and their shapes.
func (c *NormCase) checkArrays(path string, got Arrays, want []normArray) error {
	if err := checkNames(path, slices.Collect(maps.Keys(got)), names(want)); err != nil {
		return err
	}
	for _, a := range want {
		if err := checkShape(path+"."+a.name, got[a.name], a.shape(c), "for "+a.name); err != nil {
			return err
		}
	}
	return nil
}

// checkBatch checks an activation: its rank, its channels, and that no axis is
// empty.
func (c *NormCase) checkBatch(field string, a Array, rank int) error {
	if err := checkRank(field, a, rank, "layout "+c.Layout); err != nil {
		return err
	}
	return check(a.Shape[1] == c.Channels, field+".shape", "got %v, expected %d channels on axis 1", a.Shape, c.Channels)
}
