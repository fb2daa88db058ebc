package weights

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

var backend compute.Backend

func TestMain(m *testing.M) {
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// counted returns weights of a network, with a classifier and PyTorch's count of
// batches, whose values count from 0 in each tensor.
func counted(r backbone.ResNet) *File {
	f := &File{Path: "counted", Tensors: make(map[string]Tensor)}
	for _, t := range r.Tensors() {
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		f.Tensors[t.Name] = Tensor{Shape: t.Shape, Data: make([]float32, n)}
		for i := range n {
			f.Tensors[t.Name].Data[i] = float32(i)
		}
	}
	f.Tensors[ClassifierWeight] = Tensor{Shape: []int{1, r.Features()}, Data: make([]float32, r.Features())}
	f.Tensors[ClassifierBias] = Tensor{Shape: []int{1}, Data: make([]float32, 1)}
	f.Tensors["bn1.num_batches_tracked"] = Tensor{Data: []float32{7}}
	return f
}

var (
	resnet18      = backbone.ResNet{Depth: 18, Variant: backbone.TorchVision}
	kerasResNet18 = backbone.ResNet{Depth: 18, Variant: backbone.Keras}
)

// TestResNetOfFile checks that the tensors determine depth and variant.
func TestResNetOfFile(t *testing.T) {
	for _, want := range []backbone.ResNet{resnet18, kerasResNet18, {Depth: 34, Variant: backbone.TorchVision}} {
		f := counted(want)
		if got, err := f.ResNet(); err != nil || got != want {
			t.Errorf("%s of %s: %+v, %v", want.Name(), want.Variant.Name, got, err)
		}
		if err := f.Check(want); err != nil {
			t.Errorf("%s of %s: %v", want.Name(), want.Variant.Name, err)
		}
	}
	_, err := readFile(t, "testdata/state.pth").ResNet()
	wantError(t, err, "testdata/state.pth: the 8 tensors do not make a ResNet of depth [18 34 50 101 152]")
}

// TestCheck checks that one error lists every problem of a file.
func TestCheck(t *testing.T) {
	f := counted(resnet18)
	delete(f.Tensors, "conv1.weight")
	delete(f.Tensors, "layer4.1.bn2.running_var")
	f.Tensors["head.weight"] = Tensor{Shape: []int{1}, Data: []float32{0}}
	f.Tensors["layer5.0.conv1.weight"] = f.Tensors["layer1.0.conv1.weight"]
	bn1 := f.Tensors["bn1.weight"]
	f.Tensors["bn1.weight"] = Tensor{Shape: []int{1, 64}, Data: bn1.Data}
	f.Tensors["bn1.bias"].Data[5] = float32(math.NaN())
	f.Tensors[ClassifierBias].Data[0] = float32(math.Inf(-1))
	wantError(t, f.Check(resnet18),
		"counted: bn1.weight has shape [1 64], want [64]",
		"counted: 2 tensors of resnet18 (torchvision) are missing: conv1.weight, layer4.1.bn2.running_var",
		"counted: 2 tensors do not belong to resnet18 (torchvision): head.weight, layer5.0.conv1.weight",
		"counted: bn1.bias holds NaN at index 5",
		"counted: fc.bias holds -Inf at index 0",
	)
}

// TestCheckAnotherNetwork checks that the error for weights of another depth or
// variant names the network instead of the tensors.
func TestCheckAnotherNetwork(t *testing.T) {
	for _, c := range []struct {
		file, network backbone.ResNet
		want          string
	}{
		{backbone.ResNet{Depth: 34, Variant: backbone.TorchVision}, resnet18, "these are weights of resnet34 (torchvision), want resnet18 (torchvision)"},
		{resnet18, backbone.ResNet{Depth: 34, Variant: backbone.TorchVision}, "these are weights of resnet18 (torchvision), want resnet34 (torchvision)"},
		{kerasResNet18, resnet18, "these are weights of resnet18 (keras), want resnet18 (torchvision)"},
		{resnet18, backbone.ResNet{Depth: 20, Variant: backbone.TorchVision}, "depth 20"},
	} {
		err := counted(c.file).Check(c.network)
		wantError(t, err, c.want)
		if strings.Contains(err.Error(), "missing") {
			t.Errorf("the error lists tensors: %v", err)
		}
	}
}

// reciprocal returns RN with statistics of two domains.
func reciprocal(t *testing.T) rnlayer.Norm {
	t.Helper()
	spec, err := rnlayer.Lookup("rn")
	if err != nil {
		t.Fatal(err)
	}
	return spec.Norm(rnlayer.Halves(), rnlayer.DefaultOptions())
}

// TestApply checks that every tensor reaches its variable in GoMLX's layout, and that
// both domains get the statistics.
func TestApply(t *testing.T) {
	f, store := counted(kerasResNet18), model.NewStore()
	if err := kerasResNet18.CreateVariables(backend, store, "/net", reciprocal(t)); err != nil {
		t.Fatal(err)
	}
	if err := Apply(store, "/net", kerasResNet18, f); err != nil {
		t.Fatal(err)
	}
	value := func(path string) []float32 {
		v := store.GetVariable("/net/" + path)
		if v == nil || !v.HasValue() {
			t.Fatalf("%s has no value", path)
		}
		return tensors.MustCopyFlatData[float32](v.MustValue())
	}
	for _, tensor := range kerasResNet18.Tensors() {
		value(tensor.Path)
	}
	got, channels := value("layer2/0/conv1/weights"), [4]int{128, 64, 3, 3} // out, in, height, width
	for _, at := range [][4]int{{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {127, 63, 2, 1}} {
		torch, keras := 0, 0
		for _, axis := range []int{0, 1, 2, 3} {
			torch = torch*channels[axis] + at[axis]
		}
		for _, axis := range []int{2, 3, 1, 0} {
			keras = keras*channels[axis] + at[axis]
		}
		if got[keras] != float32(torch) {
			t.Errorf("weight %v is %g, want %d", at, got[keras], torch)
		}
	}
	mean := value("conv1/norm/" + rnlayer.VarRunningMean)
	if len(mean) != 128 || !slices.Equal(mean[:64], mean[64:]) || mean[63] != 63 {
		t.Errorf("running means %v", mean)
	}
}

// TestApplyRefuses checks that Apply changes nothing unless everything fits.
func TestApplyRefuses(t *testing.T) {
	f := counted(resnet18)
	empty := model.NewStore()
	wantError(t, Apply(empty, "/net", resnet18, f), "variable /net/conv1/weights for conv1.weight does not exist", "create the network's variables first")

	store := model.NewStore()
	if err := resnet18.CreateVariables(backend, store, "/net", reciprocal(t)); err != nil {
		t.Fatal(err)
	}
	last := "/net/layer4/1/conv2/norm/" + rnlayer.VarRunningVariance
	if err := store.DeleteVariable(last); err != nil {
		t.Fatal(err)
	}
	if _, err := store.CreateVariable(last, tensors.FromValue([]float32{1, 2, 3})); err != nil {
		t.Fatal(err)
	}
	wantError(t, Apply(store, "/net", resnet18, f), last, "shape [512] does not fit [3]")
	f.Tensors["bn1.bias"].Data[0] = float32(math.NaN())
	wantError(t, Apply(store, "/net", resnet18, f), "bn1.bias holds NaN")
	for v := range store.IterVariables() {
		if v.HasValue() && v.Path() != last {
			t.Errorf("%s was changed", v.Path())
		}
	}
}

// TestLookup checks the names of the registry and the errors for unknown ones.
func TestLookup(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range All() {
		if got, err := lookup(s.Name); err != nil || got.Name != s.Name || seen[s.Name] {
			t.Errorf("%s: %+v, %v", s.Name, got, err)
		}
		seen[s.Name] = true
		if _, err := backbone.LookupResNet(s.Backbone); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if _, err := backbone.LookupVariant(s.Variant); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	_, err := Open(t.Context(), "resnet50-imagenet", nil)
	wantError(t, err, `unknown weights "resnet50-imagenet"`, "keras-resnet50", "or the path of a file")
	_, err = Resolve(t.Context(), "resnet20", nil)
	wantError(t, err, `"resnet20"`, "resnet50")
}

func ExampleRead() {
	f, err := Read("testdata/state.safetensors")
	if err != nil {
		panic(err)
	}
	for _, name := range f.Names()[:3] {
		fmt.Println(name, f.Tensors[name].Shape, f.Tensors[name].Data)
	}
	_, err = f.ResNet()
	fmt.Println(err)
	// Output:
	// brain [3] [0.5 -2 3.0040553e+38]
	// count [] [7]
	// double [1] [0.33333334]
	// testdata/state.safetensors: the 8 tensors do not make a ResNet of depth [18 34 50 101 152] with torchvision's names
}

func ExampleApply() {
	resnet := backbone.ResNet{Depth: 18, Variant: backbone.TorchVision}
	norm := backbone.FrozenNorm(resnet.Variant.Epsilon)
	store := model.NewStore()
	if err := resnet.CreateVariables(backend, store, "/model/backbone", norm); err != nil {
		panic(err)
	}
	file := counted(resnet) // in place of Open(ctx, "torchvision-resnet18", os.Stderr)
	if err := Apply(store, "/model/backbone", resnet, file); err != nil {
		panic(err)
	}
	fmt.Println(store.GetVariable("/model/backbone/conv1/norm/offset").MustValue().Shape())
	// Output: (Float32)[64]
}

// TestApplyToEveryNorm checks that pretrained statistics and γ reach every row of
// every norm's variables.
func TestApplyToEveryNorm(t *testing.T) {
	file := counted(resnet18)
	for _, norm := range rnlayer.All() {
		t.Run(norm.Name, func(t *testing.T) {
			store := model.NewStore()
			if err := resnet18.CreateVariables(backend, store, "/net", norm.Norm(rnlayer.Halves(), rnlayer.DefaultOptions())); err != nil {
				t.Fatal(err)
			}
			if err := Apply(store, "/net", resnet18, file); err != nil {
				t.Fatal(err)
			}
			for name, path := range map[string]string{
				"bn1.running_var": "/net/conv1/norm/running_variance", "layer4.1.bn2.running_mean": "/net/layer4/1/conv2/norm/running_mean",
				"layer2.0.downsample.1.weight": "/net/layer2/0/downsample/norm/scale",
			} {
				values, want := tensors.MustCopyFlatData[float32](store.GetVariable(path).MustValue()), file.Tensors[name].Data
				for rows := range slices.Chunk(values, len(want)) {
					if !slices.Equal(rows, want) {
						t.Errorf("%s differs from %s", path, name)
					}
				}
			}
		})
	}
}
