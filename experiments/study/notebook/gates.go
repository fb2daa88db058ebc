package notebook

import (
	"fmt"
	"strings"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training"
)

// Gates describes RN's gates of a layer at the end of a run.
type Gates struct {
	Layer string
	// Mean and Variance are quantiles of the gates of means and of variances.
	Mean, Variance record.Quantiles
	// Decay is the value that gates reach by weight decay alone.
	Decay float64
}

// GatesOf returns the gates of a run, layer by layer.
func GatesOf(r record.Result) ([]Gates, error) {
	if len(r.Points) == 0 || len(r.Points[len(r.Points)-1].Gates) == 0 {
		return nil, fmt.Errorf("run %s has no gates: its norm is %q", r.ID, r.Norm)
	}
	var all []Gates
	for _, g := range r.Points[len(r.Points)-1].Gates {
		if g.Mean == (record.Quantiles{}) {
			return nil, fmt.Errorf("run %s has quantiles from another version of the code: delete its line from the results file and train it again", r.ID)
		}
		decay, err := training.GatesByDecay(r.Config, g.Layer, r.Config.Steps)
		if err != nil {
			return nil, err
		}
		all = append(all, Gates{experiments.LayerName(g.Layer), g.Mean, g.Variance, decay})
	}
	return all, nil
}

// Medians returns the median gates of means and of variances.
func (g Gates) Medians() [2]float64 { return [2]float64{g.Mean[3], g.Variance[3]} }

// Least returns the smallest gate.
func (g Gates) Least() float64 { return min(g.Mean[0], g.Variance[0]) }

// GateTable returns a Markdown table of the gates of the named runs.
func GateTable(names []string, runs map[string][]Gates) string {
	var b strings.Builder
	b.WriteString("| run | layer | gates of means: median [least, greatest] | gates of variances | weight decay alone |\n|---|---|---|---|---|\n")
	cell := func(q record.Quantiles) string { return fmt.Sprintf("%.4f [%.4f, %.4f]", q[3], q[0], q[6]) }
	for _, name := range names {
		for _, g := range runs[name] {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %.4f |\n", name, g.Layer, cell(g.Mean), cell(g.Variance), g.Decay)
		}
	}
	return b.String()
}
