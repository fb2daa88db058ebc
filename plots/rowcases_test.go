package plots_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/reciprocalnorm/rn/plots"
)

// resnetNorms returns the names and widths of the 53 norms of a ResNet-50.
func resnetNorms() (names []string, channels []int) {
	names, channels = []string{"bn1"}, []int{64}
	for stage, blocks := range []int{3, 4, 6, 3} {
		width := 64 << stage
		for b := range blocks {
			for i, c := range []int{width, width, 4 * width} {
				names = append(names, fmt.Sprintf("layer%d.%d.bn%d", stage+1, b, i+1))
				channels = append(channels, c)
			}
			if b == 0 {
				names = append(names, fmt.Sprintf("layer%d.%d.downsample.1", stage+1, b))
				channels = append(channels, 4*width)
			}
		}
	}
	return names, channels
}

// resnetAlignment returns shares that fall with depth.
func resnetAlignment() []plots.LayerAlignment {
	rng := rand.New(rand.NewPCG(4, 4))
	names, channels := resnetNorms()
	var layers []plots.LayerAlignment
	for i, name := range names {
		groups := min(channels[i], 512)
		share := 0.35*math.Exp(-float64(i)/20) + 0.02*rng.Float64()
		layers = append(layers, plots.LayerAlignment{
			Layer: name, Channels: groups, Share: []float64{share, share * 0.6},
			Entropy: []float64{math.Log(float64(groups)) * (0.8 + 0.003*float64(i)), math.Log(float64(groups)) * 0.7},
		})
	}
	return layers
}

// gateQuantiles returns gates that spread below top.
func gateQuantiles(top, spread float64) plots.Quantiles {
	return plots.Quantiles{
		Min: top - 5*spread, P5: top - 2*spread, P25: top - spread, Median: top - spread/2,
		P75: top - spread/4, P95: top, Max: min(1, top+spread/2),
	}
}

func resnetGates() []plots.LayerGates {
	names, _ := resnetNorms()
	var layers []plots.LayerGates
	for i, name := range names {
		layers = append(layers, plots.LayerGates{Layer: name, Gates: gateQuantiles(0.955-0.001*float64(i), 0.004+0.0002*float64(i))})
	}
	return layers
}

// gateHistory returns gates that decay from 1 and spread.
func gateHistory(layer string, rate float64) plots.GateHistory {
	h := plots.GateHistory{Layer: layer}
	for step := 0.0; step <= 20000; step += 1000 {
		h.Steps = append(h.Steps, step)
		h.Gates = append(h.Gates, gateQuantiles(math.Exp(-rate*step), step*rate*0.15))
	}
	return h
}

var ablationRows = []plots.Variant{
	{Name: "RN (base)", Metrics: []plots.Interval{{Mean: 0.706, Low: 0.699, High: 0.713}, {Mean: 0.688, Low: 0.679, High: 0.697}}},
	{Name: "domain statistics", Metrics: []plots.Interval{{Mean: 0.689, Low: 0.684, High: 0.694}, {Mean: 0.669, Low: 0.661, High: 0.677}}},
	{Name: "RC only, share 0.5", Metrics: []plots.Interval{{Mean: 0.695, Low: 0.681, High: 0.709}, {Mean: 0.672, Low: 0.660, High: 0.684}}},
	{Name: "RC only, share 0", Metrics: []plots.Interval{{Mean: 0.661, Low: 0.64, High: 0.682}, {Mean: 0.640, Low: 0.611, High: 0.669}}},
	{Name: "RA only", Metrics: []plots.Interval{{Mean: 0.691, Low: 0.685, High: 0.697}, {Mean: 0.675, Low: 0.67, High: 0.68}}},
	{Name: "BN", Metrics: []plots.Interval{{Mean: 0.658, Low: 0.648, High: 0.668}, {Mean: 0.631, Low: 0.62, High: 0.642}}},
}

var rowCases = []goldenCase{
	{"alignment", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "ResNet-50, amazon → dslr"
		return plots.Alignment(resnetAlignment()[:32], plots.AlignmentOptions{Options: o, Series: []string{"means", "variances"}})
	}},
	{"alignment_digits", func(o plots.Options) (*plots.Figure, error) {
		return plots.Alignment([]plots.LayerAlignment{
			{Layer: "conv1", Channels: 32, Share: []float64{0.59}},
			{Layer: "conv2", Channels: 64, Share: []float64{0.31}},
			{Layer: "bottleneck", Channels: 256, Share: []float64{0.02}},
		}, plots.AlignmentOptions{Options: o})
	}},
	{"gates", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "Mean gates of the target, step 20,000"
		return plots.Gates(resnetGates(), plots.GateOptions{Options: o, Mark: plots.Mark{Name: "weight decay alone", At: 0.95}})
	}},
	{"gate_history", func(o plots.Options) (*plots.Figure, error) {
		return plots.GateHistories([]plots.GateHistory{gateHistory("layer4.2.bn3", 2.5e-6)},
			plots.GateOptions{Options: o, Label: "mean gate of the target", Mark: plots.Mark{Name: "weight decay alone", At: 0.95}})
	}},
	{"gate_histories", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "Target mean gates, A → D"
		var layers []plots.GateHistory
		for i, name := range []string{"bn1", "layer1.0.bn1", "layer2.0.bn1", "layer2.0.downsample.1", "layer3.0.bn1", "layer4.0.bn1", "layer4.2.bn3"} {
			layers = append(layers, gateHistory(name, 1e-6*float64(i+1)))
		}
		return plots.GateHistories(layers, plots.GateOptions{Options: o})
	}},
	{"intervals", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "Office-Home, components"
		return plots.Intervals(ablationRows, plots.IntervalOptions{Options: o, Base: "RN (base)",
			Metrics: []plots.Metric{{Label: "accuracy", Percent: true}, {Label: "recall", Percent: true}}})
	}},
	{"adistance", func(o plots.Options) (*plots.Figure, error) {
		var groups []plots.Group
		for i, layer := range []string{"conv1", "conv2", "bottleneck", "softmax"} {
			g := plots.Group{Name: layer}
			for j, norm := range []string{"BN", "DSBN", "RN"} {
				v := 1.9 - 0.25*float64(i) - 0.2*float64(j*i)
				g.Bars = append(g.Bars, plots.Bar{Name: norm, Runs: []float64{v, v - 0.09, v + 0.04}})
			}
			groups = append(groups, g)
		}
		return plots.ADistance(groups, o)
	}},
}
