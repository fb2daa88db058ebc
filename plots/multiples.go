package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// multiples are small panels with the same axes, each under its name, in rows
// from the top left.
type multiples struct {
	names  []string
	panel  func(i int) *plot.Plot // with both axes labelled and its data added
	cols   int
	left   vg.Length // width of the y axis, labels included, in the first column
	bottom vg.Length // height of the x axis, labels included, in the last row
	data   vg.Length // width of the data
	height vg.Length // of the data
}

const (
	leastMultiple = 18 * vg.Millimeter // width of the data
	columnGap     = vg.Length(14)      // half a tick label at each end
	rowGap        = vg.Length(9)
	nameHeight    = smallSize * vg.Length(1.4)
)

// newMultiples arranges the panels in a body of the given width.
func newMultiples(names []string, width vg.Length, panel func(i int) *plot.Plot) (*multiples, error) {
	m := &multiples{names: names, panel: panel, height: 17 * vg.Millimeter}
	d := panel(0).DataCanvas(nominal(width, width))
	m.left, m.bottom = d.Min.X, d.Min.Y
	right := width - d.Max.X // half of the last tick label
	room := width - m.left - right
	least := leastMultiple
	for _, name := range names {
		w := textStyle(smallSize, nil).Width(name)
		if w > room {
			return nil, fmt.Errorf("plots: the name %q is wider than the figure; shorten it or raise Width", name)
		}
		least = max(least, w)
	}
	m.cols = min(max(1, int((room+columnGap)/(least+columnGap))), len(names))
	rows := (len(names) + m.cols - 1) / m.cols
	m.cols = (len(names) + rows - 1) / rows
	m.data = (room - vg.Length(m.cols-1)*columnGap) / vg.Length(m.cols)
	if rows == 1 {
		m.height = 38 * vg.Millimeter
	}
	return m, nil
}

func (m *multiples) rows() int { return (len(m.names) + m.cols - 1) / m.cols }

// fittingHeight is that of the body at the panels' own height.
func (m *multiples) fittingHeight() vg.Length {
	return vg.Length(m.rows())*(m.height+nameHeight+rowGap) - rowGap + m.bottom
}

// fit sets the panels' height for a body of the given one.
func (m *multiples) fit(body vg.Length) error {
	n := vg.Length(m.rows())
	m.height = (body-m.bottom+rowGap)/n - nameHeight - rowGap
	if least := 9 * vg.Millimeter; m.height < least {
		return fmt.Errorf("plots: %d rows of panels leave %.0f mm to each; raise Height by %.0f mm, or give 0 for a fitting height",
			m.rows(), max(0, mm(m.height)), math.Ceil(mm((least-m.height)*n)))
	}
	return nil
}

// draw paints the panels. y axes are labelled in the first column, x axes
// under the last panel of each column.
func (m *multiples) draw(c draw.Canvas, col colors) {
	for i, name := range m.names {
		row, column := i/m.cols, i%m.cols
		x := c.Min.X + m.left + vg.Length(column)*(m.data+columnGap)
		y := c.Max.Y - nameHeight - m.height - vg.Length(row)*(m.height+nameHeight+rowGap)
		drawText(c, textStyle(smallSize, col.ink), vg.Point{X: x, Y: y + m.height + 3}, name)

		p := m.panel(i)
		if column > 0 {
			p.Y.Label.Text, p.Y.Tick.Length = "", 0
			p.Y.Tick.Marker = unlabelled(p.Y.Tick.Marker)
		}
		if i+m.cols < len(m.names) {
			p.X.Label.Text = ""
			p.X.Tick.Marker = unlabelled(p.X.Tick.Marker)
		}
		// The plot is placed so that its data fill the panel.
		at := vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + m.data, Y: y + m.height}}
		p.Draw(around(p, c, at))
	}
}

// unlabelled are the ticks without their labels.
func unlabelled(marker plot.Ticker) plot.Ticker {
	var ticks []plot.Tick
	for _, t := range marker.Ticks(0, 0) {
		ticks = append(ticks, plot.Tick{Value: t.Value})
	}
	return plot.ConstantTicks(ticks)
}

// around returns the canvas in which the data of p fill the rectangle.
func around(p *plot.Plot, c draw.Canvas, data vg.Rectangle) draw.Canvas {
	c.Rectangle = data
	for range 3 { // labels that reach over the data move with its width
		d := p.DataCanvas(c)
		c.Min.X += data.Min.X - d.Min.X
		c.Min.Y += data.Min.Y - d.Min.Y
		c.Max.X += data.Max.X - d.Max.X
		c.Max.Y += data.Max.Y - d.Max.Y
	}
	return c
}
