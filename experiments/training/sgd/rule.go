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

// Rule multiplies the learning rate and weight decay of the variables it
// matches. Where several rules match a variable, all of them multiply. A rule
// that matches no trainable variable panics when the graph is built.
type Rule struct {
	// Prefix is a variable's path or a scope's, such as "/model/head", which does
	// not match "/model/head2/weights"; "" matches all.
	Prefix string `json:"prefix,omitempty"`
	// Name is a variable's own name, such as "mean_gate"; "" matches all.
	Name string `json:"name,omitempty"`
	// LearningRate multiplies the rate; 1 leaves it. It must be positive: what
	// should not train is frozen with the variable's SetTrainable(false). JSON
	// without it means 1; in Go write it out.
	LearningRate float64 `json:"learning_rate"`
	// WeightDecay multiplies the decay; 1 leaves it, 0 means none. JSON without it
	// means 1; in Go write it out.
	WeightDecay float64 `json:"weight_decay"`
}

// matches reports whether the rule concerns the variable of a path.
func (r Rule) matches(path string) bool {
	prefix := strings.TrimSuffix(r.Prefix, model.ScopeSeparator)
	return (prefix == "" || path == prefix || strings.HasPrefix(path, prefix+model.ScopeSeparator)) &&
		(r.Name == "" || model.BasePath(path) == r.Name)
}

// UnmarshalJSON implements json.Unmarshaler: multipliers that are not given are
// 1. A field that a rule does not have is an error.
func (r *Rule) UnmarshalJSON(data []byte) error {
	type plain Rule // without this method
	read := plain{LearningRate: 1, WeightDecay: 1}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return fmt.Errorf("sgd: rule %s: %w", data, err)
	}
	*r = Rule(read)
	return nil
}

// validate reports multipliers that are out of range.
func (r Rule) validate() error {
	if !(r.LearningRate > 0) || math.IsInf(r.LearningRate, 1) {
		return fmt.Errorf("rule for prefix %q, name %q: the learning rate's multiplier is %g: it must be positive and finite, 1 leaves the rate",
			r.Prefix, r.Name, r.LearningRate)
	}
	if !(r.WeightDecay >= 0) || math.IsInf(r.WeightDecay, 1) {
		return fmt.Errorf("rule for prefix %q, name %q: the weight decay's multiplier is %g: it must be finite and not negative, 1 leaves the decay",
			r.Prefix, r.Name, r.WeightDecay)
	}
	return nil
}

// requireRulesMatch panics on a rule that concerns none of the variables.
func (o *Optimizer) requireRulesMatch(variables []*model.Variable) {
	for _, r := range o.config.Rules {
		if !slices.ContainsFunc(variables, func(v *model.Variable) bool { return r.matches(v.Path()) }) {
			Panicf("sgd: the rule for prefix %q, name %q matches none of the %d trainable variables, the first of which is %q",
				r.Prefix, r.Name, len(variables), variables[0].Path())
		}
	}
}

// multipliers returns the product of the rules that match the variable of a path.
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

// DecayAlone is what weight decay makes of the value w of the variable of a path
// in a number of steps from the first on, if its gradient is 0 in all of them:
// the value to compare with, for a variable that may not have learned anything.
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
