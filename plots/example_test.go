package plots_test

import (
	"fmt"
	"io"
	"log"

	"github.com/reciprocalnorm/rn/plots"
)

// A layer of three channels: the first two of the source find themselves in the
// target, the third resembles the second.
func ExampleCorrelation() {
	p := [][]float64{
		{0.8, 0.1, 0.1},
		{0.2, 0.5, 0.3},
		{0.1, 0.6, 0.3},
	}
	share, err := plots.DiagonalShare(p)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("own index: %.2f\n", share)

	fig, err := plots.Correlation(
		plots.Matrix{P: p, Source: "amazon", Target: "dslr"},
		plots.CorrelationOptions{Options: plots.Options{Theme: plots.Dark, Title: "layer4.2.bn3"}},
	)
	if err != nil {
		log.Fatal(err)
	}
	// fig.Save("layer4.svg") writes a file.
	if err := fig.WriteSVG(io.Discard); err != nil {
		log.Fatal(err)
	}
	width, _ := fig.Size()
	fmt.Printf("%g mm wide\n", width)
	// Output:
	// own index: 0.67
	// 85 mm wide
}

func ExampleCurves() {
	fig, err := plots.Curves([]plots.Series{
		{Name: "BN", X: []float64{500, 1000, 1500}, Runs: [][]float64{{0.50, 0.61, 0.64}, {0.48, 0.60, 0.66}}},
		{Name: "RN", X: []float64{500, 1000, 1500}, Runs: [][]float64{{0.55, 0.66, 0.70}, {0.53, 0.65, 0.71}}},
	}, plots.CurveOptions{XLabel: "iteration", YLabel: "accuracy", Percent: true, Band: plots.BandMinMax})
	if err != nil {
		log.Fatal(err)
	}
	width, height := fig.Size()
	fmt.Printf("%.0f mm × %.0f mm\n", width, height)
	// Output:
	// 85 mm × 63 mm
}

func ExampleBars() {
	fig, err := plots.Bars([]plots.Group{
		{Name: "M→U", Bars: []plots.Bar{
			{Name: "BN", Runs: []float64{0.939, 0.951, 0.944}},
			{Name: "RN", Runs: []float64{0.962, 0.957, 0.968}},
		}},
		{Name: "U→M", Bars: []plots.Bar{
			{Name: "BN", Runs: []float64{0.969, 0.961, 0.972}},
			{Name: "RN", Runs: []float64{0.981, 0.979, 0.985}},
		}},
	}, plots.BarOptions{YLabel: "accuracy", Percent: true})
	if err != nil {
		log.Fatal(err)
	}
	if err := fig.WritePNG(io.Discard); err != nil {
		log.Fatal(err)
	}
	width, height := fig.Size()
	fmt.Printf("%.0f mm × %.0f mm\n", width, height)
	// Output:
	// 85 mm × 58 mm
}

// A layer whose channels rarely find themselves in the other domain.
func ExampleAlignment() {
	fig, err := plots.Alignment([]plots.LayerAlignment{
		{Layer: "layer1.0.bn1", Channels: 64, Share: []float64{0.36}},
		{Layer: "layer4.2.bn3", Channels: 512, Share: []float64{0.02}},
	}, plots.AlignmentOptions{Options: plots.Options{Title: "amazon → dslr"}})
	if err != nil {
		log.Fatal(err)
	}
	width, height := fig.Size()
	fmt.Printf("%.0f mm × %.0f mm\n", width, height)
	// Output:
	// 85 mm × 40 mm
}

