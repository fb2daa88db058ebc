// Package checkpoint stores all variables of a model (weights, gates, running
// statistics, the optimizer's buffers, the state of the random generator, the step)
// together with a state of the caller's. The last good checkpoint survives a process
// that is killed at any instant and a full disk.
//
// A checkpoint is a folder such as step-00000500 with variables.safetensors,
// state.json, and manifest.json, which holds the length and sha256 of the other two
// and a checksum of itself. The folder is written under another name, flushed to disk
// and renamed, so that it exists completely or not at all. The package does not use
// GoMLX's own format because GoMLX writes it in place, and each of its handlers stays
// attached to the model.
//
// One process at a time may write to a folder of checkpoints; others may read
// meanwhile.
package checkpoint

import (
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

	"github.com/reciprocalnorm/rn/experiments/atomicfile"
	"github.com/reciprocalnorm/rn/experiments/checksum"
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
	// Warn, if set, is called for every damaged checkpoint that Load skips, for a
	// damaged mark of the best, and for files without a checksum.
	Warn func(error)
}

const defaultKeep = 2

// Names of files and folders.
const (
	stepPrefix    = "step-"
	partSuffix    = atomicfile.PartSuffix // of unfinished folders too
	bestFile      = "best.json"
	variablesFile = "variables.safetensors"
	stateFile     = "state.json"
	manifestFile  = "manifest.json"
)

// Folder is a folder of checkpoints that this process writes.
type Folder struct {
	dir     string
	options Options
	// unsure is the last step of the checkpoints that may be the best, because the
	// mark of the best is damaged; none while the mark can be read.
	unsure int
	warned string // the last warning of warnOnce
}

// none stands for no step.
const none = -1

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
	return &Folder{dir: dir, options: o, unsure: none}, nil
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
	if text, err = checksum.Marshal(m); err != nil {
		return err
	}
	if _, err := writeBytes(filepath.Join(part, manifestFile), text); err != nil {
		return err
	}
	if err := atomicfile.SyncDir(part); err != nil {
		return err
	}
	if err := os.RemoveAll(final); err != nil { // the same step of an earlier run
		return err
	}
	if err := os.Rename(part, final); err != nil {
		return err
	}
	if err := atomicfile.SyncDir(f.dir); err != nil {
		return err
	}
	return f.prune()
}

// prune removes checkpoints that are neither the best nor among the latest. While it
// cannot tell which is the best, those that may be it stay.
func (f *Folder) prune() error {
	steps, err := Steps(f.dir)
	if err != nil {
		return err
	}
	best, err := readBest(f.dir, f.warnOnce)
	switch {
	case err == nil:
		f.unsure = none
	case errors.Is(err, ErrNone):
		f.unsure, best = none, none
	default:
		best = none
		if f.unsure == none && len(steps) > 0 {
			f.unsure = steps[len(steps)-1]
		}
		f.warnOnce(fmt.Errorf("no checkpoint up to step %d is removed, since any may be the best: %w", f.unsure, err))
	}
	for _, step := range steps[:max(0, len(steps)-f.options.Keep)] {
		if step != best && step > f.unsure {
			if err := os.RemoveAll(pathOf(f.dir, step)); err != nil {
				return fmt.Errorf("checkpoints: %w", err)
			}
		}
	}
	return nil
}

// warnOnce calls Options.Warn unless the last call said the same.
func (f *Folder) warnOnce(err error) {
	if f.options.Warn != nil && err.Error() != f.warned {
		f.warned = err.Error()
		f.options.Warn(err)
	}
}
