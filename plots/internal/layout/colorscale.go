package layout

import (
	"image"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	barGap   = vg.Length(9) // between the map, or its strip, and the colour bar
	barWidth = vg.Length(7)
)

// ColorScale maps values to [Viridis] and explains itself in a colour bar.
// (gonum's plotter.ColorBar can only have its axis on the left, between the bar
// and the map.)
type ColorScale struct {
	Range
	exponent int // the colour bar prints values divided by 10^exponent
	label    string
}

// NewColorScale returns the scale of values in r. The label of its bar names a
// power of ten if the values are very large or small.
func NewColorScale(r Range, label string) ColorScale {
	s := ColorScale{Range: r, label: label}
	if e := int(math.Floor(math.Log10(max(math.Abs(r.Min), math.Abs(r.Max))))); e < -2 || e > 3 {
		s.exponent = e
		s.label += " (×1e" + Number(float64(e), 0) + ")"
	}
	return s
}

// Index returns the index of a value in [Viridis]; values outside the range get
// the nearer end.
func (s ColorScale) Index(x float64) uint8 {
	t := (x - s.Min) / (s.Max - s.Min)
	return uint8(math.Round(min(max(t, 0), 1) * (viridisSize - 1)))
}

// Width is the width of the gap, the colour bar, its ticks and its label.
func (s ColorScale) Width() vg.Length {
	return barGap + barWidth + s.labelAt() + LabelSize/2 + 1
}

// ticks returns the ticks of the colour bar, in units of 10^exponent.
func (s ColorScale) ticks() []plot.Tick {
	unit := math.Pow(10, float64(s.exponent))
	return NiceTicks{AtMost: 6}.Ticks(s.Min/unit, s.Max/unit)
}

// labelAt is the distance between the bar and the middle of its label.
func (s ColorScale) labelAt() vg.Length {
	style := Text(SmallSize, nil)
	widest := vg.Length(0)
	for _, t := range s.ticks() {
		widest = max(widest, style.Width(t.Label))
	}
	return TickLength + 2 + widest + 3 + LabelSize/2
}

// DrawBar draws the colour bar to the right of beside, as high as it, with
// ticks and label to its right.
func (s ColorScale) DrawBar(c draw.Canvas, k Inks, beside vg.Rectangle) {
	r := beside
	r.Min.X = beside.Max.X + barGap
	r.Max.X = r.Min.X + barWidth

	const across = 32 // pixels; viewers would smooth a single column at its edges
	img := image.NewPaletted(image.Rect(0, 0, across, viridisSize), Viridis())
	for i := range img.Pix {
		img.Pix[i] = uint8(viridisSize - 1 - i/across)
	}
	c.DrawImage(r, img)
	DrawFrame(c, k, r)

	unit := math.Pow(10, float64(s.exponent))
	for _, t := range s.ticks() {
		share := (t.Value*unit - s.Min) / (s.Max - s.Min)
		y := r.Min.Y + vg.Length(share)*(r.Max.Y-r.Min.Y)
		c.StrokeLine2(k.axis(), r.Max.X, y, r.Max.X+TickLength, y)
		DrawMiddle(c, Text(SmallSize, k.Ink), vg.Point{X: r.Max.X + TickLength + 2, Y: y}, t.Label)
	}
	label := Text(LabelSize, k.Ink)
	label.Rotation = math.Pi / 2
	label.XAlign = draw.XCenter
	DrawMiddle(c, label, vg.Point{X: r.Max.X + s.labelAt(), Y: (r.Min.Y + r.Max.Y) / 2}, s.label)
}