// The gates of a layer, from one value a channel.
func ExampleGates() {
	q, err := plots.QuantilesOf([]float64{0.91, 0.95, 0.96, 0.97, 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("median %.2f, quarter below %.2f\n", q.Median, q.P25)
	fig, err := plots.Gates([]plots.LayerGates{{Layer: "bn1", Gates: q}},
		plots.GateOptions{Mark: plots.Mark{Name: "weight decay alone", At: 0.95}})
	if err != nil {
		log.Fatal(err)
	}
	if err := fig.WriteSVG(io.Discard); err != nil {
		log.Fatal(err)
	}
	// Output:
	// median 0.96, quarter below 0.95
}

func ExampleIntervals() {
	fig, err := plots.Intervals([]plots.Variant{
		{Name: "RN", Metrics: []plots.Interval{{Mean: 0.706, Low: 0.699, High: 0.713}}},
		{Name: "RC only", Metrics: []plots.Interval{{Mean: 0.695, Low: 0.681, High: 0.709}}},
	}, plots.IntervalOptions{Base: "RN", Metrics: []plots.Metric{{Label: "accuracy", Percent: true}}})
	if err != nil {
		log.Fatal(err)
	}
	width, _ := fig.Size()
	fmt.Printf("%g mm wide\n", width)
	// Output:
	// 85 mm wide
}

func ExampleConfusion() {
	fig, err := plots.Confusion(plots.ConfusionMatrix{
		Classes: []string{"bike", "bottle"},
		Counts:  [][]int{{19, 2}, {1, 15}},
	}, plots.Options{Title: "amazon → dslr"})
	if err != nil {
		log.Fatal(err)
	}
	// fig.Save("confusion.svg") writes a file.
	if err := fig.WritePNG(io.Discard); err != nil {
		log.Fatal(err)
	}
	width, _ := fig.Size()
	fmt.Printf("%g mm wide\n", width)
	// Output:
	// 85 mm wide
}

// Two steps of a layer; in a study the quantiles come from [plots.QuantilesOf].
func ExampleGateHistories() {
	fig, err := plots.GateHistories([]plots.GateHistory{{
		Layer: "layer4.2.bn3",
		Steps: []float64{0, 20000},
		Gates: []plots.Quantiles{
			{Min: 1, P5: 1, P25: 1, Median: 1, P75: 1, P95: 1, Max: 1},
			{Min: 0.90, P5: 0.93, P25: 0.94, Median: 0.95, P75: 0.96, P95: 0.97, Max: 1},
		},
	}}, plots.GateOptions{Label: "mean gate of the target"})
	if err != nil {
		log.Fatal(err)
	}
	width, _ := fig.Size()
	fmt.Printf("%g mm wide\n", width)
	// Output:
	// 85 mm wide
}

func ExampleStatistics() {
	fig, err := plots.Statistics(plots.DomainStatistics{
		Source: "amazon", SourceMean: []float64{-0.2, 0.1, 0.4}, SourceVariance: []float64{0.5, 1.2, 0.9},
		Target: "dslr", TargetMean: []float64{-0.1, 0.1, 0.6}, TargetVariance: []float64{0.3, 1.0, 1.1},
	}, plots.Options{Title: "layer1.0.bn1"})
	if err != nil {
		log.Fatal(err)
	}
	width, _ := fig.Size()
	fmt.Printf("%g mm wide\n", width)
	// Output:
	// 85 mm wide
}

func ExampleADistance() {
	fig, err := plots.ADistance([]plots.Group{
		{Name: "bottleneck", Bars: []plots.Bar{{Name: "BN", Runs: []float64{1.6, 1.7}}, {Name: "RN", Runs: []float64{1.1, 1.2}}}},
		{Name: "softmax", Bars: []plots.Bar{{Name: "BN", Runs: []float64{0.9, 1.0}}, {Name: "RN", Runs: []float64{0.3, 0.2}}}},
	}, plots.Options{})
	if err != nil {
		log.Fatal(err)
	}
	width, _ := fig.Size()
	fmt.Printf("%g mm wide\n", width)
	// Output:
	// 85 mm wide
}

func ExampleEmbedding() {
	fig, err := plots.Embedding([]plots.Point{
		{X: 0.1, Y: 1.2, Domain: 0, Class: 0}, {X: 0.3, Y: 1.1, Domain: 1, Class: 0},
		{X: 2.4, Y: 0.2, Domain: 0, Class: 1}, {X: 2.2, Y: 0.4, Domain: 1, Class: 1},
	}, plots.EmbeddingOptions{Domains: []string{"mnist", "usps"}, Classes: []string{"0", "1"}})
	if err != nil {
		log.Fatal(err)
	}
	width, _ := fig.Size()
	fmt.Printf("%g mm wide\n", width)
	// Output:
	// 85 mm wide
}

func ExampleReliability() {
	confidence := []float64{0.95, 0.9, 0.8, 0.6}
	correct := []bool{true, true, false, true}
	fig, err := plots.Reliability(confidence, correct, plots.ReliabilityOptions{})
	if err != nil {
		log.Fatal(err)
	}
	width, _ := fig.Size()
	fmt.Printf("%g mm wide\n", width)
	// Output:
	// 85 mm wide
}
