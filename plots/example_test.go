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
