package bench

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestStepTrains checks that the step trains: the loss on the batch falls, running
// statistics move, and gates stay in their range. It checks that compile time and
// planned memory are known.
func TestStepTrains(t *testing.T) {
	s, err := newStep(newBackend(t), digitsConfig("rn"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.exec.Finalize()
	if s.compile <= 0 || s.temporary <= 0 {
		t.Errorf("compiling took %v, the step needs %d bytes; want both above 0", s.compile, s.temporary)
	}
	loss := func() float32 {
		out, err := s.exec.Call1(s.images, s.labels)
		if err != nil {
			t.Fatal(err)
		}
		return tensors.ToScalar[float32](out)
	}
	first := loss()
	for range 20 {
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
	}
	if last := loss(); !(last < first) {
		t.Errorf("the loss went from %g to %g", first, last)
	}
	norms, err := rnlayer.Layers(s.exec.Store())
	if err != nil {
		t.Fatal(err)
	}
	if len(norms) != 3 {
		t.Fatalf("%d norms, want 3", len(norms))
	}
	for _, l := range norms {
		if !slices.ContainsFunc(l.RunningMean[0], func(v float64) bool { return v != 0 }) {
			t.Errorf("%s: the running mean has not moved", l.Path)
		}
		for _, gates := range slices.Concat(l.MeanGates, l.VarianceGates) {
			if slices.Min(gates) < 0.5 || slices.Max(gates) > 1 {
				t.Errorf("%s: gates in [%g, %g]", l.Path, slices.Min(gates), slices.Max(gates))
			}
		}
	}
}

// TestStepInPlace checks that a step overwrites everything that it updates: weights,
// momenta, running statistics and its own count.
func TestStepInPlace(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("package forward works on Linux")
	}
	for _, norm := range []string{"bn", "rn"} {
		s, err := newStep(newBackend(t), digitsConfig(norm))
		if err != nil {
			t.Fatal(err)
		}
		defer s.exec.Finalize()
		g, err := s.exec.Compile(s.images.Shape(), s.labels.Shape())
		if err != nil {
			t.Fatal(err)
		}
		var want int64
		for v := range s.exec.Store().IterVariables() {
			if v.ChangedInGraph(g) {
				want += int64(v.Shape().ByteSize())
			}
		}
		if got := plannedBytes(g.Executable(), "Aliases"); got != want || want < 1e5 {
			t.Errorf("%s: %d bytes of %d are updated in place", norm, got, want)
		}
	}
}

// TestStepOnDevices runs a step that two devices share, and checks the number of
// devices in the result. Package dataparallel tests the numbers.
func TestStepOnDevices(t *testing.T) {
	backend := newBackend(t)
	if backend.NumDevices() < 2 {
		t.Skip("the plugin has one device")
	}
	c := digitsConfig("bn")
	c.Devices = 2
	s, err := newStep(backend, c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.exec.Finalize()
	for range 2 {
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
	}
	if s.compile <= 0 || s.temporary <= 0 {
		t.Errorf("compiling took %v, the step needs %d bytes; want both above 0", s.compile, s.temporary)
	}
	r := measured{Case: c, steps: []float64{1}}.result(Options{Steps: 1})
	if r.Devices != 2 {
		t.Errorf("the result has %d devices, want 2", r.Devices)
	}
}

// TestInference checks that predictions have a row for each image and leave the
// running statistics unchanged.
func TestInference(t *testing.T) {
	c := digitsConfig("rn")
	c.Inference = true
	s, err := newStep(newBackend(t), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.exec.Finalize()
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
	out, err := s.exec.Call1(s.images)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Shape().CheckDims(c.images(), 10); err != nil {
		t.Error(err)
	}
	for v := range s.exec.Store().RootScope().IterVariables() {
		if v.Name() == rnlayer.VarRunningMean {
			value, err := v.Value()
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(tensors.MustCopyFlatData[float32](value), func(v float32) bool { return v != 0 }) {
				t.Errorf("%s has moved", v.Path())
			}
		}
	}
}

// TestResNetStep runs a small step of a ResNet with ImageNet's classes.
func TestResNetStep(t *testing.T) {
	s, err := newStep(newBackend(t), Case{Backbone: "resnet18", Norm: "bn", PerDomain: 2, Size: 32})
	if err != nil {
		t.Fatal(err)
	}
	defer s.exec.Finalize()
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
	weights := s.exec.Store().GetVariable(model.JoinPath("/", config.NetworkScope, "classifier", "dense", "weights"))
	if weights == nil {
		t.Fatal("no weights of the classifier")
	}
	if err := weights.Shape().CheckDims(512, 1000); err != nil {
		t.Error(err)
	}
}

// TestBFloat16Step checks that a step with bfloat16 activations has no bfloat16
// variables and about the loss of float32, and that its case names the dtype.
func TestBFloat16Step(t *testing.T) {
	loss := func(c Case) float64 {
		s, err := newStep(newBackend(t), c)
		if err != nil {
			t.Fatal(err)
		}
		defer s.exec.Finalize()
		if err := s.exec.Store().SetRNGStateFromSeed(1); err != nil {
			t.Fatal(err)
		}
		out, err := s.exec.Call1(s.images, s.labels)
		if err != nil {
			t.Fatal(err)
		}
		for v := range s.exec.Store().IterVariables() {
			if v.DType() == dtypes.BFloat16 {
				t.Errorf("%s has dtype %s", v.Path(), v.DType())
			}
		}
		return float64(tensors.ToScalar[float32](out))
	}
	c := digitsConfig("rn")
	want := loss(c)
	c.Activations = backbone.BFloat16
	if got := loss(c); got == want || math.Abs(got-want) > 0.02*want {
		t.Errorf("the loss is %g, with float32 %g", got, want)
	}
	if got := c.String(); !strings.HasSuffix(got, "training in bfloat16") {
		t.Errorf("the case is called %q", got)
	}
	c.Activations = "half"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), `"half"`) {
		t.Errorf("error %v", err)
	}
}

// TestValidate checks the errors of cases that cannot be measured.
func TestValidate(t *testing.T) {
	for want, c := range map[string]Case{
		`unknown backbone "resnet19"`:             {Backbone: "resnet19", Norm: "bn", PerDomain: 4, Size: 224},
		`unknown norm "layer"`:                    {Backbone: "resnet18", Norm: "layer", PerDomain: 4, Size: 224},
		"images of 31×31 for resnet18: want 32":   {Backbone: "resnet18", Norm: "bn", PerDomain: 4, Size: 31},
		"images of 15×15 for digits: want 16":     {Backbone: DigitsName, Norm: "bn", PerDomain: 4, Size: 15},
		"1 images per domain: want at least 2":    {Backbone: DigitsName, Norm: "bn", PerDomain: 1, Size: 28},
		"one of resnet18, resnet34, resnet50":     {Norm: "bn", PerDomain: 4, Size: 224},
		"resnet101, resnet152, or digits":         {Norm: "bn", PerDomain: 4, Size: 224},
		"4 images per domain do not divide among": {Backbone: DigitsName, Norm: "bn", PerDomain: 4, Size: 28, Devices: 3},
		"-1 devices: want at least 1":             {Backbone: DigitsName, Norm: "bn", PerDomain: 4, Size: 28, Devices: -1},
		"2 devices for inference: want 1":         {Backbone: DigitsName, Norm: "bn", PerDomain: 4, Size: 28, Devices: 2, Inference: true},
		"want one of bn, adabn, ds, dsbn, autodi": {Backbone: DigitsName, PerDomain: 4, Size: 224},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", c, err, want)
		}
	}
	if err := digitsConfig("rn").Validate(); err != nil {
		t.Error(err)
	}
}

// BenchmarkStep times a training step of the digits network.
func BenchmarkStep(b *testing.B) {
	for _, norm := range []string{"bn", "rn"} {
		b.Run(norm, func(b *testing.B) {
			s, err := newStep(newBackend(b), Case{Backbone: DigitsName, Norm: norm, PerDomain: 36, Size: 28})
			if err != nil {
				b.Fatal(err)
			}
			defer s.exec.Finalize()
			for b.Loop() {
				if err := s.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
