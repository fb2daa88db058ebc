package photo

import (
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestSet reads a set in several goroutines, twice, with room for some of the
// photographs. The second time their files are gone.
func TestSet(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i := range 6 {
		path := filepath.Join(dir, string(rune('a'+i))+".png")
		im := image.NewGray(image.Rect(0, 0, 20, 10))
		for j := range im.Pix {
			im.Pix[j] = uint8(i * 40)
		}
		if err := os.WriteFile(path, encodePNG(t, im), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	s, err := NewSet(paths, Transform{Resize: 8, Crop: 6}, SetOptions{CacheBytes: 3 * 3 * 8 * 8})
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 6 || !slices.Equal(s.Shape(), []int{6, 6, 3}) {
		t.Errorf("%d examples of %v", s.Len(), s.Shape())
	}
	read := func() (failed int) {
		errs := make([]error, 6)
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				dst := make([]float32, 6*6*3)
				errs[i] = s.Read(i, rand.New(rand.NewPCG(0, 0)), dst)
				if errs[i] == nil && (dst[0] != float32(i*40)/255 || dst[107] != dst[0]) {
					t.Errorf("photograph %d is %v", i, dst[0])
				}
			})
		}
		all.Wait()
		for i, err := range errs {
			if err != nil {
				failed++
				if !strings.Contains(err.Error(), paths[i]) {
					t.Errorf("the error %v does not name %s", err, paths[i])
				}
			}
		}
		return failed
	}
	if failed := read(); failed != 0 {
		t.Errorf("%d failed", failed)
	}
	for _, path := range paths {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if failed := read(); failed != 3 {
		t.Errorf("%d failed without files, want 3: there is room for three", failed)
	}
}

func TestSetMisuse(t *testing.T) {
	if _, err := NewSet(nil, Transform{Resize: 8, Crop: 8}, SetOptions{}); err == nil || err.Error() != "there are no photographs" {
		t.Errorf("error %v", err)
	}
	if _, err := NewSet([]string{"a"}, Transform{}, SetOptions{}); err == nil || !strings.HasPrefix(err.Error(), "transform: ") {
		t.Errorf("error %v", err)
	}
	s, err := NewSet([]string{"testdata/rgb.png"}, Transform{Resize: 8, Crop: 8}, SetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Read(0, nil, make([]float32, 3)); err == nil || !strings.Contains(err.Error(), "room for 3 values, want 192") {
		t.Errorf("error %v", err)
	}
}
