package backbone

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// TestNormalize compares the colours of one pixel with values by hand.
func TestNormalize(t *testing.T) {
	backend := pureGo(t)
	pixel := tensors.FromFlatDataAndDimensions([]float64{1, 0.5, 0}, 1, 1, 1, 3)
	for _, c := range []struct {
		variant Variant
		want    [3]float64
	}{
		{TorchVision, [3]float64{(1 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, (0 - 0.406) / 0.225}},
		{Keras, [3]float64{0 - 103.939, 127.5 - 116.779, 255 - 123.68}},
	} {
		got := tensors.MustCopyFlatData[float64](MustExecOnce(backend, c.variant.normalize, pixel))
		for i, want := range c.want {
			if math.Abs(got[i]-want) > 1e-9 {
				t.Errorf("%s: channel %d is %g, want %g", c.variant.Name, i, got[i], want)
			}
		}
	}
}
