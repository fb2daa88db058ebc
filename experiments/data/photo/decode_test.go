package photo

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
)

// expected holds what Pillow makes of the files in testdata (see testdata/pillow.py).
type expected struct {
	Files map[string]struct {
		Width, Height int
		Pixels        []int
	}
	Resized []struct {
		From, To []int
		Pixels   []int
	}
}

func readExpected(t *testing.T) (e expected) {
	t.Helper()
	data, err := os.ReadFile("testdata/expected.json")
	if err == nil {
		err = json.Unmarshal(data, &e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestLikePillow checks that lossless files give Pillow's values, and that lossy ones
// differ by no more than two implementations of the cosine transform may.
func TestLikePillow(t *testing.T) {
	e := readExpected(t)
	if len(e.Files) != 21 {
		t.Errorf("%d files", len(e.Files))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Files)) {
		want := e.Files[name]
		im, err := Open(filepath.Join("testdata", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if im.Width != want.Width || im.Height != want.Height || len(im.Pix) != len(want.Pixels) {
			t.Errorf("%s: %d×%d, want %d×%d", name, im.Width, im.Height, want.Width, want.Height)
			continue
		}
		worst, sum := 0, 0
		for i, v := range im.Pix {
			d := max(int(v)-want.Pixels[i], want.Pixels[i]-int(v))
			worst = max(worst, d)
			sum += d
		}
		allowed := 0
		switch {
		case strings.HasSuffix(name, ".jpg"):
			allowed = 3
		case name == "lossy.webp":
			allowed = 8 // libwebp interpolates its chroma differently
		}
		mean := float64(sum) / float64(len(im.Pix))
		if worst > allowed || mean > float64(allowed)/5 {
			t.Errorf("%s: differs from Pillow by up to %d, on average %.2f", name, worst, mean)
		}
	}
}

func TestGrey16(t *testing.T) {
	im, err := Open("testdata/grey16.png")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("testdata/grey16.png")
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range decoded.(*image.Gray16).Pix {
		if i%2 == 0 && (im.Pix[3*i/2] != v || im.Pix[3*i/2+2] != v) {
			t.Fatalf("pixel %d: %v, want %d", i/2, im.Pix[3*i/2:][:3], v)
		}
	}
}

// encodePNG encodes an image.
func encodePNG(t testing.TB, im image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTransparency checks that dropping transparency leaves the colours as they are.
func TestTransparency(t *testing.T) {
	for name, im := range map[string]image.Image{
		"8 bits":  &image.NRGBA{Pix: []uint8{200, 100, 50, 3}, Stride: 4, Rect: image.Rect(0, 0, 1, 1)},
		"16 bits": &image.NRGBA64{Pix: []uint8{200, 9, 100, 9, 50, 9, 0, 9}, Stride: 8, Rect: image.Rect(0, 0, 1, 1)},
		"palette": &image.Paletted{Pix: []uint8{1}, Stride: 1, Rect: image.Rect(0, 0, 1, 1), Palette: color.Palette{color.Black, color.NRGBA{200, 100, 50, 3}}},
	} {
		got, err := decode(encodePNG(t, im))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Pix, []uint8{200, 100, 50}) {
			t.Errorf("%s: %v", name, got.Pix)
		}
	}
}

// TestPartOfCanvas decodes a GIF whose first picture is smaller than its canvas.
func TestPartOfCanvas(t *testing.T) {
	palette := color.Palette{color.White, color.RGBA{9, 8, 7, 255}}
	frame := &image.Paletted{Pix: []uint8{1, 0}, Stride: 2, Rect: image.Rect(1, 1, 3, 2), Palette: palette}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 4, Height: 2, ColorModel: palette}})
	if err != nil {
		t.Fatal(err)
	}
	im, err := decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := make([]uint8, 3*4*2)
	copy(want[3*5:], []uint8{9, 8, 7, 255, 255, 255})
	if im.Width != 4 || im.Height != 2 || !bytes.Equal(im.Pix, want) {
		t.Errorf("%+v, want %v", im, want)
	}
}

// pngHeader returns the beginning of a PNG file that claims a size.
func pngHeader(width, height uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	b = binary.BigEndian.AppendUint32(b, width)
	b = binary.BigEndian.AppendUint32(b, height)
	b = append(b, 8, 2, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

func TestBadFiles(t *testing.T) {
	good, err := os.ReadFile("testdata/ycbcr420.jpg")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty.jpg":   {nil, "the file is empty"},
		"text.jpg":    {[]byte("404: not found"), "it is not a JPEG, PNG, BMP, WebP or GIF file"},
		"bomb.png":    {pngHeader(60000, 60000), "60000×60000 pixels exceed the limit of 89478485"},
		"cut.jpg":     {good[:len(good)/2], "the jpeg file of 337 bytes is cut short"},
		"header.jpg":  {good[:30], "cut short"},
		"damaged.png": {append(encodePNG(t, image.NewGray(image.Rect(0, 0, 3, 3)))[:50], "nothing of use is here"...), "damaged"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		im, err := Open(path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want one that says %q", name, im, err, c.want)
		}
	}
	if _, err := Open(filepath.Join(dir, "none.jpg")); err == nil || !strings.Contains(err.Error(), "none.jpg") {
		t.Errorf("error %v", err)
	}
}

// TestCutShort cuts every file at many lengths: decode neither panics nor returns
// pixels that do not fit the size.
func TestCutShort(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < min(len(data), 800); n += 7 {
			if im, err := decode(data[:n]); err == nil && len(im.Pix) != 3*im.Width*im.Height {
				t.Errorf("%s cut to %d bytes: %d×%d with %d bytes", path, n, im.Width, im.Height, len(im.Pix))
			}
		}
	}
}

// TestBrokenEXIF checks that broken metadata do not make a photograph unreadable.
func TestBrokenEXIF(t *testing.T) {
	data, err := os.ReadFile("testdata/orientation6.jpg")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("Exif\x00\x00")) + 6
	for i := range 20 {
		broken := slices.Clone(data)
		broken[at+i] ^= 0xff
		if _, err := decode(broken); err != nil {
			t.Errorf("byte %d of the metadata: %v", i, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 2000 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// A small file may claim a size of up to maxPixels, which would take too long.
		config, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err == nil && config.Width*config.Height > 1<<18 {
			return
		}
		var im *RGB
		// Decoders work in blocks of 16×16 with several numbers per pixel.
		size := len(data) + (config.Width+16)*(config.Height+16)
		bounded.Allocation(t, size, 64, func() { im, err = decode(data) })
		if err == nil && len(im.Pix) != 3*im.Width*im.Height {
			t.Errorf("%d×%d with %d bytes", im.Width, im.Height, len(im.Pix))
		}
	})
}
