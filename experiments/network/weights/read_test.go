package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
)

// wantError checks that an error contains all the parts.
var wantError = errortest.Says

// readFile reads a file that must be valid.
func readFile(t *testing.T, path string) *File {
	t.Helper()
	f, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestPyTorchFiles reads what PyTorch and safetensors wrote: see
// testdata/torch_files.py.
func TestPyTorchFiles(t *testing.T) {
	transposed := make([]float32, 24)
	for i := range 6 {
		for j := range 4 {
			transposed[i*4+j] = float32(j*6 + i)
		}
	}
	plain := make([]float32, 24)
	for i := range plain {
		plain[i] = float32(i)
	}
	want := map[string]Tensor{
		"plain":      {[]int{2, 3, 4}, plain},
		"transposed": {[]int{6, 4}, transposed},
		"part":       {[]int{3}, []float32{5, 6, 7}},
		"half":       {[]int{3}, []float32{0.5, -2, 65504}},
		"brain":      {[]int{3}, []float32{0.5, -2, math.Float32frombits(0x7f620000)}}, // 3e38 to 8 bits
		"double":     {[]int{1}, []float32{1. / 3}},
		"count":      {nil, []float32{7}},
		"parameter":  {[]int{2}, []float32{1, 2}},
	}
	var digests []string
	for _, name := range []string{"state.pth", "checkpoint.pth", "state.safetensors"} {
		f := readFile(t, filepath.Join("testdata", name))
		if len(f.Tensors) != len(want) {
			t.Errorf("%s: tensors %v", name, f.Names())
		}
		for tensor, w := range want {
			if got := f.Tensors[tensor]; !slices.Equal(got.Shape, w.Shape) || !slices.Equal(got.Data, w.Data) {
				t.Errorf("%s: %s is %v, want %v", name, tensor, got, w)
			}
		}
		digests = append(digests, f.SHA256())
	}
	if digests[0] != digests[1] || digests[0] != digests[2] {
		t.Errorf("the digest depends on the format: %v", digests)
	}
}

func TestReadMisuse(t *testing.T) {
	write := func(data []byte) string {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		path string
		want []string
	}{
		{"testdata/none.pth", []string{"testdata/none.pth", "no such file"}},
		{"testdata/module.pth", []string{"testdata/module.pth", "torch.save(model.state_dict(), path)"}},
		{"testdata/old.pth", []string{"testdata/old.pth", "before version 1.6", `python3 -c 'import sys, torch; torch.save(torch.load(sys.argv[1], map_location="cpu"), sys.argv[2])' testdata/old.pth testdata/old.pth.new`}},
		{"testdata/torch_files.py", []string{"the first bytes"}},
		{"testdata", []string{filepath.Join("testdata", "model.json")}},
		{write(nil), []string{"the file is empty"}},
		{write([]byte("PK\x03\x04 and then nothing")), []string{"cut short"}},
	} {
		_, err := Read(c.path)
		wantError(t, err, c.want...)
	}
}

// TestCutShort cuts the files at every length, which must give an error and no panic.
func TestCutShort(t *testing.T) {
	for _, name := range []string{"state.pth", "state.safetensors"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for n := range data {
			if name == "state.pth" {
				_, err = parsePyTorch(bytes.NewReader(data[:n]), int64(n))
			} else {
				_, err = parseSafetensors(data[:n])
			}
			if err == nil {
				t.Fatalf("%s cut to %d bytes is read without an error", name, n)
			}
		}
	}
}

// TestPyTorchLies reads archives that do not agree with their content.
func TestPyTorchLies(t *testing.T) {
	data, err := os.ReadFile("testdata/state.pth")
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	// rewrite makes an archive of changed records.
	rewrite := func(method uint16, change func(name string, data []byte) []byte) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, f := range r.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			var record bytes.Buffer
			if _, err := record.ReadFrom(in); err != nil {
				t.Fatal(err)
			}
			changed := change(f.Name, record.Bytes())
			if changed == nil {
				continue
			}
			to, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: method})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := to.Write(changed); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	inPickle := func(old, new string) func(string, []byte) []byte {
		return func(name string, data []byte) []byte {
			if !strings.HasSuffix(name, "data.pkl") {
				return data
			}
			if !bytes.Contains(data, []byte(old)) {
				t.Fatalf("the pickle has no %q", old)
			}
			return bytes.Replace(data, []byte(old), []byte(new), 1)
		}
	}
	without := func(part string) func(string, []byte) []byte {
		return func(name string, data []byte) []byte {
			if strings.HasSuffix(name, part) {
				return nil
			}
			return data
		}
	}
	same := func(_ string, data []byte) []byte { return data }
	if _, err := parsePyTorch(bytes.NewReader(rewrite(zip.Store, same)), 1<<20); err == nil {
		t.Error("an archive longer than its bytes is read")
	}
	whole := rewrite(zip.Store, same)
	if _, err := parsePyTorch(bytes.NewReader(whole), int64(len(whole))); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"compressed":     {rewrite(zip.Deflate, same), "does not compress"},
		"no pickle":      {rewrite(zip.Store, without("data.pkl")), "no data.pkl"},
		"no storage":     {rewrite(zip.Store, without("data/0")), `storage "0" is not in the archive`},
		"another class":  {rewrite(zip.Store, inPickle("ctorch\nFloatStorage\n", "cos\nsystem\n")), "the file holds a os.system"},
		"more numbers":   {rewrite(zip.Store, inPickle("K\x18", "K\x19")), "has 96 bytes, want 25 numbers of 4"},
		"a huge string":  {rewrite(zip.Store, inPickle("X\x05\x00\x00\x00plain", "X\xff\xff\xff\x7fplain")), "ends within the instruction"},
		"another pickle": {rewrite(zip.Store, inPickle("\x80\x02", "\x80\x02B")), "instruction 0x42"},
		"shape beyond":   {rewrite(zip.Store, inPickle("K\x02K\x03K\x04\x87", "K\x02K\x03K\x05\x87")), "more values than the file"},
		"strides beyond": {rewrite(zip.Store, inPickle("K\x0cK\x04K\x01\x87", "K\x0dK\x04K\x01\x87")), "beyond its storage"},
		"offset beyond":  {rewrite(zip.Store, inPickle("K\x05K\x03\x85", "K\x17K\x03\x85")), "beyond its storage"},
		"a cut storage": {rewrite(zip.Store, func(name string, data []byte) []byte {
			return data[:len(data)-min(len(data), strings.Count(name, "data/0"))]
		}), "has 95 bytes"},
		"TorchScript's name": {rewrite(zip.Store, func(name string, data []byte) []byte { return data })[:40], "cut short"},
	} {
		_, err := parsePyTorch(bytes.NewReader(c.data), int64(len(c.data)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
}

// parseSafetensors reads the content of a safetensors file.
func parseSafetensors(data []byte) (map[string]Tensor, error) {
	return readSafetensors(bytes.NewReader(data), int64(len(data)))
}

// safetensorsFile returns a file with a header.
func safetensorsFile(header string, data ...byte) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), data...)
}

