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
	Options:     append([]string{"random_dim"}, adversarialOptions...),
	New: func(o Options) Objective {
		return func(scope *model.Scope, b Batch) Losses {
			return Losses{Task: b.task(), Transfer: MulScalar(CDAN(scope, b, conditioning(o), mlp(o)), o.TransferWeight)}
		}
	},
}

var cdanE = Spec{
	Name:        "cdan-e",
	Summary:     "CDAN with rows weighted by the certainty of their prediction",
	Reference:   "Long et al. 2018, arXiv 1705.10667",
	UsesTarget:  true,
	Adversarial: true,
	Options:     append([]string{"random_dim"}, adversarialOptions...),
	New: func(o Options) Objective {
		return func(scope *model.Scope, b Batch) Losses {
			return Losses{Task: b.task(), Transfer: MulScalar(CDANE(scope, b, conditioning(o), mlp(o)), o.TransferWeight)}
		}
	},
}

// Conditioning combines features [rows, features] with predictions p
// [rows, classes] into the discriminator's input [rows, width].
type Conditioning func(scope *model.Scope, features, p *Node) *Node

// conditioning returns the conditioning that the options select.
func conditioning(o Options) Conditioning {
	if o.RandomDim > 0 {
		return randomLayer(o.RandomDim)
	}
	return MultilinearMap
}

// MultilinearMap returns the outer product p ⊗ f of each row,
// [rows, classes·features]. Features vary fastest, as in CDAN's code.
func MultilinearMap(_ *model.Scope, features, p *Node) *Node {
	requireConditioning(features, p)
	outer := Mul(InsertAxes(p, -1), InsertAxes(features, 1)) // [rows, classes, features]
	return Reshape(outer, outer.Shape().Dim(0), -1)
}

// randomLayer returns CDAN's randomized multilinear map ⟨f, R_f⟩ ⊙ ⟨p, R_p⟩ / √dim,
// [rows, dim]. Its matrices are standard normal, drawn once, saved with the model
// and never trained.
func randomLayer(dim int) Conditioning {
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

// requireConditioning panics unless features and predictions are matrices with the
// same number of rows.
func requireConditioning(features, p *Node) {
	requireMatrix("features", features, "rows, features")
	requireMatrix("predictions", p, "rows, classes")
	if f, q := features.Shape(), p.Shape(); f.Dim(0) != q.Dim(0) || f.DType != q.DType {
		Panicf("objective: features of shape %s and predictions of shape %s differ in rows or dtype", f, q)
	}
}

// CDAN returns the mean binary cross-entropy, a scalar, of a discriminator that
// tells source from target rows by their features and predictions. No gradient
// flows through the predictions; the gradient of the discriminator's input is
// reversed with b.Lambda.
func CDAN(scope *model.Scope, b Batch, c Conditioning, d Discriminator) *Node {
	logits, _ := b.conditionedLogits(scope, c, d)
	return ReduceAllMean(b.domainLoss(logits))
}

// certaintyEpsilon keeps the logarithm in CDAN+E's entropy finite. The value is from
// CDAN's code.
const certaintyEpsilon = 1e-5

// CDANE returns [CDAN] with each row weighted by w = 1 + e^(−H),
// H = −Σ p log(p + 1e-5), where w is normalized to sum to 1 in each domain:
//
//	loss = Σ w·BCE / Σ w
//
// No gradient flows through the sums of weights. The gradient of H is reversed with
// b.Lambda. The loss is a scalar.
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

// conditionedLogits returns the discriminator's logits [rows, 1] and the predictions
// p [rows, classes]. Gradients flow through p, though not through the copy of p in
// the discriminator's input.
func (b Batch) conditionedLogits(scope *model.Scope, c Conditioning, d Discriminator) (logits, p *Node) {
	b.requireTarget("CDAN")
	p = Softmax(b.logits(), -1)
	input := c(scope, b.features(), StopGradient(p))
	if input.Rank() != 2 {
		Panicf("objective: conditioning returned shape %s: want [rows, width]", input.Shape())
	}
	return d(scope.In(DiscriminatorScope), ReverseGradient(input, b.Lambda)), p
}
