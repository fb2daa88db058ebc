package main

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// cacheWeights writes a file of published weights into an empty cache and returns its
// path.
func cacheWeights(t *testing.T, data []byte, place ...string) (path string) {
	t.Helper()
	cache := t.TempDir()
	t.Setenv(fetch.CacheEnv, cache)
	path = filepath.Join(append([]string{cache, "weights"}, place...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// zeroWeights returns a safetensors file of a ResNet-18 whose weights are 0.
func zeroWeights(t *testing.T) []byte {
	t.Helper()
	resnet, err := backbone.LookupResNet("resnet18")
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header, end := make(map[string]entry), 0
	for _, tensor := range resnet.Tensors() {
		size := 4
		for _, dim := range tensor.Shape {
			size *= dim
		}
		header[tensor.Name] = entry{"F32", tensor.Shape, [2]int{end, end + size}}
		end += size
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	data := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	return append(data, make([]byte, end)...)
}

// TestWeightsGet gets weights in the cache by their name and by their backbone, and
// checks them.
func TestWeightsGet(t *testing.T) {
	data := zeroWeights(t)
	path := cacheWeights(t, data, "torchvision-resnet18", "model.safetensors")
	for _, name := range []string{"resnet18", "torchvision-resnet18"} {
		if code, stdout, stderr := call("weights", "get", name); code != 0 || stdout != path+"\n" || stderr != "" {
			t.Errorf("rn weights get %s: exit code %d, stdout %q, stderr %q, want %s", name, code, stdout, stderr, path)
		}
	}
	code, stdout, stderr := call("weights", "check", path)
	if code != 0 || !strings.HasPrefix(stdout, "resnet18, variant torchvision, 100 tensors, sha256 ") || !strings.HasSuffix(stdout, ", values unchecked: the file has no checksum\n") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	// The record of the download protects the values.
	sum, err := fetch.SHA256File(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".sha256", []byte(sum+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, stdout, stderr := call("weights", "check", path); !strings.HasSuffix(stdout, ", values agree with the sha256 of the download\n") {
		t.Errorf("stdout %q, stderr %q", stdout, stderr)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, path, "torchvision-resnet18", "when the file was fetched; remove "+filepath.Dir(path))

	code, _, stderr = call("weights", "get", "resnet51")
	if code != exitFailed || !strings.Contains(stderr, `unknown backbone or weights "resnet51"`) {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}

// wantRefused checks that get and check refuse weights in the cache.
func wantRefused(t *testing.T, path, name, want string) {
	t.Helper()
	for _, args := range [][]string{{"weights", "get", name}, {"weights", "check", path}} {
		code, stdout, stderr := call(args...)
		if code != exitFailed || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("rn %s: exit code %d, stdout %q, stderr %q, want %q", strings.Join(args, " "), code, stdout, stderr, want)
		}
	}
}

// TestWeightsTampered checks that weights whose digest is pinned are refused if they
// have been changed in the cache.
func TestWeightsTampered(t *testing.T) {
	path := cacheWeights(t, []byte(`{"weightsManifest":[{"paths":["a"],"weights":[{"name":"conv1/bias","shape":[1],"dtype":"float32"}]}]}`),
		"keras-resnet50", "ResNet50", "model.json")
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "a"), make([]byte, 4), 0o644); err != nil {
		t.Fatal(err)
	}
	want := "the digest of weights keras-resnet50 is"
	wantRefused(t, path, "keras-resnet50", want)
	wantRefused(t, filepath.Dir(path), "resnet50", want)
}
