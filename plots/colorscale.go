package plots

import (
	"image"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	barGap   = vg.Length(9) // map, or its strip, to colour bar
	barWidth = vg.Length(7)
)

// colorScale maps values to viridis and explains itself in a colour bar.
type colorScale struct {
	Range
	exponent int // the colour bar prints values divided by 10^exponent
	label    string
}

func newColorScale(r Range, label string) colorScale {
	s := colorScale{Range: r, label: label}
	if e := int(math.Floor(math.Log10(max(math.Abs(r.Min), math.Abs(r.Max))))); e < -2 || e > 3 {
		s.exponent = e
		s.label += " (×1e" + formatValue(float64(e), 0) + ")"
	}
	return s
}

// index is the palette index of a value.
func (s colorScale) index(x float64) uint8 {
	t := (x - s.Min) / (s.Max - s.Min)
	return uint8(math.Round(min(max(t, 0), 1) * (viridisSize - 1)))
}

// ticks are those of the colour bar, with values in units of 10^exponent.
func (s colorScale) ticks() []plot.Tick {
	unit := math.Pow(10, float64(s.exponent))
	return niceTicks(s.Min/unit, s.Max/unit, 6)
}

// labelAt is the distance of the label's axis from the bar.
func (s colorScale) labelAt() vg.Length {
	style := textStyle(smallSize, nil)
	widest := vg.Length(0)
	for _, t := range s.ticks() {
		widest = max(widest, style.Width(t.Label))
	}
	return tickLength + 2 + widest + 3 + labelSize/2
}

// width is that of the colour bar with its ticks and label.
func (s colorScale) width() vg.Length {
	return barWidth + s.labelAt() + labelSize/2 + 1
}

// drawBar draws the colour bar with its ticks and label to the right.
func (s colorScale) drawBar(c draw.Canvas, col colors, r vg.Rectangle) {
	const across = 32 // pixels; a single column would be smoothed at its edges
	img := image.NewPaletted(image.Rect(0, 0, across, viridisSize), viridis())
	for i := range img.Pix {
		img.Pix[i] = uint8(viridisSize - 1 - i/across)
	}
	c.DrawImage(r, img)
	drawFrame(c, col, r)

	unit := math.Pow(10, float64(s.exponent))
	style := textStyle(smallSize, col.ink)
	tick := draw.LineStyle{Color: col.ink, Width: axisWidth}
	for _, t := range s.ticks() {
		share := (t.Value*unit - s.Min) / (s.Max - s.Min)
		y := r.Min.Y + vg.Length(share)*(r.Max.Y-r.Min.Y)
		c.StrokeLine2(tick, r.Max.X, y, r.Max.X+tickLength, y)
		drawMiddle(c, style, vg.Point{X: r.Max.X + tickLength + 2, Y: y}, t.Label)
	}
	label := textStyle(labelSize, col.ink)
	label.Rotation = math.Pi / 2
	label.XAlign = draw.XCenter
	drawMiddle(c, label, vg.Point{X: r.Max.X + s.labelAt(), Y: (r.Min.Y + r.Max.Y) / 2}, s.label)
}
