// Package experiments runs domain adaptation experiments: a [Config] says what
// is trained, [Run] trains it and appends a line to a results file.
//
// The parts are in folders of their own: dataset (digits), benchmark (which
// photographs), photo and loader (photographs to batches), backbone and weights
// (networks), features (what a frozen backbone computes), objective (losses),
// sgd (optimizer), checkpoint (what survives a crash), platform (XLA backend),
// cache (its executables on disk), hostmemory (what it takes of the machine),
// inplace (updates over old values), dataparallel (several of its devices),
// tsne and adistance (measures of features), figures and report (of runs),
// notebook (what the cells of notebooks share), golden and parity (the authors'
// numbers), fetch (pinned downloads). The normalizations are in rnlayer.
package experiments

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/training/objective"
	"github.com/reciprocalnorm/rn/experiments/training/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Config says everything that decides the numbers of a run. Start from
// [Default] or [Task.Default].
type Config struct {
	// Recipe, Source and Target name the benchmark and its domains.
	Recipe string `json:"recipe"`
	Source string `json:"source"`
	Target string `json:"target"`
	// Norm and Objective are names of the registries in rnlayer and objective.
	Norm      string `json:"norm"`
	Objective string `json:"objective"`
	// NormAt are the places that have the norm, in order from the input on; the
	// others have BN. See [Config.Places] for those there are. Empty: all.
	NormAt []string `json:"norm_at,omitempty"`
	// Activations are the network's. Default float32, which JSON leaves out.
	Activations backbone.Activations `json:"activations,omitzero"`

	// Network and Photos concern recipes of photographs; the digits have a network
	// and a size of their own.
	Network Network `json:"network,omitzero"`
	Photos  Photos  `json:"photos,omitzero"`

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
	// Digits only.
	TrainLimit int `json:"train_limit"`
	// Seed decides initial weights, batches, augmentation and dropout.
	Seed int64 `json:"seed"`
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
		errs = append(errs, r.checkDomain("source", c.Source), r.checkDomain("target", c.Target))
		check(c.Source != c.Target, "source and target are both %q", c.Source)
		if r.OfPhotos() {
			errs = append(errs, c.Network.validate(), c.Photos.validate())
			check(c.Network.Features != FeaturesFrozen || c.Photos.TestCrops == 1, "frozen features are of the centre crop: %d crops in tests need fine-tuning", c.Photos.TestCrops)
			check(c.TrainLimit == 0, "train limit is %d: photographs are all used", c.TrainLimit)
		} else {
			check(c.Network == Network{}, "recipe %s has a network of its own: backbone, weights and features cannot be chosen", r.Name)
			check(c.Photos == Photos{}, "recipe %s has no photographs to resize or crop", r.Name)
		}
	}
	_, err := rnlayer.Lookup(c.Norm)
	errs = append(errs, err)
	_, err = objective.Lookup(c.Objective)
	errs = append(errs, err)
	errs = append(errs, c.checkPlaces(), c.Activations.Validate(), c.NormOptions.Validate(), c.ObjectiveOptions.Validate(), c.Optimizer.Validate())
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

// Field is the value of a field by its path in JSON, such as
// "norm_options.gate_min"; nil where the JSON has none.
func (c Config) Field(path string) any {
	var value any
	data, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(data, &value)
	}
	if err != nil {
		panic(err) // a Config holds nothing that has no JSON
	}
	for name := range strings.SplitSeq(path, ".") {
		fields, _ := value.(map[string]any)
		value = fields[name]
	}
	return value
}

// ID names a run by what decides its numbers: 12 hexadecimal digits of the hash
// of the configuration.
func (c Config) ID() string { return c.RunID("") }

// RunID is the ID of a run by a version of the code, see [GitCommit]: the hash
// is of both. Without a version it is [Config.ID].
func (c Config) RunID(version string) string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // a Config holds nothing that has no JSON
	}
	sum := sha256.Sum256(append(data, version...))
	return hex.EncodeToString(sum[:6])
}
