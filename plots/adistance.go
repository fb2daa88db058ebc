package plots

import "fmt"

// ADistance draws proxy A-distances, 2(1 − 2ε) with ε the test error of a
// linear classifier of the domains (Ben-David et al. 2007): a row a group, for
// example a layer, and a marker a bar, for example a norm, at the mean over
// runs with a line of ± the sample standard deviation. The ends of the scale
// are marked: 0, domains that cannot be told apart, and 2, domains that are
// told apart without error.
//
// All groups need the same bars in the same order. It also fails where there
// is nothing to draw, two groups of one name, more than eight bars a group, a
// value outside [−2, 2], or texts do not fit the figure. (A value is below 0
// where the classifier does worse than chance.)
func ADistance(groups []Group, opts Options) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := checkGroups(groups, col); err != nil {
		return nil, err
	}
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
		for _, b := range g.Bars {
			for r, v := range b.Runs {
				if err := checkWithin(v, -2, 2); err != nil {
					return nil, fmt.Errorf("plots: bar %q of group %q: run %d: %w", b.Name, g.Name, r, err)
				}
			}
		}
	}
	if err := checkRows("group", names); err != nil {
		return nil, err
	}
	p := rowPanel{label: "proxy A-distance", x: Range{Max: 2}}
	p.lines = []rowLine{{at: 0, style: solid(col)}, {at: 2, style: solid(col)}}
	n := len(groups[0].Bars)
	var series []string
	for j, b := range groups[0].Bars {
		series = append(series, b.Name)
		for i, g := range groups {
			mean, std := meanStd(g.Bars[j].Runs)
			p.extend(mean-std, mean+std)
			m := dotMark(col, j, i, dodge(j, n), mean)
			if std > 0 {
				m = intervalMark(col, j, i, dodge(j, n), mean, mean-std, mean+std)
			}
			p.marks = append(p.marks, m)
		}
	}
	p.x = padded(p.x)
	chart := newRowChart(col, names, n)
	chart.panels = []rowPanel{p}
	note := joinSubtitle(barsNote(groups, Range{}), "0: domains alike, 2: told apart without error")
	return chart.figure(o, note, seriesEntries(col, series), "Proxy A-distance")
}
