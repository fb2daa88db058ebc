package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	// fill is the share of a group's width that its bars take.
	fill = 0.86
	// minBarWidth leaves room for a value printed along the bar.
	minBarWidth = smallSize * 1.1
	// maxBarWidth keeps few bars from becoming slabs.
	maxBarWidth = vg.Length(26)
	valueGap    = vg.Length(3) // between a bar or its error bar and its value
)

// barChart is the layout of a [Bars] figure.
type barChart struct {
	groups []barGroup
	series int
	col    colors
	yLabel string
	y      Range   // axis, in axis units
	ticks  float64 // highest value that may get a tick

	rows, perRow int
	barWidth     vg.Length
	upright      bool // values are printed along the bars
}

func newBarChart(groups []Group, o BarOptions, col colors) *barChart {
	scale, decimals := 1.0, 1
	b := &barChart{series: len(groups[0].Bars), col: col, yLabel: o.YLabel, ticks: math.Inf(1)}
	if o.Percent {
		scale, b.ticks = 100, 100
		b.yLabel += " (%)"
	}
	if o.Decimals != nil {
		decimals = *o.Decimals
	}
	for _, g := range groups {
		bg := barGroup{name: g.Name}
		for _, bar := range g.Bars {
			mean, std := meanStd(bar.Runs)
			mean, std = mean*scale, std*scale
			bg.mean, bg.std = append(bg.mean, mean), append(bg.std, std)
			bg.label = append(bg.label, formatValue(mean, decimals))
		}
		b.groups = append(b.groups, bg)
	}
	return b
}

// setRange chooses the axis from the data, 0 included, or takes the options'
// and checks the bars against it.
func (b *barChart) setRange(o BarOptions) error {
	if o.YRange.isAuto() {
		for _, g := range b.groups {
			for j, m := range g.mean {
				b.y.Min, b.y.Max = min(b.y.Min, m-g.std[j]), max(b.y.Max, m+g.std[j])
				b.ticks = max(b.ticks, m)
			}
		}
		if b.y.isAuto() {
			b.y.Max = 1
		}
		return nil
	}
	b.y = o.YRange
	if o.Percent {
		b.y.Min, b.y.Max = b.y.Min*100, b.y.Max*100
	}
	for _, g := range b.groups {
		for j, m := range g.mean {
			if m-g.std[j] < b.y.Min || m+g.std[j] > b.y.Max {
				return fmt.Errorf("plots: group %q: bar %d (%g ± %g) leaves the axis [%g, %g]; widen YRange", g.name, j, m, g.std[j], b.y.Min, b.y.Max)
			}
		}
	}
	return nil
}

func (b *barChart) legend(g Group) []legendEntry {
	if len(g.Bars) == 1 {
		return nil // the axis label names the only series
	}
	entries := make([]legendEntry, 0, len(g.Bars))
	for i, bar := range g.Bars {
		entries = append(entries, legendEntry{name: bar.Name, sample: func(c draw.Canvas, at vg.Point) {
			half := boxSample / 2
			b.drawBox(c, i, vg.Rectangle{
				Min: vg.Point{X: at.X - half, Y: at.Y - half},
				Max: vg.Point{X: at.X + half, Y: at.Y + half},
			})
		}})
	}
	return entries
}

// arrange distributes the groups over rows of the given width, axis included.
func (b *barChart) arrange(width vg.Length) error {
	p := b.panel(0)
	axis := p.DataCanvas(nominal(width, width)).Min.X
	room := width - axis
	name := textStyle(smallSize, nil)
	need := vg.Length(b.series) * minBarWidth / fill
	for _, g := range b.groups {
		w := name.Width(g.name) + 4
		if w > room {
			return fmt.Errorf("plots: group name %q is wider than the figure; shorten it or raise Width", g.name)
		}
		need = max(need, w)
	}
	if need > room {
		return fmt.Errorf("plots: %d bars of at least %.1f mm do not fit a width of %.0f mm; raise Width to %.0f mm",
			b.series, mm(minBarWidth), mm(width+2*margin), math.Ceil(mm(need+axis+2*margin)))
	}
	n := len(b.groups)
	b.rows = (n + int(room/need) - 1) / int(room/need)
	b.perRow = (n + b.rows - 1) / b.rows
	b.barWidth = min(room/vg.Length(b.perRow)*fill/vg.Length(b.series), maxBarWidth)
	for _, g := range b.groups {
		for _, l := range g.label {
			b.upright = b.upright || name.Width(l)+2 > b.barWidth
		}
	}
	return nil
}

