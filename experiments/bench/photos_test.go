package bench

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// photographs writes a folder with two classes: five black and five white
// photographs.
func photographs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for class, name := range []string{"black", "white"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			im := image.NewGray(image.Rect(0, 0, 50, 40))
			for p := range im.Pix {
				im.Pix[p] = uint8(255 * class)
			}
			f, err := os.Create(filepath.Join(dir, name, fmt.Sprintf("%d.png", i)))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, im); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// TestFeed checks that batches have the case's shape and the labels of their
// photographs, and that they differ.
func TestFeed(t *testing.T) {
	c := Case{Backbone: "resnet18", Norm: "bn", PerDomain: 3, Size: 32, Photos: photographs(t)}
	if err := c.Validate(); err != nil || !strings.HasSuffix(c.String(), "on photographs") {
		t.Errorf("%s: %v", c, err)
	}
	f, err := newFeed(c)
	if err != nil {
		t.Fatal(err)
	}
	defer f.loader.Close()
	seen := make(map[string]bool)
	for range 4 {
		images, labels, waited, err := f.next()
		if err != nil {
			t.Fatal(err)
		}
		if err := images.Shape().CheckDims(6, 32, 32, 3); err != nil || waited < 0 {
			t.Errorf("%v, waited %v", err, waited)
		}
		values, of := tensors.MustCopyFlatData[float32](images), tensors.MustCopyFlatData[int32](labels)
		for i, label := range of {
			if v := values[i*32*32*3]; v != float32(label) {
				t.Errorf("a photograph with value %g has class %d", v, label)
			}
		}
		seen[fmt.Sprint(of)] = true
	}
	if len(seen) < 2 {
		t.Errorf("the batches are all %v", seen)
	}
}

// TestFeedMisuse checks the errors of a folder without photographs and of one with
// too few.
func TestFeedMisuse(t *testing.T) {
	c := Case{Backbone: "resnet18", PerDomain: 8, Size: 32, Photos: photographs(t)}
	if _, err := newFeed(c); err == nil || !strings.Contains(err.Error(), "batch of 16 images out of only 10") {
		t.Errorf("error %v", err)
	}
	c.Photos = t.TempDir()
	if _, err := newFeed(c); err == nil || !strings.Contains(err.Error(), c.Photos) {
		t.Errorf("error %v", err)
	}
}

// TestDataWait checks that the share counts the waits of the counted steps, and
// that paired steps on photographs are refused.
func TestDataWait(t *testing.T) {
	var log []string
	c := Case{Backbone: "resnet18", PerDomain: 8, Size: 224, Photos: "somewhere"}
	results, err := Measure(context.Background(), c, []string{"bn"}, Options{Steps: 4, Start: fakes(&log)})
	if err != nil {
		t.Fatal(err)
	}
	if w := results[0].DataWaitShare; w == nil || *w != 0.2 { // a fake waits a quarter of its step before it
		t.Errorf("share %v, want 0.2", w)
	}
	if _, err := Measure(context.Background(), c, []string{"bn", "rn"}, Options{Steps: 4, Paired: true, Start: fakes(&log)}); err == nil || !strings.Contains(err.Error(), "paired steps on photographs") {
		t.Errorf("error %v", err)
	}
	c.Photos = ""
	if results, err = Measure(context.Background(), c, []string{"bn"}, Options{Steps: 3, Start: fakes(&log)}); err != nil || results[0].DataWaitShare != nil {
		t.Errorf("noise: %+v, %v", results, err)
	}
}

// TestServePhotographs checks that a step of a served case reads a batch.
func TestServePhotographs(t *testing.T) {
	c := Case{Backbone: "resnet18", Norm: "bn", PerDomain: 2, Size: 32, Inference: true, Photos: photographs(t)}
	var out strings.Builder
	if err := Serve(newBackend(t), c, strings.NewReader("step\nstep\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !strings.Contains(lines[1], `"step"`) || !strings.Contains(lines[1], `"wait"`) {
		t.Errorf("printed %q", lines)
	}
}
