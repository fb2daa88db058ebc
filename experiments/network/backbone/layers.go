package backbone

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Convolution adds one convolution to the graph as a ResNet's are computed and
// initialised: square kernel, symmetric padding, no bias. x is [batch, height,
// width, in], the result [batch, ⌈height/stride⌉, ⌈width/stride⌉, channels] for
// odd kernels.
func Convolution(scope *model.Scope, x *Node, channels, kernel, stride int) *Node {
	u := unit{in: x.Shape().Dim(3), out: channels, kernel: kernel, stride: stride}
	return convolution{unit: u, trainable: true}.build(scope, x)
}
