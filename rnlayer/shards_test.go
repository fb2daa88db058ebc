package rnlayer_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestShardsOrder: a shard has rows of each domain in turn, and Split undoes Join.
func TestShardsOrder(t *testing.T) {
	for _, test := range []struct {
		layout rnlayer.Domains
		want   []float64
	}{
		{rnlayer.Sizes(4, 4), []float64{0, 1, 2, 3, 10, 11, 12, 13}},
		{rnlayer.Sizes(4, 4).Shards(1), []float64{0, 1, 2, 3, 10, 11, 12, 13}},
		{rnlayer.Sizes(4, 4).Shards(2), []float64{0, 1, 10, 11, 2, 3, 12, 13}},
		{rnlayer.Halves().Shards(4), []float64{0, 10, 1, 11, 2, 12, 3, 13}},
		{rnlayer.Sizes(4, 2).Shards(2), []float64{0, 1, 10, 2, 3, 11}},
	} {
		source, target := []float64{0, 1, 2, 3}, []float64{10, 11, 12, 13}[:len(test.want)-4]
		out, err := CallOnceN(backend, func(a, b *Node) []*Node {
			x := test.layout.Join(a, b)
			return append([]*Node{x}, test.layout.Split(x)...)
		}, source, target)
		if err != nil {
			t.Fatalf("%s: %v", test.layout, err)
		}
		for i, want := range [][]float64{test.want, source, target} {
			requireClose(t, fmt.Sprintf("%s, output %d", test.layout, i), tensors.MustCopyFlatData[float64](out[i]), want, 0)
		}
	}
}

// TestShardsOfNorms: shards change neither the outputs nor the running statistics of a
// norm, whatever the axis of the channels.
func TestShardsOfNorms(t *testing.T) {
	for _, sizes := range [][]int{{4, 4}, {2, 2, 2}, {4, 2}} {
		for axis := 1; axis < 3; axis++ {
			for _, spec := range rnlayer.All() {
				t.Run(fmt.Sprintf("%s %v axis %d", spec.Name, sizes, axis), func(t *testing.T) {
					outputs := func(shards int) (values []float64) {
						layout := rnlayer.Sizes(sizes...).Shards(shards)
						store := withAlpha(t, 0.7)
						rows := 0
						for _, n := range sizes {
							rows += n
						}
						y, err := model.CallOnceN(backend, store, func(scope *model.Scope, x *Node) []*Node {
							store.SetTraining(x.Graph(), true)
							x = layout.Join(rnlayer.Sizes(sizes...).Split(Reshape(x, rows, 4, 4))...)
							o := rnlayer.DefaultOptions()
							o.Aggregate = spec.Name != "rn" // constant gates of 0.5, which mix the domains
							return layout.Split(rnlayer.BuildOnAxis(spec.Name, scope, x, axis, layout, o))
						}, randomRows(len(sizes), rows, 16, 3)[:rows])
						if err != nil {
							t.Fatal(err)
						}
						for _, domain := range y {
							values = append(values, tensors.MustCopyFlatData[float64](domain)...)
						}
						for _, name := range []string{rnlayer.VarRunningMean, rnlayer.VarRunningVariance} {
							values = append(values, tensors.MustCopyFlatData[float64](store.GetVariable("/norm/"+name).MustValue())...)
						}
						return values
					}
					requireClose(t, "2 shards", outputs(2), outputs(1), 1e-12)
				})
			}
		}
	}
}

// TestShardsMisuse: messages name the given value.
func TestShardsMisuse(t *testing.T) {
	for want, layout := range map[string]func() rnlayer.Domains{
		"at least 1":          func() rnlayer.Domains { return rnlayer.Halves().Shards(0) },
		"has shards already":  func() rnlayer.Domains { return rnlayer.Halves().Shards(2).Shards(2) },
		"domain 0 has 3 rows": func() rnlayer.Domains { return rnlayer.Halves().Shards(2) },
		"8 rows in all":       func() rnlayer.Domains { return rnlayer.Sizes(4, 4).Shards(2) },
	} {
		_, err := train(nil, small, func(scope *model.Scope, x *Node) *Node {
			return rnlayer.New(scope, x).Domains(layout()).Done()
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
	for want, domains := range map[string][][]float64{"[2 4] rows": {{1, 2}, {1, 2, 3, 4}}, "[3 3] rows": {{1, 2, 3}, {1, 2, 3}}} {
		_, err := CallOnce(backend, func(a, b *Node) *Node { return rnlayer.Halves().Shards(2).Join(a, b) }, domains[0], domains[1])
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}
