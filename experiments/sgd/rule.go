package sgd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Rule multiplies the learning rate and weight decay of the variables that it
// matches. The multipliers of all rules that match a variable apply. Building a graph
// with a rule that matches no trainable variable panics.
type Rule struct {
	// Prefix is the path of a variable or of a scope; "" matches all. "/model/head"
	// does not match "/model/head2/weights".
	Prefix string `json:"prefix,omitempty"`
	// Name is the last element of a variable's path, such as "mean_gate"; "" matches
	// all.
	Name string `json:"name,omitempty"`
	// LearningRate multiplies the learning rate; 1 keeps it. It must be positive: to
	// freeze a variable, call its SetTrainable(false). JSON that omits it means 1; in
	// Go, write it out.
	LearningRate float64 `json:"learning_rate"`
	// WeightDecay multiplies the weight decay; 1 keeps it, 0 disables it. JSON that
	// omits it means 1; in Go, write it out.
	WeightDecay float64 `json:"weight_decay"`
}

// matches reports whether the rule applies to the variable with the given path.
func (r Rule) matches(path string) bool {
	prefix := strings.TrimSuffix(r.Prefix, model.ScopeSeparator)
	return (prefix == "" || path == prefix || strings.HasPrefix(path, prefix+model.ScopeSeparator)) &&
		(r.Name == "" || model.BasePath(path) == r.Name)
}

// UnmarshalJSON implements json.Unmarshaler. Omitted multipliers are 1; unknown
// fields are errors.
func (r *Rule) UnmarshalJSON(data []byte) error {
	type plain Rule // has no UnmarshalJSON
	read := plain{LearningRate: 1, WeightDecay: 1}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return fmt.Errorf("sgd: rule %s: %w", data, err)
	}
	*r = Rule(read)
	return nil
}

// validate returns an error for a multiplier that is out of range.
func (r Rule) validate() error {
	if !(r.LearningRate > 0) || math.IsInf(r.LearningRate, 1) {
		return fmt.Errorf("rule for prefix %q, name %q: the multiplier of the learning rate is %g: it must be positive and finite; 1 keeps the rate",
			r.Prefix, r.Name, r.LearningRate)
	}
	if !(r.WeightDecay >= 0) || math.IsInf(r.WeightDecay, 1) {
		return fmt.Errorf("rule for prefix %q, name %q: the multiplier of the weight decay is %g: it must be finite and not negative; 1 keeps the decay",
			r.Prefix, r.Name, r.WeightDecay)
	}
	return nil
}

// requireRulesMatch panics if a rule matches none of the variables.
func (o *Optimizer) requireRulesMatch(variables []*model.Variable) {
	for _, r := range o.config.Rules {
		if !slices.ContainsFunc(variables, func(v *model.Variable) bool { return r.matches(v.Path()) }) {
			Panicf("sgd: the rule for prefix %q, name %q matches none of the %d trainable variables, such as %q",
				r.Prefix, r.Name, len(variables), variables[0].Path())
		}
	}
}

// multipliers returns the products of the multipliers of all rules that match the
// variable with the given path.
func (c Config) multipliers(path string) (rate, decay float64) {
	rate, decay = 1, 1
	for _, r := range c.Rules {
		if r.matches(path) {
			rate *= r.LearningRate
			decay *= r.WeightDecay
		}
	}
	return rate, decay
}

// DecayAlone returns the value that weight decay alone gives a variable with the
// given path after a number of steps from iteration 0 on, starting from w with
// gradients of 0. A variable that still has this value has not learned anything.
func (c Config) DecayAlone(path string, w float64, steps int) float64 {
	rate, decay := c.multipliers(path)
	buf := 0.0
	for i := range steps {
		d := c.WeightDecay * decay * w
		buf = c.Momentum*buf + d
		if c.Nesterov {
			d += c.Momentum * buf
		} else {
			d = buf
		}
		w -= c.Rate(i) * rate * d
	}
	return w
}
