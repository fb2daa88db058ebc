package input_test

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// photosConfig is a configuration of the toy photographs.
func photosConfig(t *testing.T) config.Config {
	t.Helper()
	return toydata.PhotosConfig(t, config.FeaturesFinetuned, config.WeightsNone)
}

// digestsOf finds the photographs below a folder.
func digestsOf(t *testing.T, root string) map[string]string {
	t.Helper()
	found, err := input.Find(context.Background(), photosConfig(t), environment.Images{Root: root}, environment.Reporter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Digests) != 3 {
		t.Fatalf("digests %v", found.Digests)
	}
	return found.Digests
}

// changePixel changes one channel of one pixel by one.
func changePixel(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	pixels := image.NewNRGBA(im.Bounds())
	for y := range im.Bounds().Dy() {
		for x := range im.Bounds().Dx() {
			pixels.Set(x, y, im.At(x, y))
		}
	}
	c := pixels.NRGBAAt(3, 5)
	pixels.SetNRGBA(3, 5, color.NRGBA{R: c.R ^ 1, G: c.G, B: c.B, A: 255})
	f, err = os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, pixels); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// requireChanges fails unless exactly the named digests differ.
func requireChanges(t *testing.T, a, b map[string]string, changed ...string) {
	t.Helper()
	for _, name := range []string{record.DigestSource, record.DigestTarget, record.DigestTest} {
		if want := strings.Contains(strings.Join(changed, " "), name); a[name] == "" || (a[name] != b[name]) != want {
			t.Errorf("the digest of the %s is %q, then %q: want a change: %v", name, a[name], b[name], want)
		}
	}
}

// TestDigestsOfContent: digests cover the content of photographs and not their
// folder: one pixel changes the digests of its domain.
func TestDigestsOfContent(t *testing.T) {
	first := digestsOf(t, toydata.Photographs(t, 2))
	if first[record.DigestTarget] == first[record.DigestTest] {
		t.Error("the target's digests with and without labels are the same")
	}
	root := toydata.Photographs(t, 2)
	requireChanges(t, first, digestsOf(t, root))
	changePixel(t, filepath.Join(root, toydata.Photograph("winter", "red", 1)))
	winter := digestsOf(t, root)
	requireChanges(t, first, winter, record.DigestTarget, record.DigestTest)
	changePixel(t, filepath.Join(root, toydata.Photograph("summer", "red", 1)))
	requireChanges(t, winter, digestsOf(t, root), record.DigestSource)
}

// TestDigestsOfLabels: labels are part of the digests of source and test images, not
// of the target's training images, which have none.
func TestDigestsOfLabels(t *testing.T) {
	root := toydata.Photographs(t, 1)
	list := func(domain string, labels [3]string) { // a flat list, so that no folder names a class
		var lines []string
		for i, class := range toydata.Classes {
			name := domain + class + ".png"
			data, err := os.ReadFile(filepath.Join(root, toydata.Photograph(domain, class, 0)))
			if err != nil {
				t.Fatal(err)
			}
			toydata.WriteFile(t, filepath.Join(root, name), data)
			lines = append(lines, name+" "+labels[i])
		}
		toydata.WriteFile(t, filepath.Join(root, domain+".txt"), []byte(strings.Join(lines, "\n")))
	}
	list("summer", [3]string{"0", "1", "2"})
	list("winter", [3]string{"0", "1", "2"})
	first := digestsOf(t, root)
	list("winter", [3]string{"1", "0", "2"})
	winter := digestsOf(t, root)
	requireChanges(t, first, winter, record.DigestTest)
	list("summer", [3]string{"1", "0", "2"})
	requireChanges(t, winter, digestsOf(t, root), record.DigestSource)
}

// TestUnreadablePhotograph: a photograph that cannot be opened is an error, or left
// out with a warning and without a trace in the digests.
func TestUnreadablePhotograph(t *testing.T) {
	root := toydata.Photographs(t, 2)
	path := filepath.Join(root, toydata.Photograph("winter", "green", 1))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	without := digestsOf(t, root)
	if err := os.Symlink("nowhere.png", path); err != nil {
		t.Fatal(err)
	}
	c := photosConfig(t)
	if _, err := input.Find(context.Background(), c, environment.Images{Root: root}, environment.Reporter{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v does not name the file", err)
	}
	var warnings []error
	report := environment.Reporter{Warn: func(err error) { warnings = append(warnings, err) }}
	found, err := input.Find(context.Background(), c, environment.Images{Root: root, SkipBroken: true}, report)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), path) {
		t.Errorf("warnings %v", warnings)
	}
	if n := len(found.Target.Paths); n != 5 || len(found.Target.Labels) != n || len(found.Target.Sums) != n {
		t.Errorf("%d photographs, %d labels, %d sums, want 5", n, len(found.Target.Labels), len(found.Target.Sums))
	}
	requireChanges(t, without, found.Digests)
}

// TestNoReadablePhotograph: a domain without a readable photograph is an error.
func TestNoReadablePhotograph(t *testing.T) {
	root := toydata.Photographs(t, 1)
	for _, class := range toydata.Classes {
		path := filepath.Join(root, toydata.Photograph("winter", class, 0))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("nowhere.png", path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := input.Find(context.Background(), photosConfig(t), environment.Images{Root: root, SkipBroken: true}, environment.Reporter{}); err == nil || !strings.Contains(err.Error(), "3 of 3 files") {
		t.Errorf("error %v", err)
	}
}

// TestFindWarns: files that are left out, and domains of which all photographs are
// equal, are warnings.
func TestFindWarns(t *testing.T) {
	root := t.TempDir()
	grey, err := os.ReadFile(filepath.Join(toydata.Photographs(t, 1), toydata.Photograph("summer", "red", 0)))
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range toydata.Classes {
		toydata.WriteFile(t, filepath.Join(root, toydata.Photograph("summer", class, 0)), grey)
		toydata.WriteFile(t, filepath.Join(root, toydata.Photograph("winter", class, 0)), append(grey, class...))
		toydata.WriteFile(t, filepath.Join(root, filepath.Dir(toydata.Photograph("winter", class, 0)), "x.heic"), nil)
	}
	var warnings []string
	report := environment.Reporter{Warn: func(err error) { warnings = append(warnings, err.Error()) }}
	if _, err := input.Find(context.Background(), photosConfig(t), environment.Images{Root: root}, report); err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 2 || !strings.HasPrefix(warnings[0], "summer: all 3 photographs have the same content") || !strings.HasPrefix(warnings[1], "winter: 3 files left out: 3 .heic") {
		t.Errorf("warnings %q", warnings)
	}
}

// TestFindIsCancelled: a cancelled context ends the search with its cause.
func TestFindIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := input.Find(ctx, photosConfig(t), environment.Images{Root: toydata.Photographs(t, 1)}, environment.Reporter{}); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}

// TestDataHidesTargetLabels: the target of the data has no labels, its test images
// have.
func TestDataHidesTargetLabels(t *testing.T) {
	c := photosConfig(t)
	found, err := input.Find(context.Background(), c, environment.Images{Root: toydata.Photographs(t, 2)}, environment.Reporter{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := found.Data()
	if err != nil {
		t.Fatal(err)
	}
	if d.Target.Labels != nil || len(d.Source.Labels) != 6 || len(d.Test.Labels) != 6 {
		t.Errorf("%d labels of the source, %d of the target, %d of the test images", len(d.Source.Labels), len(d.Target.Labels), len(d.Test.Labels))
	}
}
