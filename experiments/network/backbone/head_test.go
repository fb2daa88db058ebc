package backbone_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// TestHead: linear → norm → ReLU → linear with an optional norm, and Xavier's weights.
func TestHead(t *testing.T) {
	for _, withNorm := range []bool{true, false} {
		store := model.NewStore()
		head := backbone.Head{Bottleneck: 256, Norm: withNorm}
		var calls []string
		norm := func(scope *model.Scope, x *Node) *Node {
			calls = append(calls, fmt.Sprintf("%s %v", scope.Scope(), x.Shape().Dimensions))
			return x
		}
		x := make([]float64, 8*512)
		for i := range x {
			x[i] = math.Sin(float64(i))
		}
		out := model.MustCallOnceN(backend, store, func(scope *model.Scope, x *Node) []*Node {
			features, logits := head.Build(scope, x, 65, norm)
			return []*Node{features, logits}
		}, tensors.FromFlatDataAndDimensions(x, 8, 512))
		if got := fmt.Sprint(out[0].Shape().Dimensions, out[1].Shape().Dimensions); got != "[8 256] [8 65]" {
			t.Errorf("features and logits have shapes %s", got)
		}
		want := ""
		if withNorm {
			want = "/bottleneck [8 256]"
		}
		if got := strings.Join(calls, ", "); got != want {
			t.Errorf("norms at %q, want %q", got, want)
		}
		lowest := math.Inf(1)
		for _, v := range tensors.MustCopyFlatData[float64](out[0]) {
			lowest = min(lowest, v)
		}
		if rectified := lowest == 0; rectified != withNorm {
			t.Errorf("with norm %t the lowest feature is %g", withNorm, lowest)
		}
		sum := 0.0
		weights := tensors.MustCopyFlatData[float64](store.GetVariable("/bottleneck/weights").MustValue())
		for _, w := range weights {
			sum += w * w
		}
		if got, want := math.Sqrt(sum/float64(len(weights))), math.Sqrt(2./(512+256)); math.Abs(got-want) > 0.02*want {
			t.Errorf("the bottleneck's weights deviate by %g, want %g", got, want)
		}
	}
}

func TestHeadMisuse(t *testing.T) {
	for _, c := range []struct {
		head    backbone.Head
		classes int
		dims    []int
		want    string
	}{
		{backbone.Head{Bottleneck: 0}, 3, []int{2, 4}, "width 0 for 3 classes"},
		{backbone.Head{Bottleneck: 4}, 0, []int{2, 4}, "width 4 for 0 classes"},
		{backbone.Head{Bottleneck: 4}, 3, []int{2, 4, 1}, "[2, 4, 1]"},
	} {
		_, err := model.CallOnce(backend, model.NewStore(), func(scope *model.Scope, x *Node) *Node {
			_, logits := c.head.Build(scope, x, c.classes, plain)
			return logits
		}, tensors.FromFlatDataAndDimensions(make([]float32, count(c.dims)), c.dims...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
	}
}
