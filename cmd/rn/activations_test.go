package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// TestBFloat16OfRecorded checks that bfloat16 activations do not change the accuracy of
// the recorded runs beyond the noise of seeds: the interval of paired differences
// contains 0, and their mean is below a standard deviation.
func TestBFloat16OfRecorded(t *testing.T) {
	code, text, stderr := call("ablate", "table", "--out", "../../experiments/results/digits-bfloat16", "--format", "json")
	if code != 0 {
		t.Fatal(stderr)
	}
	type cell struct {
		Metric, Choice string
		N              int
		Std            float64
		Difference     *struct {
			N               int
			Mean, Low, High float64
		}
	}
	tables := 0
	for lines := json.NewDecoder(strings.NewReader(text)); lines.More(); tables++ {
		var table struct {
			Config struct{ Source, Target, Norm string }
			Rows   []struct {
				Name  string
				Cells []cell
			}
		}
		if err := lines.Decode(&table); err != nil {
			t.Fatal(err)
		}
		if len(table.Rows) != 2 || table.Rows[0].Name != "float32" || table.Rows[1].Name != "bfloat16" {
			t.Fatalf("rows %+v", table.Rows)
		}
		for i, c := range table.Rows[1].Cells {
			if c.Metric != "accuracy" || c.Choice != "last" {
				continue
			}
			d, std := c.Difference, max(c.Std, table.Rows[0].Cells[i].Std)
			if d == nil || d.N < 3 || d.Low > 0 || d.High < 0 || math.Abs(d.Mean) > std {
				t.Errorf("%+v: difference %+v, standard deviation %g", table.Config, d, std)
			}
		}
	}
	if tables != 4 {
		t.Errorf("%d tables, want two tasks with two norms each", tables)
	}
}
