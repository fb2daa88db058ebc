package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// DomainStatistics are the running statistics of a layer in two domains, one
// value per channel; all four have the same length.
type DomainStatistics struct {
	SourceMean, TargetMean         []float64
	SourceVariance, TargetVariance []float64
	// Source and Target name the domains on the axes; empty means "source" and
	// "target".
	Source, Target string
}

// Statistics draws the running means, and beside them the running variances,
// of the target's channels against the source's. A channel on the diagonal has
// the same statistic in both domains. The axes of the variances are
// logarithmic. The subtitle gives Pearson's correlation r over channels, for
// variances between their logarithms.
//
// Statistics returns an error if the four are empty or differ in length, if a
// value is not finite, if a variance is not positive, or if texts do not fit the
// figure.
func Statistics(s DomainStatistics, opts Options) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if s.Source == "" {
		s.Source = "source"
	}
	if s.Target == "" {
		s.Target = "target"
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	panels := [2]*diagonal{
		newDiagonal(s.SourceMean, s.TargetMean, layout.Scale{}, k),
		newDiagonal(s.SourceVariance, s.TargetVariance, layout.Scale{Base: 10}, k),
	}
	for i, quantity := range []string{"mean", "variance"} {
		panels[i].xLabel, panels[i].yLabel = quantity+", "+s.Source, quantity+", "+s.Target
	}
	h, err := o.header(k, statisticsNote(panels[0], panels[1]), layout.Legend{})
	if err != nil {
		return nil, err
	}
	side := (o.bodyWidth() - layout.PanelGap) / 2
	fitting := vg.Length(0)
	for _, d := range panels {
		fitting = max(fitting, layout.MapHeight(d.panel(), side, 0, 1))
	}
	height, err := h.FigureHeight(o.height(), fitting)
	if err != nil {
		return nil, err
	}
	room := squares(panels, h.NominalBody(height))[0].Size().X
	if room < layout.LeastWidth {
		return nil, fmt.Errorf("the panels would be only %.0f mm wide; raise Width or Height", max(0, layout.MM(room)))
	}
	for _, d := range panels {
		for _, label := range []string{d.xLabel, d.yLabel} {
			if err := layout.CheckLabel(label, room+layout.PanelGap, "shorten the domain's name or enlarge the figure"); err != nil {
				return nil, err
			}
		}
	}
	paint := func(c draw.Canvas, _ medium) {
		h.Draw(c)
		for i, at := range squares(panels, h.Body(c)) {
			p := panels[i].panel()
			layout.AddData(p, panels[i].plotters()...)
			p.Draw(layout.Around(p, c, at))
		}
	}
	return newFigure(o, height, k, "Running statistics of "+s.Source+" and "+s.Target, paint), nil
}

// statisticsNote counts the channels and gives Pearson's r, if it is defined.
func statisticsNote(means, variances *diagonal) string {
	n := len(means.x)
	note := fmt.Sprintf("%d channels", n)
	if n == 1 {
		note = "1 channel"
	}
	if rm, rv := means.correlation(), variances.correlation(); n >= 3 && !math.IsNaN(rm) && !math.IsNaN(rv) {
		return note + fmt.Sprintf(" · r = %s (means), %s (variances, log scale)", layout.Number(rm, 2), layout.Number(rv, 2))
	}
	return note + " · variances on a log scale"
}

// squares returns where the data of the two panels go in a body: squares of one
// size at its top.
func squares(panels [2]*diagonal, body draw.Canvas) [2]vg.Rectangle {
	half := (body.Max.X - body.Min.X + layout.PanelGap) / 2
	var at [2]vg.Rectangle
	for i, c := range []draw.Canvas{draw.Crop(body, 0, -half, 0, 0), draw.Crop(body, half, 0, 0, 0)} {
		_, at[i] = layout.MapCanvas(panels[i].panel(), c, 0, true)
	}
	side := min(at[0].Size().X, at[1].Size().X)
	for i := range at {
		at[i].Max.X = at[i].Min.X + side
		at[i].Min.Y = at[i].Max.Y - side
	}
	return at
}

func (s DomainStatistics) check() error {
	if err := checkName("Source", s.Source); err != nil {
		return err
	}
	if err := checkName("Target", s.Target); err != nil {
		return err
	}
	if len(s.SourceMean) == 0 {
		return errors.New("SourceMean is empty; give one value per channel")
	}
	for _, f := range []struct {
		name     string
		v        []float64
		variance bool
	}{
		{"SourceMean", s.SourceMean, false},
		{"TargetMean", s.TargetMean, false},
		{"SourceVariance", s.SourceVariance, true},
		{"TargetVariance", s.TargetVariance, true},
	} {
		if len(f.v) != len(s.SourceMean) {
			return fmt.Errorf("%s has %d channels, SourceMean has %d", f.name, len(f.v), len(s.SourceMean))
		}
		for i, v := range f.v {
			if err := checkValue(v); err != nil {
				return fmt.Errorf("%s[%d]: %w", f.name, i, err)
			}
			if f.variance && v <= 0 {
				return fmt.Errorf("%s[%d]: variance %g is not positive", f.name, i, v)
			}
		}
	}
	return nil
}

// diagonal is a scatter of two quantities of one kind on equal axes.
type diagonal struct {
	k              layout.Inks
	x, y           []float64 // positions on the axes
	axis           layout.Range
	scale          layout.Scale
	xLabel, yLabel string
}

func newDiagonal(x, y []float64, s layout.Scale, k layout.Inks) *diagonal {
	x, y = s.AllAt(x), s.AllAt(y)
	axis := layout.EmptyRange()
	axis.Include(x...)
	axis.Include(y...)
	return &diagonal{k: k, x: x, y: y, axis: axis.Padded(), scale: s}
}

// panel returns the plot without its data.
func (d *diagonal) panel() *plot.Plot {
	p := layout.NewPanel(d.k, d.xLabel, d.yLabel)
	d.scale.Apply(&p.X, d.axis, 4)
	d.scale.Apply(&p.Y, d.axis, 4)
	return p
}

// correlation returns Pearson's r of the positions on the axes.
func (d *diagonal) correlation() float64 { return stat.Correlation(d.x, d.y, nil) }

func (d *diagonal) plotters() []plot.Plotter {
	lo, hi := d.axis.Min, d.axis.Max
	points := newPoints(0, d.k.Categories[0], len(d.x))
	for i, x := range d.x {
		points.XYs = append(points.XYs, plotter.XY{X: x, Y: d.y[i]})
	}
	return []plot.Plotter{layout.Line(d.k.Reference(), plotter.XY{X: lo, Y: lo}, plotter.XY{X: hi, Y: hi}), points}
}
