package backbone_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// newXLA opens XLA on the CPU: the Go backend has no gradient of a max-pool and is slow.
func newXLA(t *testing.T) compute.Backend {
	t.Helper()
	xla, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	t.Cleanup(xla.Finalize)
	return xla
}

// count returns the number of values of a shape.
func count(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// TestParameterCounts compares with the numbers of parameters that torchvision documents
// for its models, minus the classifier's, and with Keras's for
// ResNet50(include_top=False); and with the entries of a state_dict without the
// classifier's two and the batch counts.
func TestParameterCounts(t *testing.T) {
	for _, c := range []struct {
		depth                         int
		parameters, classifier, norms int
	}{
		{18, 11_689_512, 513_000, 20},
		{34, 21_797_672, 513_000, 36},
		{50, 25_557_032, 2_049_000, 53},
		{101, 44_549_160, 2_049_000, 104},
		{152, 60_192_808, 2_049_000, 155},
	} {
		r := backbone.ResNet{Depth: c.depth, Variant: backbone.TorchVision}
		got := 0
		for _, tensor := range r.Tensors() {
			if !strings.Contains(tensor.Name, ".running_") {
				got += count(tensor.Shape)
			}
		}
		if want := c.parameters - c.classifier; got != want {
			t.Errorf("%s has %d parameters, want %d", r.Name(), got, want)
		}
		if got, want := len(r.Tensors()), 5*c.norms; got != want {
			t.Errorf("%s has %d tensors, want %d", r.Name(), got, want)
		}
		if got := 1000*r.Features() + 1000; got != c.classifier {
			t.Errorf("%s has features for a classifier of %d parameters, want %d", r.Name(), got, c.classifier)
		}
	}
	got := 0
	for _, tensor := range (backbone.ResNet{Depth: 50, Variant: backbone.Keras}).Tensors() {
		got += count(tensor.Shape)
	}
	if want := 23_587_712; got != want {
		t.Errorf("Keras's resnet50 has %d parameters, want %d", got, want)
	}
}

// plain is a norm that returns its input.
func plain(_ *model.Scope, x *Node) *Node { return x }

// TestVariables: the network has exactly one variable for each of its tensors, of the same
// shape in GoMLX's layout.
func TestVariables(t *testing.T) {
	for _, variant := range []backbone.Variant{backbone.TorchVision, backbone.Keras} {
		for _, depth := range backbone.Depths() {
			r := backbone.ResNet{Depth: depth, Variant: variant, Freeze: backbone.Stages}
			store := model.NewStore()
			if err := r.CreateVariables(backend, store, "/model/net", plain); err != nil {
				t.Fatal(err)
			}
			want := make(map[string][]int)
			for _, tensor := range r.Tensors() {
				shape := tensor.Shape
				switch {
				case len(shape) == 4:
					shape = []int{shape[2], shape[3], shape[1], shape[0]}
				case strings.Contains(tensor.Name, ".running_"):
					shape = []int{1, shape[0]}
				}
				want["/model/net/"+tensor.Path] = shape
			}
			for v := range store.IterVariables() {
				if shape, ok := want[v.Path()]; !ok || !slices.Equal(shape, v.Shape().Dimensions) {
					t.Errorf("%s of %s: variable %s has shape %v, want %v", r.Name(), variant.Name, v.Path(), v.Shape().Dimensions, shape)
				}
				delete(want, v.Path())
			}
			if len(want) > 0 {
				t.Errorf("%s of %s has no variables %v", r.Name(), variant.Name, want)
			}
		}
	}
}

// normed lists the scopes and shapes of the norm's calls for images of 64×64.
func normed(t *testing.T, r backbone.ResNet) []string {
	t.Helper()
	var calls []string
	err := r.CreateVariables(backend, model.NewStore(), "/", func(scope *model.Scope, x *Node) *Node {
		calls = append(calls, fmt.Sprintf("%s %v", strings.TrimPrefix(scope.Scope(), "/"), x.Shape().Dimensions[1:]))
		return x
	})
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

// TestStrides: a stage halves the image once, in its first block. In bottleneck blocks the
// variant decides in which convolution.
func TestStrides(t *testing.T) {
	for _, c := range []struct {
		depth   int
		variant backbone.Variant
		want    []string // of the stem, layer1.0 and layer2.0
	}{
		{18, backbone.TorchVision, []string{
			"conv1 [32 32 64]", "layer1/0/conv1 [16 16 64]", "layer1/0/conv2 [16 16 64]",
			"layer2/0/conv1 [8 8 128]", "layer2/0/conv2 [8 8 128]", "layer2/0/downsample [8 8 128]",
		}},
		{50, backbone.TorchVision, []string{
			"conv1 [32 32 64]", "layer1/0/conv1 [16 16 64]", "layer1/0/conv2 [16 16 64]", "layer1/0/conv3 [16 16 256]", "layer1/0/downsample [16 16 256]",
			"layer2/0/conv1 [16 16 128]", "layer2/0/conv2 [8 8 128]", "layer2/0/conv3 [8 8 512]", "layer2/0/downsample [8 8 512]",
		}},
		{50, backbone.Keras, []string{
			"conv1 [32 32 64]", "layer1/0/conv1 [16 16 64]", "layer1/0/conv2 [16 16 64]", "layer1/0/conv3 [16 16 256]", "layer1/0/downsample [16 16 256]",
			"layer2/0/conv1 [8 8 128]", "layer2/0/conv2 [8 8 128]", "layer2/0/conv3 [8 8 512]", "layer2/0/downsample [8 8 512]",
		}},
	} {
		calls := normed(t, backbone.ResNet{Depth: c.depth, Variant: c.variant})
		var got []string
		for _, call := range calls {
			if !strings.HasPrefix(call, "layer") || strings.HasPrefix(call, "layer1/0/") || strings.HasPrefix(call, "layer2/0/") {
				got = append(got, call)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d of %s:\n%q, want\n%q", c.depth, c.variant.Name, got, c.want)
		}
		if last := calls[len(calls)-1]; !strings.Contains(last, "[2 2 ") {
			t.Errorf("%d of %s ends with %s, want 2×2", c.depth, c.variant.Name, last)
		}
	}
}

// TestFreeze: all stages but the frozen ones have the injected norm, and only frozen
// stages have variables that are not trainable.
func TestFreeze(t *testing.T) {
	stages := []string{"conv1", "layer1/", "layer2/", "layer3/", "layer4/"}
	if len(stages) != backbone.Stages {
		t.Fatalf("%d stages", backbone.Stages)
	}
	convolutions := []int{1, 4, 5, 5, 5} // of ResNet-18 by stage
	for freeze := range backbone.Stages + 1 {
		r := backbone.ResNet{Depth: 18, Variant: backbone.TorchVision, Freeze: freeze}
		calls := normed(t, r)
		store := model.NewStore()
		if err := r.CreateVariables(backend, store, "/", plain); err != nil {
			t.Fatal(err)
		}
		for i, stage := range stages {
			calledIn, trainable, fixed := 0, 0, 0
			for _, call := range calls {
				if strings.HasPrefix(call, stage) {
					calledIn++
				}
			}
			for v := range store.IterVariables() {
				switch {
				case !strings.HasPrefix(v.Path(), "/"+stage):
				case v.Trainable:
					trainable++
				default:
					fixed++
				}
			}
			n := convolutions[i]
			want := [3]int{n, n, 0} // norms, trainable and fixed variables
			if i < freeze {
				want = [3]int{0, 0, 5 * n}
			}
			if got := [3]int{calledIn, trainable, fixed}; got != want {
				t.Errorf("%d frozen stages: %s has %v norms, trainable and fixed variables, want %v", freeze, stage, got, want)
			}
		}
	}
}

// batchNorm returns the registry's batch norm, which has the statistics of one domain.
func batchNorm(t *testing.T) rnlayer.Norm {
	t.Helper()
	spec, err := rnlayer.Lookup("bn")
	if err != nil {
		t.Fatal(err)
	}
	return spec.Norm(rnlayer.Halves(), rnlayer.DefaultOptions())
}

// fill creates the weights of the network's convolutions with Build's distribution. XLA,
// told to compile fast, would be slow to draw them.
func fill(t *testing.T, store *model.Store, r backbone.ResNet) {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, 0))
	for _, tensor := range r.Tensors() {
		s := tensor.Shape
		if len(s) != 4 {
			continue
		}
		values := make([]float32, count(s))
		for i := range values {
			values[i] = float32(rng.NormFloat64() * math.Sqrt(2/float64(s[2]*s[3]*s[0])))
		}
		if _, err := store.CreateVariable("/"+tensor.Path, tensors.FromFlatDataAndDimensions(values, s[2], s[3], s[1], s[0])); err != nil {
			t.Fatal(err)
		}
	}
}

// pixels returns the values of n random images.
func pixels(n, size int) []float32 {
	rng := rand.New(rand.NewPCG(3, 0))
	values := make([]float32, n*size*size*3)
	for i := range values {
		values[i] = rng.Float32()
	}
	return values
}

// TestFrozenTraining: a training step moves the running statistics of the stages that
// learn and no variable of the frozen stages, and no gradient flows through these.
func TestFrozenTraining(t *testing.T) {
	xla, store := newXLA(t), model.NewStore()
	r := backbone.ResNet{Depth: 18, Variant: backbone.TorchVision, Freeze: 2}
	fill(t, store, r)
	x := tensors.FromFlatDataAndDimensions(pixels(4, 32), 4, 32, 32, 3)
	values := func() map[string]*tensors.Tensor {
		all := make(map[string]*tensors.Tensor)
		for v := range store.IterVariables() {
			value, err := v.MustValue().LocalClone()
			if err != nil {
				t.Fatal(err)
			}
			all[v.Path()] = value
		}
		return all
	}
	exec := model.MustNewExec(xla, store, func(scope *model.Scope, x *Node) []*Node {
		scope.Store().SetTraining(x.Graph(), true)
		loss := ReduceAllSum(Square(r.Build(scope, x, batchNorm(t))))
		return []*Node{loss, Gradient(loss, x)[0]}
	})
	defer exec.Finalize()
	out, err := exec.Call(x)
	if err != nil {
		t.Fatal(err)
	}
	if highest := slices.Max(tensors.MustCopyFlatData[float32](out[1])); highest != 0 {
		t.Errorf("the gradient of the image is up to %g through frozen stages", highest)
	}
	before := values()
	if _, err := exec.Call(x); err != nil {
		t.Fatal(err)
	}
	moved := 0
	for path, value := range values() {
		changed := !value.Equal(before[path])
		frozen := strings.HasPrefix(path, "/conv1/") || strings.HasPrefix(path, "/layer1/")
		running := strings.HasSuffix(path, rnlayer.VarRunningMean) || strings.HasSuffix(path, rnlayer.VarRunningVariance)
		if want := running && !frozen; changed != want {
			t.Errorf("%s changed: %t, want %t", path, changed, want)
		}
		if changed {
			moved++
		}
	}
	if moved != 2*15 {
		t.Errorf("%d running statistics moved, want 30", moved)
	}
}

// TestGradient compares the squared length of the gradient at all weights with the growth
// of the loss along it, a central difference, which is smaller if the gradient is not the
// steepest direction. Package rnlayer tests the gradients of the norms.
func TestGradient(t *testing.T) {
	xla, store := newXLA(t), model.NewStore()
	r := backbone.ResNet{Depth: 18, Variant: backbone.TorchVision}
	fill(t, store, r)
	x := tensors.FromFlatDataAndDimensions(pixels(1, 32), 1, 32, 32, 3)
	rng := rand.New(rand.NewPCG(5, 0))
	upstream := make([]float32, r.Features())
	for i := range upstream {
		upstream[i] = rng.Float32()
	}
	var paths []string // in the order of the gradients
	exec := model.MustNewExec(xla, store, func(scope *model.Scope, x, upstream *Node) []*Node {
		scope.Store().SetTraining(x.Graph(), true)
		loss := ReduceAllSum(Mul(r.Build(scope, x, backbone.FrozenNorm(1e-5)), upstream))
		var weights []*Node
		paths = nil
		for v := range store.IterVariables() {
			if v.Trainable {
				paths = append(paths, v.Path())
				weights = append(weights, v.NodeValue(x.Graph()))
			}
		}
		return append([]*Node{loss}, Gradient(loss, weights...)...)
	})
	defer exec.Finalize()
	call := func() []*tensors.Tensor {
		out, err := exec.Call(x, tensors.FromFlatDataAndDimensions(upstream, 1, r.Features()))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	gradients := call()[1:]
	if len(paths) != 20 {
		t.Fatalf("%d trainable variables, want 20", len(paths))
	}
	weights, steepest := make([][]float32, len(paths)), make([][]float32, len(paths))
	var squares, size float64 // of the gradient and of the weights
	for i, path := range paths {
		weights[i] = tensors.MustCopyFlatData[float32](store.GetVariable(path).MustValue())
		steepest[i] = tensors.MustCopyFlatData[float32](gradients[i])
		before := squares
		for j, g := range steepest[i] {
			squares += float64(g) * float64(g)
			size += float64(weights[i][j]) * float64(weights[i][j])
		}
		if squares == before {
			t.Errorf("the gradient of %s is zero", path)
		}
	}
	h := 1e-5 * math.Sqrt(size/squares) // small beside the weights, large enough for float32
	loss := func(step float64) float64 {
		for i, path := range paths {
			moved := make([]float32, len(weights[i]))
			for j, w := range weights[i] {
				moved[j] = w + float32(step)*steepest[i][j]
			}
			v := store.GetVariable(path)
			if err := v.SetValue(tensors.FromFlatDataAndDimensions(moved, v.Shape().Dimensions...)); err != nil {
				t.Fatal(err)
			}
		}
		return float64(tensors.ToScalar[float32](call()[0]))
	}
	if numeric := (loss(h) - loss(-h)) / (2 * h); math.Abs(numeric-squares) > 2e-3*squares {
		t.Errorf("along the gradient the loss grows by %g, by differences %g", squares, numeric)
	}
}

// TestFrozenNorm compares FrozenNorm in training with batch norm's inference in plain Go.
func TestFrozenNorm(t *testing.T) {
	const epsilon = 1e-3
	parameters := map[string][]float64{
		rnlayer.VarScale: {1, -2}, rnlayer.VarOffset: {0.5, 3},
		rnlayer.VarRunningMean: {4, -1}, rnlayer.VarRunningVariance: {0.25, 9},
	}
	store := model.NewStore()
	for name, values := range parameters {
		dims := []int{2}
		if strings.HasPrefix(name, "running") {
			dims = []int{1, 2}
		}
		if _, err := store.CreateVariable("/norm/"+name, tensors.FromFlatDataAndDimensions(values, dims...)); err != nil {
			t.Fatal(err)
		}
	}
	x := []float64{1, 2, 3, 4, 5, 6, -7, 8}
	y := model.MustCallOnce(backend, store, func(scope *model.Scope, x *Node) *Node {
		scope.Store().SetTraining(x.Graph(), true)
		return backbone.FrozenNorm(epsilon)(scope, x)
	}, tensors.FromFlatDataAndDimensions(x, 2, 2, 1, 2))
	for i, got := range tensors.MustCopyFlatData[float64](y) {
		c := i % 2
		p := func(name string) float64 { return parameters[name][c] }
		want := p(rnlayer.VarScale)*(x[i]-p(rnlayer.VarRunningMean))/math.Sqrt(p(rnlayer.VarRunningVariance)+epsilon) + p(rnlayer.VarOffset)
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("value %d is %g, want %g", i, got, want)
		}
	}
	for v := range store.IterVariables() {
		if v.Trainable {
			t.Errorf("%s is trainable", v.Path())
		}
	}
}

// TestInitialWeights: weights have torchvision's deviation √(2/(k²·out)), biases are 0.
func TestInitialWeights(t *testing.T) {
	store := model.NewStore()
	r := backbone.ResNet{Depth: 18, Variant: backbone.Keras}
	if err := r.CreateVariables(backend, store, "/", plain); err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{
		"/conv1/weights": math.Sqrt(2. / (49 * 64)), "/layer4/0/downsample/weights": math.Sqrt(2. / 512), "/layer2/0/conv1/biases": 0,
	}
	for _, tensor := range r.Tensors() { // drawing the others would take seconds
		if _, ok := all["/"+tensor.Path]; !ok {
			if err := store.DeleteVariable("/" + tensor.Path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := store.InitializeVariables(backend, nil); err != nil {
		t.Fatal(err)
	}
	for path, want := range all {
		sum := 0.0
		values := tensors.MustCopyFlatData[float32](store.GetVariable(path).MustValue())
		for _, v := range values {
			sum += float64(v) * float64(v)
		}
		if got := math.Sqrt(sum / float64(len(values))); math.Abs(got-want) > 0.05*want {
			t.Errorf("%s deviates by %g, want %g", path, got, want)
		}
	}
}

// TestResNetMisuse: messages name the given and the expected value.
func TestResNetMisuse(t *testing.T) {
	good := backbone.ResNet{Depth: 18, Variant: backbone.TorchVision}
	for _, c := range []struct {
		r    backbone.ResNet
		want string
	}{
		{backbone.ResNet{Depth: 20, Variant: backbone.TorchVision}, "depth 20: want one of [18 34 50 101 152]"},
		{backbone.ResNet{Depth: 18}, "start from TorchVision or Keras"},
		{backbone.ResNet{Depth: 18, Variant: backbone.TorchVision, Freeze: 6}, "6 frozen stages: want 0 to 5"},
		{backbone.ResNet{Depth: 18, Variant: backbone.TorchVision, Freeze: -1}, "-1 frozen stages"},
	} {
		if err := c.r.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
		if err := c.r.CreateVariables(backend, model.NewStore(), "/", plain); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("building: error %v, want one that says %q", err, c.want)
		}
	}
	for _, dims := range [][]int{{1, 31, 64, 3}, {1, 64, 31, 3}, {1, 64, 64, 1}, {64, 64, 3}} {
		_, err := model.CallOnce(backend, model.NewStore(), func(scope *model.Scope, x *Node) *Node { return good.Build(scope, x, plain) },
			tensors.FromFlatDataAndDimensions(make([]float32, count(dims)), dims...))
		if err == nil || !strings.Contains(err.Error(), "32×32 or more") {
			t.Errorf("images %v: error %v", dims, err)
		}
	}
	if _, err := backbone.LookupResNet("resnet20"); err == nil || !strings.Contains(err.Error(), "resnet18, resnet34, resnet50, resnet101, resnet152") {
		t.Errorf("error %v", err)
	}
	if r, err := backbone.LookupResNet("resnet101"); err != nil || r.Depth != 101 || r.Variant.Name != "torchvision" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := backbone.LookupVariant("caffe"); err == nil || !strings.Contains(err.Error(), "torchvision, keras") {
		t.Errorf("error %v", err)
	}
	for _, name := range []string{"fc.weight", "", "weight", "layer1.0.conv1", "layer1.0.bn1.num_batches_tracked", "layer1.0.downsample.2.weight", "conv1.running_mean"} {
		if path, err := backbone.VariablePath(name); err == nil {
			t.Errorf("%q has the path %q", name, path)
		}
	}
}

// TestParameterDType: weights are float32 for bfloat16 activations.
func TestParameterDType(t *testing.T) {
	store := model.NewStore()
	g := NewGraph(backend, "bfloat16")
	defer g.Finalize()
	model.SetStore(g, store)
	y := backbone.ResNet{Depth: 18, Variant: backbone.TorchVision, Freeze: 1}.Build(store.RootScope(),
		ConvertDType(Const(g, tensors.FromFlatDataAndDimensions(make([]float32, 32*32*3), 1, 32, 32, 3)), dtypes.BFloat16), plain)
	if y.DType() != dtypes.Float32 {
		t.Errorf("features are %s", y.DType())
	}
	for v := range store.IterVariables() {
		if v.Shape().DType != dtypes.Float32 {
			t.Errorf("%s is %s", v.Path(), v.Shape().DType)
		}
	}
}
