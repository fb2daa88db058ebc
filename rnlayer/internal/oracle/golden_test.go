package oracle_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/rnlayer/internal/oracle"
)

// forwardTolerance bounds |got − want| / max|want|, in addition to what the rounding
// of the inputs explains: 1e-12 for the oracle and 5e-12 for the rounding of the
// wanted values, of which the files keep 12 significant digits.
const forwardTolerance = 1e-12 + 5e-12

// roundingFactor times the change that a random rounding of the inputs makes is the
// distance that the oracle may have from the files.
const roundingFactor = 2

// gradientTolerance bounds |got − want| / max|want| for numerical derivatives.
const gradientTolerance = 1e-8

func layerCases(t *testing.T) []*golden.File {
	t.Helper()
	files, err := golden.Embedded()
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
		t.Fatal("no layer case among the embedded golden files")
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

// TestGoldenForward runs every case twice, with the inputs of the file and with
// the same inputs moved by half a unit of their last digit. The oracle may differ
// from the file by as much as the move changes the result: where the two values of
// a channel nearly agree, 1/√(v + ε) magnifies it to 1e-10 of y.
func TestGoldenForward(t *testing.T) {
	for _, file := range layerCases(t) {
		t.Run(file.Path, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			config, state, sizes := layerOf(file.Layer)
			_, moved, _ := layerOf(file.Layer)
			for _, sets := range []*[][]float64{&moved.Gamma, &moved.Beta, &moved.MeanGate, &moved.VarianceGate} {
				for i, values := range *sets {
					(*sets)[i] = moveLastDigit(values, rng)
				}
			}
			check := func(name string, got, gotMoved []float64, want golden.Array) {
				t.Helper()
				checkForward(t, name, got, gotMoved, want.ChannelsLast().Data)
			}
			for _, step := range file.Layer.Steps {
				x := step.X.ChannelsLast().Data
				check("y", config.Train(x, sizes, state), config.Train(moveLastDigit(x, rng), sizes, moved), step.Y)
				check("running_mean_source", state.RunningMean[0], moved.RunningMean[0], step.RunningMeanSource)
				check("running_mean_target", state.RunningMean[1], moved.RunningMean[1], step.RunningMeanTarget)
				check("running_var_source", state.RunningVariance[0], moved.RunningVariance[0], step.RunningVarianceSource)
				check("running_var_target", state.RunningVariance[1], moved.RunningVariance[1], step.RunningVarianceTarget)
			}
			x := file.Layer.Eval.X.ChannelsLast().Data
			check("eval.y", config.Infer(x, 1, state), config.Infer(moveLastDigit(x, rng), 1, moved), file.Layer.Eval.Y)
		})
	}
}

// moveLastDigit moves every value up or down by half a unit of its 12th digit.
func moveLastDigit(values []float64, rng *rand.Rand) []float64 {
	out := slices.Clone(values)
	for i, v := range out {
		if v == 0 {
			continue
		}
		half := 0.5 * math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-11)
		if rng.IntN(2) == 0 {
			half = -half
		}
		out[i] += half
	}
	return out
}

func checkForward(t *testing.T, name string, got, moved, want []float64) {
	t.Helper()
	largest, rounding := 0.0, 0.0
	for i := range want {
		largest = math.Max(largest, math.Abs(want[i]))
		rounding = math.Max(rounding, math.Abs(moved[i]-got[i]))
	}
	checkClose(t, name, got, want, forwardTolerance+roundingFactor*rounding/largest)
}

func TestGoldenGradients(t *testing.T) {
	const largestCase = 64 // channels: the others take too long
	for _, file := range layerCases(t) {
		if file.Layer.Channels > largestCase {
			continue
		}
		t.Run(file.Path, func(t *testing.T) {
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
	if !(difference <= tolerance*largest) {
		t.Errorf("%s[%d]: got %v, expected %v: %.2g of the largest value, above %.2g",
			name, worst, got[worst], want[worst], difference/largest, tolerance)
	}
}
