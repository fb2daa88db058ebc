package layout

import (
	"fmt"
	"image/color"
	"sync"

	"gonum.org/v1/plot/palette/moreland"
)

// The colours of Okabe and Ito, "Color Universal Design" (2008), and a grey.
var (
	Vermillion = rgb(0xD55E00)
	Black      = rgb(0x000000)
	White      = rgb(0xFFFFFF)

	blue   = rgb(0x0072B2)
	green  = rgb(0x009E73) // bluish green
	purple = rgb(0xCC79A7) // reddish purple
	orange = rgb(0xE69F00)
	sky    = rgb(0x56B4E9)
	yellow = rgb(0xF0E442)
	grey   = rgb(0x8C8C8C)
)

// okabeItoOnWhite and okabeItoOnDark list the palette in the order in which
// series take it, the best contrast to the background first. Grey replaces
// yellow on white, and white replaces black on dark: the background would hide
// them.
var (
	okabeItoOnWhite = []color.NRGBA{blue, Vermillion, green, purple, orange, sky, Black, grey}
	okabeItoOnDark  = []color.NRGBA{sky, Vermillion, green, purple, orange, blue, White, yellow}
)

// viridisStops are ten equidistant colours of viridis, as printed by
// viridis(10) of R's viridisLite.
var viridisStops = []color.Color{
	rgb(0x440154), rgb(0x482878), rgb(0x3E4A89), rgb(0x31688E), rgb(0x26828E),
	rgb(0x1F9E89), rgb(0x35B779), rgb(0x6DCD59), rgb(0xB4DE2C), rgb(0xFDE725),
}

// viridisSize is the number of colours of a heatmap's palette: one byte per
// pixel in an indexed PNG.
const viridisSize = 256

// Viridis returns 256 colours from low to high. gonum interpolates between the
// stops in CIELAB, with lightness linear in the value.
var Viridis = sync.OnceValue(func() color.Palette {
	m, err := moreland.NewLuminance(viridisStops)
	if err != nil {
		panic(fmt.Sprintf("layout: viridis stops: %v", err)) // the stops are constants
	}
	p := color.Palette(m.Palette(viridisSize).Colors())
	for i, c := range p {
		p[i] = color.NRGBAModel.Convert(c)
	}
	return p
})

// rgb returns the opaque colour 0xRRGGBB.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}
