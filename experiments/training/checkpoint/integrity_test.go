package checkpoint

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
)

// warnings collects what Options.Warn is called with.
type warnings []string

func (w *warnings) add(err error) { *w = append(*w, err.Error()) }

// require checks that there is one warning, with all words, and forgets it.
func (w *warnings) require(t *testing.T, words ...string) {
	t.Helper()
	if len(*w) != 1 || slices.ContainsFunc(words, func(word string) bool { return !strings.Contains((*w)[0], word) }) {
		t.Errorf("warnings %q, want one with %q", *w, words)
	}
	*w = nil
}

// readFile reads a whole file.
func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// overwrite replaces the content of a file in place.
func overwrite(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFlippedBits flips a bit in bytes of each file of the latest checkpoint: Load
// takes the checkpoint before and says so.
func TestFlippedBits(t *testing.T) {
	const stride = 7 // bytes
	dir := t.TempDir()
	var warned warnings
	f := open(t, dir, Options{Warn: warned.add})
	save(t, f, 1)
	save(t, f, 2)
	for _, name := range []string{manifestFile, stateFile, variablesFile} {
		path := filepath.Join(pathOf(dir, 2), name)
		whole := readFile(t, path)
		for at := 0; at < len(whole); at += stride {
			bad := slices.Clone(whole)
			bad[at] ^= 1 << (at % 8)
			overwrite(t, path, bad)
			requireLoad(t, f, Latest, 1)
			warned.require(t, "step-00000002", name)
			if t.Failed() {
				t.Fatalf("%s with a flipped bit in byte %d", name, at)
			}
		}
		overwrite(t, path, whole)
	}
	requireLoad(t, f, Latest, 2)
	if len(warned) > 0 {
		t.Errorf("warnings %q for whole files", warned)
	}
}

// TestFlippedManifest: no manifest with a flipped bit is parsed.
func TestFlippedManifest(t *testing.T) {
	dir := t.TempDir()
	save(t, open(t, dir, Options{}), 1)
	whole := readFile(t, filepath.Join(pathOf(dir, 1), manifestFile))
	for at := range whole {
		for bit := range 8 {
			bad := slices.Clone(whole)
			bad[at] ^= 1 << bit
			if m, checked, err := parseManifest(bad); err == nil {
				t.Errorf("bit %d of byte %d: %s is parsed as %+v, checked %v", bit, at, bad, m, checked)
			}
		}
	}
}

// TestFlippedBestMark flips every bit of the mark: Load of the best is refused, and
// saving removes no checkpoint that may be the best.
func TestFlippedBestMark(t *testing.T) {
	dir := t.TempDir()
	var warned warnings
	f := open(t, dir, Options{Keep: 1, Warn: warned.add})
	save(t, f, 1)
	if err := f.MarkBest(1); err != nil {
		t.Fatal(err)
	}
	save(t, f, 2)
	path := filepath.Join(dir, bestFile)
	whole := readFile(t, path)
	for at := range whole {
		for bit := range 8 {
			bad := slices.Clone(whole)
			bad[at] ^= 1 << bit
			overwrite(t, path, bad)
			if step, err := f.Load(model.NewStore(), Best, &state{}); err == nil || !strings.Contains(err.Error(), bestFile) {
				t.Fatalf("%s: step %d, error %v", bad, step, err)
			}
		}
	}
	f = open(t, dir, Options{Keep: 1, Warn: warned.add})
	for step := 3; step <= 5; step++ {
		save(t, f, step)
	}
	warned.require(t, bestFile, "no checkpoint up to step 3 is removed", "damaged")
	if steps, err := Steps(dir); err != nil || !slices.Equal(steps, []int{1, 2, 3, 5}) {
		t.Errorf("steps %v, %v: those from before the damage was found must stay, and the latest", steps, err)
	}
	if err := f.MarkBest(5); err != nil {
		t.Fatal(err)
	}
	save(t, f, 6)
	if steps, err := Steps(dir); err != nil || !slices.Equal(steps, []int{5, 6}) {
		t.Errorf("steps %v, %v after a new mark", steps, err)
	}
	requireLoad(t, f, Best, 5)
}

// TestLostBest: a mark of a checkpoint that is not there is damage too.
func TestLostBest(t *testing.T) {
	dir := t.TempDir()
	var warned warnings
	f := open(t, dir, Options{Keep: 1, Warn: warned.add})
	save(t, f, 1)
	overwrite(t, filepath.Join(dir, bestFile), []byte(`{"step":17}`)) // bit 4 of the 1
	save(t, f, 2)
	warned.require(t, "marks step 17, which has no checkpoint")
	if steps, err := Steps(dir); err != nil || !slices.Equal(steps, []int{1, 2}) {
		t.Errorf("steps %v, %v", steps, err)
	}
}

// TestOlderFormat: files without checksums are read with a warning, but not if the
// manifest contradicts the variables.
func TestOlderFormat(t *testing.T) {
	dir := t.TempDir()
	var warned warnings
	f := open(t, dir, Options{Keep: 1, Warn: warned.add})
	save(t, f, 1)
	path := filepath.Join(pathOf(dir, 1), manifestFile)
	m, checked, err := parseManifest(readFile(t, path))
	if err != nil || !checked {
		t.Fatalf("checked %v, %v", checked, err)
	}
	old, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, path, old)
	requireLoad(t, f, Latest, 1)
	warned.require(t, "step-00000001", manifestFile, "no checksum")

	overwrite(t, filepath.Join(dir, bestFile), []byte(`{"step":1}`))
	save(t, f, 2)
	save(t, f, 3)
	warned.require(t, bestFile, "no checksum")
	if steps, err := Steps(dir); err != nil || !slices.Equal(steps, []int{1, 3}) {
		t.Errorf("steps %v, %v", steps, err)
	}

	for what, bad := range map[string][]byte{
		"scalars": bytes.Replace(old, []byte(`"/global_step"`), []byte(`"/global_stdp"`), 1),
		"fixed":   bytes.Replace(old, []byte(`"fixed":null`), []byte(`"fixed":["/rnf"]`), 1),
		"field":   bytes.Replace(old, []byte(`"fixed"`), []byte(`"fiyed"`), 1),
	} {
		if bytes.Equal(bad, old) {
			t.Fatalf("%s: nothing is damaged in %s", what, old)
		}
		overwrite(t, path, bad)
		if _, err := f.Load(model.NewStore(), Best, &state{}); err == nil || !strings.Contains(err.Error(), manifestFile) {
			t.Errorf("damaged %s: error %v", what, err)
		}
	}
}
