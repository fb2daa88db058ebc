package training

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// wideBatch is the input of a step in float64: images of noise around the label's
// value, shifted by domain, and the coefficient of gradient reversal.
func wideBatch(rng *rand.Rand, n, classes int, shape ...int) (source, labels, target, lambda *tensors.Tensor) {
	values := func(shift float64, labels []int32) *tensors.Tensor {
		x := make([]float64, n*input.SizeOf(shape))
		for i := range x {
			x[i] = shift + rng.NormFloat64() + 0.3*float64(labels[i/input.SizeOf(shape)])
		}
		return tensors.FromFlatDataAndDimensions(x, append([]int{n}, shape...)...)
	}
	classOf := make([]int32, n)
	for i := range classOf {
		classOf[i] = rng.Int32N(int32(classes))
	}
	return values(0, classOf), tensors.FromFlatDataAndDimensions(classOf, n), values(0.5, classOf), tensors.FromScalar(0.4)
}

// steps trains in float64 and returns the losses of each step and all variables
// at the end, by path.
func steps(t *testing.T, backend compute.Backend, c config.Config, devices, n int, shape ...int) (losses []float64, variables map[string][]float64) {
	t.Helper()
	const classes = 3
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(c.Seed); err != nil {
		t.Fatal(err)
	}
	prepared, err := Prepare(c, backbone.TorchVision, environment.Compute{Devices: devices})
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := New(backend, store, prepared, classes)
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Finalize()
	rng := rand.New(rand.NewPCG(3, 0))
	for range n {
		source, labels, target, lambda := wideBatch(rng, c.BatchSize, classes, shape...)
		out, err := trainer.call(source, labels, target, lambda)
		if err != nil {
			t.Fatalf("%d devices: %v", devices, err)
		}
		losses = append(losses, tensors.ToScalar[float64](out[0]), tensors.ToScalar[float64](out[1]))
	}
	variables = make(map[string][]float64)
	for v := range store.IterVariables() {
		switch value := v.MustValue(); value.DType() {
		case dtypes.Float64:
			variables[v.Path()] = tensors.MustCopyFlatData[float64](value)
		case dtypes.Uint64: // the generator's state
			for _, word := range tensors.MustCopyFlatData[uint64](value) {
				variables[v.Path()] = append(variables[v.Path()], float64(word>>32), float64(word&math.MaxUint32))
			}
		case dtypes.Int64: // the step
			variables[v.Path()] = []float64{float64(tensors.ToScalar[int64](value))}
		default:
			t.Fatalf("%s has the dtype %s", v.Path(), value.DType())
		}
	}
	return losses, variables
}

// requireSteps compares the training of several devices with that of one.
func requireSteps(t *testing.T, backend compute.Backend, c config.Config, several []int, n int, shape ...int) {
	t.Helper()
	wantLosses, want := steps(t, backend, c, 1, n, shape...)
	differ := func(a, b float64) bool { return !(math.Abs(a-b) <= 1e-9*max(1, math.Abs(b))) }
	for _, devices := range several {
		losses, got := steps(t, backend, c, devices, n, shape...)
		for i := range wantLosses {
			if differ(losses[i], wantLosses[i]) {
				t.Errorf("%d devices: losses %v, on one %v", devices, losses, wantLosses)
				break
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d devices: %d variables, on one %d", devices, len(got), len(want))
		}
		for path, values := range want {
			if len(got[path]) != len(values) {
				t.Fatalf("%d devices: %s has %d values, want %d", devices, path, len(got[path]), len(values))
			}
			for i := range values {
				if differ(got[path][i], values[i]) {
					t.Errorf("%d devices: %s, value %d: %.15g, on one %.15g", devices, path, i, got[path][i], values[i])
					break
				}
			}
		}
	}
}

// TestDevices: after several steps, several devices have the losses, weights,
// momentum, running statistics and gates of one device, and the state of the
// random generator that dropout draws from.
func TestDevices(t *testing.T) {
	backend := toydata.Backend(t)
	for _, test := range []struct {
		norm, goal string
		devices    []int
	}{
		{"bn", "source-only", []int{4}}, {"dsbn", "source-only", []int{2}}, {"rn", "source-only", []int{4}},
		{"bn", "cdan-e", []int{2}}, {"dsbn", "cdan-e", []int{4}}, {"rn", "cdan-e", []int{2, 4}},
	} {
		t.Run(test.norm+" "+test.goal, func(t *testing.T) {
			requireSteps(t, backend, toydata.DigitsConfig(t, test.norm, test.goal), test.devices, 3, 28, 28, 1)
		})
	}
}

// TestDevicesResNet is TestDevices for the first step of a fine-tuned ResNet.
func TestDevicesResNet(t *testing.T) {
	c := toydata.PhotosConfig(t, config.FeaturesFinetuned, config.WeightsNone)
	c.Objective, c.BatchSize = "cdan-e", 8
	c.ObjectiveOptions.DiscriminatorHidden = 16
	requireSteps(t, toydata.Backend(t), c, []int{2}, 1, 32, 32, 3)
}