func TestSafetensorsLies(t *testing.T) {
	good := safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 128, 63)
	if tensors, err := parseSafetensors(good); err != nil || tensors["a"].Data[0] != 1 {
		t.Fatalf("%v, %v", tensors, err)
	}
	for name, data := range map[string][]byte{
		"another shape":   safetensorsFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 0, 0, 128, 63),
		"huge shape":      safetensorsFile(`{"a":{"dtype":"F32","shape":[9223372036854775807,8],"data_offsets":[0,4]}}`, 0, 0, 128, 63),
		"offsets beyond":  safetensorsFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 0, 0, 128, 63),
		"a gap":           safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 0, 0, 128, 63, 0, 0, 128, 63),
		"integers":        safetensorsFile(`{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 128, 63),
		"a header's lie":  append([]byte{255, 255, 255, 255, 255, 255, 255, 127}, good[8:]...),
		"not JSON":        safetensorsFile(`{"a":`, 0, 0, 128, 63),
		"bytes left over": append(slices.Clone(good), 0),
	} {
		if _, err := parseSafetensors(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// safetensorsFactor is how much memory a byte of a header may take: a decoder is made
// for an entry of seven bytes, `"a":{},`.
const safetensorsFactor = 256

// TestSafetensorsMemory checks that memory is a multiple of the file's size, whatever
// fills the header.
func TestSafetensorsMemory(t *testing.T) {
	var entries strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&entries, `,"%x":{"dtype":"F16","shape":[0],"data_offsets":[0,0]}`, i)
	}
	for name, header := range map[string]string{
		"empty entries": `{"a":{}` + strings.Repeat(`,"a":{}`, 20_000) + `}`,
		"dimensions":    `{"a":{"dtype":"F32","shape":[` + strings.Repeat("1,", 50_000) + `1],"data_offsets":[0,4]}}`,
		"entries":       `{"__metadata__":{}` + entries.String() + `}`,
		"claimed size":  `{"a":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			data := safetensorsFile(header, 0, 0, 128, 63)
			bounded.Allocation(t, len(data), safetensorsFactor, func() { _, _ = parseSafetensors(data) })
		})
	}
}

func FuzzSafetensors(f *testing.F) {
	data, err := os.ReadFile("testdata/state.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(safetensorsFile(`{"a":{"dtype":"F16","shape":[2,0],"data_offsets":[0,0]},"__metadata__":{"x":"y"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var tensors map[string]Tensor
		var err error
		bounded.Allocation(t, len(data), safetensorsFactor, func() { tensors, err = parseSafetensors(data) })
		if err != nil {
			return
		}
		total := 0
		for name, tensor := range tensors {
			if n, err := elements(tensor.Shape, math.MaxInt32); err != nil || n != len(tensor.Data) {
				t.Errorf("%q of shape %v has %d values (%v)", name, tensor.Shape, len(tensor.Data), err)
			}
			total += len(tensor.Data)
		}
		if total*float16Type.bytes > len(data) {
			t.Errorf("%d values out of %d bytes", total, len(data))
		}
	})
}

