package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

const (
	// fill is the share of a group's width that its bars take.
	fill = 0.86
	// minBarWidth leaves room for a value printed along the bar.
	minBarWidth = layout.SmallSize * vg.Length(1.1)
	// maxBarWidth keeps few bars from becoming slabs.
	maxBarWidth = vg.Length(26)
	// valueGap separates a bar or its error bar from its value.
	valueGap = vg.Length(3)
)

// barChart is the data and layout of a [Bars] figure.
type barChart struct {
	k      layout.Inks
	groups []string // names
	series []barSeries
	yLabel string
	y      layout.Range // of the axis
	ticks  float64      // highest value that may get a tick

	rows, perRow int
	barWidth     vg.Length
	upright      bool // values run along the bars
}

// barSeries is one bar of every group, in units of the axis.
type barSeries struct {
	name      string
	mean, std []float64 // [groups]
	label     []string  // [groups], the printed mean
}

func newBarChart(groups []Group, o BarOptions, k layout.Inks) (*barChart, error) {
	b := &barChart{
		k: k, yLabel: o.YLabel, ticks: math.Inf(1),
		groups: namesOf(groups, func(g Group) string { return g.Name }),
	}
	unit, decimals := 1.0, 1
	if o.Percent {
		unit, b.ticks = 100, 100
		b.yLabel += " (%)"
	}
	if o.Decimals != nil {
		decimals = *o.Decimals
	}
	for j, name := range barNames(groups[0]) {
		s := barSeries{name: name}
		for _, g := range groups {
			mean, std := meanStd(g.Bars[j].Runs)
			s.mean, s.std = append(s.mean, mean*unit), append(s.std, std*unit)
			s.label = append(s.label, layout.Number(mean*unit, decimals))
		}
		b.series = append(b.series, s)
	}
	return b, b.setRange(o.YRange, unit)
}

// setRange takes the given axis and checks the bars against it, or chooses the
// axis from the data, 0 included.
func (b *barChart) setRange(given Range, unit float64) error {
	b.y = layout.Range(given).Times(unit)
	for _, s := range b.series {
		for i, m := range s.mean {
			lo, hi := m-s.std[i], m+s.std[i]
			if given.isAuto() {
				b.y.Include(lo, hi)
				b.ticks = max(b.ticks, m)
			} else if lo < b.y.Min || hi > b.y.Max {
				return fmt.Errorf("group %q: bar %q (%g ± %g) leaves the axis [%g, %g]; widen YRange", b.groups[i], s.name, m, s.std[i], b.y.Min, b.y.Max)
			}
		}
	}
	if b.y == (layout.Range{}) { // all values are 0
		b.y.Max = 1
	}
	return nil
}

// legend names the series; the axis label names a single one.
func (b *barChart) legend() layout.Legend {
	l := layout.Legend{SampleWidth: layout.BoxSample}
	if len(b.series) > 1 {
		for j, s := range b.series {
			l.Add(s.name, b.bars(j))
		}
	}
	return l
}

// arrange distributes the groups over rows of the given width, axis included.
func (b *barChart) arrange(width vg.Length) error {
	axis := b.panel(0).DataCanvas(layout.Nominal(width, width)).Min.X
	room := width - axis
	style := layout.Text(layout.SmallSize, nil)
	n := vg.Length(len(b.series))
	need := n * minBarWidth / fill
	for _, name := range b.groups {
		w := style.Width(name) + 4
		if w > room {
			return fmt.Errorf("group name %q is wider than the figure; shorten it or raise Width", name)
		}
		need = max(need, w)
	}
	if need > room {
		return fmt.Errorf("%d bars of at least %.1f mm do not fit a width of %.0f mm; raise Width to %.0f mm",
			len(b.series), layout.MM(minBarWidth), layout.MM(width+2*layout.Margin), math.Ceil(layout.MM(need+axis+2*layout.Margin)))
	}
	b.rows = (len(b.groups) + int(room/need) - 1) / int(room/need)
	b.perRow = (len(b.groups) + b.rows - 1) / b.rows
	b.barWidth = min(room/vg.Length(b.perRow)*fill/n, maxBarWidth)
	b.upright = b.widestLabel()+2 > b.barWidth
	return nil
}

func (b *barChart) widestLabel() vg.Length {
	style, widest := layout.Text(layout.SmallSize, nil), vg.Length(0)
	for _, s := range b.series {
		for _, l := range s.label {
			widest = max(widest, style.Width(l))
		}
	}
	return widest
}

// makeRoom extends the axis for the values beyond the bars, in a row of the
// given height.
func (b *barChart) makeRoom(rowHeight vg.Length) {
	room := vg.Length(layout.SmallSize)
	if b.upright {
		room = max(room, b.widestLabel())
	}
	c := b.panel(0).DataCanvas(layout.Nominal(rowHeight, rowHeight))
	share := min(float64((room+2*valueGap)/(c.Max.Y-c.Min.Y)), 0.4)
	span := (b.y.Max - b.y.Min) / (1 - share)
	if b.y.Min < 0 {
		span = (b.y.Max - b.y.Min) / (1 - 2*share)
		b.y.Min -= span * share
	}
	if b.y.Max > 0 {
		b.y.Max += span * share
	}
}

