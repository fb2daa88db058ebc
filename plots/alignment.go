package plots

import (
	"fmt"
	"math"
)

// LayerAlignment is one row of [Alignment]: how often the channels of a layer
// find themselves in the other domain.
type LayerAlignment struct {
	// Layer stands at the left.
	Layer string
	// Channels is C, or C/g where channels are grouped: the number of rows of P.
	// The chance that the most correlated channel has the same index is
	// 1/Channels.
	Channels int
	// Share holds the share of rows of P with the argmax on the diagonal (see
	// [DiagonalShare]), in [0, 1], a value a series.
	Share []float64
	// Entropy holds the mean entropy of the rows of P in nats, a value a series;
	// nil draws none. At most it is the logarithm of Channels.
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
// at the chance level 1/C. What is left to 100 % is misaligned. Where entropies
// are given, a second panel shows them as a share of their greatest value,
// log C: 1 is a uniform row, 0 a row with all its weight on one channel.
//
// It fails where there are no layers or two of one name, a layer has another
// number of values than there are series, a share leaves [0, 1] or an entropy
// [0, log C], or texts do not fit the figure.
func Alignment(layers []LayerAlignment, opts AlignmentOptions) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.Layer
	}
	if err := checkRows("layer", names); err != nil {
		return nil, err
	}
	n, err := checkSeriesNames(opts.Series, col)
	if err != nil {
		return nil, err
	}
	share := rowPanel{label: "on own index (%)"}
	entropy := rowPanel{label: "entropy / log C", x: Range{Max: 1}}
	for i, l := range layers {
		if err := checkLayerAlignment(l, n, layers[0].Entropy != nil); err != nil {
			return nil, fmt.Errorf("plots: layer %q: %w", l.Layer, err)
		}
		chance := 100 / float64(l.Channels)
		share.extend(chance)
		share.marks = append(share.marks, chanceMark(col, i, chance))
		for j, v := range l.Share {
			share.extend(v * 100)
			share.marks = append(share.marks, dotMark(col, j, i, 0, v*100))
		}
		for j, v := range l.Entropy {
			most := math.Log(float64(l.Channels))
			if most > 0 {
				v /= most
			}
			entropy.marks = append(entropy.marks, dotMark(col, j, i, 0, v))
		}
	}
	share.x = roomy(share.x, 0, 100)
	chart := newRowChart(col, names, 1)
	chart.panels = []rowPanel{share}
	if layers[0].Entropy != nil {
		chart.panels = append(chart.panels, entropy)
	}
	entries := append(seriesEntries(col, opts.Series), legendEntry{name: "chance, 1/C", sample: chanceSample(col)})
	return chart.figure(o, "channels whose argmax of P is their own index", entries, "Share of channels whose most correlated channel has the same index, by layer")
}

func checkLayerAlignment(l LayerAlignment, series int, entropy bool) error {
	if l.Channels < 1 {
		return fmt.Errorf("%d channels; give the number of rows of P", l.Channels)
	}
	if len(l.Share) != series {
		return fmt.Errorf("%d shares for %d series", len(l.Share), series)
	}
	if (l.Entropy != nil) != entropy {
		return fmt.Errorf("entropies must be given for all layers or for none")
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

// checkSeriesNames returns the number of series that names stand for, 1 where
// there are none.
func checkSeriesNames(names []string, col colors) (int, error) {
	if names == nil {
		return 1, nil
	}
	if err := checkSeriesCount(len(names), col); err != nil {
		return 0, fmt.Errorf("plots: %w", err)
	}
	return len(names), checkRows("series", names)
}
