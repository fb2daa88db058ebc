// Package atomicfile replaces files so that a process killed at any instant, or a
// full disk, leaves the old content or the new one, never a part.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// PartSuffix ends the names of unfinished files, which a killed process leaves
// behind: ".NAME.NUMBER.part" beside NAME.
const PartSuffix = ".part"

// newMode is the mode of a file that did not exist, before the umask.
const newMode = 0o644

// WriteFile replaces the content of a file; see [Write].
func WriteFile(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Write replaces the content of a file with what write writes. The new content goes
// to a file in the same folder, which Write flushes to disk and renames to path; then
// Write flushes the folder. After an error path is as before and the unfinished file
// is removed.
//
// A file that existed keeps its mode, and a symbolic link keeps pointing to its
// target, which Write replaces. Pipes and devices, such as /dev/stdout, cannot be
// replaced, so Write writes straight into them.
func Write(path string, write func(io.Writer) error) error {
	mode := fs.FileMode(0) // of the existing file
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return writeInto(path, write)
	case err == nil:
		mode = info.Mode().Perm()
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return replace(path, mode, write)
}

// writeInto writes into a pipe or a device. It fails for a folder.
func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// replace writes an unfinished file and renames it to path. Mode 0 means that of a
// new file.
func replace(path string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := createPart(path)
	if err != nil {
		return err
	}
	renamed := false
	defer func() { // write may panic
		if !renamed {
			_ = f.Close() // a second close does nothing
			_ = os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			return err
		}
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	renamed = true
	return SyncDir(filepath.Dir(path))
}

// createPart creates an unfinished file beside path under a name that is free.
// os.CreateTemp would ignore the umask.
func createPart(path string) (*os.File, error) {
	const attempts = 100
	for try := 1; ; try++ {
		name := fmt.Sprintf(".%s.%d%s", filepath.Base(path), rand.Uint32(), PartSuffix)
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, newMode)
		if err == nil || !errors.Is(err, fs.ErrExist) || try == attempts {
			return f, err
		}
	}
}

// SyncDir flushes the entries of a folder to disk. File systems that cannot flush a
// folder are left alone.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
