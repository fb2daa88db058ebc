package layout

import (
	"image/color"
	"math"
	"testing"
)

// luminance is the relative luminance of WCAG 2, [0, 1].
func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	lin := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(n.R) + 0.7152*lin(n.G) + 0.0722*lin(n.B)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast checks WCAG 2 ratios: 7 (level AAA) for text, and 2 for large
// filled shapes and for lines that also carry a dash pattern or an order.
func TestContrast(t *testing.T) {
	for theme, k := range map[string]Inks{"light": Light(), "dark": Dark()} {
		for name, ink := range map[string]color.Color{"Ink": k.Ink, "Muted": k.Muted} {
			if r := contrast(ink, k.Background); r < 7 {
				t.Errorf("%s: %s has contrast %.1f; want 7", theme, name, r)
			}
		}
		for i, ink := range k.Categories {
			if r := contrast(ink, k.Background); r < 2 {
				t.Errorf("%s: category %d has contrast %.1f; want 2", theme, i, r)
			}
		}
		if len(k.Categories) != len(dashes) || len(k.Categories) != len(markers) {
			t.Errorf("%s: %d colours, %d dash patterns, %d markers; want as many of each", theme, len(k.Categories), len(dashes), len(markers))
		}
	}
}

// TestViridisLightness checks that CIE lightness grows linearly, which makes
// the map readable in grey and for any colour vision.
func TestViridisLightness(t *testing.T) {
	lightness := func(c color.Color) float64 { return 116*math.Cbrt(luminance(c)) - 16 }
	p := Viridis()
	first, last := lightness(p[0]), lightness(p[len(p)-1])
	for i, c := range p {
		want := first + (last-first)*float64(i)/float64(len(p)-1)
		if got := lightness(c); math.Abs(got-want) > 1 {
			t.Errorf("colour %d has lightness %.1f; want %.1f", i, got, want)
		}
	}
}
