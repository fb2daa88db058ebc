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
	"github.com/reciprocalnorm/rn/plots"
)

// AblationOptions say what of an ablation is drawn.
type AblationOptions struct {
	// Metrics are names of ablations.Metrics, a panel each; none for all.
	Metrics []string
	// Choice is the name of an record.Choice of the checkpoint; empty for the
	// last step.
	Choice string
}

// points are percentage points in 1.
const points = 100

// Ablation draws the differences of an ablation's variants to its base row, in
// percentage points, paired by seed, with 95 % confidence intervals. Variants
// without results, and those that share no seed with the base row, are left out;
// a single seed has a dot without an interval, and the note says so.
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
		return nil, fmt.Errorf("suite %s has no results of its base row to compare with", t.Suite)
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
		note += ", none of a single seed"
	}
	panels := make([]plots.Metric, len(metrics))
	for i, m := range metrics {
		panels[i] = plots.Metric{Label: "Δ " + m.Label}
	}
	return plots.Intervals(variants, plots.IntervalOptions{Options: o, Metrics: panels, Base: base, Note: note})
}

// metrics are the chosen ones.
func (a AblationOptions) metrics() ([]ablations.Metric, error) {
	all := ablations.Metrics()
	if len(a.Metrics) == 0 {
		return all, nil
	}
	var known []string
	for _, m := range all {
		known = append(known, m.Name)
	}
	var chosen []ablations.Metric
	for _, name := range a.Metrics {
		i := slices.Index(known, name)
		if i < 0 {
			return nil, fmt.Errorf("unknown metric %q: want one of %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// difference is that of a row to the base row.
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
		return Drawing{}, errors.New("there is no ablation to draw")
	}
	if len(in.Tables) > 1 {
		var names []string
		for _, t := range in.Tables {
			names = append(names, t.Suite+" of "+runTitle(t.Config))
		}
		return Drawing{}, fmt.Errorf("one ablation is drawn, there are %s", strings.Join(names, "; "))
	}
	t := in.Tables[0]
	f, err := Ablation(t, in.Ablation, in.titled("%s: %s", t.Suite, runTitle(t.Config)))
	return drawing(f, t, err)
}
