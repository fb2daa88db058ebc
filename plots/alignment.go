package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// LayerAlignment is one row of [Alignment]: how often the channels of a layer
// match their own index in the other domain.
type LayerAlignment struct {
	// Layer stands at the left.
	Layer string
	// Channels is the number of rows of P: C, or C/g if channels are grouped. By
	// chance, a channel matches its own index with probability 1/Channels.
	Channels int
	// Share holds the share of rows of P with the argmax on the diagonal (see
	// [DiagonalShare]), in [0, 1], one value per series.
	Share []float64
	// Entropy holds the mean entropy of the rows of P in nats, one value per
	// series, at most the logarithm of Channels; nil draws none.
	Entropy []float64
}

// AlignmentOptions are the settings of [Alignment].
type AlignmentOptions struct {
	Options
	// Series names what the values of a layer belong to, for example the
	// correlations of means and of variances; nil means one series.
	Series []string
}

// Alignment draws, layer by layer from the top, the share of channels whose
// most correlated channel of the other domain has the same index, with a tick
// at the chance level 1/C. The rest, up to 100 %, is misaligned. If the layers
// have entropies, a second panel shows them as a share of their maximum, log C:
// 1 is a uniform row, 0 a row with all its weight on one channel.
//
// Alignment returns an error if there are no layers, if two share a name, if a
// layer has another number of values than there are series, if a share leaves
// [0, 1] or an entropy [0, log C], or if texts do not fit the figure.
func Alignment(layers []LayerAlignment, opts AlignmentOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	names := namesOf(layers, func(l LayerAlignment) string { return l.Layer })
	if err := checkNames("layer", names); err != nil {
		return nil, err
	}
	n := 1
	if opts.Series != nil {
		n = len(opts.Series)
		if err := checkSeries("series", opts.Series, k); err != nil {
			return nil, err
		}
	}
	withEntropy := layers[0].Entropy != nil
	for _, l := range layers {
		if err := l.check(n, withEntropy); err != nil {
			return nil, fmt.Errorf("layer %q: %w", l.Layer, err)
		}
	}
	share := rowPanel{label: "on own index (%)"}
	entropy := rowPanel{label: "entropy / log C", x: layout.Range{Max: 1}}
	chance := &plotter.Scatter{GlyphStyle: draw.GlyphStyle{Color: k.Ink, Radius: rowPitch * 0.36, Shape: layout.UprightTick{Width: 0.9}}}
	shares, entropies := make([]plotter.XYs, n), make([]plotter.XYs, n)
	for i, l := range layers {
		y := float64(i)
		chance.XYs = append(chance.XYs, plotter.XY{X: 100 / float64(l.Channels), Y: y})
		share.x.Include(100 / float64(l.Channels))
		for j, v := range l.Share {
			shares[j] = append(shares[j], plotter.XY{X: v * 100, Y: y})
			share.x.Include(v * 100)
		}
		for j, v := range l.Entropy {
			if most := math.Log(float64(l.Channels)); most > 0 {
				v /= most
			}
			entropies[j] = append(entropies[j], plotter.XY{X: v, Y: y})
		}
	}
	share.x = share.x.PaddedWithin(0, 100)
	share.add(chance)
	for j := range n {
		share.add(k.Series(j).Dots(shares[j]...))
		entropy.add(k.Series(j).Dots(entropies[j]...))
	}
	chart := newRowChart(k, names, 1)
	chart.panels = []rowPanel{share}
	if withEntropy {
		chart.panels = append(chart.panels, entropy)
	}
	chart.legend.AddMarkers(k, opts.Series)
	chart.legend.Add("chance, 1/C", chance)
	return chart.figure(o, "channels whose argmax of P is their own index", "Share of channels whose most correlated channel has the same index, by layer")
}

func (l LayerAlignment) check(series int, entropy bool) error {
	if l.Channels < 1 {
		return fmt.Errorf("%d channels; give the number of rows of P", l.Channels)
	}
	if len(l.Share) != series {
		return fmt.Errorf("%d shares for %d series", len(l.Share), series)
	}
	if (l.Entropy != nil) != entropy {
		return errors.New("only some layers have entropies; give them for all layers or for none")
	}
	if entropy && len(l.Entropy) != series {
		return fmt.Errorf("%d entropies for %d series", len(l.Entropy), series)
	}
	for j, v := range l.Share {
		if err := checkWithin(v, 0, 1); err != nil {
			return fmt.Errorf("share %d: %w", j, err)
		}
	}
	most := math.Log(float64(l.Channels))
	for j, v := range l.Entropy {
		// Sums in float32 exceed the bound by rounding.
		if err := checkWithin(v, 0, most*(1+1e-3)+1e-6); err != nil {
			return fmt.Errorf("entropy %d, in nats: %w", j, err)
		}
	}
	return nil
}
