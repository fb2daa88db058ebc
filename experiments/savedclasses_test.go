package experiments

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// renameClass renames the folders of a class of toy photographs in both domains.
func renameClass(t *testing.T, root, from, to string) {
	t.Helper()
	for _, domain := range toydata.Domains {
		if err := os.Rename(filepath.Join(root, domain, from), filepath.Join(root, domain, to)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSavedClasses: a saved network is used on data with the classes that it was
// trained on. Folders in another spelling, and so in another order, give the same
// accuracy and the network's class names; another class is refused.
func TestSavedClasses(t *testing.T) {
	toydata.Backend(t)
	toydata.OwnCache(t)
	ctx := context.Background()
	env := photosEnvironment(t, toydata.Photographs(t, 5))
	c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
	c.Steps, c.EvalEvery = 60, 60
	r, err := Run(ctx, c, env)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Classes, toydata.Classes[:]) {
		t.Errorf("the result has the classes %q", r.Classes)
	}
	open := func(env environment.Environment) *Saved {
		t.Helper()
		s, err := OpenSaved(ctx, r.ID, checkpoint.Latest, env)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}

	renameClass(t, env.Root, "green", "GREEN") // sorted before blue
	s := open(env)
	for _, domain := range []string{"winter", "summer"} {
		p, err := s.Predict(ctx, PredictOptions{Domain: domain, Statistics: rnlayer.EvalTarget})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Evaluation().Accuracy; !slices.Equal(p.Classes, r.Classes) || got < 0.9 || domain == "winter" && got != r.Accuracy.Last {
			t.Errorf("%s: classes %q, accuracy %g, in training %g", domain, p.Classes, got, r.Accuracy.Last)
		}
	}
	f, err := s.Features(ctx, FeatureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Classes, r.Classes) || f.Labels[0][0] != 1 || f.Labels[1][0] != 1 { // the first photographs are green
		t.Errorf("features of the classes %q, the first of %d and %d", f.Classes, f.Labels[0][0], f.Labels[1][0])
	}
	path := filepath.Join(t.TempDir(), "folded.safetensors")
	if _, err := s.Export(ctx, path, rnlayer.EvalTarget); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, header, err := safetensors.ReadMetadata(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := header.Metadata()["classes"]; got != strings.Join(r.Classes, "\n") {
		t.Errorf("the export has the classes %q", got)
	}

	renameClass(t, env.Root, "GREEN", "purple")
	for name, use := range map[string]func(*Saved) error{
		"predict":  func(s *Saved) error { _, err := s.Test(ctx); return err },
		"features": func(s *Saved) error { _, err := s.Features(ctx, FeatureOptions{}); return err },
		"export":   func(s *Saved) error { _, err := s.Export(ctx, path, rnlayer.EvalTarget); return err },
		"inspect":  func(s *Saved) error { _, err := s.Inspect(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			errortest.Says(t, use(open(env)), "run "+r.ID, `class "green" of the network is not in `, `class "purple" of `)
		})
	}

	var warnings []error
	env.Warn = func(err error) { warnings = append(warnings, err) }
	old := open(env)
	old.classes = nil
	if _, err := old.Test(ctx); err != nil {
		t.Errorf("a checkpoint without classes: %v", err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), "unchecked") {
		t.Errorf("a checkpoint without classes: warnings %v", warnings)
	}
}
