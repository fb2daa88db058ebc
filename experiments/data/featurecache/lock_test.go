package featurecache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWaiting: Open says for whom it waits, and since when that process has the cache
// open.
func TestWaiting(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	const ended = 1<<22 + 1 // above the largest process id of Linux
	for name, test := range map[string]struct{ content, want string }{
		"this process":    {"", fmt.Sprintf("waiting for process %d, since %d-", os.Getpid(), time.Now().Year())},
		"another machine": {"12 elsewhere 2026-11-28T04:00:00Z", "waiting for process 12 on elsewhere, since 2026-11-2"},
		"ended":           {fmt.Sprintf("%d %s 2026-11-28T04:00:00Z", ended, host), fmt.Sprintf("another process (process %d locked it", ended)},
		"no number":       {"x y z", "waiting for another process to close"},
		"earlier version": {"\n", "waiting for another process to close"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			open(t, dir, 2)
			if test.content != "" {
				if err := os.WriteFile(filepath.Join(dir, "key.features.lock"), []byte(test.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			var log bytes.Buffer
			_, err := Opener{Log: &log}.Open(ctx, dir, "key", 2)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "key.features") {
				t.Errorf("error %v", err)
			}
			if !strings.Contains(log.String(), test.want) || strings.Count(log.String(), "\n") != 1 {
				t.Errorf("log %q, want %q", log.String(), test.want)
			}
		})
	}
}

// TestWaitEnds: a waiting Open gets the cache once it is closed, and a closed cache
// names no holder.
func TestWaitEnds(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(t.Context(), dir, "key", 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Put(sumOf(1), vectorOf(1, 2)); err != nil {
		t.Fatal(err)
	}
	log := make(chan string, 1)
	go func() {
		<-log
		first.Close()
	}()
	second, err := Opener{Log: writerFunc(func(text string) { log <- text })}.Open(t.Context(), dir, "key", 2)
	if err != nil {
		t.Fatal(err)
	}
	requireVectors(t, second, 2, 1)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "key.features.lock")); err != nil || len(text) > 0 {
		t.Errorf("lock file of a closed cache: %q, %v", text, err)
	}
}

// writerFunc makes a function a writer.
type writerFunc func(text string)

func (f writerFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

// refusing is a lock on a file system that refuses it.
type refusing struct{ err error }

func (l refusing) TryLock() (bool, error) { return false, l.err }
func (l refusing) TryLockContext(context.Context, time.Duration) (bool, error) {
	return false, l.err
}
func (l refusing) Unlock() error { return nil }

// TestUnwritable: where the cache cannot be locked or written, Open warns once, reads
// what is there and leaves the file alone; new vectors last until Close.
func TestUnwritable(t *testing.T) {
	for want, refused := range map[string]error{
		"does not have locks":          &os.PathError{Op: "flock", Err: syscall.ENOSYS},
		"the folder cannot be written": &os.PathError{Op: "open", Err: syscall.EROFS},
	} {
		t.Run(want, func(t *testing.T) {
			dir := t.TempDir()
			c := open(t, dir, 2)
			if err := c.Put(sumOf(1), vectorOf(1, 2)); err != nil {
				t.Fatal(err)
			}
			c.Close()
			path := filepath.Join(dir, "key.features")
			file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := file.WriteString("another process is writing"); err != nil {
				t.Fatal(err)
			}
			file.Close()
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}

			whole := newLock
			newLock = func(string) locker { return refusing{refused} }
			t.Cleanup(func() { newLock = whole })
			for _, key := range []string{"key", "new"} {
				var warnings []error
				o := Opener{Warn: func(err error) { warnings = append(warnings, err) }}
				c, err := o.Open(t.Context(), dir, key, 2)
				if err != nil {
					t.Fatal(err)
				}
				if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), want) || !strings.Contains(warnings[0].Error(), "RN_CACHE") {
					t.Errorf("warnings %v, want %q", warnings, want)
				}
				if err := c.Put(sumOf(2), vectorOf(2, 2)); err != nil {
					t.Fatal(err)
				}
				got := make([]float32, 2)
				for i, has := range map[int]bool{1: key == "key", 2: true, 3: false} {
					if c.Has(sumOf(i)) != has || (c.Get(sumOf(i), got) == nil) != has {
						t.Errorf("cache %s: photograph %d, want it there: %v", key, i, has)
					}
				}
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file has changed, %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, "new.features")); err == nil {
				t.Error("a file was made without a lock")
			}
		})
	}
}

// TestReplacedRecord: Get does not take another photograph's record for the one that
// was there.
func TestReplacedRecord(t *testing.T) {
	c := open(t, t.TempDir(), 2)
	for i := range 2 {
		if err := c.Put(sumOf(i), vectorOf(i, 2)); err != nil {
			t.Fatal(err)
		}
	}
	other := make([]byte, c.recordSize())
	if _, err := c.file.ReadAt(other, c.at[sumOf(0)]); err != nil {
		t.Fatal(err)
	}
	if _, err := c.file.WriteAt(other, c.at[sumOf(1)]); err != nil {
		t.Fatal(err)
	}
	if err := c.Get(sumOf(1), make([]float32, 2)); err == nil || !strings.Contains(err.Error(), "changed on disk") {
		t.Errorf("error %v", err)
	}
}