// row returns the groups [from, to) of a row.
func (b *barChart) row(i int) (from, to int) {
	return min(i*b.perRow, len(b.groups)), min((i+1)*b.perRow, len(b.groups))
}

// panel returns the plot of a row without its bars.
func (b *barChart) panel(row int) *plot.Plot {
	p := layout.NewPanel(b.k, "", b.yLabel)
	p.Y.Min, p.Y.Max = b.y.Min, b.y.Max
	ticks := layout.NiceTicks{AtMost: 6}.Ticks(b.y.Min, b.y.Max)
	for len(ticks) > 0 && ticks[len(ticks)-1].Value > b.ticks {
		ticks = ticks[:len(ticks)-1]
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	from, to := b.row(row)
	names := b.groups[from:to]
	if len(names) == 0 { // not arranged yet: any name has the height of the labels
		names = b.groups[:1]
	}
	p.NominalX(names...)
	p.Y.Padding = 0 // the first group starts half a group from the axis
	p.X.Min, p.X.Max = -0.5, float64(max(b.perRow, 1))-0.5
	p.X.Padding = 3
	return p
}

func (b *barChart) drawRow(c draw.Canvas, row int) {
	p := b.panel(row)
	layout.AddGrid(p, b.k)
	from, to := b.row(row)
	group := p.DataCanvas(c).Size().X / vg.Length(b.perRow)
	for j := range b.series {
		chart := b.bars(j)
		chart.Values = b.series[j].mean[from:to]
		layout.AddData(p, chart)
		layout.AddData(p, b.errorBars(j, from, to, float64(chart.Offset/group))...)
		layout.AddData(p, b.values(j, from, to, float64(chart.Offset/group))...)
	}
	base := max(b.y.Min, min(0, b.y.Max)) // from where the bars rise
	layout.AddData(p, layout.Line(draw.LineStyle{Color: b.k.Ink, Width: 0.6},
		plotter.XY{X: p.X.Min, Y: base}, plotter.XY{X: p.X.Max, Y: base}))
	p.Draw(c)
}

// bars returns the bars of series j, without values.
func (b *barChart) bars(j int) *plotter.BarChart {
	return &plotter.BarChart{
		Width:     b.barWidth,
		Color:     b.k.Categories[j],
		LineStyle: draw.LineStyle{Color: b.k.Background, Width: 0.5},
		Offset:    (vg.Length(j) - vg.Length(len(b.series)-1)/2) * b.barWidth,
	}
}

// errorBars returns the error bars of series j in the groups [from, to), each on
// a halo of the background, which sets it off from a bar of any colour.
func (b *barChart) errorBars(j, from, to int, offset float64) []plot.Plotter {
	var at plotter.XYs
	var size plotter.YErrors
	for i := from; i < to; i++ {
		if s := b.series[j]; s.std[i] > 0 {
			at = append(at, plotter.XY{X: float64(i-from) + offset, Y: s.mean[i]})
			size = append(size, struct{ Low, High float64 }{s.std[i], s.std[i]})
		}
	}
	capWidth := 2 * min(b.barWidth/4, 3)
	bars := func(s draw.LineStyle) plot.Plotter {
		return &plotter.YErrorBars{XYs: at, YErrors: size, LineStyle: s, CapWidth: capWidth}
	}
	return []plot.Plotter{
		bars(draw.LineStyle{Color: b.k.Background, Width: 1.5}),
		bars(draw.LineStyle{Color: b.k.Ink, Width: 0.7}),
	}
}

// values returns the printed means of series j in the groups [from, to), beyond
// the bars and their error bars: first those above, then those below.
func (b *barChart) values(j, from, to int, offset float64) []plot.Plotter {
	above, below := &plotter.Labels{Offset: vg.Point{Y: valueGap}}, &plotter.Labels{Offset: vg.Point{Y: -valueGap}}
	s := b.series[j]
	for i := from; i < to; i++ {
		l, end, style := above, s.mean[i]+s.std[i], b.valueStyle(false)
		if s.mean[i] < 0 {
			l, end, style = below, s.mean[i]-s.std[i], b.valueStyle(true)
		}
		l.XYs = append(l.XYs, plotter.XY{X: float64(i-from) + offset, Y: end})
		l.Labels, l.TextStyle = append(l.Labels, s.label[i]), append(l.TextStyle, style)
	}
	return []plot.Plotter{above, below}
}

// valueStyle is the style of a printed mean above or below its bar.
func (b *barChart) valueStyle(below bool) draw.TextStyle {
	s := layout.Text(layout.SmallSize, b.k.Ink)
	switch {
	case b.upright && below:
		s.Rotation, s.XAlign, s.YAlign = math.Pi/2, draw.XRight, layout.Middle(s)
	case b.upright:
		s.Rotation, s.XAlign, s.YAlign = math.Pi/2, draw.XLeft, layout.Middle(s)
	case below:
		s.XAlign, s.YAlign = draw.XCenter, layout.Baseline(s, layout.CapHeight)
	default:
		s.XAlign, s.YAlign = draw.XCenter, layout.Baseline(s, 0)
	}
	return s
}
