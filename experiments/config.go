// Package experiments runs domain adaptation experiments: a [Config] says what
// is trained, [Run] trains it and appends a line to a results file.
//
// The parts are in folders of their own: dataset (data), backbone (networks),
// objective (losses), sgd (optimizer), platform (XLA backend), golden and parity
// (the authors' numbers), fetch (pinned downloads). The normalizations are in
// rnlayer.
package experiments

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Config says everything that decides the numbers of a run. Start from
// [Default].
type Config struct {
	// Recipe, Source and Target name the benchmark and its domains.
	Recipe string `json:"recipe"`
	Source string `json:"source"`
	Target string `json:"target"`
	// Norm and Objective are names of the registries in rnlayer and objective.
	Norm      string `json:"norm"`
	Objective string `json:"objective"`

	NormOptions      rnlayer.Options   `json:"norm_options"`
	ObjectiveOptions objective.Options `json:"objective_options"`
	Optimizer        sgd.Config        `json:"optimizer"`
	// RampIterations is the length of the gradient-reversal ramp; 0 scales it to
	// the run, Steps. CDAN's code has 10,000 whatever the run.
	RampIterations int `json:"ramp_iterations"`

	// Steps is the number of training steps.
	Steps int `json:"steps"`
	// BatchSize is the number of images of each domain in a step.
	BatchSize int `json:"batch_size"`
	// EvalEvery is the number of steps between evaluations; the last step is
	// always evaluated.
	EvalEvery int `json:"eval_every"`
	// TrainLimit takes the first so many training images of each domain; 0 all.
	TrainLimit int `json:"train_limit"`
	// Seed decides initial weights, batches and dropout.
	Seed int64 `json:"seed"`
}

// Default is the configuration of a recipe, for RN with CDAN+E.
func Default(recipe string) (Config, error) {
	r, err := LookupRecipe(recipe)
	if err != nil {
		return Config{}, err
	}
	c := Config{
		Recipe: r.Name, Norm: "rn", Objective: "cdan-e",
		NormOptions: rnlayer.DefaultOptions(), ObjectiveOptions: objective.DefaultOptions(), Optimizer: sgd.Default(),
	}
	r.settings(&c)
	return c, nil
}

// Validate reports everything that is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	if r, err := LookupRecipe(c.Recipe); err != nil {
		errs = append(errs, err)
	} else {
		for _, domain := range []string{c.Source, c.Target} {
			check(slices.Contains(r.Domains, domain), "unknown domain %q of recipe %s: want one of %s", domain, r.Name, strings.Join(r.Domains, ", "))
		}
		check(c.Source != c.Target, "source and target are both %q", c.Source)
	}
	_, err := rnlayer.Lookup(c.Norm)
	errs = append(errs, err)
	_, err = objective.Lookup(c.Objective)
	errs = append(errs, err)
	errs = append(errs, c.NormOptions.Validate(), c.ObjectiveOptions.Validate(), c.Optimizer.Validate())
	check(c.RampIterations >= 0, "the gradient-reversal ramp is %d iterations long: it must be positive, or 0 for the run's length", c.RampIterations)
	check(c.Steps > 0, "steps is %d: it must be positive", c.Steps)
	check(c.BatchSize > 1, "batch size is %d: a domain needs at least two images for a variance", c.BatchSize)
	check(c.EvalEvery > 0, "eval every is %d steps: it must be positive", c.EvalEvery)
	check(c.TrainLimit >= 0, "train limit is %d: it must be positive, or 0 for all", c.TrainLimit)
	return errors.Join(errs...)
}

// ramp is the schedule of gradient reversal.
func (c Config) ramp() objective.Ramp {
	if c.RampIterations > 0 {
		return objective.Ramp{Iterations: c.RampIterations}
	}
	return objective.Ramp{Iterations: c.Steps}
}

// ID names a run by what decides its numbers: 12 hexadecimal digits of the hash
// of the configuration.
func (c Config) ID() string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // a Config holds nothing that has no JSON
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}
