package plots

import (
	"fmt"
	"image/color"
	"sync"

	"gonum.org/v1/plot/palette/moreland"
)

// The colours of Okabe and Ito, "Color Universal Design" (2008).
var (
	blue       = rgb(0x0072B2)
	vermillion = rgb(0xD55E00)
	green      = rgb(0x009E73) // bluish green
	purple     = rgb(0xCC79A7) // reddish purple
	orange     = rgb(0xE69F00)
	sky        = rgb(0x56B4E9)
	yellow     = rgb(0xF0E442)
	black      = rgb(0x000000)
	white      = rgb(0xFFFFFF)
	grey       = rgb(0x8C8C8C)
)

// okabeItoOnWhite and okabeItoOnDark are the palette in the order in which
// series take it, best contrast to the background first. The one colour that
// the background swallows is exchanged: yellow for grey on white, black for
// white on dark.
var (
	okabeItoOnWhite = []color.NRGBA{blue, vermillion, green, purple, orange, sky, black, grey}
	okabeItoOnDark  = []color.NRGBA{sky, vermillion, green, purple, orange, blue, white, yellow}
)

// viridisStops are ten equidistant colours of viridis, as printed by
// viridis(10) of R's viridisLite.
var viridisStops = []color.Color{
	rgb(0x440154), rgb(0x482878), rgb(0x3E4A89), rgb(0x31688E), rgb(0x26828E),
	rgb(0x1F9E89), rgb(0x35B779), rgb(0x6DCD59), rgb(0xB4DE2C), rgb(0xFDE725),
}

// viridisSize is the number of colours of the heatmap's palette: one byte a
// pixel in an indexed PNG.
const viridisSize = 256

// viridis returns viridisSize colours from low to high, between the stops
// interpolated in CIELAB with lightness linear in the value.
var viridis = sync.OnceValue(func() color.Palette {
	m, err := moreland.NewLuminance(viridisStops)
	if err != nil {
		panic(fmt.Sprintf("plots: viridis stops: %v", err))
	}
	m.SetMin(0)
	m.SetMax(1)
	p := make(color.Palette, viridisSize)
	for i := range p {
		c, err := m.At(float64(i) / (viridisSize - 1))
		if err != nil {
			panic(fmt.Sprintf("plots: viridis colour %d: %v", i, err))
		}
		p[i] = color.NRGBAModel.Convert(c)
	}
	return p
})

// rgb returns the opaque colour 0xRRGGBB.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}
