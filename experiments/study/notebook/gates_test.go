package notebook

import (
	"strings"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/sgd"
)

func TestGatesOf(t *testing.T) {
	c := Digits()
	c.Optimizer.Rules = []sgd.Rule{{Name: "mean_gate", LearningRate: 10, WeightDecay: 1}}
	r := recorded(t, c, 0.5, "a", time.Now())
	r.Points[0].Gates = []record.Gates{{
		Layer: "/model/conv1/norm",
		Mean:  record.Quantiles{0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96}, Variance: record.Quantiles{0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66},
	}}
	gates, err := GatesOf(r)
	if err != nil || len(gates) != 1 {
		t.Fatalf("%+v, %v", gates, err)
	}
	g := gates[0]
	if g.Layer != "conv1" || g.Medians() != [2]float64{0.93, 0.63} || g.Least() != 0.6 {
		t.Errorf("gates %+v", g)
	}
	if want := c.Optimizer.DecayAlone("/model/conv1/norm/mean_gate", 1, c.Steps); g.Decay != want || want >= 1 {
		t.Errorf("weight decay alone: %g, want %g", g.Decay, want)
	}
	table := GateTable([]string{"rn"}, map[string][]Gates{"rn": gates})
	if !strings.Contains(table, "| rn | conv1 | 0.9300 [0.9000, 0.9600] | 0.6300 [0.6000, 0.6600] |") {
		t.Errorf("table:\n%s", table)
	}
	r.Points[0].Gates[0].Mean = record.Quantiles{}
	if _, err := GatesOf(r); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("quantiles of another version: %v", err)
	}
	r.Points[0].Gates = nil
	if _, err := GatesOf(r); err == nil || !strings.Contains(err.Error(), "has no gates") {
		t.Errorf("no gates: %v", err)
	}
}
