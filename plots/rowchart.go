package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

const (
	rowPitch    = layout.SmallSize * vg.Length(1.3) // least distance of rows: their names must not touch
	namesGap    = vg.Length(5)                      // between the names and the first panel
	markPitch   = vg.Length(5.5)                    // between marks that stand beside each other in a row
	markPadding = vg.Length(6)                      // around the marks of a row
)

// rowChart is the layout of figures with one named row per item: names at the
// left and panels beside them, each with an x axis of its own. In a panel y is
// the index of the row, counted from the top.
type rowChart struct {
	k      layout.Inks
	names  []string
	base   int // the row with a bold name; −1 for none
	panels []rowPanel
	pitch  vg.Length // least distance of rows
	legend layout.Legend
}

// rowPanel is one column of marks.
type rowPanel struct {
	label string
	x     layout.Range
	marks []plot.Plotter
}

func (p *rowPanel) add(marks ...plot.Plotter) { p.marks = append(p.marks, marks...) }

// newRowChart returns a chart without panels, for rows with the given number of
// marks beside each other (1 if all stand on the middle of the row).
func newRowChart(k layout.Inks, names []string, beside int) *rowChart {
	r := &rowChart{k: k, names: names, base: -1, pitch: rowPitch}
	if beside > 1 {
		r.pitch = max(r.pitch, vg.Length(beside)*markPitch+markPadding)
	}
	r.legend.SampleWidth = layout.BoxSample
	return r
}

// y is the height of mark i of n that stand beside each other in a row, the
// first one on top.
func (r *rowChart) y(row, i, n int) float64 {
	dodge := (float64(i) - float64(n-1)/2) * float64(markPitch/r.pitch)
	return float64(row) + dodge
}

// upright returns a line through all rows at x.
func (r *rowChart) upright(s draw.LineStyle, x float64) plot.Plotter {
	return layout.Line(s, plotter.XY{X: x, Y: float64(len(r.names)) - 0.5}, plotter.XY{X: x, Y: -0.5})
}

// intervals returns the points of a series, each with its interval.
func (r *rowChart) intervals(series int, at plotter.XYs, around plotter.XErrors) []plot.Plotter {
	s := draw.LineStyle{Color: r.k.Categories[series], Width: 1.2}
	return []plot.Plotter{
		&plotter.XErrorBars{XYs: at, XErrors: around, LineStyle: s, CapWidth: 3.6},
		r.k.Series(series).Dots(at...),
	}
}

// figure lays the chart out and returns the figure. name is its accessible name.
func (r *rowChart) figure(o Options, note, name string) (*Figure, error) {
	h, err := o.header(r.k, note, r.legend)
	if err != nil {
		return nil, err
	}
	panel, err := r.panelWidth(o)
	if err != nil {
		return nil, err
	}
	height, err := r.height(o, h.Height()+r.axisHeight(panel)+layout.Margin)
	if err != nil {
		return nil, err
	}
	names := r.namesWidth()
	paint := func(c draw.Canvas, _ medium) {
		h.Draw(c)
		body := h.Body(c)
		for i, p := range r.panels {
			left := names + namesGap + vg.Length(i)*(panel+layout.PanelGap)
			r.drawPanel(draw.Crop(body, left, left+panel-(body.Max.X-body.Min.X), 0, 0), p, i == 0)
		}
	}
	return newFigure(o, height, r.k, name, paint), nil
}

// panelWidth returns the width that the names leave to each panel.
func (r *rowChart) panelWidth(o Options) (vg.Length, error) {
	n := vg.Length(len(r.panels))
	beside := r.namesWidth() + namesGap + (n-1)*layout.PanelGap
	width := (o.bodyWidth() - beside) / n
	if width < layout.LeastWidth {
		need := beside + n*layout.LeastWidth + 2*layout.Margin
		return 0, fmt.Errorf("the row names leave %.0f mm to each panel (%d of them); shorten the names or raise Width to %.0f mm",
			max(0, layout.MM(width)), len(r.panels), math.Ceil(layout.MM(need)))
	}
	for _, p := range r.panels {
		if err := layout.CheckLabel(p.label, width+layout.PanelGap, "shorten it or raise Width"); err != nil {
			return 0, err
		}
	}
	return width, nil
}

// height returns the height of the figure; around is what its rows leave free.
func (r *rowChart) height(o Options, around vg.Length) (vg.Length, error) {
	need := around + vg.Length(len(r.names))*r.pitch
	if need > maxSide*vg.Millimeter {
		return 0, fmt.Errorf("%d rows need more than %d mm, the greatest height of a figure; split them over several figures", len(r.names), maxSide)
	}
	need = max(need, minSide*vg.Millimeter)
	if o.Height == 0 {
		return need, nil
	}
	if o.height() < need {
		return 0, fmt.Errorf("a Height of %g mm is too little for %d rows; give at least %.0f mm, or 0 for a fitting height", o.Height, len(r.names), math.Ceil(layout.MM(need)))
	}
	return o.height(), nil
}

func (r *rowChart) nameStyle(row int) draw.TextStyle {
	if row == r.base {
		return layout.Bold(layout.SmallSize, r.k.Ink)
	}
	return layout.Text(layout.SmallSize, r.k.Ink)
}

func (r *rowChart) namesWidth() vg.Length {
	widest := vg.Length(0)
	for i, name := range r.names {
		widest = max(widest, r.nameStyle(i).Width(name))
	}
	return widest
}

func (r *rowChart) axisHeight(panel vg.Length) vg.Length {
	most := vg.Length(0)
	for _, p := range r.panels {
		most = max(most, r.panel(p, panel).DataCanvas(layout.Nominal(panel, 200)).Min.Y)
	}
	return most
}

// panel returns the plot of a panel without its marks.
func (r *rowChart) panel(rp rowPanel, width vg.Length) *plot.Plot {
	p := layout.NewPanel(r.k, rp.label, "")
	p.X.Min, p.X.Max = rp.x.Min, rp.x.Max
	p.X.Tick.Marker = layout.FittingTicks{Width: width}
	p.Y.Min, p.Y.Max = -0.5, float64(len(r.names))-0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.Y.Tick.Marker = layout.IndexTicks{AtMost: len(r.names)}
	layout.AddGrid(p, r.k)
	p.HideY()
	return p
}

// drawPanel draws a panel and, for the first one, the names of the rows.
func (r *rowChart) drawPanel(c draw.Canvas, rp rowPanel, first bool) {
	p := r.panel(rp, c.Size().X)
	if first {
		layout.AddData(p, r.nameLabels(rp.x.Min))
	}
	layout.AddData(p, rp.marks...)
	p.Draw(c)
}

// nameLabels returns the names of the rows, to the left of the axis that starts
// at x.
func (r *rowChart) nameLabels(x float64) plot.Plotter {
	l := &plotter.Labels{Labels: r.names, Offset: vg.Point{X: -namesGap}}
	for i := range r.names {
		s := r.nameStyle(i)
		s.XAlign, s.YAlign = draw.XRight, layout.Middle(s)
		l.XYs = append(l.XYs, plotter.XY{X: x, Y: float64(i)})
		l.TextStyle = append(l.TextStyle, s)
	}
	return l
}
