package weights

import (
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
)

// shard returns the bytes of numbers.
func shard(values ...float32) []byte {
	var out []byte
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

// tfjsModelOf writes a model.json and its files, and returns its path.
func tfjsModelOf(t testing.TB, dir, manifest string, files map[string][]byte) string {
	t.Helper()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, tfjsModel)
	if err := os.WriteFile(path, []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// group returns a group of a manifest: files and tensors, both as JSON lists.
func group(paths, tensors string) string {
	return fmt.Sprintf(`{"paths":%s,"weights":%s}`, paths, tensors)
}

// manifestOf returns a model.json with groups.
func manifestOf(groups ...string) string {
	return fmt.Sprintf(`{"format":"layers-model","weightsManifest":[%s]}`, strings.Join(groups, ","))
}

// conv1 is a convolution [1, 1, 2, 3] of a manifest.
const conv1 = `{"name":"conv1/kernel","shape":[1,1,2,3],"dtype":"float32"}`

// TestTFJS checks names and layout, tensors that span files, and that NaN is left to
// Check.
func TestTFJS(t *testing.T) {
	values := shard(1, 2, 3, 4, 5, 6)
	path := tfjsModelOf(t, t.TempDir(), manifestOf(
		group(`["a","b"]`, `[`+conv1+`,{"name":"res3b_branch2c/bias","shape":[2],"dtype":"float32"}]`),
		group(`["c"]`, `[{"name":"fc1000/kernel","shape":[2,2],"dtype":"float32"},{"name":"bn2a_branch1/moving_variance","shape":[1],"dtype":"float32"}]`),
	), map[string][]byte{"a": values[:10], "b": append(slices.Clone(values[10:]), shard(7, 8)...), "c": shard(1, 2, 3, 4, float32(math.NaN()))})
	f := readFile(t, path)
	for name, want := range map[string]Tensor{
		"conv1.weight":                      {[]int{3, 2, 1, 1}, []float32{1, 4, 2, 5, 3, 6}},
		"layer2.1.conv3.bias":               {[]int{2}, []float32{7, 8}},
		"fc.weight":                         {[]int{2, 2}, []float32{1, 3, 2, 4}},
		"layer1.0.downsample.1.running_var": {[]int{1}, []float32{float32(math.NaN())}},
	} {
		got := f.Tensors[name]
		same := func(a, b float32) bool { return a == b || a != a && b != b }
		if !slices.Equal(got.Shape, want.Shape) || !slices.EqualFunc(got.Data, want.Data, same) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if len(f.Tensors) != 4 {
		t.Errorf("tensors %v", f.Names())
	}
	wantError(t, f.checkFinite(), "layer1.0.downsample.1.running_var holds NaN at index 0")
}

// TestTFJSLies reads manifests that do not agree with their files.
func TestTFJSLies(t *testing.T) {
	six := map[string][]byte{"a": shard(1, 2, 3, 4, 5, 6)}
	tensor := func(name, shape, dtype string) string {
		return fmt.Sprintf(`[{"name":%q,"shape":%s,"dtype":%q}]`, name, shape, dtype)
	}
	for name, c := range map[string]struct {
		manifest string
		files    map[string][]byte
		want     string
	}{
		"cut short":         {manifestOf(group(`["a"]`, `[`+conv1+`]`)), map[string][]byte{"a": shard(1, 2, 3, 4, 5, 6)[:23]}, "more values than the file: a file may be cut short"},
		"cut below another": {manifestOf(group(`["a"]`, `[`+conv1+`,{"name":"conv1/bias","shape":[3],"dtype":"float32"}]`)), six, "the 1 files hold 24 bytes, want 36 for 2 tensors"},
		"bytes left":        {manifestOf(group(`["a"]`, `[`+conv1+`]`)), map[string][]byte{"a": shard(1, 2, 3, 4, 5, 6, 7)}, "hold 28 bytes, want 24"},
		"no file":           {manifestOf(group(`["gone"]`, `[`+conv1+`]`)), six, "no such file"},
		"another folder":    {manifestOf(group(`["../a"]`, `[`+conv1+`]`)), six, "outside the model's folder"},
		"a folder":          {manifestOf(group(`["."]`, `[`+conv1+`]`)), six, "is not a regular file"},
		"file twice":        {manifestOf(group(`["a","./a"]`, tensor("conv1/kernel", "[1,1,4,3]", "float32"))), six, `"./a" is listed twice`},
		"in two groups":     {manifestOf(group(`["a"]`, `[`+conv1+`]`), group(`["a"]`, tensor("conv1/bias", "[6]", "float32"))), six, "is listed twice"},
		"a huge shape":      {manifestOf(group(`["a"]`, tensor("conv1/kernel", "[9223372036854775807,9,9,9]", "float32"))), six, "more values than the file"},
		"larger":            {manifestOf(group(`["a"]`, tensor("conv1/kernel", "[1,1,2,4]", "float32"))), six, "more values than the file"},
		"negative":          {manifestOf(group(`["a"]`, tensor("conv1/kernel", "[-1,-1,2,3]", "float32"))), six, "negative dimension"},
		"integers":          {manifestOf(group(`["a"]`, tensor("conv1/kernel", "[1,1,2,3]", "int32"))), six, "want float32"},
		"quantized":         {manifestOf(group(`["a"]`, `[{"name":"conv1/kernel","shape":[24],"dtype":"float32","quantization":{"dtype":"uint8"}}]`)), six, "quantized true"},
		"another name":      {manifestOf(group(`["a"]`, tensor("dense/kernel", "[1,1,2,3]", "float32"))), six, `tensor "dense/kernel" is not in keras-applications`},
		"tensor twice":      {manifestOf(group(`["a"]`, `[{"name":"conv1/bias","shape":[3],"dtype":"float32"},{"name":"conv1/bias","shape":[3],"dtype":"float32"}]`)), six, "is listed twice"},
		"no manifest":       {`{"format":"layers-model"}`, nil, `no "weightsManifest"`},
		"not JSON":          {`{"format":`, nil, "not a TensorFlow.js model"},
	} {
		path := tfjsModelOf(t, t.TempDir(), c.manifest, c.files)
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
}

// tfjsFactor is how much memory a byte of a manifest may take: a tensor of three
// bytes, "{},", takes 88 in a slice that grows.
const tfjsFactor = 256

// TestTFJSMemory checks that memory is a multiple of the files' size, whatever fills
// the manifest.
func TestTFJSMemory(t *testing.T) {
	for name, manifest := range map[string]string{
		"groups":       manifestOf(group("[]", "[]") + strings.Repeat(","+group("[]", "[]"), 2000)),
		"tensors":      manifestOf(group(`["a"]`, "["+strings.Repeat("{},", 10_000)+"{}]")),
		"one file":     manifestOf(group(`[`+strings.Repeat(`"a",`, 500)+`"a"]`, `[{"name":"conv1/bias","shape":[501000],"dtype":"float32"}]`)),
		"claimed size": manifestOf(group(`["a"]`, `[{"name":"conv1/bias","shape":[100000000],"dtype":"float32"}]`)),
		"many axes":    manifestOf(group(`["a"]`, `[{"name":"conv1/bias","shape":[`+strings.Repeat("1,", 10_000)+`1000],"dtype":"float32"}]`)),
	} {
		t.Run(name, func(t *testing.T) {
			path := tfjsModelOf(t, t.TempDir(), manifest, map[string][]byte{"a": make([]byte, 4000)})
			bounded.Allocation(t, len(manifest)+4000, tfjsFactor, func() { _, _ = Read(path) })
		})
	}
}

// FuzzTFJS fuzzes the manifest with the two files, a and b, that the seeds name.
func FuzzTFJS(f *testing.F) {
	values := shard(1, 2, 3, 4, 5, 6)
	whole := manifestOf(group(`["a","b"]`, `[`+conv1+`]`))
	f.Add([]byte(whole), values[:10], values[10:])
	f.Add([]byte(whole), values, values)
	f.Add([]byte(manifestOf(group(`["a"]`, `[{"name":"fc1000/kernel","shape":[0,2],"dtype":"float32"}]`), group(`["b"]`, `[{"name":"res3b_branch2c/bias","shape":[6],"dtype":"float32"}]`))), []byte{}, values)
	f.Add([]byte(manifestOf(group(`["a","a"]`, `[{"name":"bn_conv1/gamma","shape":[-1,1e9],"dtype":"float32"}]`))), shard(float32(math.NaN())), []byte{})
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, manifest, a, b []byte) {
		if !bytes.HasPrefix(bytes.TrimLeft(manifest, " \t\r\n"), []byte("{")) {
			return // another format
		}
		path := tfjsModelOf(t, dir, string(manifest), map[string][]byte{"a": a, "b": b})
		var tensors map[string]Tensor
		var err error
		bounded.Allocation(t, len(manifest)+len(a)+len(b), tfjsFactor, func() { tensors, err = readTFJS(path) })
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
		if 4*total > len(a)+len(b)+len(manifest) { // the manifest itself may be one of the files
			t.Errorf("%d values out of %d and %d bytes", total, len(a), len(b))
		}
	})
}