// makeRoom extends the axis for the values beyond the bars, in a row of the
// given height.
func (b *barChart) makeRoom(rowHeight vg.Length) {
	room := vg.Length(smallSize)
	if b.upright {
		s := textStyle(smallSize, nil)
		for _, g := range b.groups {
			for _, l := range g.label {
				room = max(room, s.Width(l))
			}
		}
	}
	p := b.panel(0)
	c := p.DataCanvas(nominal(rowHeight, rowHeight))
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

// panel returns the plot of a row without its bars.
func (b *barChart) panel(row int) *plot.Plot {
	p := newPanel(b.col, "", b.yLabel)
	p.Y.Min, p.Y.Max = b.y.Min, b.y.Max
	ticks := niceTicks(b.y.Min, b.y.Max, 6)
	for len(ticks) > 0 && ticks[len(ticks)-1].Value > b.ticks {
		ticks = ticks[:len(ticks)-1]
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Min, p.X.Max = -0.5, float64(max(b.perRow, 1))-0.5
	p.X.LineStyle.Width = 0 // the base line is drawn at zero
	p.X.Tick.Width = 0
	p.X.Padding = 3
	var names []plot.Tick
	for i, g := range b.groups[min(row*b.perRow, len(b.groups)):min((row+1)*b.perRow, len(b.groups))] {
		names = append(names, plot.Tick{Value: float64(i), Label: g.name})
	}
	if len(names) == 0 { // not arranged yet: any name has the height of the labels
		names = []plot.Tick{{Value: 0, Label: b.groups[0].name}}
	}
	p.X.Tick.Marker = plot.ConstantTicks(names)
	return p
}

func (b *barChart) drawRow(c draw.Canvas, row int) {
	p := b.panel(row)
	addGrid(p, b.col)
	for i := row * b.perRow; i < min((row+1)*b.perRow, len(b.groups)); i++ {
		p.Add(painter(func(c draw.Canvas, p *plot.Plot) { b.drawGroup(c, p, i) }))
	}
	p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
		_, fy := p.Transforms(&c)
		y := fy(b.base())
		c.StrokeLine2(draw.LineStyle{Color: b.col.ink, Width: axisWidth}, c.Min.X, y, c.Max.X, y)
	}))
	p.Draw(c)
}

// base is the value from which bars rise: 0, or the end of the axis nearest
// to it.
func (b *barChart) base() float64 { return max(b.y.Min, min(0, b.y.Max)) }

func (b *barChart) drawGroup(c draw.Canvas, p *plot.Plot, i int) {
	fx, fy := p.Transforms(&c)
	g := b.groups[i]
	left := fx(float64(i%b.perRow)) - b.barWidth*vg.Length(b.series)/2
	for j, m := range g.mean {
		x := left + b.barWidth*vg.Length(j)
		y0, y1 := fy(b.base()), fy(m)
		b.drawBox(c, j, vg.Rectangle{
			Min: vg.Point{X: x, Y: min(y0, y1)},
			Max: vg.Point{X: x + b.barWidth, Y: max(y0, y1)},
		})
		lo, hi := y1, y1
		if s := g.std[j]; s > 0 {
			lo, hi = fy(m-s), fy(m+s)
			b.drawError(c, x+b.barWidth/2, lo, hi)
		}
		b.drawValue(c, g.label[j], x+b.barWidth/2, lo, hi, m < 0)
	}
}

func (b *barChart) drawBox(c draw.Canvas, series int, r vg.Rectangle) {
	c.SetColor(b.col.categories[series])
	c.Fill(r.Path())
	c.SetLineStyle(draw.LineStyle{Color: b.col.background, Width: 0.5})
	c.Stroke(r.Path())
}

func (b *barChart) drawError(c draw.Canvas, x, lo, hi vg.Length) {
	arm := min(b.barWidth/4, 3)
	// A halo of the background keeps the bar visible on any colour.
	for _, s := range []draw.LineStyle{{Color: b.col.background, Width: 1.5}, {Color: b.col.ink, Width: 0.7}} {
		c.StrokeLine2(s, x, lo, x, hi)
		c.StrokeLine2(s, x-arm, lo, x+arm, lo)
		c.StrokeLine2(s, x-arm, hi, x+arm, hi)
	}
}

// drawValue prints the mean beyond the bar and its error bar.
func (b *barChart) drawValue(c draw.Canvas, label string, x, lo, hi vg.Length, below bool) {
	s := textStyle(smallSize, b.col.ink)
	switch {
	case b.upright:
		s.Rotation = math.Pi / 2
		s.XAlign = draw.XLeft
		at := vg.Point{X: x, Y: hi + valueGap}
		if below {
			s.XAlign = draw.XRight
			at.Y = lo - valueGap
		}
		drawMiddle(c, s, at, label)
	case below:
		s.XAlign = draw.XCenter
		drawText(c, s, vg.Point{X: x, Y: lo - valueGap - capHeight*smallSize}, label)
	default:
		s.XAlign = draw.XCenter
		drawText(c, s, vg.Point{X: x, Y: hi + valueGap}, label)
	}
}
