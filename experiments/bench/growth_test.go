package bench

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestSeconds checks that the parts' times are minima, and that shares and ratios
// follow from the minima.
func TestSeconds(t *testing.T) {
	var g Growth
	g.setSeconds([parts][]float64{
		partConvolution: {9, 0.2, 0.3}, partBN: {0.25, 0.5, 0.5}, partRN: {0.8, 0.5, 7}, partCorrelation: {0.6, 0.7, 0.1},
	})
	want := Growth{
		ConvolutionSeconds: 0.2, BNSeconds: 0.25, RNSeconds: 0.5, CorrelationSeconds: 0.1,
		BNShare: 0.2, RNShare: 0.6, CorrelationShare: 0.2, CorrelationToConvolution: 0.5,
	}
	if g != want {
		t.Errorf("got %+v, want %+v", g, want)
	}
}

// TestWorstCorrelation checks that only layers with the given number of domains, up
// to the given width, count.
func TestWorstCorrelation(t *testing.T) {
	all := []Growth{
		{Domains: 2, Channels: 64, CorrelationToConvolution: 0.1}, {Domains: 2, Channels: 2048, CorrelationToConvolution: 0.4},
		{Domains: 2, Channels: 4096, CorrelationToConvolution: 2}, {Domains: 4, Channels: 64, CorrelationToConvolution: 3},
	}
	if worst, ok := WorstCorrelation(all, 2, 2048); !ok || worst != all[1] {
		t.Errorf("got %+v, %v", worst, ok)
	}
	if worst, ok := WorstCorrelation(all, 8, 2048); ok {
		t.Errorf("without matching layers: %+v", worst)
	}
}

// TestLayer checks the positions per side: layers with the channels of ResNet-50's
// stages have the positions of these stages at 224 pixels, narrower layers those of
// the first stage and wider layers those of the last. It also checks the errors of
// Validate.
func TestLayer(t *testing.T) {
	for channels, side := range map[int]int{64: 56, 256: 56, 512: 28, 1024: 14, 2048: 7, 8192: 7} {
		if got := (Layer{Channels: channels}).side(); got != side {
			t.Errorf("%d channels: %d positions per side, want %d", channels, got, side)
		}
	}
	for want, l := range map[string]Layer{
		"66 channels: want a multiple of 4":            {Channels: 66, Domains: 2, PerDomain: 4},
		"0 channels: want a multiple of 4":             {Domains: 2, PerDomain: 4},
		"1 domains: want at least 2":                   {Channels: 64, Domains: 1, PerDomain: 4},
		"0 images per domain: want at least 1":         {Channels: 64, Domains: 2},
		"1540 channels do not divide into groups of 3": {Channels: 1540, Domains: 2, PerDomain: 4},
	} {
		if err := l.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", l, err, want)
		}
	}
}

// TestPasses checks that each part returns its result and the gradients of the
// input and of all variables.
func TestPasses(t *testing.T) {
	backend := newBackend(t)
	l := Layer{Channels: 64, Domains: 3, PerDomain: 1}
	passes, err := l.passes(backend)
	if err != nil {
		t.Fatal(err)
	}
	for part, outputs := range map[int]int{
		partConvolution: 3, // result, input, weights
		partBN:          5, // and γ, β
		partRN:          7, // and the gates
		partCorrelation: 6, // without weights
	} {
		p := passes[part]
		out, err := p.exec.Call(p.x, p.gradient)
		if err != nil {
			t.Fatal(err)
		}
		if len(out) != outputs {
			t.Errorf("part %d returns %d values, want %d", part, len(out), outputs)
		}
		if !out[0].Shape().Equal(p.gradient.Shape()) || !out[1].Shape().Equal(p.x.Shape()) {
			t.Errorf("part %d returns %s and %s, want the shapes of its output and input", part, out[0].Shape(), out[1].Shape())
		}
		p.finalize()
	}
}

// TestLayers measures a small layer: every time and memory is positive.
func TestLayers(t *testing.T) {
	g, err := Layers(context.Background(), newBackend(t), Layer{Channels: 1024, Domains: 2, PerDomain: 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if g.Side != 14 || g.Images != 2 || g.Steps != 2 || g.Threads < 1 {
		t.Errorf("layer %+v", g)
	}
	for name, v := range map[string]float64{
		"convolution": g.ConvolutionSeconds, "bn": g.BNSeconds, "rn": g.RNSeconds, "correlation": g.CorrelationSeconds,
		"rn's memory": g.RNTemporaryMiB, "the correlation's memory": g.CorrelationTemporaryMiB,
	} {
		if !(v > 0) {
			t.Errorf("%s is %g", name, v)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Layers(ctx, newBackend(t), Layer{Channels: 64, Domains: 2, PerDomain: 1}, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
	if _, err := Layers(ctx, newBackend(t), Layer{Channels: 64, Domains: 2, PerDomain: 1}, 0); err == nil || !strings.Contains(err.Error(), "0 steps") {
		t.Errorf("error %v", err)
	}
}

// BenchmarkPass times the forward and backward pass of a layer's parts at 256
// channels.
func BenchmarkPass(b *testing.B) {
	l := Layer{Channels: 256, Domains: 2, PerDomain: 4}
	for _, norm := range []string{"none", "bn", "rn"} {
		b.Run(norm, func(b *testing.B) {
			var spec *rnlayer.Spec
			if norm != "none" {
				s, err := rnlayer.Lookup(norm)
				if err != nil {
					b.Fatal(err)
				}
				spec = &s
			}
			p, err := l.convolution(newBackend(b), spec)
			if err != nil {
				b.Fatal(err)
			}
			defer p.finalize()
			for b.Loop() {
				if _, err := p.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
