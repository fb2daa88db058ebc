package photo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
)

// setMemory sets the process's memory for a test.
func setMemory(t *testing.T, bytes int64) {
	t.Helper()
	before := decoding.Load()
	t.Cleanup(func() { decoding.Store(before) })
	SetMemory(bytes)
}

// encoded returns what an encoder writes.
func encoded(t *testing.T, encode func(b *bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHeaderMemory checks that decoding allocates no more than the header announces,
// in every format.
func TestHeaderMemory(t *testing.T) {
	size := image.Rect(0, 0, 1001, 777)
	half := image.NewNRGBA64(size) // neither opaque nor transparent, so that PNG needs 16 bits and alpha
	half.Set(1, 1, color.NRGBA64{R: 1000, G: 3, B: 5, A: 1 << 15})
	rgba := image.NewRGBA(size)
	palette := image.NewPaletted(size, color.Palette{color.Black, color.White})
	files := map[string][]byte{
		"grey.png":   encodePNG(t, image.NewGray(size)),
		"grey16.png": encodePNG(t, image.NewGray16(size)),
		"alpha.png":  encodePNG(t, rgba),
		"16 bits":    encodePNG(t, half),
		"palette":    encodePNG(t, palette),
		"gif":        encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, palette, nil) }),
		"bmp":        encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, rgba) }),
		"grey.jpg":   encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, image.NewGray(size), nil) }),
		"colour.jpg": encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, rgba, nil) }),
		"tiff":       encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, rgba, nil) }),
		"deflate.tiff": encoded(t, func(b *bytes.Buffer) error {
			return tiff.Encode(b, half, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
		}),
	}
	stored, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stored {
		if filepath.Ext(path) != ".json" && filepath.Ext(path) != ".py" {
			if files[path], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			h, err := readHeader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			bounded.Allocation(t, len(data)+int(h.memory), 1, func() {
				if _, err := decodeBytes(data); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestTransformMemory checks that resizing allocates no more than the transform
// announces, also for slim photographs.
func TestTransformMemory(t *testing.T) {
	for _, c := range []Transform{{Resize: 64, Crop: 64}, {Resize: 64, Crop: 64, KeepAspect: true}, {Resize: 500, Crop: 500}} {
		for _, size := range [][2]int{{1000, 800}, {1, 50_000}, {50_000, 3}, {5, 5}} {
			t.Run(fmt.Sprint(c, size), func(t *testing.T) {
				h := header{width: size[1], height: size[0]} // the other orientation
				im := newRGB(size[0], size[1])
				bounded.Allocation(t, int(c.memory(h)), 1, func() { _, _ = c.resized(im) })
			})
		}
	}
}

// TestTooMuchMemory checks that a photograph is refused from its header if decoding
// or resizing takes more memory than there is, with the file, its size and a remedy.
func TestTooMuchMemory(t *testing.T) {
	setMemory(t, 4<<20)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const progressive = "testdata/progressive-cmyk.jpg"
	bounded.Allocation(t, 0, 1, func() {
		_, err := Open(progressive)
		errortest.Says(t, err, progressive, "jpeg of 600×500 pixels", "the limit is 4 MiB", "smaller", "--decode-memory")
	})
	large := write("large.png", pngHeader(9000, 9000))
	bounded.Allocation(t, 0, 1, func() {
		_, err := Open(large)
		errortest.Says(t, err, large, "9000×9000 pixels", "--decode-memory")
	})
	slim := write("slim.png", encodePNG(t, image.NewGray(image.Rect(0, 0, 1, 20_000))))
	if _, err := Open(slim); err != nil {
		t.Error(err)
	}
	s, err := NewSet([]string{slim}, Transform{Resize: 224, Crop: 224}, SetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	errortest.Says(t, s.Read(0, nil, make([]float32, 3*224*224)), slim, "1×20000 pixels", "--decode-memory")
}

// TestMemoryIsShared checks that goroutines that decode wait for each other.
func TestMemoryIsShared(t *testing.T) {
	setMemory(t, 100)
	m := decoding.Load()
	var inUse, most atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			n := int64(20 + i)
			give, err := m.take(n)
			if err != nil {
				t.Error(err)
				return
			}
			now := inUse.Add(n)
			for high := most.Load(); now > high && !most.CompareAndSwap(high, now); high = most.Load() {
			}
			time.Sleep(time.Millisecond)
			inUse.Add(-n)
			give()
		})
	}
	all.Wait()
	if most.Load() > 100 || most.Load() < 50 {
		t.Errorf("%d bytes in use at a time, want at most 100 and more than one goroutine's", most.Load())
	}
	if _, err := m.take(101); err == nil {
		t.Error("took more than there is")
	}
}

// TestDecodersWait checks that decoding takes its memory from the process's.
func TestDecodersWait(t *testing.T) {
	setMemory(t, 64<<20)
	give, err := decoding.Load().take(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error)
	go func() {
		_, err := Open("testdata/rgb.png")
		opened <- err
	}()
	select {
	case err := <-opened:
		t.Errorf("decoded without memory, error %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	give()
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

// TestStat checks that only regular files of acceptable size are read, and that a
// pipe without a writer does not block.
func TestStat(t *testing.T) {
	dir := t.TempDir()
	sparse := filepath.Join(dir, "sparse.jpg")
	if err := os.WriteFile(sparse, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(sparse, 5<<30); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{sparse: "5120 MiB, the limit for a photograph is 256 MiB", dir: "not a regular file", pipe(t, dir): "not a regular file"} {
		_, err := Open(path)
		errortest.Says(t, err, path, want)
	}
}

// TestHEIC checks that the error for HEIC and AVIF files names their format.
func TestHEIC(t *testing.T) {
	for brand, want := range map[string]string{"heic": "HEIC", "mif1": "HEIC", "avif": "AVIF", "mp42": "not a JPEG"} {
		_, err := decodeBytes([]byte("\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00" + strings.Repeat("x", 40)))
		errortest.Says(t, err, want)
	}
}
