// Package checkpoint keeps training alive: it stores all variables of a model
// (weights, gates, running statistics, the optimizer's buffers, the random
// generator's state, the step) with a state of the caller's, so that a process
// killed at any instant, or a full disk, leaves the last good checkpoint.
//
// A checkpoint is a folder, step-00000500: variables.safetensors, state.json,
// and manifest.json with the length and sha256 of both. It is written under
// another name, flushed to disk and renamed, so that it is there whole or not at
// all. The format is safetensors rather than GoMLX's own because that one is
// written in place, and each of its handlers stays attached to the model.
//
// One process at a time may write to a folder; others may read meanwhile.
package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/ml/model"
)

// ErrNone says that a folder has no checkpoint. It wraps fs.ErrNotExist.
var ErrNone = fmt.Errorf("there is no checkpoint: %w", fs.ErrNotExist)

// Which chooses a checkpoint of a folder.
type Which int

// The choices.
const (
	Latest Which = iota // of the last step; if it is damaged, the one before
	Best                // what MarkBest has chosen
)

// String implements fmt.Stringer.
func (w Which) String() string {
	if w == Best {
		return "best"
	}
	return "latest"
}

// Options are the settings of a folder.
type Options struct {
	// Keep is the number of the latest checkpoints that are kept, beside the best.
	// Default 2, so that a damaged one is not the end.
	Keep int
	// Warn, if set, is told of damaged checkpoints that are passed over.
	Warn func(error)
}

const defaultKeep = 2

// Names in a folder and in a checkpoint.
const (
	stepPrefix    = "step-"
	partSuffix    = ".part"
	bestFile      = "best.json"
	variablesFile = "variables.safetensors"
	stateFile     = "state.json"
	manifestFile  = "manifest.json"
)

// Folder is a folder of checkpoints that this process writes to.
type Folder struct {
	dir     string
	options Options
}

// Open makes the folder if it is not there and removes what a killed process
// has left half-written.
func Open(dir string, o Options) (*Folder, error) {
	if o.Keep < 0 {
		return nil, fmt.Errorf("checkpoints: %d are to be kept: want 1 or more, or 0 for %d", o.Keep, defaultKeep)
	}
	if o.Keep == 0 {
		o.Keep = defaultKeep
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	parts, err := filepath.Glob(filepath.Join(dir, "*"+partSuffix))
	if err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	for _, part := range parts {
		if err := os.RemoveAll(part); err != nil {
			return nil, fmt.Errorf("checkpoints: %w", err)
		}
	}
	return &Folder{dir, o}, nil
}

// Steps lists the steps of the checkpoints in a folder, lowest first.
func Steps(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	var steps []int
	for _, e := range entries {
		if number, ok := strings.CutPrefix(e.Name(), stepPrefix); ok {
			if step, err := strconv.Atoi(number); err == nil && step >= 0 {
				steps = append(steps, step)
			}
		}
	}
	slices.Sort(steps)
	return steps, nil
}

// pathOf is the folder of a step's checkpoint.
func pathOf(dir string, step int) string {
	return filepath.Join(dir, fmt.Sprintf("%s%08d", stepPrefix, step))
}

// manifest describes the files of a checkpoint.
type manifest struct {
	Step  int                 `json:"step"`
	Files map[string]fileInfo `json:"files"`
	// Scalars are the variables without axes, which safetensors' readers do not agree
	// on: they are stored with one axis of one.
	Scalars []string `json:"scalars"`
	// Fixed are the variables that are not trainable: an optimizer keeps no state
	// of theirs, before and after a checkpoint.
	Fixed []string `json:"fixed"`
}

// fileInfo tells whether a file is whole.
type fileInfo struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Save writes the checkpoint of a step, and then removes those that are neither
// the best nor among the latest. All variables must have values. On an error the
// checkpoints that were there are left.
func (f *Folder) Save(store *model.Store, step int, state any) (err error) {
	if step < 0 {
		return fmt.Errorf("checkpoint: step %d is negative", step)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("checkpoint of step %d in %s: %w", step, f.dir, err)
		}
	}()
	final := pathOf(f.dir, step)
	part := final + partSuffix
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	defer os.RemoveAll(part) // nothing is there any more if all went well
	if err := os.Mkdir(part, 0o755); err != nil {
		return err
	}
	variables, scalars, err := views(store)
	if err != nil {
		return err
	}
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	m := manifest{Step: step, Files: make(map[string]fileInfo), Scalars: scalars, Fixed: fixed(store)}
	if m.Files[variablesFile], err = writeFile(filepath.Join(part, variablesFile), func(w io.Writer) error { return writeVariables(w, variables) }); err != nil {
		return err
	}
	if m.Files[stateFile], err = writeBytes(filepath.Join(part, stateFile), text); err != nil {
		return err
	}
	if text, err = json.Marshal(m); err != nil {
		return err
	}
	if _, err := writeBytes(filepath.Join(part, manifestFile), text); err != nil {
		return err
	}
	if err := syncDir(part); err != nil {
		return err
	}
	if err := os.RemoveAll(final); err != nil { // the same step again, of a run begun anew
		return err
	}
	if err := os.Rename(part, final); err != nil {
		return err
	}
	if err := syncDir(f.dir); err != nil {
		return err
	}
	return f.prune()
}

