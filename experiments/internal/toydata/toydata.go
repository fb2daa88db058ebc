// Package toydata provides small inputs for tests of training: a backend, digits,
// photographs, weights, and configurations whose runs take seconds. Package toyrun
// makes whole runs.
package toydata

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// Backend opens XLA on the CPU and skips the test where `make setup` has not
// installed it. GoMLX's pure Go backend has no gradient of max-pooling.
func Backend(t testing.TB) compute.Backend {
	t.Helper()
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	t.Cleanup(backend.Finalize)
	return backend
}

// Images returns n digits of three classes. Each shows noise and a bright column whose
// position is the class. Domains differ in brightness.
func Images(name string, n int, brightness float32, seed uint64) *digits.Images {
	const side, columns = 28, 4
	rng := rand.New(rand.NewPCG(seed, 0))
	im := &digits.Images{Name: name, Height: side, Width: side, Channels: 1, Classes: []string{"0", "1", "2"}}
	for i := range n {
		label := i % len(im.Classes)
		im.Labels = append(im.Labels, int32(label))
		for p := range side * side {
			v := 0.2 * rng.Float32() * brightness
			if p%side/(side/columns) == label {
				v += 0.5 * brightness
			}
			im.Pixels = append(im.Pixels, v)
		}
	}
	return im
}

// Digits returns a source domain and a darker target domain.
func Digits() input.Data {
	return input.Data{
		Source: input.OfImages(Images("source", 40, 1, 1)),
		Target: input.OfImages(Images("target", 40, 0.6, 2).WithoutLabels()),
		Test:   input.OfImages(Images("test", 30, 0.6, 3)),
	}
}

// DigitsConfig returns a configuration that trains for six steps on [Digits].
func DigitsConfig(t testing.TB, norm, objective string) config.Config {
	t.Helper()
	c, err := config.Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	c.Norm, c.Objective, c.Steps, c.EvalEvery, c.BatchSize, c.TrainLimit = norm, objective, 6, 3, 8, 0
	c.ObjectiveOptions.DiscriminatorHidden = 16
	return c
}

// PhotosConfig returns a configuration of a ResNet-18 on [Photographs], which it reads
// at 32×32 pixels.
func PhotosConfig(t testing.TB, features, weights string) config.Config {
	t.Helper()
	c, err := config.Task{Recipe: "custom", Source: Domains[0], Target: Domains[1], Features: features}.Default()
	if err != nil {
		t.Fatal(err)
	}
	c.Network.Backbone, c.Network.Weights, c.Network.Bottleneck = "resnet18", weights, 8
	c.Photos.Resize, c.Photos.Crop = 36, 32
	c.Objective, c.BatchSize = "entropy", 4
	return c
}

// OwnCache gives the test a cache folder of its own, with a link to the user's XLA
// plugins.
func OwnCache(t testing.TB) {
	t.Helper()
	users, err := fetch.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	own := t.TempDir()
	if err := os.Symlink(filepath.Join(users, "pjrt"), filepath.Join(own, "pjrt")); err != nil {
		t.Fatal(err)
	}
	t.Setenv(fetch.CacheEnv, own)
}
