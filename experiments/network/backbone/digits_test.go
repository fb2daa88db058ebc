package backbone_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
	"github.com/reciprocalnorm/rn/rnlayer"
)

var backend compute.Backend

// TestMain has XLA, which training a ResNet needs, compile fast rather than well.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	hostmemory.UseHugePages() // as in rn, for the benchmarks
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// TestDigits: shapes, places of the norm and initial weights are as documented.
func TestDigits(t *testing.T) {
	store := model.NewStore()
	var normed []string
	norm := func(scope *model.Scope, x *Node) *Node {
		normed = append(normed, fmt.Sprintf("%s %v", scope.Scope(), x.Shape().Dimensions))
		return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done()
	}
	out := model.MustCallOnceN(backend, store, func(scope *model.Scope, x *Node) []*Node {
		features, logits := backbone.Digits(scope, x, 10, norm)
		return []*Node{features, logits}
	}, tensors.FromFlatDataAndDimensions(make([]float32, 2*28*28), 2, 28, 28, 1))
	if got := fmt.Sprint(out[0].Shape().Dimensions, out[1].Shape().Dimensions); got != "[2 128] [2 10]" {
		t.Errorf("features and logits have shapes %s", got)
	}
	if got := strings.Join(normed, ", "); got != "/conv1 [2 24 24 16], /conv2 [2 8 8 32], /head/hidden [2 128]" {
		t.Errorf("norms at %s", got)
	}
	layers, err := rnlayer.Layers(store)
	if err != nil || len(layers) != 3 || layers[1].Path != "/conv2/norm" {
		t.Errorf("layers %+v, %v", layers, err)
	}
	// PyTorch's default bound is 1/√(5·5·16) = 0.05.
	highest := float32(0)
	for v := range store.Scope("/conv2").IterVariables() {
		if v.Shape().Rank() == 4 {
			for _, w := range tensors.MustCopyFlatData[float32](v.MustValue()) {
				highest = max(highest, w, -w)
			}
		}
	}
	if highest > 0.05 || highest < 0.049 {
		t.Errorf("largest initial weight of conv2 is %g, want just below 0.05", highest)
	}
}

func TestDigitsRefusesSmallImages(t *testing.T) {
	_, err := model.CallOnce(backend, model.NewStore(), func(scope *model.Scope, x *Node) *Node {
		_, logits := backbone.Digits(scope, x, 10, func(_ *model.Scope, x *Node) *Node { return x })
		return logits
	}, tensors.FromFlatDataAndDimensions(make([]float32, 64), 1, 8, 8, 1))
	if err == nil || !strings.Contains(err.Error(), "[1, 8, 8, 1]") {
		t.Errorf("error %v", err)
	}
}
