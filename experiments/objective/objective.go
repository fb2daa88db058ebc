// Package objective holds the training objectives of unsupervised domain adaptation
// as graph functions: source only, target entropy, DANN, CDAN and CDAN+E.
//
// Every objective is the cross-entropy of the labelled source rows plus a transfer
// loss that sees both domains. [Batch] has no field for labels of the target, so no
// objective can use them.
package objective

import (
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/problems"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Batch holds the outputs of a network for one training batch. Rows of several source
// domains follow one another in the source's nodes.
type Batch struct {
	SourceLogits   *Node // [source rows, classes]
	TargetLogits   *Node // [target rows, classes]; nil if the network saw no target rows
	SourceFeatures *Node // [source rows, features], the input of the classifier
	TargetFeatures *Node // [target rows, features]; nil like the logits
	SourceLabels   *Node // [source rows] or [source rows, 1], integers in [0, classes)
	Lambda         *Node // coefficient of gradient reversal at this step, a scalar
}

// Losses are the two scalars whose sum is minimized.
type Losses struct {
	Task     *Node // mean cross-entropy of the source rows
	Transfer *Node // weighted transfer loss; nil for source only
}

// Objective adds the losses of a batch to its graph. It creates its variables, if it
// has any, under scope.
type Objective func(scope *model.Scope, b Batch) Losses

// Options are the settings of the objectives. Start from [DefaultOptions].
type Options struct {
	// TransferWeight multiplies adversarial transfer losses. Default 1, as in CDAN's
	// code.
	TransferWeight float64 `json:"transfer_weight"`
	// EntropyWeight multiplies the target entropy. Default 0.1, as in the paper.
	EntropyWeight float64 `json:"entropy_weight"`
	// DiscriminatorHidden is the width of the discriminator's two hidden layers.
	// Default 1024, as in CDAN's code.
	DiscriminatorHidden int `json:"discriminator_hidden"`
	// Dropout is the share of the discriminator's hidden values that training drops,
	// in [0, 1). Default 0.5, as in CDAN's code.
	Dropout float64 `json:"dropout"`
	// RandomDim is the width of CDAN's randomized multilinear map; 0 selects the full
	// outer product. Default 0. CDAN's code uses 1024 when it randomizes.
	RandomDim int `json:"random_dim"`
}

// DefaultOptions returns the settings of CDAN's code and of the paper.
func DefaultOptions() Options {
	return Options{TransferWeight: 1, EntropyWeight: 0.1, DiscriminatorHidden: 1024, Dropout: 0.5}
}

// Validate returns an error that names every setting that is out of range.
func (o Options) Validate() error {
	var p problems.Problems
	p.Require(o.TransferWeight >= 0 && !math.IsInf(o.TransferWeight, 1), "transfer weight is %g: it must be finite and not negative", o.TransferWeight)
	p.Require(o.EntropyWeight >= 0 && !math.IsInf(o.EntropyWeight, 1), "entropy weight is %g: it must be finite and not negative", o.EntropyWeight)
	p.Require(o.DiscriminatorHidden > 0, "the discriminator's hidden width is %d: it must be positive", o.DiscriminatorHidden)
	p.Require(o.Dropout >= 0 && o.Dropout < 1, "dropout is %g: it must be in [0, 1)", o.Dropout)
	p.Require(o.RandomDim >= 0, "the random layer's width is %d: it must be positive, or 0 for the outer product", o.RandomDim)
	return p.Err()
}

// Spec is an objective of the registry.
type Spec struct {
	// Name identifies the objective in flags, configurations and results.
	Name string
	// Summary describes in a line what the objective minimizes.
	Summary string
	// Reference names the paper that introduced the objective.
	Reference string
	// UsesTarget reports whether target images must pass the network.
	UsesTarget bool
	// Adversarial reports whether the objective trains a domain discriminator under
	// the scope [DiscriminatorScope].
	Adversarial bool
	// Options lists, by their names in JSON, the [Options] that the objective reads.
	Options []string
	// New returns the objective with the given options, which must be valid.
	New func(Options) Objective
}

// adversarialOptions are the options of every adversarial objective.
var adversarialOptions = []string{"transfer_weight", "discriminator_hidden", "dropout"}

// objectives is the registry. A new objective is a file of its own and a name here.
var objectives = []Spec{sourceOnly, targetEntropy, dann, cdan, cdanE}

// All returns the objectives of the registry.
func All() []Spec { return slices.Clone(objectives) }

// Lookup finds an objective by name. The error lists the known names.
func Lookup(name string) (Spec, error) {
	return registry.Find("objective", name, objectives, func(s Spec) string { return s.Name })
}
