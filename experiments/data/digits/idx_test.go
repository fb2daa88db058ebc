package digits

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
)

// idxFile returns an idx file of unsigned bytes.
func idxFile(dims []uint32, data []byte) []byte {
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, d)
	}
	return append(out, data...)
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// flipped returns content with one byte, counted from the end, inverted.
func flipped(content []byte, fromEnd int) []byte {
	out := bytes.Clone(content)
	out[len(out)-fromEnd] ^= 0xff
	return out
}

func TestReadIDX(t *testing.T) {
	data := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	plain := idxFile([]uint32{3, 2, 2}, data)
	for name, content := range map[string][]byte{"plain": plain, "gzip": gzipped(t, plain)} {
		for _, limit := range []int{0, 1, 3, 5} {
			got, err := readIDX(name, bytes.NewReader(content), limit)
			if err != nil {
				t.Fatal(err)
			}
			kept := 3
			if limit > 0 {
				kept = min(limit, 3)
			}
			if !slices.Equal(got.dims, []int{kept, 2, 2}) || !bytes.Equal(got.data, data[:4*kept]) {
				t.Errorf("%s, limit %d: %v %v", name, limit, got.dims, got.data)
			}
		}
	}
}

func TestReadIDXErrors(t *testing.T) {
	good := idxFile([]uint32{3, 2}, []byte{1, 2, 3, 4, 5, 6})
	packed := gzipped(t, good)
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", nil, "ends within the magic number at offset 0"},
		{"magic", []byte("PK\x03\x04rest"), "magic number 0x504b0304"},
		{"type", []byte{0, 0, 0x0d, 1, 0, 0, 0, 1, 0, 0, 0, 0}, "type 0x0d"},
		{"no axes", []byte{0, 0, 8, 0}, "0 axes"},
		{"many axes", []byte{0, 0, 8, 5}, "5 axes"},
		{"cut header", good[:10], "ends within the size of axis 1 at offset 8"},
		{"zero axis", idxFile([]uint32{3, 0}, nil), "axis 1 has size 0"},
		{"short", good[:len(good)-1], "announces [3 2], 6 bytes, but only 5 follow"},
		{"long", append(bytes.Clone(good), 7), "6 bytes, but more follow"},
		{"huge claim", idxFile([]uint32{1 << 31, 1 << 31}, nil), "axis 0 has size 2147483648"},
		{"huge product", idxFile([]uint32{1 << 16, 1 << 16}, nil), "axis 1 has size 65536"},
		{"claim without data", idxFile([]uint32{1 << 30}, []byte{1}), "but only 1 follow"},
		{"truncated gzip", packed[:len(packed)-3], "truncated"},
		{"gzip cut in its header", packed[:5], "truncated"},
		{"gzip checksum", flipped(packed, 6), "damaged"},
		{"bytes after gzip", append(bytes.Clone(packed), "junk and more junk"...), "damaged"},
		{"gzip bomb", gzipped(t, append(idxFile([]uint32{2}, nil), make([]byte, 1<<24)...)), "but more follow"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// With a limit too: readIDX also checks what it does not keep.
			for _, limit := range []int{0, 1} {
				_, err := readIDX("file.gz", bytes.NewReader(tt.content), limit)
				wantError(t, err, tt.want)
				wantError(t, err, "file.gz: ")
			}
		})
	}
	failing := io.MultiReader(bytes.NewReader(good[:13]), errorReader{errors.New("disk on fire")})
	_, err := readIDX("file", failing, 0)
	wantError(t, err, "file: disk on fire")
}

// errorReader fails at once with an error.
type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestImagesFromIDX(t *testing.T) {
	images := &idxArray{dims: []int{2, 1, 2}, data: []byte{0, 255, 51, 102}}
	labels := &idxArray{dims: []int{2}, data: []byte{9, 0}}
	im, err := imagesFromIDX("digits", "i", images, "l", labels, digitClasses())
	if err != nil {
		t.Fatal(err)
	}
	wantValid(t, im)
	if !slices.Equal(im.Pixels, []float32{0, 1, 0.2, 0.4}) || !slices.Equal(im.Labels, []int32{9, 0}) {
		t.Errorf("pixels %v, labels %v", im.Pixels, im.Labels)
	}
	for _, tt := range []struct {
		images, labels *idxArray
		want           string
	}{
		{labels, labels, "i: 1 axes [2], want 3"},
		{images, images, "l: 3 axes [2 1 2], want 1"},
		{images, &idxArray{dims: []int{3}, data: []byte{1, 2, 3}}, "i has 2 images but l has 3 labels"},
		{images, &idxArray{dims: []int{2}, data: []byte{1, 10}}, "l: label 10 of image 1 is not in 0..9"},
	} {
		_, err := imagesFromIDX("digits", "i", tt.images, "l", tt.labels, digitClasses())
		wantError(t, err, tt.want)
	}
}

// unpackedSize returns the size of content or, if larger, of what gzip packed in it.
func unpackedSize(content []byte) int {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return len(content)
	}
	n, _ := io.Copy(io.Discard, r) // up to any damage
	return max(len(content), int(n))
}

func FuzzIDX(f *testing.F) {
	good := idxFile([]uint32{2, 2, 3}, []byte("0123456789ab"))
	packed := gzipped(f, good)
	for _, seed := range [][]byte{nil, good, good[:9], packed, packed[:12], idxFile([]uint32{1 << 29}, []byte("x"))} {
		f.Add(seed, 0)
		f.Add(seed, 1)
	}
	f.Fuzz(func(t *testing.T, content []byte, limit int) {
		var got *idxArray
		var err error
		bounded.Allocation(t, unpackedSize(content), 8, func() { got, err = readIDX("fuzz", bytes.NewReader(content), limit) })
		if err != nil {
			return
		}
		size := 1
		for _, d := range got.dims {
			size *= d
		}
		if size < 1 || size != len(got.data) || (limit > 0 && got.dims[0] > limit) {
			t.Errorf("limit %d: dims %v with %d values", limit, got.dims, len(got.data))
		}
	})
}
