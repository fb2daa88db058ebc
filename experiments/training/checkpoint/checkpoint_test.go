package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/internal/bounded"
)

// names names checkpoints in messages.
var names = map[Which]string{Latest: "latest", Best: "best"}

// state is the caller's state in these tests.
type state struct {
	Step int    `json:"step"`
	Hash string `json:"hash"`
}

// storeOf returns a store with variables of many dtypes and shapes, whose values
// depend on step.
func storeOf(t testing.TB, step int) *model.Store {
	t.Helper()
	store := model.NewStore()
	for path, value := range map[string]any{
		"/model/conv/weights": [][]float32{{1, float32(step)}, {-0.5, 3e38}},
		"/model/wide":         []float64{1e-300, float64(step)},
		"/optimizer/velocity": []float32{float32(step) / 3},
		"/global_step":        int64(step),
		"/rng":                []uint64{1 << 63, uint64(step)},
		"/half":               []bfloat16.BFloat16{bfloat16.FromFloat32(float32(step)), bfloat16.FromFloat32(1.5)},
		"/flag":               step%2 == 0,
		"/small":              []int8{-7},
	} {
		tensor, err := tensors.FromAnyValue(value)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.CreateVariable(path, tensor); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// hashOf returns the hash of a store.
func hashOf(t testing.TB, store *model.Store) string {
	t.Helper()
	hash, err := Hash(store)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// save saves storeOf(step).
func save(t testing.TB, f *Folder, step int) {
	t.Helper()
	store := storeOf(t, step)
	if err := f.Save(store, step, state{step, hashOf(t, store)}); err != nil {
		t.Fatal(err)
	}
}

// open opens a folder.
func open(t testing.TB, dir string, o Options) *Folder {
	t.Helper()
	f, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// requireLoad loads a checkpoint and checks its step, state and variables.
func requireLoad(t testing.TB, f *Folder, which Which, want int) {
	t.Helper()
	store := model.NewStore()
	var s state
	step, err := f.Load(store, which, &s)
	if err != nil {
		t.Fatal(err)
	}
	if step != want || s.Step != want || s.Hash != hashOf(t, store) || s.Hash != hashOf(t, storeOf(t, want)) {
		t.Errorf("the %s checkpoint has step %d, state %+v and hash %s, want step %d", names[which], step, s, hashOf(t, store), want)
	}
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Options{})
	save(t, f, 7)
	requireLoad(t, f, Latest, 7)
	store := storeOf(t, 1) // existing variables get the values
	if _, err := Read(dir, store, Latest, &state{}, nil); err != nil || hashOf(t, store) != hashOf(t, storeOf(t, 7)) {
		t.Errorf("reading over other values: %v", err)
	}
	if v := store.GetVariable("/global_step"); v.Shape().Rank() != 0 || v.DType() != dtypes.Int64 {
		t.Errorf("the scalar has the shape %s after loading", v.Shape())
	}
}

// TestTrainableStays checks that loading keeps which variables are trainable.
func TestTrainableStays(t *testing.T) {
	store := model.NewStore()
	store.VariableWithValue("/weight", float32(1))
	store.VariableWithValue("/running_mean", float32(1)).SetTrainable(false)
	dir := t.TempDir()
	if err := open(t, dir, Options{}).Save(store, 1, nil); err != nil {
		t.Fatal(err)
	}
	read := model.NewStore()
	if _, err := Read(dir, read, Latest, nil, nil); err != nil {
		t.Fatal(err)
	}
	if w, m := read.GetVariable("/weight"), read.GetVariable("/running_mean"); !w.Trainable || m.Trainable {
		t.Errorf("trainable: weight %v, running mean %v", w.Trainable, m.Trainable)
	}
}

func TestHashTellsApart(t *testing.T) {
	a := hashOf(t, storeOf(t, 1))
	if a != hashOf(t, storeOf(t, 1)) || a == hashOf(t, storeOf(t, 2)) {
		t.Error("the hash differs for equal stores or is equal for different stores")
	}
}

func TestKeepAndBest(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Options{Keep: 2})
	require := func(want ...int) {
		t.Helper()
		if steps, err := Steps(dir); err != nil || !slices.Equal(steps, want) {
			t.Errorf("steps %v, %v, want %v", steps, err, want)
		}
	}
	save(t, f, 1)
	save(t, f, 2)
	if err := f.MarkBest(2); err != nil {
		t.Fatal(err)
	}
	save(t, f, 3)
	save(t, f, 4)
	save(t, f, 5)
	require(2, 4, 5)
	requireLoad(t, f, Best, 2)
	requireLoad(t, f, Latest, 5)
	if err := f.MarkBest(4); err != nil {
		t.Fatal(err)
	}
	require(4, 5)
	save(t, f, 5) // replaces it
	require(4, 5)
	if err := f.MarkBest(3); err == nil || !strings.Contains(err.Error(), "step 3") {
		t.Errorf("MarkBest of a missing checkpoint: error %v", err)
	}
}

func TestNone(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Options{})
	for _, which := range []Which{Latest, Best} {
		if _, err := f.Load(model.NewStore(), which, &state{}); !errors.Is(err, ErrNone) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the %s checkpoint: error %v", names[which], err)
		}
		save(t, f, 1) // now there is a latest checkpoint, but no best one
	}
	if _, err := Read(filepath.Join(dir, "nowhere"), model.NewStore(), Latest, &state{}, nil); !errors.Is(err, ErrNone) {
		t.Errorf("Read of a missing folder: error %v", err)
	}
}

