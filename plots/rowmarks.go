package plots

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dotMark is the marker of series i at v.
func dotMark(col colors, series, row int, dodge vg.Length, v float64) rowMark {
	s := newCurveStyle(series, col)
	return rowMark{row: row, dodge: dodge, paint: func(c draw.Canvas, fx func(float64) vg.Length, y vg.Length) {
		s.mark(c, vg.Point{X: fx(v), Y: y})
	}}
}

// intervalMark is the marker of series i at v with a line from lo to hi.
func intervalMark(col colors, series, row int, dodge vg.Length, v, lo, hi float64) rowMark {
	dot := dotMark(col, series, row, dodge, v)
	paint := dot.paint
	dot.paint = func(c draw.Canvas, fx func(float64) vg.Length, y vg.Length) {
		s := draw.LineStyle{Color: col.categories[series], Width: 1.2}
		c.StrokeLine2(s, fx(lo), y, fx(hi), y)
		for _, end := range []vg.Length{fx(lo), fx(hi)} {
			c.StrokeLine2(s, end, y-1.8, end, y+1.8)
		}
		paint(c, fx, y)
	}
	return dot
}

// chanceMark is an upright tick at v: what a row would show by chance.
func chanceMark(col colors, row int, v float64) rowMark {
	return rowMark{row: row, paint: func(c draw.Canvas, fx func(float64) vg.Length, y vg.Length) {
		drawChance(c, col, vg.Point{X: fx(v), Y: y})
	}}
}

func drawChance(c draw.Canvas, col colors, at vg.Point) {
	c.StrokeLine2(draw.LineStyle{Color: col.ink, Width: 0.9}, at.X, at.Y-rowPitch*0.36, at.X, at.Y+rowPitch*0.36)
}

// chanceSample is the legend's sample of a chance tick.
func chanceSample(col colors) func(draw.Canvas, vg.Point) {
	return func(c draw.Canvas, at vg.Point) { drawChance(c, col, at) }
}

// quantileMark draws a distribution: a hair from the least to the greatest, a
// thin bar over 5 to 95 %, a thick one over 25 to 75 %, and the median.
func quantileMark(col colors, row int, q Quantiles) rowMark {
	return rowMark{row: row, paint: func(c draw.Canvas, fx func(float64) vg.Length, y vg.Length) {
		ink := col.categories[0]
		for _, l := range []struct {
			lo, hi float64
			width  vg.Length
		}{{q.Min, q.Max, 0.6}, {q.P5, q.P95, 2}, {q.P25, q.P75, 4.6}} {
			c.StrokeLine2(draw.LineStyle{Color: ink, Width: l.width}, fx(l.lo), y, fx(l.hi), y)
		}
		at := fx(q.Median)
		c.StrokeLine2(draw.LineStyle{Color: col.background, Width: 2.6}, at, y-3.1, at, y+3.1)
		c.StrokeLine2(draw.LineStyle{Color: col.ink, Width: 1.2}, at, y-3.1, at, y+3.1)
	}}
}

// seriesEntries are the legend entries of series that differ in marker and
// colour; none for a single one.
func seriesEntries(col colors, names []string) []legendEntry {
	if len(names) < 2 {
		return nil
	}
	entries := make([]legendEntry, 0, len(names))
	for i, name := range names {
		s := newCurveStyle(i, col)
		entries = append(entries, legendEntry{name: name, sample: s.mark})
	}
	return entries
}

// roomy returns an axis for data in r: padded, but not beyond the ends that a
// quantity has by nature.
func roomy(r Range, lo, hi float64) Range {
	p := padded(r)
	if r.Min >= lo {
		p.Min = max(p.Min, lo)
	}
	if r.Max <= hi {
		p.Max = min(p.Max, hi)
	}
	return p
}
