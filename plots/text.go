package plots

import (
	"fmt"
	"image/color"
	"strings"
	"unicode"
	"unicode/utf8"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Font sizes in points. Journals ask for at least 7 pt in print.
const (
	titleSize = 9
	labelSize = 8
	smallSize = 7 // subtitle, legend, tick labels, bar values
)

var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

// textStyle returns Liberation Sans of the given size in points.
func textStyle(size vg.Length, c color.Color) draw.TextStyle {
	return draw.TextStyle{
		Color:   c,
		Font:    font.From(sans, size),
		YAlign:  draw.YBottom,
		Handler: plot.DefaultTextHandler,
	}
}

func boldStyle(size vg.Length, c color.Color) draw.TextStyle {
	s := textStyle(size, c)
	s.Font.Weight = xfont.WeightBold
	return s
}

// capHeight is the height of digits and capitals of Liberation Sans as a share
// of the font size (1409 of 2048 units).
const capHeight = 0.688

// alignBaseline returns the YAlign that puts the baseline of a single line
// `drop` font sizes below the point it is drawn at. (The text handler places the
// baseline at y + height·YAlign − ascent + size.)
func alignBaseline(s draw.TextStyle, drop float64) draw.YAlignment {
	e := s.FontExtents()
	return draw.YAlignment((e.Ascent - s.Font.Size - s.Font.Size*vg.Length(drop)) / (e.Ascent + e.Descent))
}

// drawText draws one line with its baseline at p.
func drawText(c draw.Canvas, s draw.TextStyle, p vg.Point, txt string) {
	s.YAlign = alignBaseline(s, 0)
	c.FillText(s, p, txt)
}

// drawMiddle draws one line with its capitals centred vertically on p (on the
// rotated axis if the style is rotated).
func drawMiddle(c draw.Canvas, s draw.TextStyle, p vg.Point, txt string) {
	s.YAlign = alignBaseline(s, capHeight/2)
	c.FillText(s, p, txt)
}

// lineHeight is the distance of baselines in wrapped text.
func lineHeight(s draw.TextStyle) vg.Length { return s.Font.Size * 1.25 }

// wrap breaks txt at spaces into lines no wider than width.
func wrap(s draw.TextStyle, txt string, width vg.Length) ([]string, error) {
	var lines []string
	line := ""
	for _, word := range strings.Fields(txt) {
		if s.Width(word) > width {
			return nil, fmt.Errorf("the word %q is wider than the figure (%.0f mm); shorten it or raise Width",
				word, float64(width/vg.Millimeter))
		}
		next := word
		if line != "" {
			next = line + " " + word
		}
		if s.Width(next) > width {
			lines = append(lines, line)
			next = word
		}
		line = next
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines, nil
}

// checkText reports why txt cannot be written into a figure: SVG (XML 1.0)
// forbids control characters, and the PNG font must have every glyph.
func checkText(field, txt string) error {
	if !utf8.ValidString(txt) {
		return fmt.Errorf("plots: %s %q is not valid UTF-8", field, txt)
	}
	face := font.DefaultCache.Lookup(sans, smallSize)
	var buf sfnt.Buffer
	for _, r := range txt {
		if unicode.IsControl(r) {
			return fmt.Errorf("plots: %s %q has the control character %U; remove it (long text is wrapped by itself)", field, txt, r)
		}
		i, err := face.Face.GlyphIndex(&buf, r)
		if err != nil {
			return fmt.Errorf("plots: %s %q: glyph of %U: %w", field, txt, r, err)
		}
		if i == 0 {
			return fmt.Errorf("plots: %s %q has the character %q (%U), which the figures' font, Liberation Sans, lacks; write it in another way", field, txt, r, r)
		}
	}
	return nil
}

// checkName is checkText for texts that must not be empty.
func checkName(field, txt string) error {
	if strings.TrimSpace(txt) == "" {
		return fmt.Errorf("plots: %s is empty; the figure needs it to be read", field)
	}
	return checkText(field, txt)
}
