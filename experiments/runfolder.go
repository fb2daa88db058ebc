package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
)

// runFolder is where a run keeps what it needs to continue: OUT/runs/ID.
type runFolder struct {
	id    string
	path  string
	lock  *flock.Flock
	saver *checkpoint.Folder
}

// progress is stored in a checkpoint next to the variables.
type progress struct {
	Identity record.Identity `json:"identity"`
	Points   []record.Point  `json:"points"`
	Seconds  float64         `json:"seconds"` // spent training so far
	Waited   float64         `json:"waited"`  // part of Seconds, spent waiting for data
	// Steps, TaskLoss and TransferLoss are sums since the last point.
	Steps        int     `json:"steps"`
	TaskLoss     float64 `json:"task_loss"`
	TransferLoss float64 `json:"transfer_loss"`
	// Variant names the variant of the backbone.
	Variant string `json:"variant,omitempty"`
	// Classes are the network's by label; older checkpoints lack them.
	Classes []string `json:"classes,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler. Older checkpoints hold the
// configuration and the digests without the rest of the identity.
func (p *progress) UnmarshalJSON(data []byte) error {
	type plain progress
	read := struct {
		*plain
		Config  json.RawMessage   `json:"config"`
		Digests map[string]string `json:"digests"`
	}{plain: (*plain)(p)}
	if err := json.Unmarshal(data, &read); err != nil || read.Config == nil {
		return err
	}
	p.Identity.Digests = read.Digests
	return json.Unmarshal(read.Config, &p.Identity.Config)
}

const (
	runsDir       = "runs"
	identityFile  = "run.json"
	checkpointDir = "checkpoints"
)

// runDir is the folder of a run in an output folder.
func runDir(out, id string) string { return filepath.Join(out, runsDir, id) }

// openRunFolder opens the folder of a run and locks it for this process.
func openRunFolder(out, id string) (*runFolder, error) {
	f := &runFolder{id: id, path: runDir(out, id)}
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	f.lock = flock.New(filepath.Join(f.path, ".lock"))
	ok, err := f.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("output folder: lock %s: %w (if its file system does not have locks, choose a folder elsewhere)", f.lock.Path(), err)
	}
	if !ok {
		return nil, fmt.Errorf("output folder: another process is at run %s in %s", id, f.path)
	}
	return f, nil
}

// start opens the checkpoints. A run that starts anew removes the checkpoints of an
// earlier run of the same identity.
func (f *runFolder) start(id record.Identity, env environment.Environment) error {
	dir := filepath.Join(f.path, checkpointDir)
	if env.Resume == environment.StartAnew {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("output folder: %w", err)
		}
	}
	if err := writeIdentity(f.path, id); err != nil {
		return fmt.Errorf("output folder: %w", err)
	}
	var err error
	f.saver, err = checkpoint.Open(dir, checkpoint.Options{Keep: env.Keep, Warn: env.Warn})
	return err
}

// refuseOthers returns an error if the wanted run has no checkpoint in an output
// folder, but a half-finished run with another identity has that was probably meant:
// its configuration is the same, or differs only in the length of the run. Runs of
// another length are other runs from their first step on where schedules span the
// whole run.
func refuseOthers(out string, wanted record.Identity) error {
	own := runDir(out, wanted.ID())
	if HasCheckpoints(out, wanted.ID()) {
		return nil
	}
	others, err := filepath.Glob(filepath.Join(out, runsDir, "*", identityFile))
	if err != nil {
		return fmt.Errorf("output folder: %w", err)
	}
	for _, path := range others {
		other, err := readIdentity(path)
		if err != nil {
			continue // damagedIdentities names it
		}
		dir := filepath.Dir(path)
		id := filepath.Base(dir)
		if dir == own || !sameButLength(other.Config, wanted.Config) || !HasCheckpoints(out, id) || finished(out, id) {
			continue
		}
		return fmt.Errorf("the run in %s cannot be continued: it began with another %s: start again without --resume, or with what it began with",
			dir, strings.Join(other.Differences(wanted), "; another "))
	}
	return nil
}

// sameButLength reports whether two configurations are equal, or differ only in the
// number of steps and the steps between evaluations.
func sameButLength(a, b config.Config) bool {
	a.Steps, a.EvalEvery = b.Steps, b.EvalEvery
	return a.ID() == b.ID()
}

// HasCheckpoints reports whether an output folder has checkpoints of a run.
func HasCheckpoints(out, id string) bool {
	steps, err := checkpoint.Steps(filepath.Join(runDir(out, id), checkpointDir))
	return err == nil && len(steps) > 0
}

// finished reports whether an output folder has the result of a run.
func finished(out, id string) bool {
	results, _ := record.Read(out) // lines that cannot be read are not results
	_, ok := record.Latest(results, func(r record.Result) bool { return r.ID == id })
	return ok
}

// close releases the folder.
func (f *runFolder) close() { f.lock.Unlock() }

// load reads the variables into store, if there is a checkpoint, and returns its
// step and the progress so far. It must come before any graph is built.
func (f *runFolder) load(id record.Identity, store *model.Store) (step int, p progress, err error) {
	step, err = f.saver.Load(store, checkpoint.Latest, &p)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, progress{}, nil
	}
	if err != nil {
		return 0, p, err
	}
	if different := p.Identity.Differences(id); len(different) > 0 { // a folder that was moved or edited
		return 0, p, fmt.Errorf("the run in %s cannot be continued: its checkpoint has another %s: start again without --resume or in another folder",
			f.path, strings.Join(different, "; another "))
	}
	return step, p, nil
}

// save writes the variables and the progress. It refuses variables that are not
// finite.
func (f *runFolder) save(store *model.Store, step int, p progress) error {
	for v := range store.IterVariables() {
		if value, ok := firstNotFinite(v.MustValue()); ok {
			return fmt.Errorf("step %d: %s has become %v and is not saved; the previous checkpoint is kept: try a lower learning rate than %g",
				step, v.Path(), value, p.Identity.Config.Optimizer.LearningRate)
		}
	}
	return f.saver.Save(store, step, p)
}

// firstNotFinite finds a value that is infinite or not a number.
func firstNotFinite(t *tensors.Tensor) (value float64, found bool) {
	switch t.DType() {
	case dtypes.Float32:
		tensors.MustConstFlatData(t, func(flat []float32) {
			for _, v := range flat {
				if v-v != 0 { // NaN for both
					value, found = float64(v), true
					return
				}
			}
		})
	case dtypes.Float64:
		tensors.MustConstFlatData(t, func(flat []float64) {
			for _, v := range flat {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					value, found = v, true
					return
				}
			}
		})
	}
	return value, found
}
