package sgd

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// clipEpsilon avoids a division by 0. The value is from PyTorch's clip_grad_norm_.
const clipEpsilon = 1e-6

// clip scales all gradients by min(1, maxNorm/(norm + 1e-6)), where norm is their
// joint L2 norm, as PyTorch's clip_grad_norm_ does. It sums the squares in float64,
// which squares of float32 values do not overflow.
func clip(gradients []*Node, maxNorm float64) []*Node {
	g := gradients[0].Graph()
	sum := ScalarZero(g, dtypes.Float64)
	for _, d := range gradients {
		sum = Add(sum, ReduceAllSum(Square(ConvertDType(d, dtypes.Float64))))
	}
	factor := MinScalar(Div(Scalar(g, dtypes.Float64, maxNorm), AddScalar(Sqrt(sum), clipEpsilon)), 1)
	out := make([]*Node, len(gradients))
	for i, d := range gradients {
		out[i] = Mul(d, ConvertDType(factor, d.DType()))
	}
	return out
}
