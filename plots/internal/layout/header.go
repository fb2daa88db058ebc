package layout

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	legendGap = vg.Length(3) // between subtitle and legend
	headerGap = vg.Length(6) // between header and panels
	legendRow = SmallSize * vg.Length(1.4)
)

// Header is what stands above the panels of a figure, laid out for one width:
// title, subtitle and legend.
type Header struct {
	width           vg.Length
	title, subtitle []string
	legend          [][]placed // by row
	sampleWidth     vg.Length

	titleStyle, subtitleStyle, entryStyle draw.TextStyle
}

// NewHeader lays a header out for a canvas of the given width. The subtitle
// joins the caller's text and the figure's own note.
func NewHeader(width vg.Length, k Inks, title, subtitle, note string, legend Legend) (Header, error) {
	h := Header{
		width:         width,
		sampleWidth:   legend.SampleWidth,
		titleStyle:    Bold(titleSize, k.Ink),
		subtitleStyle: Text(SmallSize, k.Muted),
		entryStyle:    Text(SmallSize, k.Ink),
	}
	var err error
	if h.title, err = wrap(h.titleStyle, title, width-2*Margin); err != nil {
		return h, fmt.Errorf("title: %w", err)
	}
	if h.subtitle, err = wrap(h.subtitleStyle, JoinNotes(subtitle, note), width-2*Margin); err != nil {
		return h, fmt.Errorf("subtitle: %w", err)
	}
	h.legend, err = legend.rows(width, h.entryStyle)
	return h, err
}

// JoinNotes joins two parts of a subtitle; either may be empty.
func JoinNotes(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}

// Height is what the header takes off the top of the canvas, margin included.
func (h Header) Height() vg.Length {
	y := Margin
	y += vg.Length(len(h.title)) * LineHeight(h.titleStyle)
	y += vg.Length(len(h.subtitle)) * LineHeight(h.subtitleStyle)
	if len(h.legend) > 0 {
		y += legendGap + vg.Length(len(h.legend))*legendRow
	}
	return y + headerGap
}

// Draw paints the header at the top of c.
func (h Header) Draw(c draw.Canvas) {
	y := c.Max.Y - Margin
	lines := func(s draw.TextStyle, txt []string) {
		for _, line := range txt {
			y -= LineHeight(s)
			DrawText(c, s, vg.Point{X: c.Min.X + Margin, Y: y + s.FontExtents().Descent}, line)
		}
	}
	lines(h.titleStyle, h.title)
	lines(h.subtitleStyle, h.subtitle)
	y -= legendGap
	for _, row := range h.legend {
		for _, e := range row {
			e.draw(c, h.entryStyle, h.sampleWidth, y-legendRow/2)
		}
		y -= legendRow
	}
}

// Body is the part of c that the header leaves to the panels.
func (h Header) Body(c draw.Canvas) draw.Canvas {
	return draw.Crop(c, Margin, -Margin, Margin, -h.Height())
}

// NominalBody is the body of a figure of the given height, to measure on.
func (h Header) NominalBody(height vg.Length) draw.Canvas {
	return h.Body(Nominal(h.width, height))
}

// FigureHeight returns the height of the figure: the given one, or what the
// panels need if it is 0.
func (h Header) FigureHeight(given, panels vg.Length) (vg.Length, error) {
	if given == 0 {
		return h.Height() + panels + Margin, nil
	}
	if need := h.Height() + LeastHeight + Margin; given < need {
		return 0, fmt.Errorf("a Height of %.4g mm leaves no room under title, subtitle and legend; give at least %.0f mm, or 0 for a fitting height", MM(given), math.Ceil(MM(need)))
	}
	return given, nil
}

// CheckLabels returns an error if a label is longer than its axis, for one
// panel under the header in a figure of the given height.
func (h Header) CheckLabels(height vg.Length, x, y string) error {
	s := Text(LabelSize, nil)
	if room := h.width - 2*Margin - 12*LabelSize/2; s.Width(x) > room {
		return fmt.Errorf("x label %q is longer than the axis (%.0f mm); shorten it or raise Width", x, MM(room))
	}
	if room := height - h.Height() - Margin - 3*LabelSize; s.Width(y) > room {
		return fmt.Errorf("y label %q is longer than the axis (%.0f mm); shorten it or raise Height", y, MM(room))
	}
	return nil
}
