package weights

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// flipEveryBit calls use with each copy of data in which one bit is flipped, and with
// the index of its byte.
func flipEveryBit(data []byte, use func(damaged []byte, at int)) {
	damaged := slices.Clone(data)
	for i := range damaged {
		for bit := range 8 {
			damaged[i] ^= 1 << bit
			use(damaged, i)
			damaged[i] ^= 1 << bit
		}
	}
}

// flipABitPerByte is flipEveryBit for one random bit of each byte.
func flipABitPerByte(data []byte, use func(damaged []byte, at int)) {
	rng := rand.New(rand.NewPCG(1, 2))
	damaged := slices.Clone(data)
	for i := range damaged {
		bit := byte(1) << rng.IntN(8)
		damaged[i] ^= bit
		use(damaged, i)
		damaged[i] ^= bit
	}
}

// sameTensors reports whether two files hold the same weights, bit by bit.
func sameTensors(a, b map[string]Tensor) bool {
	return (&File{Tensors: a}).SHA256() == (&File{Tensors: b}).SHA256()
}

// readTestdata returns the content of a file in testdata.
func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestPyTorchDamage flips a bit of each byte of archives: the file is refused, or the
// bit does not matter.
func TestPyTorchDamage(t *testing.T) {
	for _, name := range []string{"state.pth", "checkpoint.pth"} {
		data := readTestdata(t, name)
		want, err := parsePyTorch(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		flipABitPerByte(data, func(damaged []byte, at int) {
			got, err := parsePyTorch(bytes.NewReader(damaged), int64(len(data)))
			if err != nil {
				refused++
			} else if !sameTensors(got, want) {
				t.Errorf("%s: a flipped bit in byte %d changes the weights without an error", name, at)
			}
		})
		t.Logf("%s: %d of %d flipped bits are refused", name, refused, len(data))
	}
}

// TestPyTorchUnreadDamage checks that records that hold no weights are verified too.
func TestPyTorchUnreadDamage(t *testing.T) {
	data := readTestdata(t, "state.pth")
	a, err := openTorchArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.tensors(); err != nil {
		t.Fatal(err)
	}
	if len(a.unread) == 0 {
		t.Fatal("every record is needed")
	}
	for name, f := range a.unread {
		at, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		damaged := slices.Clone(data)
		damaged[at] ^= 1
		_, err = parsePyTorch(bytes.NewReader(damaged), int64(len(damaged)))
		wantError(t, err, "record "+name+" is damaged: its CRC-32 differs")
	}
}

// TestSafetensorsDamage flips every bit of the header: the file is refused, or each
// tensor keeps its values, perhaps under another name, which [File.Check] finds. The
// format has no checksum of the values, so Read must not say that it checked any.
func TestSafetensorsDamage(t *testing.T) {
	data := readTestdata(t, "state.safetensors")
	want, err := parseSafetensors(data)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(data, []byte("}}"))
	flipEveryBit(data[:len(data)-len(rest)], func(damaged []byte, at int) {
		got, err := parseSafetensors(append(slices.Clone(damaged), rest...))
		if err != nil {
			return
		}
		for name, tensor := range got {
			if w, known := want[name]; known && !sameTensors(map[string]Tensor{"": tensor}, map[string]Tensor{"": w}) {
				t.Errorf("a flipped bit in byte %d changes %s without an error", at, name)
			}
		}
		if len(got) != len(want) {
			t.Errorf("a flipped bit in byte %d loses tensors without an error", at)
		}
	})
	if f := readFile(t, "testdata/state.safetensors"); f.Checked != "" {
		t.Errorf("the file counts as checked by %q", f.Checked)
	}
	if f := readFile(t, "testdata/state.pth"); f.Checked != "the CRC-32 of the archive" {
		t.Errorf("the archive counts as checked by %q, want the CRC-32", f.Checked)
	}
}

// placed is an origin of weights that are in the cache already.
type placed string

func (p placed) path(dir string) string                             { return filepath.Join(dir, string(p)) }
func (placed) get(_ context.Context, dir string, _ io.Writer) error { return os.MkdirAll(dir, 0o755) }

// publish makes weights of this name the only ones in the registry, with a file in an
// empty cache, and returns the file's path.
func publish(t *testing.T, s Spec, file string, data []byte) (path string) {
	t.Helper()
	t.Setenv(fetch.CacheEnv, t.TempDir())
	old := published
	t.Cleanup(func() { published = old })
	s.origin = placed(file)
	published = []Spec{s}
	dir, err := s.folder()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, file)
	replace(t, path, data)
	return path
}

