package plots

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// margin is the empty border of a figure.
const margin = vg.Length(4)

// header is what stands above a figure's panels: title, subtitle and legend,
// laid out for one width.
type header struct {
	title, subtitle           []string
	titleStyle, subtitleStyle draw.TextStyle
	legend                    [][]legendEntry // by row
	entryStyle                draw.TextStyle
}

// legendEntry is one name of the legend with what draws its sample, centred on
// at and sampleWidth wide.
type legendEntry struct {
	name   string
	sample func(c draw.Canvas, at vg.Point)
	x      vg.Length // left edge, from the left edge of the canvas
}

// columnsFrom is the number of legend entries above which they stand in
// columns.
const columnsFrom = 12

const (
	sampleGap = vg.Length(3)  // between a sample and its name
	entryGap  = vg.Length(9)  // between entries
	blockGap  = vg.Length(3)  // between subtitle and legend
	headerGap = vg.Length(6)  // between the header and the panels
	boxSample = vg.Length(7)  // width of a legend sample: a filled box
	lineWidth = vg.Length(20) // width of a legend sample: a dashed line with its marker
)

// newHeader lays out the header for a canvas of the given width. sampleWidth
// is that of the legend's samples.
func newHeader(width vg.Length, o Options, col colors, subtitle string, entries []legendEntry, sampleWidth vg.Length) (header, error) {
	h := header{
		titleStyle:    boldStyle(titleSize, col.ink),
		subtitleStyle: textStyle(smallSize, col.muted),
		entryStyle:    textStyle(smallSize, col.ink),
	}
	inner := width - 2*margin
	var err error
	if h.title, err = wrap(h.titleStyle, o.Title, inner); err != nil {
		return h, fmt.Errorf("plots: Title: %w", err)
	}
	if h.subtitle, err = wrap(h.subtitleStyle, subtitle, inner); err != nil {
		return h, fmt.Errorf("plots: Subtitle: %w", err)
	}
	x, column := margin, vg.Length(0)
	if len(entries) > columnsFrom {
		for _, e := range entries {
			column = max(column, sampleWidth+sampleGap+h.entryStyle.Width(e.name))
		}
	}
	for _, e := range entries {
		w := sampleWidth + sampleGap + h.entryStyle.Width(e.name)
		if w > inner {
			return h, fmt.Errorf("plots: series %q: the name is wider than the figure; shorten it or raise Width", e.name)
		}
		if len(h.legend) == 0 || x+w > width-margin {
			h.legend = append(h.legend, nil)
			x = margin
		}
		e.x = x
		row := len(h.legend) - 1
		h.legend[row] = append(h.legend[row], e)
		x += max(w, column) + entryGap
	}
	return h, nil
}

// height is what the header takes off the top of the canvas, margin included.
func (h header) height() vg.Length {
	y := margin
	y += vg.Length(len(h.title)) * lineHeight(h.titleStyle)
	y += vg.Length(len(h.subtitle)) * lineHeight(h.subtitleStyle)
	if len(h.legend) > 0 {
		y += blockGap + vg.Length(len(h.legend))*h.legendRow()
	}
	return y + headerGap
}

// legendRow is the distance of legend rows.
func (h header) legendRow() vg.Length { return h.entryStyle.Font.Size * 1.4 }

// draw paints the header at the top of c.
func (h header) draw(c draw.Canvas, sampleWidth vg.Length) {
	y := c.Max.Y - margin
	lines := func(s draw.TextStyle, txt []string) {
		for _, line := range txt {
			y -= lineHeight(s)
			drawText(c, s, vg.Point{X: c.Min.X + margin, Y: y + s.FontExtents().Descent}, line)
		}
	}
	lines(h.titleStyle, h.title)
	lines(h.subtitleStyle, h.subtitle)
	y -= blockGap
	for _, row := range h.legend {
		mid := y - h.legendRow()/2
		for _, e := range row {
			left := c.Min.X + e.x
			e.sample(c, vg.Point{X: left + sampleWidth/2, Y: mid})
			drawMiddle(c, h.entryStyle, vg.Point{X: left + sampleWidth + sampleGap, Y: mid}, e.name)
		}
		y -= h.legendRow()
	}
}

// body is the part of c that the header leaves to the panels.
func (h header) body(c draw.Canvas) draw.Canvas {
	return draw.Crop(c, margin, -margin, margin, -h.height())
}
