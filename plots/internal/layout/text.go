package layout

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
	LabelSize = 8
	SmallSize = 7 // subtitle, legend, tick labels, values of bars
)

// CapHeight is the height of digits and capitals of Liberation Sans as a share
// of the font size (1409 of 2048 units).
const CapHeight = 0.688

var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

// Text returns the style of Liberation Sans at the given size in points.
func Text(size vg.Length, c color.Color) draw.TextStyle {
	return draw.TextStyle{
		Color:   c,
		Font:    font.From(sans, size),
		YAlign:  draw.YBottom,
		Handler: plot.DefaultTextHandler,
	}
}

// Bold is [Text] in bold.
func Bold(size vg.Length, c color.Color) draw.TextStyle {
	s := Text(size, c)
	s.Font.Weight = xfont.WeightBold
	return s
}

// Baseline returns the alignment that puts the baseline of a single line
// `drop` font sizes below the point where the line is drawn. (gonum's text
// handler puts the baseline at y + height·YAlign − ascent + size.)
func Baseline(s draw.TextStyle, drop float64) draw.YAlignment {
	e := s.FontExtents()
	return draw.YAlignment((e.Ascent - s.Font.Size - s.Font.Size*vg.Length(drop)) / (e.Ascent + e.Descent))
}

// Middle returns the alignment that centres the capitals of a single line on
// the point where the line is drawn, across the direction of the text.
func Middle(s draw.TextStyle) draw.YAlignment { return Baseline(s, CapHeight/2) }

// DrawText draws one line with its baseline at p.
func DrawText(c draw.Canvas, s draw.TextStyle, p vg.Point, txt string) {
	s.YAlign = Baseline(s, 0)
	c.FillText(s, p, txt)
}

// DrawMiddle draws one line with its capitals centred on p; see [Middle].
func DrawMiddle(c draw.Canvas, s draw.TextStyle, p vg.Point, txt string) {
	s.YAlign = Middle(s)
	c.FillText(s, p, txt)
}

// LineHeight is the distance between the baselines of wrapped text.
func LineHeight(s draw.TextStyle) vg.Length { return s.Font.Size * 1.25 }

// wrap breaks txt at spaces into lines no wider than width.
func wrap(s draw.TextStyle, txt string, width vg.Length) ([]string, error) {
	var lines []string
	line := ""
	for _, word := range strings.Fields(txt) {
		if s.Width(word) > width {
			return nil, fmt.Errorf("the word %q is wider than the figure (%.0f mm); shorten it or raise Width", word, MM(width))
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

// CheckText returns an error if a figure cannot show txt: SVG (XML 1.0)
// forbids control characters, and the font must have every glyph. field names
// the text in the error.
func CheckText(field, txt string) error {
	if !utf8.ValidString(txt) {
		return fmt.Errorf("%s %q is not valid UTF-8", field, txt)
	}
	face := font.DefaultCache.Lookup(sans, SmallSize)
	var buf sfnt.Buffer
	for _, r := range txt {
		if unicode.IsControl(r) {
			return fmt.Errorf("%s %q contains the control character %U; remove it (long text wraps automatically)", field, txt, r)
		}
		i, err := face.Face.GlyphIndex(&buf, r)
		if err != nil {
			return fmt.Errorf("%s %q: looking up the glyph of %U: %w", field, txt, r, err)
		}
		if i == 0 {
			return fmt.Errorf("%s %q contains %q (%U), which Liberation Sans, the font of the figures, lacks; replace the character", field, txt, r, r)
		}
	}
	return nil
}
