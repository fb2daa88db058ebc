package figures

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/plots"
)

// AblationOptions select what [Ablation] draws.
type AblationOptions struct {
	// Metrics are names of ablations.Metrics; each gets a panel. Empty means all.
	Metrics []string
	// Choice names the record.Choice of the checkpoint; empty means the last step.
	Choice string
}

// points is the number of percentage points in 1.
const points = 100

// Ablation draws the differences between the variants of an ablation and its base
// row, in percentage points, paired by seed, with 95 % confidence intervals. It
// leaves out variants without results and variants that share no seed with the base
// row. A variant with a single seed gets a dot without an interval, and the note says
// so.
func Ablation(t ablations.Table, a AblationOptions, o plots.Options) (*plots.Figure, error) {
	metrics, err := a.metrics()
	if err != nil {
		return nil, err
	}
	choice, err := record.LookupChoice(cmp.Or(a.Choice, "last"))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(t.Rows, func(r ablations.TableRow) bool { return r.Base })
	if i < 0 {
		return nil, fmt.Errorf("suite %s has no results of its base row", t.Suite)
	}
	base := t.Rows[i].Name
	var variants []plots.Variant
	single := false
	for _, row := range t.Rows {
		v := plots.Variant{Name: row.Name}
		for _, m := range metrics {
			d := difference(row, m.Name, choice.Name)
			switch {
			case row.Base:
				v.Metrics = append(v.Metrics, plots.Interval{})
			case d == nil:
			case d.Low == nil || d.High == nil:
				single = true
				v.Metrics = append(v.Metrics, plots.Interval{Mean: points * d.Mean, Low: points * d.Mean, High: points * d.Mean})
			default:
				v.Metrics = append(v.Metrics, plots.Interval{Mean: points * d.Mean, Low: points * *d.Low, High: points * *d.High})
			}
		}
		if len(v.Metrics) == len(metrics) {
			variants = append(variants, v)
		}
	}
	if len(variants) < 2 {
		return nil, fmt.Errorf("suite %s has no variant that shares seeds with its base row %s", t.Suite, base)
	}
	note := fmt.Sprintf("difference to %s in points, paired by seed, 95 %% confidence interval", base)
	if single {
		note += " (none for a single seed)"
	}
	panels := make([]plots.Metric, len(metrics))
	for i, m := range metrics {
		panels[i] = plots.Metric{Label: "Δ " + m.Label}
	}
	return plots.Intervals(variants, plots.IntervalOptions{Options: o, Metrics: panels, Base: base, Note: note})
}

// metrics returns the selected metrics.
func (a AblationOptions) metrics() ([]ablations.Metric, error) {
	all := ablations.Metrics()
	if len(a.Metrics) == 0 {
		return all, nil
	}
	chosen := make([]ablations.Metric, len(a.Metrics))
	for i, name := range a.Metrics {
		m, err := registry.Find("metric", name, all, func(m ablations.Metric) string { return m.Name })
		if err != nil {
			return nil, err
		}
		chosen[i] = m
	}
	return chosen, nil
}

// difference returns the difference between a row and the base row, or nil.
func difference(row ablations.TableRow, metric, choice string) *ablations.Difference {
	for _, c := range row.Cells {
		if c.Metric == metric && c.Choice == choice {
			return c.Difference
		}
	}
	return nil
}

func drawAblation(_ context.Context, in Input) (Drawing, error) {
	if len(in.Tables) == 0 {
		return Drawing{}, errors.New("no ablation to draw")
	}
	if len(in.Tables) > 1 {
		var names []string
		for _, t := range in.Tables {
			names = append(names, t.Suite+" of "+runTitle(t.Config))
		}
		return Drawing{}, fmt.Errorf("want one ablation, got several: %s", strings.Join(names, "; "))
	}
	t := in.Tables[0]
	f, err := Ablation(t, in.Ablation, in.titled("%s: %s", t.Suite, runTitle(t.Config)))
	return drawing(f, t, err)
}
