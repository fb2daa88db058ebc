package plots

import (
	"fmt"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
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

func (t Theme) inks() (layout.Inks, error) {
	switch t {
	case Light:
		return layout.Light(), nil
	case Dark:
		return layout.Dark(), nil
	default:
		return layout.Inks{}, fmt.Errorf("unknown theme %v; use plots.Light or plots.Dark", t)
	}
}
