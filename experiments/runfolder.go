package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// runFolder is where a run keeps what it needs to continue: DIR/runs/ID.
type runFolder struct {
	path  string
	lock  *flock.Flock
	saver *checkpoint.Handler
}

// progress is what a run remembers beside the variables.
type progress struct {
	Config  Config  `json:"config"`
	Points  []Point `json:"points"`
	Seconds float64 `json:"seconds"` // of training so far
	// Steps, TaskLoss and TransferLoss are the sums since the last point.
	Steps        int     `json:"steps"`
	TaskLoss     float64 `json:"task_loss"`
	TransferLoss float64 `json:"transfer_loss"`
}

// RunDir is the folder of a run in an output folder.
func RunDir(out, id string) string { return filepath.Join(out, "runs", id) }

const (
	progressFile  = "progress.json"
	checkpointDir = "checkpoint"
)

// openRunFolder takes the folder of a run for this process.
func openRunFolder(out string, c Config) (*runFolder, error) {
	f := &runFolder{path: RunDir(out, c.ID())}
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	f.lock = flock.New(filepath.Join(f.path, ".lock"))
	ok, err := f.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("output folder: another process is at run %s in %s", c.ID(), f.path)
	}
	return f, nil
}

// reset removes what an earlier run of the same configuration left.
func (f *runFolder) reset() error {
	err := errors.Join(os.RemoveAll(filepath.Join(f.path, checkpointDir)), os.RemoveAll(filepath.Join(f.path, progressFile)))
	if err != nil {
		return fmt.Errorf("output folder: %w", err)
	}
	return nil
}

// close gives the folder up.
func (f *runFolder) close() { f.lock.Unlock() }

// load reads the variables into store, if there are any, and returns the step
// they are of with the progress so far. It must come before any graph is built.
func (f *runFolder) load(store *model.Store) (step int, p progress, err error) {
	f.saver, err = checkpoint.Build(store).Dir(filepath.Join(f.path, checkpointDir)).Keep(1).Immediate().Done()
	if err != nil {
		return 0, p, fmt.Errorf("checkpoint: %w", err)
	}
	p, err = readProgress(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, progress{}, nil
	}
	if err != nil {
		return 0, p, fmt.Errorf("checkpoint: %w", err)
	}
	return int(optimizer.GetGlobalStep(store)), p, nil
}

// readProgress reads what a run remembers.
func readProgress(path string) (p progress, err error) {
	data, err := os.ReadFile(filepath.Join(path, progressFile))
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("%s: %w", progressFile, err)
	}
	return p, nil
}

// save writes the variables and the progress.
func (f *runFolder) save(p progress) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := f.saver.Save(); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	path := filepath.Join(f.path, progressFile)
	if err := os.WriteFile(path+".tmp", data, 0o644); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}
