package plots

import (
	"fmt"
	"image"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	stripGap   = vg.Length(4)
	stripWidth = vg.Length(16) // share of rows with the argmax on the diagonal
	barGap     = vg.Length(9)  // strip or map to colour bar
	barWidth   = vg.Length(7)
)

// heatmap is a correlation reduced to what is drawn.
type heatmap struct {
	view     view
	col      colors
	scale    Range   // of the colours
	exponent int     // the colour bar prints values divided by 10^exponent
	cells    []uint8 // [cellRows, cellCols], palette indices
	clipped  bool    // cells lie outside scale

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
	hm.scale = Range{Min: lo, Max: hi}
	if !fixed.isAuto() {
		hm.scale = fixed
		hm.clipped = lo < fixed.Min || hi > fixed.Max
	} else if hi-lo <= 1e-9*hi { // uniform rows: half a scale on either side
		hm.scale = Range{Min: 0, Max: 2 * hi}
	}
	if e := int(math.Floor(math.Log10(max(math.Abs(hm.scale.Min), math.Abs(hm.scale.Max))))); e < -2 || e > 3 {
		hm.exponent = e
	}
	hm.cells = make([]uint8, len(mean))
	for i, x := range mean {
		hm.cells[i] = hm.index(x)
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

// leastSide is the least side in pixels to which the map's image is enlarged,
// by whole factors: canvases and some viewers smooth what they enlarge
// themselves. PNG gets more than it has pixels; SVG, where the image is stored
// and viewers are told not to smooth, gets what keeps the file small.
func leastSide(m medium) int {
	if m == vector {
		return maxCells
	}
	return 5 * maxCells
}

// image returns the map, with cells enlarged for the medium.
func (hm *heatmap) image(m medium) *image.Paletted {
	v := hm.view
	kx, ky := (leastSide(m)+v.cellCols-1)/v.cellCols, (leastSide(m)+v.cellRows-1)/v.cellRows
	img := image.NewPaletted(image.Rect(0, 0, v.cellCols*kx, v.cellRows*ky), viridis())
	for y := range v.cellRows * ky {
		line := img.Pix[y*img.Stride:]
		for x := range v.cellCols * kx {
			line[x] = hm.cells[y/ky*v.cellCols+x/kx]
		}
	}
	return img
}

// index is the palette index of a value.
func (hm *heatmap) index(x float64) uint8 {
	t := (x - hm.scale.Min) / (hm.scale.Max - hm.scale.Min)
	return uint8(math.Round(min(max(t, 0), 1) * (viridisSize - 1)))
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
	w := barGap + barWidth + tickLength + 2
	s := textStyle(smallSize, nil)
	widest := vg.Length(0)
	for _, t := range hm.scaleTicks() {
		widest = max(widest, s.Width(t.Label))
	}
	w += widest + labelSize + 4
	if hm.share != nil {
		w += stripGap + stripWidth
	}
	return w
}

// dataRect is where the cells go in a body: the largest rectangle that leaves
// room for axes and colour bar, square if the view is.
func (hm *heatmap) dataRect(body draw.Canvas) (axes draw.Canvas, data vg.Rectangle) {
	axes = draw.Crop(body, 0, -hm.right(), 0, 0)
	p := hm.panel()
	d := p.DataCanvas(axes)
	if hm.view.rows == hm.view.cols {
		w, h := d.Max.X-d.Min.X, d.Max.Y-d.Min.Y
		axes = draw.Crop(axes, 0, min(0, h-w), max(0, h-w), 0)
		if h > w {
			axes = draw.Crop(body, 0, -hm.right(), h-w, 0)
		}
		d = p.DataCanvas(axes)
	}
	return axes, d.Rectangle
}

// fittingHeight is the height of a body of the given width in which the map of
// a square view fills the width.
func (hm *heatmap) fittingHeight(width vg.Length) vg.Length {
	axes := draw.Crop(nominal(width, width), 0, -hm.right(), 0, 0)
	d := hm.panel().DataCanvas(axes)
	side := d.Max.X - d.Min.X
	around := (axes.Max.Y - axes.Min.Y) - (d.Max.Y - d.Min.Y)
	aspect := float64(hm.view.rows) / float64(hm.view.cols)
	return around + side*vg.Length(min(max(aspect, 0.4), 1.6))
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
		p.Add(painter(func(c draw.Canvas, _ *plot.Plot) { c.DrawImage(c.Rectangle, hm.image(m)) }))
		p.Draw(axes)
		hm.frame(c, data)
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
		hm.drawBar(c, bar)
	}
}

func (hm *heatmap) frame(c draw.Canvas, r vg.Rectangle) {
	c.SetLineStyle(draw.LineStyle{Color: hm.col.ink, Width: axisWidth})
	c.Stroke(r.Path())
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
	hm.frame(c, r)
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

// scaleTicks are the ticks of the colour bar, with values in units of
// 10^exponent.
func (hm *heatmap) scaleTicks() []plot.Tick {
	unit := math.Pow(10, float64(hm.exponent))
	return niceTicks(hm.scale.Min/unit, hm.scale.Max/unit, 6)
}

// drawBar draws the colour bar with its ticks and label to the right.
func (hm *heatmap) drawBar(c draw.Canvas, r vg.Rectangle) {
	const across = 32 // pixels; a single column would be smoothed at its edges
	img := image.NewPaletted(image.Rect(0, 0, across, viridisSize), viridis())
	for i := range img.Pix {
		img.Pix[i] = uint8(viridisSize - 1 - i/across)
	}
	c.DrawImage(r, img)
	hm.frame(c, r)

	unit := math.Pow(10, float64(hm.exponent))
	s := textStyle(smallSize, hm.col.ink)
	tick := draw.LineStyle{Color: hm.col.ink, Width: axisWidth}
	widest := vg.Length(0)
	for _, t := range hm.scaleTicks() {
		share := (t.Value*unit - hm.scale.Min) / (hm.scale.Max - hm.scale.Min)
		y := r.Min.Y + vg.Length(share)*(r.Max.Y-r.Min.Y)
		c.StrokeLine2(tick, r.Max.X, y, r.Max.X+tickLength, y)
		drawMiddle(c, s, vg.Point{X: r.Max.X + tickLength + 2, Y: y}, t.Label)
		widest = max(widest, s.Width(t.Label))
	}
	label := "softmax correlation P"
	if hm.exponent != 0 {
		label += " (×1e" + formatValue(float64(hm.exponent), 0) + ")"
	}
	ls := textStyle(labelSize, hm.col.ink)
	ls.Rotation = math.Pi / 2
	ls.XAlign = draw.XCenter
	drawMiddle(c, ls, vg.Point{X: r.Max.X + tickLength + 2 + widest + 3 + labelSize/2, Y: (r.Min.Y + r.Max.Y) / 2}, label)
}
