package rnlayer_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// inspect calls Inspect and fails if it does not return: it once waited forever in an
// executor's Finalize.
func inspect(t *testing.T, forward func(scope *model.Scope, inputs []*Node) []*Node, batch ...any) ([]rnlayer.Inspection, error) {
	t.Helper()
	type result struct {
		layers []rnlayer.Inspection
		err    error
	}
	done := make(chan result, 1)
	go func() {
		layers, err := rnlayer.Inspect(backend, model.NewStore(), forward, batch...)
		done <- result{layers, err}
	}()
	select {
	case r := <-done:
		return r.layers, r.err
	case <-time.After(time.Minute):
		t.Fatal("Inspect did not return within a minute")
		return nil, nil
	}
}

func TestInspectWithoutRNLayer(t *testing.T) {
	spec, err := rnlayer.Lookup("bn")
	if err != nil {
		t.Fatal(err)
	}
	batchNorm := spec.Norm(rnlayer.Halves(), rnlayer.DefaultOptions())
	for name, forward := range map[string]func(scope *model.Scope, inputs []*Node) []*Node{
		"another norm": func(scope *model.Scope, inputs []*Node) []*Node { return []*Node{batchNorm(scope, inputs[0])} },
		"no norm":      func(_ *model.Scope, inputs []*Node) []*Node { return inputs },
		"no outputs":   func(*model.Scope, []*Node) []*Node { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			layers, err := inspect(t, forward, small)
			if err != nil || len(layers) != 0 {
				t.Errorf("Inspect = %v, %v, want no layers and no error", layers, err)
			}
		})
	}
}

func TestInspectErrors(t *testing.T) {
	rn := func(scope *model.Scope, inputs []*Node) []*Node { return []*Node{reciprocal(scope, inputs[0])} }
	if _, err := inspect(t, rn, small[:5]); err == nil || !strings.Contains(err.Error(), "5 rows") {
		t.Errorf("a batch that does not fit the layout: error %v", err)
	}
	if _, err := inspect(t, rn); err == nil || !strings.Contains(err.Error(), "no tensors") {
		t.Errorf("an empty batch: error %v", err)
	}
}

// TestInspect: correlations are softmaxes; three domains have one for every ordered pair
// and statistic.
func TestInspect(t *testing.T) {
	store := model.NewStore()
	forward := func(scope *model.Scope, in []*Node) []*Node {
		return []*Node{rnlayer.New(scope.In("b"), in[0]).Domains(rnlayer.EqualSizes(3)).Done()}
	}
	if _, err := train(store, small, func(scope *model.Scope, x *Node) *Node { return forward(scope, []*Node{x})[0] }); err != nil {
		t.Fatal(err)
	}
	layers, err := rnlayer.Inspect(backend, store, forward, small)
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) != 1 || layers[0].Path != "/b/norm" || len(layers[0].Correlations) != 12 {
		t.Fatalf("inspected %+v", layers)
	}
	// The first domain's means are {2, 3, 2.5}, the third's {3, 2, 4.5}.
	c, err := layers[0].Correlation("mean", 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range []float64{2, 3, 2.5} {
		var want []float64
		sum := 0.0
		for _, b := range []float64{3, 2, 4.5} {
			want = append(want, math.Exp(-(a-b)*(a-b)))
			sum += want[len(want)-1]
		}
		for j := range want {
			want[j] /= sum
		}
		requireClose(t, "correlation", c.P[i], want, 1e-12)
	}
	if _, err := layers[0].Correlation("mean", 0, 3); err == nil || !strings.Contains(err.Error(), "mean 0→1") {
		t.Errorf("a pair that does not exist: %v", err)
	}
}

// TestCompensated: if compensated statistics replace the domain's own, Compensated
// returns the statistics that normalized the batch, also for groups of channels.
func TestCompensated(t *testing.T) {
	wide := make([][]float64, len(small))
	for i, row := range small {
		wide[i] = slices.Concat(row, []float64{row[0] * row[2], row[1] - 1, row[2] / 3})
	}
	for _, size := range []int{1, 2} {
		forward := func(scope *model.Scope, in []*Node) []*Node {
			return []*Node{rnlayer.New(scope, in[0]).Domains(rnlayer.Halves()).Aggregation(false).OwnShare(0).GroupSize(size).Done()}
		}
		layers, err := rnlayer.Inspect(backend, model.NewStore(), forward, wide)
		if err != nil {
			t.Fatal(err)
		}
		for statistic, mixed := range map[string][][]float64{"mean": layers[0].MixedMean, "variance": layers[0].MixedVariance} {
			for from := range 2 {
				got, err := layers[0].Compensated(statistic, from, 1-from)
				if err != nil {
					t.Fatal(err)
				}
				requireClose(t, fmt.Sprintf("groups of %d, %s of domain %d", size, statistic, from), got, mixed[from], 1e-12)
			}
		}
		if _, err := layers[0].Compensated("median", 0, 1); err == nil || !strings.Contains(err.Error(), "mean 0→1") {
			t.Errorf("a statistic that does not exist: %v", err)
		}
	}
}
