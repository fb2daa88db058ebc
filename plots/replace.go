package plots

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// replaceFile replaces the content of a file, or leaves it as it is: the new
// content goes to a file beside it, which is flushed to disk and renamed. Pipes
// and devices are written into.
func replaceFile(path string, data []byte) (err error) {
	mode := fs.FileMode(0o644) // of a new file
	switch info, err := os.Stat(path); {
	case err == nil && info.Mode().IsRegular():
		mode = info.Mode().Perm()
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	case err == nil:
		return os.WriteFile(path, data, 0) // fails for a folder
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name()) // fails if it was renamed
		}
	}()
	_, err = part.Write(data)
	if err := errors.Join(err, part.Chmod(mode), part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder flushes the entries of a folder to disk, on file systems that can.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	err = folder.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, folder.Close())
}
