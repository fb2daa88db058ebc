package oracle_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/golden"
	"github.com/reciprocalnorm/rn/rnlayer/internal/oracle"
)

// sharedDir holds the golden files, outside the repository.
var sharedDir = filepath.Join("..", "..", "..", "..", "shared", "golden")

// forwardTolerance bounds |got − want| / max|want|. The files keep 12 significant
// digits, so x is off by up to 5e-13 relative and y, by 1/√(v + ε), by more: the
// largest difference over all files is 1e-11.
const forwardTolerance = 2e-11

// gradientTolerance bounds the same for numerical derivatives.
const gradientTolerance = 1e-8

func layerCases(t *testing.T) []*golden.File {
	t.Helper()
	if _, err := os.Stat(sharedDir); err != nil {
		t.Skipf("the golden files are not there: %v", err)
	}
	files, err := golden.ReadDir(sharedDir)
	if err != nil {
		t.Fatal(err)
	}
	var layers []*golden.File
	for _, file := range files {
		if file.Kind == golden.KindLayer {
			layers = append(layers, file)
		}
	}
	if len(layers) == 0 {
		t.Fatalf("no layer case in %s", sharedDir)
	}
	return layers
}

// layerOf returns the oracle's layer of a case, and the sizes of its batches.
func layerOf(c *golden.LayerCase) (oracle.Config, *oracle.State, []int) {
	config := oracle.DefaultConfig(c.Channels)
	config.Group = c.Group
	config.Distance = oracle.Distance(c.DistanceName())
	config.Epsilon = c.Epsilon
	config.Momentum = c.Momentum
	state := config.NewState()
	state.MeanGate = [][]float64{c.Init.MeanGateSource.Data, c.Init.MeanGateTarget.Data}
	state.VarianceGate = [][]float64{c.Init.VarianceGateSource.Data, c.Init.VarianceGateTarget.Data}
	state.Gamma = [][]float64{c.Init.Gamma.Data}
	state.Beta = [][]float64{c.Init.Beta.Data}
	return config, state, []int{c.PerDomainBatch, c.PerDomainBatch}
}

func TestGoldenForward(t *testing.T) {
	for _, file := range layerCases(t) {
		t.Run(filepath.Base(file.Path), func(t *testing.T) {
			config, state, sizes := layerOf(file.Layer)
			for _, step := range file.Layer.Steps {
				y := config.Train(step.X.ChannelsLast().Data, sizes, state)
				checkClose(t, "y", y, step.Y.ChannelsLast().Data, forwardTolerance)
				checkClose(t, "running_mean_source", state.RunningMean[0], step.RunningMeanSource.Data, forwardTolerance)
				checkClose(t, "running_mean_target", state.RunningMean[1], step.RunningMeanTarget.Data, forwardTolerance)
				checkClose(t, "running_var_source", state.RunningVariance[0], step.RunningVarianceSource.Data, forwardTolerance)
				checkClose(t, "running_var_target", state.RunningVariance[1], step.RunningVarianceTarget.Data, forwardTolerance)
			}
			y := config.Infer(file.Layer.Eval.X.ChannelsLast().Data, 1, state)
			checkClose(t, "eval.y", y, file.Layer.Eval.Y.ChannelsLast().Data, forwardTolerance)
		})
	}
}

func TestGoldenGradients(t *testing.T) {
	const largestCase = 64 // channels: the others take too long
	for _, file := range layerCases(t) {
		if file.Layer.Channels > largestCase {
			continue
		}
		t.Run(filepath.Base(file.Path), func(t *testing.T) {
			config, state, sizes := layerOf(file.Layer)
			for _, step := range file.Layer.Steps {
				x, upstream := step.X.ChannelsLast().Data, step.Upstream.ChannelsLast().Data
				loss := func() float64 {
					sum := 0.0
					for i, y := range config.Train(x, sizes, state) {
						sum += y * upstream[i]
					}
					return sum
				}
				for _, parameter := range []struct {
					name        string
					value, want []float64
				}{
					{"grad_x", x, step.GradX.ChannelsLast().Data},
					{"grad_mean_gate_source", state.MeanGate[0], step.GradMeanGateSource.Data},
					{"grad_mean_gate_target", state.MeanGate[1], step.GradMeanGateTarget.Data},
					{"grad_var_gate_source", state.VarianceGate[0], step.GradVarianceGateSource.Data},
					{"grad_var_gate_target", state.VarianceGate[1], step.GradVarianceGateTarget.Data},
					{"grad_gamma", state.Gamma[0], step.GradGamma.Data},
					{"grad_beta", state.Beta[0], step.GradBeta.Data},
				} {
					var got, want []float64
					for i := 0; i < len(parameter.value); i += max(1, len(parameter.value)/8) {
						got = append(got, oracle.Derivative(loss, &parameter.value[i], 1e-4))
						want = append(want, parameter.want[i])
					}
					checkClose(t, parameter.name, got, want, gradientTolerance)
				}
			}
		})
	}
}

// checkClose compares with a bound relative to the largest value wanted.
func checkClose(t *testing.T, name string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d values, expected %d", name, len(got), len(want))
		return
	}
	largest := 0.0
	for _, w := range want {
		largest = math.Max(largest, math.Abs(w))
	}
	worst := 0
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= math.Abs(got[worst]-want[worst])) {
			worst = i
		}
	}
	difference := math.Abs(got[worst] - want[worst])
	t.Logf("%s: %.2g relative", name, difference/largest)
	if !(difference <= tolerance*largest) {
		t.Errorf("%s[%d]: got %v, expected %v: %.2g of the largest value, above %.2g",
			name, worst, got[worst], want[worst], difference/largest, tolerance)
	}
}
