package layout

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Widths of legend samples.
const (
	BoxSample  = vg.Length(SmallSize) // a filled box or a marker
	LineSample = vg.Length(20)        // a dashed line with its marker
)

const (
	sampleGap = vg.Length(3) // between a sample and its name
	entryGap  = vg.Length(9) // between entries

	// columnsFrom is the number of entries above which they stand in columns.
	columnsFrom = 12
)

// Legend lists the names of what a figure draws. Unlike a plot.Legend, which
// is one column inside the axes, it runs in rows above the panels.
type Legend struct {
	SampleWidth vg.Length
	entries     []entry
}

// entry is a name of a legend and the samples drawn on top of each other beside
// it.
type entry struct {
	name    string
	samples []plot.Thumbnailer
}

// Sample is a plot.Thumbnailer made of a function.
type Sample func(*draw.Canvas)

// Thumbnail implements plot.Thumbnailer.
func (s Sample) Thumbnail(c *draw.Canvas) { s(c) }

// Add appends an entry.
func (l *Legend) Add(name string, samples ...plot.Thumbnailer) {
	l.entries = append(l.entries, entry{name, samples})
}

// AddMarkers appends an entry per series with the marker of the series. A
// single series needs no legend.
func (l *Legend) AddMarkers(k Inks, names []string) {
	if len(names) < 2 {
		return
	}
	for i, name := range names {
		l.Add(name, k.Series(i).Dots())
	}
}

// AddLine appends an entry for lines of a style.
func (l *Legend) AddLine(name string, s draw.LineStyle) {
	l.Add(name, &plotter.Line{LineStyle: s})
}

// placed is an entry at a distance from the left edge of the canvas.
type placed struct {
	entry
	x vg.Length
}

// rows distributes the entries over rows of a canvas of the given width.
func (l Legend) rows(width vg.Length, s draw.TextStyle) ([][]placed, error) {
	length := func(e entry) vg.Length { return l.SampleWidth + sampleGap + s.Width(e.name) }
	column := vg.Length(0)
	if len(l.entries) > columnsFrom {
		for _, e := range l.entries {
			column = max(column, length(e))
		}
	}
	var rows [][]placed
	x := Margin
	for _, e := range l.entries {
		w := length(e)
		if w > width-2*Margin {
			return nil, fmt.Errorf("the legend entry %q is wider than the figure; shorten it or raise Width", e.name)
		}
		if len(rows) == 0 || x+w > width-Margin {
			rows = append(rows, nil)
			x = Margin
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], placed{e, x})
		x += max(w, column) + entryGap
	}
	return rows, nil
}

// draw paints an entry with its middle at height y.
func (e placed) draw(c draw.Canvas, s draw.TextStyle, sampleWidth, y vg.Length) {
	left := c.Min.X + e.x
	sample := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: left, Y: y - BoxSample/2},
		Max: vg.Point{X: left + sampleWidth, Y: y + BoxSample/2},
	}}
	for _, t := range e.samples {
		t.Thumbnail(&sample)
	}
	DrawMiddle(c, s, vg.Point{X: left + sampleWidth + sampleGap, Y: y}, e.name)
}
