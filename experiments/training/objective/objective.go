// Package objective holds the training objectives of unsupervised domain
// adaptation as graph functions: source only, target entropy, DANN, CDAN and
// CDAN+E, and the parts they are made of.
//
// Every objective is the cross-entropy of the labelled source rows plus a
// transfer loss that sees both domains. Labels of the target domain are not
// part of [Batch]: no objective can use them.
package objective

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Batch is what a network made of one training batch. With several source
// domains their rows follow one another in the source's nodes.
type Batch struct {
	SourceLogits   *Node // [source rows, classes]
	TargetLogits   *Node // [target rows, classes]; nil if no target rows passed the network
	SourceFeatures *Node // [source rows, features], the input of the classifier
	TargetFeatures *Node // [target rows, features]; nil as the logits
	SourceLabels   *Node // [source rows] or [source rows, 1], integers in [0, classes)
	Lambda         *Node // scalar, the coefficient of gradient reversal at this step
}

// Losses are scalars. What is minimized is Task + Transfer.
type Losses struct {
	Task     *Node // mean cross-entropy of the source rows
	Transfer *Node // weighted transfer loss; nil for source only
}

// Objective adds the losses of a batch to its graph. Variables, if any, are
// created under scope.
type Objective func(scope *model.Scope, b Batch) Losses

// Options are the settings of the objectives. Start from [DefaultOptions].
type Options struct {
	// TransferWeight multiplies adversarial transfer losses. Default 1 (CDAN's
	// code).
	TransferWeight float64 `json:"transfer_weight"`
	// EntropyWeight multiplies the target entropy. Default 0.1 (the paper's).
	EntropyWeight float64 `json:"entropy_weight"`
	// DiscriminatorHidden is the width of the discriminator's two hidden layers.
	// Default 1024 (CDAN's code).
	DiscriminatorHidden int `json:"discriminator_hidden"`
	// Dropout is the share of the discriminator's hidden values that are dropped
	// in training, in [0, 1). Default 0.5 (CDAN's code).
	Dropout float64 `json:"dropout"`
	// RandomDim is the width of CDAN's randomized multilinear map; 0 uses the
	// full outer product. Default 0; CDAN's code uses 1024 where it is randomized.
	RandomDim int `json:"random_dim"`
}

// DefaultOptions are the settings of CDAN's code and the paper.
func DefaultOptions() Options {
	return Options{TransferWeight: 1, EntropyWeight: 0.1, DiscriminatorHidden: 1024, Dropout: 0.5}
}

// Validate reports all settings that are out of range.
func (o Options) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(o.TransferWeight >= 0 && !math.IsInf(o.TransferWeight, 1), "transfer weight is %g: it must be finite and not negative", o.TransferWeight)
	check(o.EntropyWeight >= 0 && !math.IsInf(o.EntropyWeight, 1), "entropy weight is %g: it must be finite and not negative", o.EntropyWeight)
	check(o.DiscriminatorHidden > 0, "the discriminator's hidden width is %d: it must be positive", o.DiscriminatorHidden)
	check(o.Dropout >= 0 && o.Dropout < 1, "dropout is %g: it must be in [0, 1)", o.Dropout)
	check(o.RandomDim >= 0, "the random layer's width is %d: it must be positive, or 0 for the outer product", o.RandomDim)
	return errors.Join(errs...)
}

// Spec is an objective of the registry.
type Spec struct {
	// Name is what the command and result files call it.
	Name string
	// Summary says in a line what it minimizes.
	Summary string
	// Reference says where it is from.
	Reference string
	// UsesTarget says that target images must pass the network.
	UsesTarget bool
	// Adversarial says that it trains a domain discriminator, under the scope
	// [DiscriminatorScope].
	Adversarial bool
	// New makes the objective.
	New func(Options) Objective
}

// registry is the one list of objectives: a new one is a file and a line here.
var registry = []Spec{sourceOnly, targetEntropy, dann, cdan, cdanE}

// All lists the objectives of the registry.
func All() []Spec { return slices.Clone(registry) }

// Lookup finds an objective by name; the error lists the names there are.
func Lookup(name string) (Spec, error) {
	names := make([]string, len(registry))
	for i, s := range registry {
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	return Spec{}, fmt.Errorf("unknown objective %q: want one of %s", name, strings.Join(names, ", "))
}
