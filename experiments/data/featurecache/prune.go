package featurecache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Prune removes the cache files of dir that no process has opened for the given time.
// Every version of the code has keys of its own and leaves its files behind. Files that
// a process has open, or that this user may not remove, stay.
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
		lock := newLock(lockName(path))
		if ok, err := lock.TryLock(); !ok || err != nil {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) && !noWrites(err) {
			errs = append(errs, fmt.Errorf("feature cache: %w", err))
		}
		errs = append(errs, lock.Unlock())
	}
	return errors.Join(errs...)
}
