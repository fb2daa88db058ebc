package layout

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Multiples are small panels with the same axes, each under its name, in rows
// from the top left. Only the outer panels label their axes, which
// plot.Align does not support.
type Multiples struct {
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
	nameHeight    = SmallSize * vg.Length(1.4)
)

// NewMultiples arranges the panels in a body of the given width. panel returns
// panel i with its data and with both axes labelled.
func NewMultiples(names []string, width vg.Length, panel func(i int) *plot.Plot) (*Multiples, error) {
	m := &Multiples{names: names, panel: panel, height: 17 * vg.Millimeter}
	d := panel(0).DataCanvas(Nominal(width, width))
	m.left, m.bottom = d.Min.X, d.Min.Y
	right := width - d.Max.X // half of the last tick label
	room := width - m.left - right
	least := leastMultiple
	for _, name := range names {
		w := Text(SmallSize, nil).Width(name)
		if w > room {
			return nil, fmt.Errorf("the name %q is wider than the figure; shorten it or raise Width", name)
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

func (m *Multiples) rows() int { return (len(m.names) + m.cols - 1) / m.cols }

// FittingHeight is the height of a body in which the panels have their own
// height.
func (m *Multiples) FittingHeight() vg.Length {
	return vg.Length(m.rows())*(m.height+nameHeight+rowGap) - rowGap + m.bottom
}

// Fit sets the height of the panels for a body of the given height.
func (m *Multiples) Fit(body vg.Length) error {
	n := vg.Length(m.rows())
	m.height = (body-m.bottom+rowGap)/n - nameHeight - rowGap
	if least := 9 * vg.Millimeter; m.height < least {
		return fmt.Errorf("%d rows of panels leave %.0f mm to each; raise Height by %.0f mm, or give 0 for a fitting height",
			m.rows(), max(0, MM(m.height)), math.Ceil(MM((least-m.height)*n)))
	}
	return nil
}

// CheckLabel returns an error if the label of the y axes is longer than a
// panel is high.
func (m *Multiples) CheckLabel(label string) error {
	if Text(LabelSize, nil).Width(label) > m.height+nameHeight {
		return fmt.Errorf("axis label %q is longer than a panel is high (%.0f mm); shorten it or raise Height", label, MM(m.height))
	}
	return nil
}

// Draw paints the panels. The first column labels its y axes, the last panel
// of each column its x axis.
func (m *Multiples) Draw(c draw.Canvas, k Inks) {
	for i, name := range m.names {
		row, column := i/m.cols, i%m.cols
		x := c.Min.X + m.left + vg.Length(column)*(m.data+columnGap)
		y := c.Max.Y - nameHeight - m.height - vg.Length(row)*(m.height+nameHeight+rowGap)
		DrawText(c, Text(SmallSize, k.Ink), vg.Point{X: x, Y: y + m.height + 3}, name)

		p := m.panel(i)
		if column > 0 {
			p.Y.Label.Text, p.Y.Tick.Length = "", 0
			p.Y.Tick.Marker = Unlabelled{p.Y.Tick.Marker}
		}
		if i+m.cols < len(m.names) {
			p.X.Label.Text = ""
			p.X.Tick.Marker = Unlabelled{p.X.Tick.Marker}
		}
		at := vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + m.data, Y: y + m.height}}
		p.Draw(Around(p, c, at))
	}
}
