package featurecache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// lockRetry is the time between two attempts at a lock that another process holds.
const lockRetry = 200 * time.Millisecond

// locker is the lock on a cache file. The operating system releases it when the
// process ends, in whatever way.
type locker interface {
	TryLock() (bool, error)
	TryLockContext(ctx context.Context, retry time.Duration) (bool, error)
	Unlock() error
}

// newLock returns the lock file's lock; tests replace it.
var newLock = func(path string) locker { return flock.New(path) }

// acquire locks a cache file and writes into the lock file who holds it. While
// another process holds the lock, acquire says so once and waits until ctx is done.
func (o Opener) acquire(ctx context.Context, path string) (locker, error) {
	name := lockName(path)
	lock := newLock(name)
	held, err := lock.TryLock()
	if err == nil && !held {
		holder := readHolder(name)
		fmt.Fprintf(o.log(), "feature cache: waiting for %s to close %s\n", holder, path)
		if _, err = lock.TryLockContext(ctx, lockRetry); err != nil {
			return nil, fmt.Errorf("waiting for %s to close %s: %w", holder, path, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	_ = os.WriteFile(name, []byte(thisProcess().String()), 0o600) // if it fails, others wait for "another process"
	return lock, nil
}

// release empties the lock file, so that nobody takes this process for a later holder,
// and unlocks it.
func release(lock locker, path string) error {
	_ = os.Truncate(lockName(path), 0)
	return lock.Unlock()
}

// lockName returns the lock file of a cache file.
func lockName(path string) string { return path + ".lock" }

// noLocks reports whether an error says that the file system does not have flock, as
// some of Lustre, NFS and FUSE do not.
func noLocks(err error) bool {
	return errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOTSUP)
}

// noWrites reports whether an error says that this user may not write to a folder.
func noWrites(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// process is what a lock file holds about the process that locked it.
type process struct {
	id    int
	host  string
	since time.Time
}

// thisProcess is this process, as the holder of a lock from now on.
func thisProcess() process {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return process{os.Getpid(), host, time.Now()}
}

// String returns the content of a lock file: process id, host and time.
func (p process) String() string {
	return fmt.Sprintf("%d %s %s\n", p.id, p.host, p.since.Format(time.RFC3339))
}

// readHolder describes the process that holds a lock, for people. The lock file of
// an earlier version of this package is empty.
func readHolder(lockFile string) string {
	const unknown = "another process"
	text, err := os.ReadFile(lockFile)
	if err != nil {
		return unknown
	}
	fields := strings.Fields(string(text))
	if len(fields) != 3 {
		return unknown
	}
	id, err := strconv.Atoi(fields[0])
	if err != nil || id < 1 {
		return unknown
	}
	since, err := time.Parse(time.RFC3339, fields[2])
	if err != nil {
		return unknown
	}
	p := process{id, fields[1], since}
	this := thisProcess()
	when := since.Local().Format(time.DateTime)
	switch {
	case p.host != this.host:
		return fmt.Sprintf("process %d on %s, since %s,", p.id, p.host, when)
	case p.ended():
		return fmt.Sprintf("another process (process %d locked it at %s and has ended; if no rn is running, remove %s)", p.id, when, lockFile)
	default:
		return fmt.Sprintf("process %d, since %s,", p.id, when)
	}
}
