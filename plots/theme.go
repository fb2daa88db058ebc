package plots

import (
	"fmt"
	"image/color"
)

// Theme is the colour scheme of a figure.
type Theme int

const (
	// Light is dark ink on white, for print. It is the zero value.
	Light Theme = iota
	// Dark is light ink on near-black, for slides and dark pages.
	Dark
)

// Themes lists every theme, for callers that write a figure in each.
func Themes() []Theme { return []Theme{Light, Dark} }

// String returns "light" or "dark".
func (t Theme) String() string {
	switch t {
	case Light:
		return "light"
	case Dark:
		return "dark"
	default:
		return fmt.Sprintf("Theme(%d)", int(t))
	}
}

// colors are the inks of one theme.
type colors struct {
	background color.NRGBA
	ink        color.NRGBA // titles, labels, axes, error bars
	muted      color.NRGBA // subtitles
	grid       color.NRGBA
	bandAlpha  uint8 // opacity of a curve's band, of 255
	categories []color.NRGBA
}

func (t Theme) colors() (colors, error) {
	switch t {
	case Light:
		return colors{
			background: rgb(0xFFFFFF),
			ink:        rgb(0x1A1A1A),
			muted:      rgb(0x4D4D4D),
			grid:       rgb(0xE2E2E2),
			bandAlpha:  0x33,
			categories: okabeItoOnWhite,
		}, nil
	case Dark:
		return colors{
			background: rgb(0x14171C),
			ink:        rgb(0xF2F2F2),
			muted:      rgb(0xC3C7CE),
			grid:       rgb(0x363B44),
			bandAlpha:  0x40,
			categories: okabeItoOnDark,
		}, nil
	default:
		return colors{}, fmt.Errorf("plots: unknown theme %v; use plots.Light or plots.Dark", t)
	}
}
