package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/atomicfile"
	"github.com/reciprocalnorm/rn/experiments/checksum"
)

// bestMark is the content of bestFile, which carries a checksum.
type bestMark struct {
	Step int `json:"step"`
}

// MarkBest marks the checkpoint of a step as the best. It then removes checkpoints
// that are neither the best nor among the latest.
func (f *Folder) MarkBest(step int) error {
	if _, err := os.Stat(pathOf(f.dir, step)); err != nil {
		return fmt.Errorf("checkpoint: marking step %d as the best: %w", step, err)
	}
	text, err := checksum.Marshal(bestMark{step})
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := atomicfile.WriteFile(filepath.Join(f.dir, bestFile), text); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return f.prune()
}

// readBest returns the step of the best checkpoint. Its error wraps ErrNone if none
// is marked. warn is called if the mark has no checksum.
func readBest(dir string, warn func(error)) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, bestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s: none is marked as the best: %w", dir, ErrNone)
	}
	if err != nil {
		return 0, fmt.Errorf("checkpoints: %w", err)
	}
	var mark bestMark
	checked, err := checksum.Unmarshal(text, &mark)
	if err != nil {
		return 0, fmt.Errorf("checkpoints: %s in %s: %w", bestFile, dir, err)
	}
	if _, err := os.Stat(pathOf(dir, mark.Step)); err != nil {
		return 0, fmt.Errorf("checkpoints: %s in %s marks step %d, which has no checkpoint", bestFile, dir, mark.Step)
	}
	if !checked {
		warn(fmt.Errorf("checkpoints: %s in %s: %w", bestFile, dir, checksum.ErrMissing))
	}
	return mark.Step, nil
}
