package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	rowPitch    = smallSize * vg.Length(1.3) // least distance of rows: their names stand free
	namesGap    = vg.Length(5)               // names to the first panel
	panelsGap   = vg.Length(10)
	leastPanel  = 16 * vg.Millimeter // width of a panel that can be read
	markPitch   = vg.Length(5.5)     // distance of the marks of one row that evade each other
	markPadding = vg.Length(6)       // around those of one row
)

// rowChart is the layout of figures with a named row an item: names at the
// left, and beside them panels with an x axis each.
type rowChart struct {
	col    colors
	names  []string
	base   int // the row whose name is bold; −1 for none
	panels []rowPanel
	pitch  vg.Length
	sample vg.Length // width of the legend's samples
}

// rowPanel is one column of marks.
type rowPanel struct {
	label string
	x     Range // of the axis
	lines []rowLine
	marks []rowMark
}

// rowLine is a vertical line at a value that is to be compared with.
type rowLine struct {
	at    float64
	style draw.LineStyle
}

// rowMark is what stands in one row: paint draws it, with fx giving the place
// of a value and y the height of the mark.
type rowMark struct {
	row   int
	dodge vg.Length // upwards from the middle of the row
	paint func(c draw.Canvas, fx func(float64) vg.Length, y vg.Length)
}

// newRowChart returns a chart without panels, with rows that hold marks beside
// each other (1 for all on the row's middle).
func newRowChart(col colors, names []string, beside int) *rowChart {
	pitch := rowPitch
	if beside > 1 {
		pitch = max(pitch, vg.Length(beside)*markPitch+markPadding)
	}
	return &rowChart{col: col, names: names, base: -1, pitch: pitch, sample: boxSample}
}

// dodge is the offset of mark i of n that stand beside each other.
func dodge(i, n int) vg.Length {
	return (vg.Length(n-1)/2 - vg.Length(i)) * markPitch
}

// reference is the style of lines that values are compared with.
func reference(col colors) draw.LineStyle {
	return draw.LineStyle{Color: col.muted, Width: 0.8, Dashes: []vg.Length{3, 2}}
}

// solid is the style of the ends of a scale.
func solid(col colors) draw.LineStyle {
	return draw.LineStyle{Color: col.muted, Width: 0.8}
}

// lineEntry is the legend entry of a reference line.
func lineEntry(name string, s draw.LineStyle) legendEntry {
	return legendEntry{name: name, sample: func(c draw.Canvas, at vg.Point) {
		c.StrokeLine2(s, at.X-lineWidth/2, at.Y, at.X+lineWidth/2, at.Y)
	}}
}

// extend widens the axis to the values.
func (p *rowPanel) extend(values ...float64) {
	for _, v := range values {
		p.x.Min, p.x.Max = min(p.x.Min, v), max(p.x.Max, v)
	}
}

// emptyRange holds nothing; extending it gives the range of the values.
func emptyRange() Range { return Range{Min: math.Inf(1), Max: math.Inf(-1)} }

