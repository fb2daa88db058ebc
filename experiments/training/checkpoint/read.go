package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/checksum"
)

// Load reads a checkpoint as [Read] does, with Options.Warn.
func (f *Folder) Load(store *model.Store, which Which, state any) (step int, err error) {
	return Read(f.dir, store, which, state, f.options.Warn)
}

// Read reads a checkpoint into the variables of a store and into state, a pointer or
// nil, and returns its step. Call it before any graph is built over the store. The
// error wraps [ErrNone] if the folder has no checkpoint.
//
// A checkpoint is damaged if its manifest does not match the manifest's checksum, or
// its other files do not match the manifest. For Latest, Read then takes the
// checkpoint before it and calls warn, if set, for each that it skips; if all are
// damaged, the error names each. Read also warns about files of older versions, which
// have no checksum.
func Read(dir string, store *model.Store, which Which, state any, warn func(error)) (step int, err error) {
	if warn == nil {
		warn = func(error) {}
	}
	steps, err := Steps(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if len(steps) == 0 {
		return 0, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	if which == Best {
		best, err := readBest(dir, warn)
		if err != nil {
			return 0, err
		}
		steps = []int{best}
	}
	var damaged []error
	for _, step := range slices.Backward(steps) {
		path := pathOf(dir, step)
		checked, err := readOne(path, step, store, state)
		if err != nil {
			damaged = append(damaged, err)
			continue
		}
		for _, err := range damaged {
			warn(fmt.Errorf("skipped in favour of the checkpoint of step %d: %w", step, err))
		}
		if !checked {
			warn(fmt.Errorf("checkpoint %s: %s: %w", path, manifestFile, checksum.ErrMissing))
		}
		return step, nil
	}
	return 0, fmt.Errorf("none of the checkpoints in %s can be read: %w", dir, errors.Join(damaged...))
}

// readOne reads one checkpoint, and reports whether its manifest has a checksum. It
// changes neither store nor state unless the files match the manifest.
func readOne(path string, step int, store *model.Store, state any) (checked bool, err error) {
	text, err := os.ReadFile(filepath.Join(path, manifestFile))
	if err != nil {
		return false, fmt.Errorf("checkpoint: %w", err)
	}
	m, checked, err := parseManifest(text)
	if err != nil {
		return false, fmt.Errorf("checkpoint %s: %s: %w", path, manifestFile, err)
	}
	if m.Step != step {
		return false, fmt.Errorf("checkpoint %s: its manifest is of step %d", path, m.Step)
	}
	contents := make(map[string][]byte)
	for _, name := range []string{variablesFile, stateFile} {
		if contents[name], err = readWhole(filepath.Join(path, name), m.Files[name]); err != nil {
			return false, fmt.Errorf("checkpoint %s: %w", path, err)
		}
	}
	values, err := parseVariables(contents[variablesFile], m.Scalars)
	if err != nil {
		return false, fmt.Errorf("checkpoint %s: %s: %w", path, variablesFile, err)
	}
	if err := m.checkNames(values); err != nil {
		return false, fmt.Errorf("checkpoint %s: %w", path, err)
	}
	if state != nil {
		if err := json.Unmarshal(contents[stateFile], state); err != nil {
			return false, fmt.Errorf("checkpoint %s: %s: %w", path, stateFile, err)
		}
	}
	return checked, set(store, values, m.Fixed)
}

// readWhole reads a file and returns an error unless it matches the manifest.
func readWhole(path string, want fileInfo) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() != want.Bytes {
		return nil, fmt.Errorf("%s is damaged: it has %d bytes, want %d", filepath.Base(path), info.Size(), want.Bytes)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want.SHA256 {
		return nil, fmt.Errorf("%s is damaged: its sha256 differs from the manifest's", filepath.Base(path))
	}
	return data, nil
}
