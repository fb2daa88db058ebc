package plots

import "fmt"

// LayerGates is one row of [Gates]: the gates of a layer at one step.
type LayerGates struct {
	// Layer stands at the left.
	Layer string
	// Gates is their distribution over channels; [QuantilesOf] computes it.
	Gates Quantiles
}

// Mark is a value to compare with, drawn as a dashed line and named in the
// legend. The zero value draws none.
type Mark struct {
	Name string
	At   float64
}

// GateOptions are the settings of [Gates] and [GateHistories].
type GateOptions struct {
	Options
	// Label names the axis of the gates; empty means "gate".
	Label string
	// Mark is a value to compare with, for example where weight decay alone takes
	// the gates.
	Mark Mark
}

func (o *GateOptions) fill() error {
	if o.Label == "" {
		o.Label = "gate"
	}
	if err := checkText("Label", o.Label); err != nil {
		return err
	}
	if o.Mark == (Mark{}) {
		return nil
	}
	if err := checkName("Mark.Name", o.Mark.Name); err != nil {
		return err
	}
	if err := checkValue(o.Mark.At); err != nil {
		return fmt.Errorf("plots: Mark.At: %w", err)
	}
	return nil
}

// entries is the legend of the mark.
func (o GateOptions) entries(col colors) []legendEntry {
	if o.Mark == (Mark{}) {
		return nil
	}
	return []legendEntry{lineEntry(o.Mark.Name, reference(col))}
}

// quantileNote explains the three weights of a distribution.
const quantileNote = "median, 25–75 %, 5–95 % and range over channels"

// Gates draws the gates of every layer at one step, a row a layer from the
// top: the median, a thick bar from 25 to 75 %, a thin one from 5 to 95 % and
// a hair from the least to the greatest. The axis spans the data, the gates'
// initial value 1 and the mark.
//
// It fails where there are no layers or two of one name, a quantile is not
// finite or below the one before, or texts do not fit the figure.
func Gates(layers []LayerGates, opts GateOptions) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := opts.fill(); err != nil {
		return nil, err
	}
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.Layer
	}
	if err := checkRows("layer", names); err != nil {
		return nil, err
	}
	p := rowPanel{label: opts.Label, x: Range{Min: 1, Max: 1}}
	for i, l := range layers {
		if err := l.Gates.check(); err != nil {
			return nil, fmt.Errorf("plots: layer %q: %w", l.Layer, err)
		}
		p.extend(l.Gates.Min, l.Gates.Max)
		p.marks = append(p.marks, quantileMark(col, i, l.Gates))
	}
	if opts.Mark != (Mark{}) {
		p.extend(opts.Mark.At)
		p.lines = append(p.lines, rowLine{at: opts.Mark.At, style: reference(col)})
	}
	p.x = padded(p.x)
	chart := newRowChart(col, names, 1)
	chart.panels, chart.sample = []rowPanel{p}, lineWidth
	return chart.figure(o, quantileNote, opts.entries(col), "Gates by layer")
}
