package layout

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Inks are the colours of a theme.
type Inks struct {
	Background color.NRGBA
	Ink        color.NRGBA // titles, labels, axes, error bars
	Muted      color.NRGBA // subtitles, reference lines
	Grid       color.NRGBA
	BandAlpha  uint8         // opacity of the band of a curve, of 255
	Categories []color.NRGBA // of series and classes
}

// Light returns dark inks on white.
func Light() Inks {
	return Inks{
		Background: rgb(0xFFFFFF),
		Ink:        rgb(0x1A1A1A),
		Muted:      rgb(0x4D4D4D),
		Grid:       rgb(0xE2E2E2),
		BandAlpha:  0x33,
		Categories: okabeItoOnWhite,
	}
}

// Dark returns light inks on near-black.
func Dark() Inks {
	return Inks{
		Background: rgb(0x14171C),
		Ink:        rgb(0xF2F2F2),
		Muted:      rgb(0xC3C7CE),
		Grid:       rgb(0x363B44),
		BandAlpha:  0x40,
		Categories: okabeItoOnDark,
	}
}

// Reference is the dashed style of a line that marks a value to compare with.
func (k Inks) Reference() draw.LineStyle {
	return draw.LineStyle{Color: k.Muted, Width: 0.8, Dashes: []vg.Length{3, 2}}
}

// Limit is the solid style of a line at the end of a scale.
func (k Inks) Limit() draw.LineStyle { return draw.LineStyle{Color: k.Muted, Width: 0.8} }

func (k Inks) axis() draw.LineStyle { return draw.LineStyle{Color: k.Ink, Width: axisWidth} }
func (k Inks) grid() draw.LineStyle { return draw.LineStyle{Color: k.Grid, Width: gridWidth} }