// TestDamaged damages each file of the latest checkpoint in several ways. Load must
// take the checkpoint before it and warn.
func TestDamaged(t *testing.T) {
	for _, name := range []string{variablesFile, stateFile, manifestFile} {
		for how, damage := range map[string]func(path string, data []byte) error{
			"cut":     func(path string, data []byte) error { return os.WriteFile(path, data[:len(data)/2], 0o644) },
			"empty":   func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o644) },
			"removed": func(path string, _ []byte) error { return os.Remove(path) },
			"flipped": func(path string, data []byte) error {
				data[len(data)/3] ^= 0x10
				return os.WriteFile(path, data, 0o644)
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				dir := t.TempDir()
				var warnings []string
				f := open(t, dir, Options{Warn: func(err error) { warnings = append(warnings, err.Error()) }})
				save(t, f, 1)
				save(t, f, 2)
				path := filepath.Join(pathOf(dir, 2), name)
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := damage(path, data); err != nil {
					t.Fatal(err)
				}
				requireLoad(t, f, Latest, 1)
				if len(warnings) != 1 || !strings.Contains(warnings[0], "step-00000002") {
					t.Errorf("warnings %q", warnings)
				}
				if err := os.RemoveAll(pathOf(dir, 1)); err != nil {
					t.Fatal(err)
				}
				if _, err := f.Load(model.NewStore(), Latest, &state{}); err == nil || !strings.Contains(err.Error(), "step-00000002") {
					t.Errorf("with all checkpoints damaged: error %v", err)
				}
			})
		}
	}
}

// TestHalfWritten checks that Open removes the half-written checkpoint of a killed
// process.
func TestHalfWritten(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Options{})
	save(t, f, 1)
	part := pathOf(dir, 2) + partSuffix
	if err := os.MkdirAll(part, 0o755); err != nil {
		t.Fatal(err)
	}
	requireLoad(t, open(t, dir, Options{}), Latest, 1)
	if _, err := os.Stat(part); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", part, err)
	}
}

func TestMisuse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, Options{}); err == nil {
		t.Error("Open accepts a file")
	}
	if _, err := Open(dir, Options{Keep: -1}); err == nil || !strings.Contains(err.Error(), "-1") {
		t.Errorf("Keep −1: error %v", err)
	}
	f := open(t, dir, Options{})
	if err := f.Save(storeOf(t, 1), -1, nil); err == nil {
		t.Error("Save accepts a negative step")
	}
	if err := f.Save(storeOf(t, 1), 1, func() {}); err == nil {
		t.Error("Save accepts a state that has no JSON form")
	}
	empty := storeOf(t, 1)
	empty.VariableWithShape("/never", storeOf(t, 1).GetVariable("/rng").Shape(), nil)
	if err := f.Save(empty, 1, nil); err == nil || !strings.Contains(err.Error(), "/never") {
		t.Errorf("Save of a variable without a value: error %v", err)
	}
	if steps, err := Steps(dir); err != nil || len(steps) != 0 {
		t.Errorf("steps %v, %v after failures", steps, err)
	}
}

func FuzzParseManifest(f *testing.F) {
	text, err := json.Marshal(manifest{Step: 1, Files: map[string]fileInfo{variablesFile: {1, "ab"}, stateFile: {}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"step":-1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var m manifest
		var err error
		bounded.Allocation(t, len(text), 64, func() { m, _, err = parseManifest(text) })
		if err == nil && len(m.Files) < 2 {
			t.Errorf("%s is parsed as %+v", text, m)
		}
	})
}

func FuzzParseVariables(f *testing.F) {
	variables, scalars, err := views(storeOf(f, 1))
	if err != nil {
		f.Fatal(err)
	}
	var file strings.Builder
	if err := writeVariables(&file, variables); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(file.String()))
	f.Fuzz(func(t *testing.T, data []byte) {
		var values map[string]*tensors.Tensor
		var err error
		bounded.Allocation(t, len(data), 256, func() { values, err = parseVariables(data, scalars) })
		if err != nil {
			return
		}
		for name, v := range values {
			if int(v.ByteSize()) > len(data) {
				t.Errorf("%s has %d bytes, the whole file %d", name, v.ByteSize(), len(data))
			}
		}
	})
}

func ExampleFolder() {
	dir, err := os.MkdirTemp("", "checkpoints")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	folder, err := Open(dir, Options{Keep: 3})
	if err != nil {
		panic(err)
	}
	store := model.NewStore()
	store.VariableWithValue("/model/weights", []float32{1, 2})
	type progress struct{ Loss float64 }
	if err := folder.Save(store, 500, progress{Loss: 0.25}); err != nil {
		panic(err)
	}

	resumed, p := model.NewStore(), progress{}
	step, err := folder.Load(resumed, Latest, &p) // before any graph is built
	fmt.Println(step, p.Loss, resumed.GetVariable("/model/weights").MustValue().Value(), err)
	// Output: 500 0.25 [1 2] <nil>
}