// MarkBest makes the checkpoint of a step the best.
func (f *Folder) MarkBest(step int) error {
	if _, err := os.Stat(pathOf(f.dir, step)); err != nil {
		return fmt.Errorf("checkpoint: step %d cannot be the best: %w", step, err)
	}
	text, err := json.Marshal(bestMark{step})
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	path := filepath.Join(f.dir, bestFile)
	if _, err := writeBytes(path+partSuffix, text); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := errors.Join(os.Rename(path+partSuffix, path), syncDir(f.dir)); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return f.prune()
}

// bestMark is the contents of bestFile.
type bestMark struct {
	Step int `json:"step"`
}

// bestStep is the step of the best checkpoint; ErrNone if none was marked.
func bestStep(dir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, bestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("no checkpoint of %s was chosen as the best: %w", dir, ErrNone)
	}
	if err != nil {
		return 0, fmt.Errorf("checkpoints: %w", err)
	}
	var mark bestMark
	if err := json.Unmarshal(text, &mark); err != nil {
		return 0, fmt.Errorf("checkpoints: %s in %s: %w", bestFile, dir, err)
	}
	return mark.Step, nil
}

// prune removes the checkpoints that are not kept.
func (f *Folder) prune() error {
	steps, err := Steps(f.dir)
	if err != nil {
		return err
	}
	best, err := bestStep(f.dir)
	if err != nil {
		best = -1
	}
	for _, step := range steps[:max(0, len(steps)-f.options.Keep)] {
		if step != best {
			if err := os.RemoveAll(pathOf(f.dir, step)); err != nil {
				return fmt.Errorf("checkpoints: %w", err)
			}
		}
	}
	return nil
}

// Load is [Read] for the folder's writer; damaged checkpoints that it passes
// over are told to Options.Warn.
func (f *Folder) Load(store *model.Store, which Which, state any) (step int, err error) {
	return read(f.dir, store, which, state, f.options.Warn)
}

// Read reads a checkpoint into the variables of a store and into state, a
// pointer or nil, and returns its step. It must come before any graph is built over the
// store. The error wraps [ErrNone] if there is none. A checkpoint whose files are
// not what its manifest says is damaged: the latest is then the one before it,
// and if all are damaged the error names them.
func Read(dir string, store *model.Store, which Which, state any) (step int, err error) {
	return read(dir, store, which, state, nil)
}

func read(dir string, store *model.Store, which Which, state any, warn func(error)) (int, error) {
	steps, err := Steps(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if len(steps) == 0 {
		return 0, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	if which == Best {
		best, err := bestStep(dir)
		if err != nil {
			return 0, err
		}
		steps = []int{best}
	}
	var damaged []error
	for _, step := range slices.Backward(steps) {
		err := readOne(pathOf(dir, step), step, store, state)
		if err == nil {
			for _, err := range damaged {
				if warn != nil {
					warn(fmt.Errorf("passed over, for the checkpoint of step %d: %w", step, err))
				}
			}
			return step, nil
		}
		damaged = append(damaged, err)
	}
	return 0, fmt.Errorf("no checkpoint of %s can be read: %w", dir, errors.Join(damaged...))
}

// readOne reads a checkpoint. Nothing is changed unless all of it is good.
func readOne(path string, step int, store *model.Store, state any) error {
	text, err := os.ReadFile(filepath.Join(path, manifestFile))
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	m, err := parseManifest(text)
	if err != nil {
		return fmt.Errorf("checkpoint %s: %s: %w", path, manifestFile, err)
	}
	if m.Step != step {
		return fmt.Errorf("checkpoint %s: is of step %d by its manifest", path, m.Step)
	}
	contents := make(map[string][]byte)
	for _, name := range []string{variablesFile, stateFile} {
		if contents[name], err = readWhole(filepath.Join(path, name), m.Files[name]); err != nil {
			return fmt.Errorf("checkpoint %s: %w", path, err)
		}
	}
	values, err := parseVariables(contents[variablesFile], m.Scalars)
	if err != nil {
		return fmt.Errorf("checkpoint %s: %s: %w", path, variablesFile, err)
	}
	if state != nil {
		if err := json.Unmarshal(contents[stateFile], state); err != nil {
			return fmt.Errorf("checkpoint %s: %s: %w", path, stateFile, err)
		}
	}
	return set(store, values, m.Fixed)
}

// parseManifest reads a manifest.
func parseManifest(text []byte) (m manifest, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, err
	}
	for _, name := range []string{variablesFile, stateFile} {
		if _, ok := m.Files[name]; !ok {
			return m, fmt.Errorf("says nothing of %s", name)
		}
	}
	return m, nil
}

// readWhole reads a file that is what its manifest says.
func readWhole(path string, want fileInfo) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() != want.Bytes {
		return nil, fmt.Errorf("%s has %d bytes, not %d: it is damaged", filepath.Base(path), info.Size(), want.Bytes)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want.SHA256 {
		return nil, fmt.Errorf("%s has another sha256 than when it was written: it is damaged", filepath.Base(path))
	}
	return data, nil
}

// writeBytes writes a file and flushes it to disk.
func writeBytes(path string, data []byte) (fileInfo, error) {
	return writeFile(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeFile writes a file and flushes it to disk.
func writeFile(path string, write func(io.Writer) error) (fileInfo, error) {
	f, err := os.Create(path)
	if err != nil {
		return fileInfo{}, err
	}
	hash := sha256.New()
	count := &counter{}
	if err := write(io.MultiWriter(f, hash, count)); err != nil {
		return fileInfo{}, errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return fileInfo{}, errors.Join(err, f.Close())
	}
	return fileInfo{Bytes: count.n, SHA256: hex.EncodeToString(hash.Sum(nil))}, f.Close()
}

// counter counts bytes.
type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// syncDir flushes the names in a folder to disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
