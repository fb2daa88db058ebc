package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"syscall"
)

// mount mounts a file system in memory.
func mount(dir, options string) error {
	return explain(dir, syscall.Mount("tmpfs", dir, "tmpfs", 0, options))
}

// resize gives a mounted file system another size in bytes.
func resize(dir string, size int64) error {
	return explain(dir, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size="+strconv.FormatInt(size, 10)))
}

// unmount removes a file system, even if a process still uses it.
func unmount(dir string) error { return explain(dir, syscall.Unmount(dir, syscall.MNT_DETACH)) }

func explain(dir string, err error) error {
	if err != nil {
		return fmt.Errorf("file system in memory on %s: %w", filepath.Base(dir), err)
	}
	return nil
}
