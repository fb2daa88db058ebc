package objective

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// domainLoss returns the binary cross-entropy [rows, 1] of the discriminator's logits
// z [rows, 1] with the label of each row's domain, 1 for source and 0 for target:
//
//	BCE = max(z, 0) − z·label + log(1 + e^(−|z|))
//
// This form of −log of the predicted probability does not overflow. At z = 0 GoMLX
// takes the derivatives of max and |z| from the right; together they give the
// derivative of the loss, 1/2 − label.
func (b Batch) domainLoss(z *Node) *Node {
	sources, targets := b.SourceLogits.Shape().Dim(0), b.TargetLogits.Shape().Dim(0)
	if z.Rank() != 2 || z.Shape().Dim(0) != sources+targets || z.Shape().Dim(1) != 1 {
		Panicf("objective: the discriminator returned shape %s: want [%d, 1]", z.Shape(), sources+targets)
	}
	g := z.Graph()
	label := Concatenate([]*Node{
		BroadcastToDims(ScalarOne(g, z.DType()), sources, 1),
		BroadcastToDims(ScalarZero(g, z.DType()), targets, 1),
	}, 0)
	return Add(Sub(MaxScalar(z, 0), Mul(z, label)), Log1P(Exp(Neg(Abs(z)))))
}
