package toydata

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Domains and Classes name the domains and classes of [Photographs].
var (
	Domains = [2]string{"summer", "winter"}
	Classes = [3]string{"blue", "green", "red"}
)

// Photographs writes photographs to a temporary folder as [WritePhotographs] does and
// returns the folder.
func Photographs(t testing.TB, each int) (root string) {
	t.Helper()
	root = t.TempDir()
	if err := WritePhotographs(root, each, 1); err != nil {
		t.Fatal(err)
	}
	return root
}

// Photograph returns the path of photograph i of a class, relative to the root.
func Photograph(domain, class string, i int) string {
	return filepath.Join(domain, class, fmt.Sprintf("%02d.png", i))
}

// WritePhotographs writes photographs below root, each of them per domain and class.
// Their colour shows the class, under noise that the seed determines; the second domain
// is darker.
func WritePhotographs(root string, each int, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 2))
	for domain, light := range []float64{1, 0.6} {
		for class, name := range Classes {
			for i := range each {
				var data bytes.Buffer
				if err := png.Encode(&data, draw(class, light, rng)); err != nil {
					return err
				}
				if err := write(filepath.Join(root, Photograph(Domains[domain], name, i)), data.Bytes()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// draw returns a photograph of a class; light scales its brightness.
func draw(class int, light float64, rng *rand.Rand) image.Image {
	const width, height = 48, 40
	im := image.NewNRGBA(image.Rect(0, 0, width, height))
	for p := range width * height {
		rgb := [3]float64{0.2, 0.2, 0.2}
		rgb[2-class] = 0.8
		for k := range rgb {
			rgb[k] = 255 * light * (rgb[k] + 0.2*rng.Float64())
		}
		im.SetNRGBA(p%width, p/width, color.NRGBA{uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2]), 255})
	}
	return im
}

// WriteFile writes a file and creates its folder.
func WriteFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := write(path, data); err != nil {
		t.Fatal(err)
	}
}

// write is WriteFile with an error instead of a failed test.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
