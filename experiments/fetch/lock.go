package fetch

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockRetry is the time between two attempts at a lock that another process holds.
const lockRetry = 200 * time.Millisecond

// Lock locks the file at path against other processes, and creates the file and its folder if need be. While another
// process holds the lock, Lock waits until ctx is done, and says so once on progress (nil: silent). Call unlock to
// release the lock; the operating system does so when the process ends, in whatever way. The file stays.
func Lock(ctx context.Context, path string, progress io.Writer) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, explainFull(err)
	}
	lock := flock.New(path)
	held, err := lock.TryLock()
	if err == nil && !held {
		report(progress, "waiting for another process to release %s", path)
		_, err = lock.TryLockContext(ctx, lockRetry)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = lock.Unlock() }, nil
}
