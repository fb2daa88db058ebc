package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// DomainStatistics are the running statistics of a layer in two domains, a
// value a channel; all four have the same length.
type DomainStatistics struct {
	SourceMean, TargetMean         []float64
	SourceVariance, TargetVariance []float64
	// Source and Target name the domains on the axes; empty means "source" and
	// "target".
	Source, Target string
}

// Statistics draws the running means, and beside them the running variances,
// of the target's channels against the source's. Channels on the diagonal have
// the same statistic in both domains. Variances have logarithmic axes. The
// subtitle gives the correlation r over channels, of variances between their
// logarithms.
//
// It fails where the four are empty or differ in length, a value is not finite,
// a variance is not positive, or texts do not fit the figure.
func Statistics(s DomainStatistics, opts Options) (*Figure, error) {
	o, col, err := opts.prepared()
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
	means := newDiagonal(s.SourceMean, s.TargetMean, Linear)
	variances := newDiagonal(s.SourceVariance, s.TargetVariance, Log10)
	panels := [2]*diagonal{means, variances}
	for i, quantity := range []string{"mean", "variance"} {
		panels[i].xLabel, panels[i].yLabel = quantity+", "+s.Source, quantity+", "+s.Target
	}
	note := fmt.Sprintf("%d channels", len(s.SourceMean))
	if rm, rv := means.correlation(), variances.correlation(); rm != "" && rv != "" {
		note += fmt.Sprintf(" · r = %s (means), %s (log variances)", rm, rv)
	}
	h, err := newHeader(o.width(), o, col, joinSubtitle(o.Subtitle, note), nil, 0)
	if err != nil {
		return nil, err
	}
	side := (o.width() - 2*margin - panelsGap) / 2
	fitting := vg.Length(0)
	for _, d := range panels {
		fitting = max(fitting, mapHeight(d.panel(col), side, 0, 1))
	}
	height, err := figureHeight(o, h, fitting)
	if err != nil {
		return nil, err
	}
	room := squares(panels, h.body(nominal(o.width(), height)), col)[0].Size().X
	if room < leastPanel {
		return nil, fmt.Errorf("plots: the panels would be only %.0f mm wide; raise Width or Height", max(0, mm(room)))
	}
	for _, d := range panels {
		for _, label := range []string{d.xLabel, d.yLabel} {
			if textStyle(labelSize, nil).Width(label) > room+panelsGap {
				return nil, fmt.Errorf("plots: axis label %q is longer than its panel (%.0f mm); shorten the domain's name or enlarge the figure", label, mm(room))
			}
		}
	}
	paint := func(c draw.Canvas, _ medium) {
		h.draw(c, 0)
		body := h.body(c)
		for i, at := range squares(panels, body, col) {
			d, p := panels[i], panels[i].panel(col)
			p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
				fx, fy := p.Transforms(&c)
				c.StrokeLine2(reference(col), fx(d.axis.Min), fy(d.axis.Min), fx(d.axis.Max), fy(d.axis.Max))
			}), painter(cloud{x: d.x, y: d.y, shape: pointShapes[0], radius: pointRadius(len(d.x)), ink: col.categories[0]}.draw))
			p.Draw(around(p, c, at))
		}
	}
	return newFigure(o, height, col, "Running statistics of "+s.Source+" and "+s.Target, paint), nil
}

// squares is where the data of the two panels go in a body: squares of one
// size at its top.
func squares(panels [2]*diagonal, body draw.Canvas, col colors) [2]vg.Rectangle {
	half := (body.Max.X - body.Min.X + panelsGap) / 2
	var at [2]vg.Rectangle
	for i, c := range []draw.Canvas{draw.Crop(body, 0, -half, 0, 0), draw.Crop(body, half, 0, 0, 0)} {
		_, at[i] = mapRect(panels[i].panel(col), c, 0, true)
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
		return fmt.Errorf("plots: SourceMean is empty; give a value a channel")
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
			return fmt.Errorf("plots: %s has %d channels, SourceMean has %d", f.name, len(f.v), len(s.SourceMean))
		}
		for i, v := range f.v {
			if err := checkValue(v); err != nil {
				return fmt.Errorf("plots: %s[%d]: %w", f.name, i, err)
			}
			if f.variance && v <= 0 {
				return fmt.Errorf("plots: %s[%d]: variance %g is not positive", f.name, i, v)
			}
		}
	}
	return nil
}

// diagonal is a scatter of two quantities of one kind on equal axes.
type diagonal struct {
	x, y           []float64 // places on the axes
	axis           Range
	scale          Scale
	xLabel, yLabel string
}

func newDiagonal(x, y []float64, s Scale) *diagonal {
	d := &diagonal{scale: s, axis: emptyRange()}
	for i := range x {
		a, b := s.at(x[i]), s.at(y[i])
		d.x, d.y = append(d.x, a), append(d.y, b)
		d.axis.Min, d.axis.Max = min(d.axis.Min, a, b), max(d.axis.Max, a, b)
	}
	d.axis = padded(d.axis)
	return d
}

// correlation prints Pearson's r; empty where it is not defined.
func (d *diagonal) correlation() string {
	r := stat.Correlation(d.x, d.y, nil)
	if len(d.x) < 3 || math.IsNaN(r) {
		return ""
	}
	return formatValue(r, 2)
}

func (d *diagonal) panel(col colors) *plot.Plot {
	p := newPanel(col, d.xLabel, d.yLabel)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = d.axis.Min, d.axis.Max, d.axis.Min, d.axis.Max
	p.X.Tick.Marker = plot.ConstantTicks(d.scale.ticks(d.axis, 4))
	p.Y.Tick.Marker = plot.ConstantTicks(d.scale.ticks(d.axis, 4))
	return p
}
