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
	"math/rand/v2"
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

// decodeBytes decodes the content of a file.
func decodeBytes(data []byte) (im *RGB, err error) {
	none := func(header) int64 { return 0 }
	err = openFile(bytes.NewReader(data), int64(len(data)), none, func(opened *RGB) error {
		im = opened
		return nil
	})
	return im, err
}

// TestLikePillow checks that lossless files give Pillow's values, and that lossy ones
// differ by no more than two implementations of the cosine transform may.
func TestLikePillow(t *testing.T) {
	e := readExpected(t)
	if len(e.Files) != 26 {
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

// anyImage hides the type of an image, so that its pixels are converted one by one.
type anyImage struct{ image.Image }

// TestPixelTypes checks that the conversion of each type of image gives what its
// colours say one by one, also for a part of the canvas.
func TestPixelTypes(t *testing.T) {
	size := image.Rect(1, 2, 40, 30)
	noise := rand.New(rand.NewPCG(1, 2))
	fill := func(pix []uint8) {
		for i := range pix {
			pix[i] = uint8(noise.Uint32())
		}
	}
	cmyk, grey16, straight16, wide, narrow := image.NewCMYK(size), image.NewGray16(size), image.NewNRGBA64(size), image.NewRGBA64(size), image.NewRGBA(size)
	fill(cmyk.Pix)
	fill(grey16.Pix)
	fill(straight16.Pix)
	opaque := image.NewRGBA64(size)
	fill(opaque.Pix)
	for i := 6; i < len(opaque.Pix); i += 8 {
		opaque.Pix[i], opaque.Pix[i+1] = 255, 255
	}
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			wide.Set(x, y, straight16.NRGBA64At(x, y)) // multiplied by transparency
			narrow.Set(x, y, straight16.NRGBA64At(x, y))
		}
	}
	for _, im := range []image.Image{cmyk, grey16, straight16, wide, opaque, narrow} {
		got, want := toRGB(im, 50, 35, "tiff"), toRGB(anyImage{im}, 50, 35, "tiff")
		if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%T: the pixels differ", im)
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
		got, err := decodeBytes(encodePNG(t, im))
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
	im, err := decodeBytes(b.Bytes())
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
		"text.jpg":    {[]byte("404: not found"), "it is not a JPEG, PNG, BMP, WebP, TIFF or GIF file"},
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
			if im, err := decodeBytes(data[:n]); err == nil && len(im.Pix) != 3*im.Width*im.Height {
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
		if _, err := decodeBytes(broken); err != nil {
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
		size := len(data)
		if h, err := readHeader(bytes.NewReader(data), int64(len(data))); err == nil {
			size += int(h.memory)
		}
		var im *RGB
		bounded.Allocation(t, size, 1, func() { im, err = decodeBytes(data) })
		if err == nil && len(im.Pix) != 3*im.Width*im.Height {
			t.Errorf("%d×%d with %d bytes", im.Width, im.Height, len(im.Pix))
		}
	})
}