// figure lays the chart out and returns it finished.
func (r *rowChart) figure(o Options, note string, entries []legendEntry, name string) (*Figure, error) {
	h, err := newHeader(o.width(), o, r.col, joinSubtitle(o.Subtitle, note), entries, r.sample)
	if err != nil {
		return nil, err
	}
	room, names := o.width()-2*margin, r.namesWidth()
	n := vg.Length(len(r.panels))
	panel := (room - names - namesGap - (n-1)*panelsGap) / n
	if panel < leastPanel {
		need := names + namesGap + (n-1)*panelsGap + n*leastPanel + 2*margin
		return nil, fmt.Errorf("plots: the row names leave %d panels of %.0f mm; shorten them or raise Width to %.0f mm",
			len(r.panels), max(0, mm(panel)), math.Ceil(mm(need)))
	}
	for _, p := range r.panels {
		if w := textStyle(labelSize, nil).Width(p.label); w > panel+panelsGap {
			return nil, fmt.Errorf("plots: axis label %q is longer than its panel (%.0f mm); shorten it or raise Width", p.label, mm(panel))
		}
	}
	axis := r.axisHeight(panel)
	rows := vg.Length(len(r.names)) * r.pitch
	if most := maxSide * vg.Millimeter; h.height()+rows+axis+margin > most {
		return nil, fmt.Errorf("plots: %d rows need more than the %d mm that a figure may be high; split them over several figures", len(r.names), maxSide)
	}
	height := max(h.height()+rows+axis+margin, minSide*vg.Millimeter)
	if o.Height != 0 {
		given := vg.Length(o.Height) * vg.Millimeter
		if given < height {
			return nil, fmt.Errorf("plots: Height %g mm is too little for %d rows; give at least %.0f mm, or 0 for a fitting height", o.Height, len(r.names), math.Ceil(mm(height)))
		}
		height = given
	}
	paint := func(c draw.Canvas, _ medium) {
		h.draw(c, r.sample)
		body := h.body(c)
		for i, p := range r.panels {
			left := names + namesGap + vg.Length(i)*(panel+panelsGap)
			r.drawPanel(draw.Crop(body, left, left+panel-(body.Max.X-body.Min.X), 0, 0), p, i == 0)
		}
	}
	return newFigure(o, height, r.col, name, paint), nil
}

func (r *rowChart) style(row int) draw.TextStyle {
	if row == r.base {
		return boldStyle(smallSize, r.col.ink)
	}
	return textStyle(smallSize, r.col.ink)
}

func (r *rowChart) namesWidth() vg.Length {
	widest := vg.Length(0)
	for i, name := range r.names {
		widest = max(widest, r.style(i).Width(name))
	}
	return widest
}

func (r *rowChart) axisHeight(panel vg.Length) vg.Length {
	most := vg.Length(0)
	for _, rp := range r.panels {
		c := nominal(panel, 200)
		d := r.plot(rp, panel).DataCanvas(c)
		most = max(most, d.Min.Y)
	}
	return most
}

// plot returns the plot of a panel without its marks.
func (r *rowChart) plot(rp rowPanel, width vg.Length) *plot.Plot {
	p := newPanel(r.col, rp.label, "")
	p.HideY()
	p.X.Min, p.X.Max = rp.x.Min, rp.x.Max
	p.X.Tick.Marker = plot.ConstantTicks(fittingTicks(rp.x, width))
	p.Y.Min, p.Y.Max = -0.5, float64(len(r.names))-0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	return p
}

// drawPanel draws a panel and, for the first, the names at its left.
func (r *rowChart) drawPanel(c draw.Canvas, rp rowPanel, first bool) {
	p := r.plot(rp, c.Max.X-c.Min.X)
	p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
		fx, fy := p.Transforms(&c)
		for i := range r.names {
			y := fy(float64(i))
			c.StrokeLine2(draw.LineStyle{Color: r.col.grid, Width: 0.4}, c.Min.X, y, c.Max.X, y)
			if first {
				s := r.style(i)
				s.XAlign = draw.XRight
				drawMiddle(c, s, vg.Point{X: c.Min.X - namesGap, Y: y}, r.names[i])
			}
		}
		for _, l := range rp.lines {
			c.StrokeLine2(l.style, fx(l.at), c.Min.Y, fx(l.at), c.Max.Y)
		}
		for _, m := range rp.marks {
			m.paint(c, fx, fy(float64(m.row))+m.dodge)
		}
	}))
	p.Draw(c)
}

// checkRows reports why names cannot name the rows of a chart.
func checkRows(what string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("plots: no %s to draw", what)
	}
	seen := map[string]bool{}
	for i, name := range names {
		if err := checkName(fmt.Sprintf("Name of %s %d", what, i), name); err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("plots: %s %d has the name %q of one before; names must differ", what, i, name)
		}
		seen[name] = true
	}
	return nil
}