func FuzzPyTorch(f *testing.F) {
	for _, name := range []string{"state.pth", "checkpoint.pth", "module.pth"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var tensors map[string]Tensor
		var err error
		bounded.Allocation(t, len(data), pickleFactor, func() { tensors, err = parsePyTorch(bytes.NewReader(data), int64(len(data))) })
		if err != nil {
			return
		}
		for name, tensor := range tensors {
			if n, err := elements(tensor.Shape, int64(len(data))); err != nil || n != len(tensor.Data) {
				t.Errorf("%q of shape %v has %d values (%v)", name, tensor.Shape, len(tensor.Data), err)
			}
		}
	})
}

// pickleFactor is how much memory a byte of a pickle may take: the library allocates a
// stack of 16 places for MARK, which [pickleMarks] bounds, and its errors print strings
// as often as the pickle refers to them.
const pickleFactor = 600

// TestPickleMemory checks that memory is a multiple of the file's size, whatever fills
// the pickle.
func TestPickleMemory(t *testing.T) {
	data, err := os.ReadFile("testdata/state.pth")
	if err != nil {
		t.Fatal(err)
	}
	a, err := openTorchArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	text := func(n int) string { // pushes a string that references are made to
		return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) + strings.Repeat("x", n) + "q\x00"
	}
	stored := "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x18tQq\x010"
	tensor := func(shape, stride string) string { // in the storage
		return "ctorch._utils\n_rebuild_tensor_v2\n(h\x01K\x00" + shape + stride + "\x89NtR"
	}
	var entries strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&entries, "X\x04\x00\x00\x00%04d", i)
		entries.WriteString(tensor("K\x18\x85", "K\x01\x85"))
	}
	for name, c := range map[string]struct{ pickle, want string }{
		"marks":       {strings.Repeat("(", 50_000) + ".", "more than"},
		"dicts":       {strings.Repeat("}", 50_000) + "N.", "the file holds a <nil>"},
		"strings":     {text(20_000) + "(" + strings.Repeat("h\x00", 20_000) + "tQ.", "values that may be strings of 20004 bytes"},
		"no function": {text(5_000) + "(" + strings.Repeat("h\x00", 20_000) + "t)R.", "values that may be strings of 5004 bytes"},
		"dimensions":  {stored + "(" + strings.Repeat("K\x01", 20_000) + "tq\x02" + strings.Repeat(tensor("h\x02", "h\x02"), 1000) + ".", "a tensor has 20000 axes"},
		"one storage": {stored + "}(" + entries.String() + "u.", "more values than the file has bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := *a
			changed.pickle, changed.storages = []byte(c.pickle), make(map[string]*storage)
			bounded.Allocation(t, len(data)+len(c.pickle), pickleFactor, func() { _, err = changed.tensors() })
			wantError(t, err, c.want)
		})
	}
	changed := *a
	changed.pickle = make([]byte, maxDescription+1)
	_, err = changed.tensors()
	wantError(t, err, "at most 2097152")
}

// TestPyTorchOverlap checks that records cannot share bytes to exceed the file.
func TestPyTorchOverlap(t *testing.T) {
	data, err := os.ReadFile("testdata/state.pth")
	if err != nil {
		t.Fatal(err)
	}
	// The central directory has an entry of each record; the largest is said to be larger.
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	changed := slices.Clone(data)
	for _, field := range []int{20, 24} { // compressed and uncompressed size
		binary.LittleEndian.PutUint32(changed[at+field:], uint32(len(data)-1))
	}
	_, err = parsePyTorch(bytes.NewReader(changed), int64(len(changed)))
	wantError(t, err, fmt.Sprintf("claims %d bytes, but only 2275 of the file's %d", len(data)-1, len(data)))
}

// FuzzPickle fuzzes the pickle alone: the checksums of the archive keep FuzzPyTorch
// from changing it.
func FuzzPickle(f *testing.F) {
	data, err := os.ReadFile("testdata/state.pth")
	if err != nil {
		f.Fatal(err)
	}
	a, err := openTorchArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(a.pickle)
	f.Fuzz(func(t *testing.T, pickle []byte) {
		changed := *a
		changed.pickle, changed.storages = pickle, make(map[string]*storage)
		var tensors map[string]Tensor
		var err error
		bounded.Allocation(t, len(data)+len(pickle), pickleFactor, func() { tensors, err = changed.tensors() })
		if err != nil {
			return
		}
		for name, tensor := range tensors {
			if len(tensor.Data) > len(data) {
				t.Errorf("%q has %d values", name, len(tensor.Data))
			}
		}
	})
}
