package plots

import (
	"fmt"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

const (
	stripGap   = vg.Length(4)
	stripWidth = vg.Length(16)
)

// heatmap is the data and layout of a [Correlation] figure.
type heatmap struct {
	view    view
	k       layout.Inks
	scale   layout.ColorScale
	cells   cells
	clipped bool // cells lie outside scale

	share    []float64 // [cell rows] with the argmax on the diagonal; nil unless the matrix is square
	diagonal float64   // share over all rows of the matrix

	source, target string
}

func newHeatmap(m Matrix, v view, fixed Range, k layout.Inks) *heatmap {
	hm := &heatmap{view: v, k: k, source: m.Source, target: m.Target}
	means := v.means(m.P)
	r := layout.Range{Min: floats.Min(means), Max: floats.Max(means)}
	switch {
	case !fixed.isAuto():
		hm.clipped = r.Min < fixed.Min || r.Max > fixed.Max
		r = layout.Range(fixed)
	case r.Max-r.Min <= 1e-9*r.Max: // uniform rows: half a scale on either side
		r = layout.Range{Min: 0, Max: 2 * r.Max}
	}
	hm.scale = layout.NewColorScale(r, "softmax correlation P")
	hm.cells = cells{rows: v.cellRows, cols: v.cellCols}
	for _, x := range means {
		hm.cells.index = append(hm.cells.index, hm.scale.Index(x))
	}
	if len(m.P) == len(m.P[0]) {
		hits := onDiagonal(m.P) // over whole rows
		hm.diagonal, hm.share = hitShare(hits), v.shares(hits)
	}
	return hm
}

// panel returns the plot of the map without its cells.
func (hm *heatmap) panel() *plot.Plot {
	v := hm.view
	p := layout.NewPanel(hm.k, hm.target+" channel", hm.source+" channel")
	layout.HideAxisLines(p)
	p.X.Min, p.X.Max = float64(v.col)-0.5, float64(v.col+v.cols)-0.5
	p.Y.Min, p.Y.Max = float64(v.row)-0.5, float64(v.row+v.rows)-0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.X.Tick.Marker, p.Y.Tick.Marker = layout.IndexTicks{AtMost: 5}, layout.IndexTicks{AtMost: 5}
	return p
}

// right is the width of what stands to the right of the map.
func (hm *heatmap) right() vg.Length {
	if hm.share == nil {
		return hm.scale.Width()
	}
	return stripGap + stripWidth + hm.scale.Width()
}

// dataRect returns where the cells go in a body.
func (hm *heatmap) dataRect(body draw.Canvas) (axes draw.Canvas, data vg.Rectangle) {
	return layout.MapCanvas(hm.panel(), body, hm.right(), hm.view.rows == hm.view.cols)
}

// fittingHeight is the height of a body of the given width in which the map
// fills the width.
func (hm *heatmap) fittingHeight(width vg.Length) vg.Length {
	return layout.MapHeight(hm.panel(), width, hm.right(), float64(hm.view.rows)/float64(hm.view.cols))
}

// checkFits returns an error if axis labels are longer than the map or if the
// map is too small to read.
func (hm *heatmap) checkFits(body draw.Canvas) error {
	// Bounded without the axes first: labels too long push the map away.
	room := min(body.Max.X-body.Min.X-hm.right(), body.Max.Y-body.Min.Y)
	s := layout.Text(layout.LabelSize, nil)
	tooLong := func() error {
		for _, name := range []string{hm.source, hm.target} {
			if s.Width(name+" channel") > room {
				return fmt.Errorf("domain name %q is longer than the map (%.0f mm); shorten it or enlarge the figure", name, layout.MM(room))
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
		return fmt.Errorf("the map would be only %.0f mm wide; raise Width or Height", max(0, layout.MM(room)))
	}
	return tooLong()
}

func (hm *heatmap) painter(h layout.Header) func(draw.Canvas, medium) {
	return func(c draw.Canvas, m medium) {
		h.Draw(c)
		axes, data := hm.dataRect(h.Body(c))
		p := hm.panel()
		layout.AddData(p, hm.cells.plotter(m))
		p.Draw(axes)
		layout.DrawFrame(c, hm.k, data)
		if hm.share != nil {
			data = hm.drawStrip(c, data)
		}
		hm.scale.DrawBar(c, hm.k, data)
	}
}

// drawStrip draws, beside the map, the share of each cell's rows with the argmax
// on the diagonal, from 0 at the left to 1 at the right. It returns where the
// strip stands.
func (hm *heatmap) drawStrip(c draw.Canvas, data vg.Rectangle) vg.Rectangle {
	r := data
	r.Min.X = data.Max.X + stripGap
	r.Max.X = r.Min.X + stripWidth
	var area vg.Path // one path, however many rows
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
		c.SetColor(layout.Vermillion)
		c.Fill(area)
	}
	layout.DrawFrame(c, hm.k, r)
	s := layout.Text(layout.SmallSize, hm.k.Ink)
	s.XAlign = draw.XCenter
	for i, x := range []vg.Length{r.Min.X, r.Max.X} {
		layout.DrawTickBelow(c, hm.k, vg.Point{X: x, Y: r.Min.Y}, strconv.Itoa(i))
	}
	below := r.Min.Y - layout.TickLength - layout.SmallSize - layout.LineHeight(s)
	layout.DrawText(c, s, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: below}, "own index")
	return r
}
