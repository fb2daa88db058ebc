package plots

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	stripGap   = vg.Length(4)
	stripWidth = vg.Length(16) // share of rows with the argmax on the diagonal
)

// heatmap is a correlation reduced to what is drawn.
type heatmap struct {
	view    view
	col     colors
	scale   colorScale
	cells   []uint8 // [cellRows, cellCols], palette indices
	clipped bool    // cells lie outside scale

	share    []float64 // [cellRows], nil unless the matrix is square
	diagonal float64   // share over all rows of the matrix

	source, target string
}

func newHeatmap(m Matrix, v view, fixed Range, col colors) *heatmap {
	hm := &heatmap{view: v, col: col, source: m.Source, target: m.Target}
	mean := make([]float64, v.cellRows*v.cellCols)
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range v.cellRows {
		for j := range v.cellCols {
			x := v.blockMean(m.P, i, j)
			mean[i*v.cellCols+j] = x
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	scale := Range{Min: lo, Max: hi}
	if !fixed.isAuto() {
		scale = fixed
		hm.clipped = lo < fixed.Min || hi > fixed.Max
	} else if hi-lo <= 1e-9*hi { // uniform rows: half a scale on either side
		scale = Range{Min: 0, Max: 2 * hi}
	}
	hm.scale = newColorScale(scale, "softmax correlation P")
	hm.cells = make([]uint8, len(mean))
	for i, x := range mean {
		hm.cells[i] = hm.scale.index(x)
	}
	if len(m.P) == len(m.P[0]) {
		hm.measureDiagonal(m.P)
	}
	return hm
}

// block returns the channels [from, to) of cell i, of n channels in cells.
func block(i, n, cells int) (from, to int) {
	return i * n / cells, (i + 1) * n / cells
}

func (v view) blockMean(p [][]float64, i, j int) float64 {
	r0, r1 := block(i, v.rows, v.cellRows)
	c0, c1 := block(j, v.cols, v.cellCols)
	sum := 0.0
	for _, row := range p[v.row+r0 : v.row+r1] {
		for _, x := range row[v.col+c0 : v.col+c1] {
			sum += x
		}
	}
	return sum / float64((r1-r0)*(c1-c0))
}

// measureDiagonal fills share and diagonal; argmaxes are over whole rows.
func (hm *heatmap) measureDiagonal(p [][]float64) {
	hit := make([]bool, len(p))
	hits := 0
	for i, row := range p {
		if hit[i] = argmax(row) == i; hit[i] {
			hits++
		}
	}
	hm.diagonal = float64(hits) / float64(len(p))
	v := hm.view
	hm.share = make([]float64, v.cellRows)
	for i := range hm.share {
		from, to := block(i, v.rows, v.cellRows)
		for _, h := range hit[v.row+from : v.row+to] {
			if h {
				hm.share[i] += 1 / float64(to-from)
			}
		}
	}
}

// panel returns the plot of the map without its cells.
func (hm *heatmap) panel() *plot.Plot {
	v := hm.view
	p := newPanel(hm.col, hm.target+" channel", hm.source+" channel")
	p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0 // the frame draws them
	p.X.Min, p.X.Max = float64(v.col)-0.5, float64(v.col+v.cols)-0.5
	p.Y.Min, p.Y.Max = float64(v.row)-0.5, float64(v.row+v.rows)-0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.X.Tick.Marker = plot.ConstantTicks(indexTicks(v.col, v.col+v.cols-1, 5))
	p.Y.Tick.Marker = plot.ConstantTicks(indexTicks(v.row, v.row+v.rows-1, 5))
	return p
}

// right is the width of what stands to the right of the map.
func (hm *heatmap) right() vg.Length {
	w := barGap + hm.scale.width()
	if hm.share != nil {
		w += stripGap + stripWidth
	}
	return w
}

// dataRect is where the cells go in a body.
func (hm *heatmap) dataRect(body draw.Canvas) (axes draw.Canvas, data vg.Rectangle) {
	return mapRect(hm.panel(), body, hm.right(), hm.view.rows == hm.view.cols)
}

// fittingHeight is the height of a body of the given width in which the map of
// a square view fills the width.
func (hm *heatmap) fittingHeight(width vg.Length) vg.Length {
	return mapHeight(hm.panel(), width, hm.right(), float64(hm.view.rows)/float64(hm.view.cols))
}

// checkFits reports axis labels longer than the map, and a map too small to
// read.
func (hm *heatmap) checkFits(body draw.Canvas) error {
	// Bounded without the axes first: labels too long push the map away.
	room := min(body.Max.X-body.Min.X-hm.right(), body.Max.Y-body.Min.Y)
	names := []string{hm.source, hm.target}
	s := textStyle(labelSize, nil)
	tooLong := func() error {
		for _, name := range names {
			if s.Width(name+" channel") > room {
				return fmt.Errorf("plots: domain name %q is longer than the map (%.0f mm); shorten it or enlarge the figure", name, mm(room))
			}
		}
		return nil
	}
	if err := tooLong(); err != nil {
		return err
	}
	_, d := hm.dataRect(body)
	room = min(d.Max.X-d.Min.X, d.Max.Y-d.Min.Y)
	if room < 15*vg.Millimeter {
		return fmt.Errorf("plots: the map would be only %.0f mm wide; raise Width or Height", max(0, mm(room)))
	}
	return tooLong()
}

func (hm *heatmap) painter(h header) func(draw.Canvas, medium) {
	return func(c draw.Canvas, m medium) {
		h.draw(c, 0)
		axes, data := hm.dataRect(h.body(c))
		p := hm.panel()
		p.Add(painter(func(c draw.Canvas, _ *plot.Plot) {
			c.DrawImage(c.Rectangle, cellImage(hm.cells, hm.view.cellRows, hm.view.cellCols, m))
		}))
		p.Draw(axes)
		drawFrame(c, hm.col, data)
		x := data.Max.X
		if hm.share != nil {
			strip := data
			strip.Min.X = x + stripGap
			strip.Max.X = strip.Min.X + stripWidth
			hm.drawStrip(c, strip)
			x = strip.Max.X
		}
		bar := data
		bar.Min.X = x + barGap
		bar.Max.X = bar.Min.X + barWidth
		hm.scale.drawBar(c, hm.col, bar)
	}
}

// drawStrip draws the share of each cell's rows whose argmax is on the
// diagonal, from 0 at the left to 1 at the right.
func (hm *heatmap) drawStrip(c draw.Canvas, r vg.Rectangle) {
	var area vg.Path
	height := (r.Max.Y - r.Min.Y) / vg.Length(len(hm.share))
	for i, s := range hm.share {
		if s == 0 {
			continue
		}
		top := r.Max.Y - vg.Length(i)*height
		right := r.Min.X + vg.Length(s)*(r.Max.X-r.Min.X)
		area.Move(vg.Point{X: r.Min.X, Y: top})
		area.Line(vg.Point{X: right, Y: top})
		area.Line(vg.Point{X: right, Y: top - height})
		area.Line(vg.Point{X: r.Min.X, Y: top - height})
		area.Close()
	}
	if len(area) > 0 {
		c.SetColor(vermillion)
		c.Fill(area)
	}
	drawFrame(c, hm.col, r)
	s := textStyle(smallSize, hm.col.ink)
	s.XAlign = draw.XCenter
	y := r.Min.Y - tickLength - smallSize
	tick := draw.LineStyle{Color: hm.col.ink, Width: axisWidth}
	for i, x := range []vg.Length{r.Min.X, r.Max.X} {
		c.StrokeLine2(tick, x, r.Min.Y, x, r.Min.Y-tickLength)
		drawText(c, s, vg.Point{X: x, Y: y}, strconv.Itoa(i))
	}
	drawText(c, s, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: y - lineHeight(s)}, "own index")
}