// replace writes a file and the folder above it.
func replace(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPinnedDamage flips every bit of a TensorFlow.js model whose digest is pinned.
func TestPinnedDamage(t *testing.T) {
	values := shard(1, 2, 3, 4, 5, 6)
	manifest := []byte(manifestOf(group(`["a"]`, `[`+conv1+`]`)))
	spec := Spec{Name: "toy", Backbone: "resnet50", Variant: backbone.Keras.Name}
	path := publish(t, spec, tfjsModel, manifest)
	shardPath := filepath.Join(filepath.Dir(path), "a")
	replace(t, shardPath, values)
	whole := readFile(t, path)
	published[0].Digest = whole.SHA256()

	if f := readFile(t, path); f.Checked != "the pinned sha256" {
		t.Errorf("the weights count as checked by %q", f.Checked)
	}
	flipEveryBit(values, func(damaged []byte, at int) {
		replace(t, shardPath, damaged)
		for how, err := range map[string]error{
			"Read": errorOf(Read(path)), "Open": errorOf(Open(t.Context(), "toy", nil)), "Verify": published[0].Verify(),
		} {
			if err == nil {
				t.Errorf("%s says nothing of a flipped bit in byte %d of the shard", how, at)
			}
			wantError(t, err, "the digest of weights toy is", "want "+published[0].Digest, "remove "+filepath.Dir(path))
		}
	})
	replace(t, shardPath, values)
	flipEveryBit(manifest, func(damaged []byte, at int) {
		replace(t, path, damaged)
		if f, err := Read(path); err == nil && f.SHA256() != whole.SHA256() {
			t.Errorf("a flipped bit in byte %d of the manifest changes the weights without an error", at)
		}
	})
}

// errorOf returns the error of a call.
func errorOf(_ *File, err error) error { return err }

// TestRecordedDamage flips every bit of a file that was fetched without a pinned
// digest: the sha256 recorded then must notice.
func TestRecordedDamage(t *testing.T) {
	data := safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 128, 63)
	path := publish(t, Spec{Name: "toy", Backbone: "resnet18", Variant: backbone.TorchVision.Name}, "model.safetensors", data)
	if f := readFile(t, path); f.Checked != "" {
		t.Errorf("without a record the file counts as checked by %q", f.Checked)
	}
	// The hub's client leaves a link to the file.
	blob := filepath.Join(t.TempDir(), "blob")
	replace(t, blob, data)
	link := blob + ".link"
	if err := os.Symlink(blob, link); err != nil {
		t.Skip(err)
	}
	if err := (hubFile{file: "model.safetensors"}).move(link, filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if f := readFile(t, path); f.Checked != "the sha256 of the download" {
		t.Errorf("the file counts as checked by %q", f.Checked)
	}
	flipEveryBit(data, func(damaged []byte, at int) {
		replace(t, path, damaged)
		if _, err := Read(path); err == nil {
			t.Errorf("a flipped bit in byte %d is not noticed", at)
		}
	})
	damaged := slices.Clone(data)
	damaged[len(data)-1] ^= 1
	replace(t, path, damaged)
	_, err := Read(path)
	wantError(t, err, "when the file was fetched; remove "+filepath.Dir(path))
}

// TestVerifyOther checks that Verify refuses weights that are not the backbone's.
func TestVerifyOther(t *testing.T) {
	data := safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 128, 63)
	publish(t, Spec{Name: "toy", Backbone: "resnet18", Variant: backbone.TorchVision.Name}, "model.safetensors", data)
	wantError(t, published[0].Verify(), "the 1 tensors do not make a ResNet")
}

// manyRecords returns an archive with n empty records.
func manyRecords(t *testing.T, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := range n {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: strconv.Itoa(i), Method: zip.Store}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
