package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
)

// runFolder is where a run keeps what it needs to continue: DIR/runs/ID.
type runFolder struct {
	id    string
	path  string
	lock  *flock.Flock
	saver *checkpoint.Folder
}

// progress is what a run remembers beside the variables.
type progress struct {
	Config  Config  `json:"config"`
	Points  []Point `json:"points"`
	Seconds float64 `json:"seconds"` // of training so far
	Waited  float64 `json:"waited"`  // of them for data
	// Steps, TaskLoss and TransferLoss are the sums since the last point.
	Steps        int     `json:"steps"`
	TaskLoss     float64 `json:"task_loss"`
	TransferLoss float64 `json:"transfer_loss"`
	// Digests are those of the data and the pretrained weights.
	Digests map[string]string `json:"digests"`
	// Variant is the backbone's.
	Variant string `json:"variant,omitempty"`
}

// best is the index of the point whose checkpoint is kept as best.
func best(points []Point) int {
	i, _ := infoMax.Of(points)
	return i
}

// RunDir is the folder of a run in an output folder.
func RunDir(out, id string) string { return filepath.Join(out, "runs", id) }

const (
	configFile    = "config.json"
	checkpointDir = "checkpoints"
)

// openRunFolder takes the folder of a run for this process.
func openRunFolder(out, id string) (*runFolder, error) {
	f := &runFolder{id: id, path: RunDir(out, id)}
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	f.lock = flock.New(filepath.Join(f.path, ".lock"))
	ok, err := f.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("output folder: another process is at run %s in %s", id, f.path)
	}
	return f, nil
}

// start opens the checkpoints; those of an earlier run of the same configuration
// are removed unless the run is to be resumed.
func (f *runFolder) start(c Config, env Environment) error {
	dir := filepath.Join(f.path, checkpointDir)
	if !env.Resume {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("output folder: %w", err)
		}
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("output folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(f.path, configFile), append(data, '\n'), 0o644); err != nil { // for people
		return fmt.Errorf("output folder: %w", err)
	}
	f.saver, err = checkpoint.Open(dir, checkpoint.Options{Keep: env.Keep, Warn: env.Warn})
	return err
}

// close gives the folder up.
func (f *runFolder) close() { f.lock.Unlock() }

// load reads the variables into store, if there are any, and returns the step
// they are of with the progress so far. It must come before any graph is built.
func (f *runFolder) load(c Config, store *model.Store, digests map[string]string) (step int, p progress, err error) {
	step, err = f.saver.Load(store, checkpoint.Latest, &p)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, progress{}, nil
	}
	if err != nil {
		return 0, p, err
	}
	if got := p.Config.ID(); got != c.ID() {
		return 0, p, fmt.Errorf("run in %s cannot be resumed: its checkpoint is of run %s, another configuration: start it again without --resume", f.path, got)
	}
	if !maps.Equal(p.Digests, digests) {
		for _, name := range slices.Sorted(maps.Keys(digests)) {
			if p.Digests[name] != digests[name] {
				return 0, p, fmt.Errorf("run in %s cannot be resumed: its %s is not what it was when it began (%.12s…, now %.12s…): "+
					"start it again without --resume or in another folder, or with the files of then", f.path, name, p.Digests[name], digests[name])
			}
		}
	}
	return step, p, nil
}

// save writes the variables and the progress. Variables that are not finite are
// not saved.
func (f *runFolder) save(store *model.Store, step int, p progress) error {
	for v := range store.IterVariables() {
		if value, ok := firstNotFinite(v.MustValue()); ok {
			return fmt.Errorf("step %d: %s has become %v, and is not saved; the checkpoint before it is kept: try a lower learning rate than %g",
				step, v.Path(), value, p.Config.Optimizer.LearningRate)
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
