package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/problems"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Config holds every setting that decides the numbers of a run. Start from
// [Default] or [Task.Default].
type Config struct {
	// Recipe, Source and Target name the benchmark and its two domains.
	Recipe string `json:"recipe"`
	Source string `json:"source"`
	Target string `json:"target"`
	// Norm is a name of rnlayer's registry, Objective one of package objective's.
	Norm      string `json:"norm"`
	Objective string `json:"objective"`
	// NormAt lists the places that get the norm, from the input on; the other
	// places get BN. [Config.Places] lists the places of a network. Empty means
	// all places.
	NormAt []string `json:"norm_at,omitempty"`
	// Activations is the dtype of activations between layers. Default float32,
	// which JSON leaves out.
	Activations backbone.Activations `json:"activations,omitzero"`

	// Network and Photos apply to recipes of photographs. Digits have a fixed
	// network and image size.
	Network Network `json:"network,omitzero"`
	Photos  Photos  `json:"photos,omitzero"`

	NormOptions      rnlayer.Options   `json:"norm_options"`
	ObjectiveOptions objective.Options `json:"objective_options"`
	Optimizer        sgd.Config        `json:"optimizer"`
	// RampIterations is the length of the gradient-reversal ramp in steps. 0
	// stretches it over the run (Steps). CDAN's code uses 10,000 for every run.
	RampIterations int `json:"ramp_iterations"`

	// Steps is the number of training steps.
	Steps int `json:"steps"`
	// BatchSize is the number of images of each domain in a step.
	BatchSize int `json:"batch_size"`
	// EvalEvery is the number of steps between evaluations. The last step is
	// always evaluated.
	EvalEvery int `json:"eval_every"`
	// TrainLimit keeps only the first TrainLimit training images of each domain; 0
	// keeps all. It applies to digits.
	TrainLimit int `json:"train_limit"`
	// Seed decides initial weights, batches, augmentation and dropout.
	Seed int64 `json:"seed"`
}

// Validate returns every problem of the configuration, joined.
func (c Config) Validate() error {
	var p problems.Problems
	if r, err := LookupRecipe(c.Recipe); err != nil {
		p.Add(err)
	} else {
		p.Add(r.checkDomain("source", c.Source), r.checkDomain("target", c.Target))
		p.Require(c.Source != c.Target, "source and target are both %q", c.Source)
		if r.OfPhotos() {
			p.Add(c.Network.Validate(), c.Photos.Validate())
			p.Require(c.Network.Features != FeaturesFrozen || c.Photos.TestCrops == 1, "frozen features are computed from the centre crop: testing with %d crops needs finetuned features", c.Photos.TestCrops)
			p.Require(c.TrainLimit == 0, "train limit is %d: recipes of photographs use every photograph", c.TrainLimit)
		} else {
			p.Require(c.Network == Network{}, "recipe %s has a fixed network: backbone, weights and features cannot be chosen", r.Name)
			p.Require(c.Photos == Photos{}, "recipe %s has no photographs to resize or crop", r.Name)
		}
	}
	_, err := registry.Find("norm", c.Norm, rnlayer.All(), func(s rnlayer.Spec) string { return s.Name })
	p.Add(err)
	_, err = objective.Lookup(c.Objective)
	p.Add(err)
	p.Add(c.checkPlaces(), c.checkGroups(), c.Activations.Validate(), c.NormOptions.Validate(), c.ObjectiveOptions.Validate(), c.Optimizer.Validate())
	p.Require(c.RampIterations >= 0, "the gradient-reversal ramp takes %d iterations: it must be positive, or 0 for the length of the run", c.RampIterations)
	p.Require(c.Steps > 0, "steps is %d: it must be positive", c.Steps)
	p.Require(c.BatchSize > 1, "batch size is %d: a variance needs at least two images of each domain", c.BatchSize)
	p.Require(c.EvalEvery > 0, "eval every is %d steps: it must be positive", c.EvalEvery)
	p.Require(c.TrainLimit >= 0, "train limit is %d: it must be positive, or 0 for all", c.TrainLimit)
	return p.Err()
}

// Ramp is the schedule of gradient reversal.
func (c Config) Ramp() objective.Ramp {
	if c.RampIterations > 0 {
		return objective.Ramp{Iterations: c.RampIterations}
	}
	return objective.Ramp{Iterations: c.Steps}
}

// ID is 12 hexadecimal digits of the hash of the configuration. Two
// configurations have the same ID exactly if they have the same JSON. A run's own
// id also covers its data, code and hardware: see record.Identity.
func (c Config) ID() string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // every field of a Config has a JSON form
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}
