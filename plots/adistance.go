package plots

import (
	"fmt"

	"gonum.org/v1/plot/plotter"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// ADistance draws proxy A-distances, 2(1 − 2ε) with ε the test error of a
// linear classifier of the domains (Ben-David et al. 2007). Each group, for
// example a layer, is a row, and each bar of it, for example a norm, is a marker
// at the mean over runs, with a line of ± the sample standard deviation. Lines
// mark the ends of the scale: at 0 the domains cannot be told apart, at 2 the
// classifier makes no error.
//
// All groups need the same bars in the same order. ADistance also returns an
// error if there is nothing to draw, if two groups share a name, if a group has
// more than eight bars, if a value is outside [−2, 2], or if texts do not fit
// the figure. (A value is below 0 if the classifier does worse than chance.)
func ADistance(groups []Group, opts Options) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := checkGroups(groups, k); err != nil {
		return nil, err
	}
	for _, g := range groups {
		for _, b := range g.Bars {
			for r, v := range b.Runs {
				if err := checkWithin(v, -2, 2); err != nil {
					return nil, fmt.Errorf("bar %q of group %q: run %d: %w", b.Name, g.Name, r, err)
				}
			}
		}
	}
	series := barNames(groups[0])
	chart := newRowChart(k, namesOf(groups, func(g Group) string { return g.Name }), len(series))
	chart.legend.AddMarkers(k, series)
	p := rowPanel{label: "proxy A-distance", x: layout.Range{Max: 2}}
	p.add(chart.upright(k.Limit(), 0), chart.upright(k.Limit(), 2))
	for j := range series {
		var at plotter.XYs
		var around plotter.XErrors
		for i, g := range groups {
			mean, std := meanStd(g.Bars[j].Runs)
			p.x.Include(mean-std, mean+std)
			at = append(at, plotter.XY{X: mean, Y: chart.y(i, j, len(series))})
			around = append(around, struct{ Low, High float64 }{std, std})
		}
		p.add(chart.intervals(j, at, around)...)
	}
	p.x = p.x.Padded()
	chart.panels = []rowPanel{p}
	note := layout.JoinNotes(countRuns(groups).note("mean ± std"), "0: domains alike, 2: told apart without error")
	return chart.figure(o, note, "Proxy A-distance")
}
