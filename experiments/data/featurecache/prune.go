package featurecache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Prune removes the cache files of dir that no process has opened for the given time.
// Keys name the version of the code, so that every version leaves a file behind. Files
// that a process has open stay.
func Prune(dir string, unused time.Duration) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.features"))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < unused {
			continue // removed by another process, or in use
		}
		lock := flock.New(path + ".lock")
		if ok, err := lock.TryLock(); !ok || err != nil {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, fmt.Errorf("feature cache: %w", err))
		}
		errs = append(errs, lock.Unlock())
	}
	return errors.Join(errs...)
}
