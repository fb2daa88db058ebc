package objective

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

var cdan = Spec{
	Name:        "cdan",
	Summary:     "cross-entropy on source + discriminator on predictions ⊗ features",
	Reference:   "Long et al. 2018, arXiv 1705.10667",
	UsesTarget:  true,
	Adversarial: true,
	New: func(o Options) Objective {
		return func(scope *model.Scope, b Batch) Losses {
			return Losses{Task: b.task(), Transfer: MulScalar(CDAN(scope, b, conditioning(o), MLP(o)), o.TransferWeight)}
		}
	},
}

var cdanE = Spec{
	Name:        "cdan-e",
	Summary:     "CDAN with samples weighted by the certainty of their prediction",
	Reference:   "Long et al. 2018, arXiv 1705.10667",
	UsesTarget:  true,
	Adversarial: true,
	New: func(o Options) Objective {
		return func(scope *model.Scope, b Batch) Losses {
			return Losses{Task: b.task(), Transfer: MulScalar(CDANE(scope, b, conditioning(o), MLP(o)), o.TransferWeight)}
		}
	},
}

// Conditioning joins features [rows, features] and predictions p [rows, classes]
// to the discriminator's input.
type Conditioning func(scope *model.Scope, features, p *Node) *Node

// conditioning is the one that the options ask for.
func conditioning(o Options) Conditioning {
	if o.RandomDim > 0 {
		return RandomLayer(o.RandomDim)
	}
	return MultilinearMap
}

// MultilinearMap is the outer product p ⊗ f of each row, [rows, classes·features]
// with the features moving fastest, as CDAN's code lays it out.
func MultilinearMap(_ *model.Scope, features, p *Node) *Node {
	requireConditioning(features, p)
	outer := Mul(InsertAxes(p, -1), InsertAxes(features, 1)) // [rows, classes, features]
	return Reshape(outer, outer.Shape().Dim(0), -1)
}

// RandomLayer is CDAN's randomized multilinear map ⟨f, R_f⟩ ⊙ ⟨p, R_p⟩ / √dim,
// [rows, dim], with standard normal matrices that are drawn once, saved with
// the model and never trained. It panics unless dim is positive; CDAN's code
// has 1024.
func RandomLayer(dim int) Conditioning {
	if dim <= 0 {
		Panicf("objective: a random layer of width %d, want it positive", dim)
	}
	return func(scope *model.Scope, features, p *Node) *Node {
		requireConditioning(features, p)
		scope = scope.In("random_layer")
		project := func(name string, x *Node) *Node {
			r := scope.WithInitializer(initializer.RandomNormalFn(scope, 1)).
				VariableWithShape(name, shapes.Make(x.DType(), x.Shape().Dim(-1), dim)).SetTrainable(false)
			return Einsum("ni,id->nd", x, r.NodeValue(x.Graph()))
		}
		return DivScalar(Mul(project("features", features), project("predictions", p)), math.Sqrt(float64(dim)))
	}
}

// requireConditioning panics unless features and predictions are matrices of
// the same rows.
func requireConditioning(features, p *Node) {
	requireRank2("features", features, "[rows, features]")
	requireRank2("predictions", p, "[rows, classes]")
	if f, q := features.Shape(), p.Shape(); f.Dim(0) != q.Dim(0) || f.DType != q.DType {
		Panicf("objective: features of shape %s and predictions of shape %s differ in rows or dtype", f, q)
	}
}

// CDAN is the mean binary cross-entropy of a discriminator that tells source
// from target rows by their features and predictions. The predictions are
// detached; the gradient of the conditioned features is reversed with b.Lambda.
// A scalar.
func CDAN(scope *model.Scope, b Batch, c Conditioning, d Discriminator) *Node {
	logits, _ := b.conditionedLogits(scope, c, d)
	return ReduceAllMean(b.domainLoss(logits))
}

// certaintyEpsilon keeps the logarithm of CDAN+E's entropy finite (CDAN's code).
const certaintyEpsilon = 1e-5

// CDANE is [CDAN] with each row weighted by w = 1 + e^(−H), H = −Σ p log(p + 1e-5),
// normalized to sum to 1 in each domain:
//
//	loss = Σ w·BCE / Σ w
//
// The sums are constants to the gradient, and the gradient of H is reversed
// with b.Lambda. A scalar.
func CDANE(scope *model.Scope, b Batch, c Conditioning, d Discriminator) *Node {
	logits, p := b.conditionedLogits(scope, c, d)
	bce := Squeeze(b.domainLoss(logits), -1) // [rows]
	w := OnePlus(Exp(Neg(ReverseGradient(Entropy(p, certaintyEpsilon), b.Lambda))))
	sources := b.SourceLogits.Shape().Dim(0)
	var weights []*Node
	for _, rows := range []SliceAxisSpec{AxisRange(0, sources), AxisRange(sources)} {
		domain := Slice(w, rows)
		weights = append(weights, Div(domain, StopGradient(ReduceAllSum(domain))))
	}
	weight := Concatenate(weights, 0)
	return Div(ReduceAllSum(Mul(weight, bce)), StopGradient(ReduceAllSum(weight)))
}

// conditionedLogits returns the discriminator's logits, [rows, 1], and the
// predictions p, [rows, classes], that are not detached.
func (b Batch) conditionedLogits(scope *model.Scope, c Conditioning, d Discriminator) (logits, p *Node) {
	b.requireTarget("CDAN")
	p = Softmax(b.logits(), -1)
	input := c(scope, b.features(), StopGradient(p))
	if input.Rank() != 2 {
		Panicf("objective: conditioning made shape %s, want [rows, width]", input.Shape())
	}
	return d(scope.In(DiscriminatorScope), ReverseGradient(input, b.Lambda)), p
}
