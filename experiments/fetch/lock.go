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

// lockRetry is the time between two tries at a lock that another process holds.
const lockRetry = 200 * time.Millisecond

// Lock takes the lock of the file at path between processes, and creates the file and its folder where needed. It waits
// for as long as another process holds the lock, and says so once on progress (nil: silent), until ctx is done. Call
// unlock to give it back; the operating system does so when the process ends, however it ends. The file stays.
func Lock(ctx context.Context, path string, progress io.Writer) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, explainFull(err)
	}
	lock := flock.New(path)
	held, err := lock.TryLock()
	if err == nil && !held {
		report(progress, "waiting for another process that holds %s", path)
		_, err = lock.TryLockContext(ctx, lockRetry)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = lock.Unlock() }, nil
}
