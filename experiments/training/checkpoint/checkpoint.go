// Package checkpoint stores all variables of a model (weights, gates, running
// statistics, the optimizer's buffers, the state of the random generator, the step)
// together with a state of the caller's. The last good checkpoint survives a process
// that is killed at any instant and a full disk.
//
// A checkpoint is a folder such as step-00000500 with variables.safetensors,
// state.json, and manifest.json, which holds the length and sha256 of the other two.
// The folder is written under another name, flushed to disk and renamed, so that it
// exists completely or not at all. The package does not use GoMLX's own format because
// GoMLX writes it in place, and each of its handlers stays attached to the model.
//
// One process at a time may write to a folder of checkpoints; others may read
// meanwhile.
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

// ErrNone is wrapped by the error of a folder without checkpoints. It wraps
// fs.ErrNotExist.
var ErrNone = fmt.Errorf("no checkpoint: %w", fs.ErrNotExist)

// Which selects a checkpoint of a folder.
type Which int

// The checkpoints that can be selected.
const (
	// Latest is the checkpoint of the last step or, if it is damaged, the one before.
	Latest Which = iota
	// Best is the checkpoint that MarkBest marked.
	Best
)

// Options configure a folder.
type Options struct {
	// Keep is the number of latest checkpoints to keep in addition to the best one; 0
	// means 2, so that training survives a damaged checkpoint.
	Keep int
	// Warn, if set, is called for every damaged checkpoint that Load skips.
	Warn func(error)
}

const defaultKeep = 2

// Names of files and folders.
const (
	stepPrefix    = "step-"
	partSuffix    = ".part"
	bestFile      = "best.json"
	variablesFile = "variables.safetensors"
	stateFile     = "state.json"
	manifestFile  = "manifest.json"
)

// Folder is a folder of checkpoints that this process writes.
type Folder struct {
	dir     string
	options Options
}

// Open opens a folder of checkpoints, which it creates if it is missing. It removes
// half-written checkpoints of a killed process.
func Open(dir string, o Options) (*Folder, error) {
	if o.Keep < 0 {
		return nil, fmt.Errorf("checkpoints: %d to keep: want at least 1, or 0 for %d", o.Keep, defaultKeep)
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

// Steps returns the steps of the checkpoints in a folder, in increasing order.
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

// pathOf returns the folder of a step's checkpoint.
func pathOf(dir string, step int) string {
	return filepath.Join(dir, fmt.Sprintf("%s%08d", stepPrefix, step))
}

// manifest describes the files of a checkpoint.
type manifest struct {
	Step  int                 `json:"step"`
	Files map[string]fileInfo `json:"files"`
	// Scalars are the paths of the scalar variables. They are stored with the shape
	// [1], because readers of safetensors do not agree on scalars.
	Scalars []string `json:"scalars"`
	// Fixed are the paths of the variables that are not trainable, so that they are not
	// trainable after loading either.
	Fixed []string `json:"fixed"`
}

// fileInfo identifies the contents of a file.
type fileInfo struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Save writes the checkpoint of a step, and then removes checkpoints that are neither
// the best nor among the latest. All variables must have values. After an error the
// checkpoints of other steps remain.
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
	defer os.RemoveAll(part) // after a success it does not exist any more
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
	if err := os.RemoveAll(final); err != nil { // the same step of an earlier run
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

// MarkBest marks the checkpoint of a step as the best. It then removes checkpoints
// that are neither the best nor among the latest.
func (f *Folder) MarkBest(step int) error {
	if _, err := os.Stat(pathOf(f.dir, step)); err != nil {
		return fmt.Errorf("checkpoint: marking step %d as the best: %w", step, err)
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

// bestMark is the content of bestFile.
type bestMark struct {
	Step int `json:"step"`
}

// bestStep returns the step of the best checkpoint. Its error wraps ErrNone if none
// is marked.
func bestStep(dir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, bestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s: none is marked as the best: %w", dir, ErrNone)
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

// prune removes checkpoints that are neither the best nor among the latest.
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

// Load reads a checkpoint as [Read] does, and calls Options.Warn for every damaged
// checkpoint that it skips.
func (f *Folder) Load(store *model.Store, which Which, state any) (step int, err error) {
	return read(f.dir, store, which, state, f.options.Warn)
}

// Read reads a checkpoint into the variables of a store and into state, a pointer or
// nil, and returns its step. Call it before any graph is built over the store. The
// error wraps [ErrNone] if the folder has no checkpoint.
//
// A checkpoint whose files do not match its manifest is damaged. For Latest, Read then
// takes the checkpoint before it; if all are damaged, the error names each.
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
					warn(fmt.Errorf("skipped in favour of the checkpoint of step %d: %w", step, err))
				}
			}
			return step, nil
		}
		damaged = append(damaged, err)
	}
	return 0, fmt.Errorf("none of the checkpoints in %s can be read: %w", dir, errors.Join(damaged...))
}

// readOne reads one checkpoint. It changes neither store nor state unless the files
// match the manifest.
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
		return fmt.Errorf("checkpoint %s: its manifest is of step %d", path, m.Step)
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

// parseManifest parses a manifest, which must describe both files.
func parseManifest(text []byte) (m manifest, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, err
	}
	for _, name := range []string{variablesFile, stateFile} {
		if _, ok := m.Files[name]; !ok {
			return m, fmt.Errorf("does not describe %s", name)
		}
	}
	return m, nil
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

// writeBytes writes a file and flushes it to disk.
func writeBytes(path string, data []byte) (fileInfo, error) {
	return writeFile(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeFile creates a file, calls write with it and flushes it to disk.
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

// counter counts the bytes that are written to it.
type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// syncDir flushes a folder's entries to disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
