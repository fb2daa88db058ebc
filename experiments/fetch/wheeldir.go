package fetch

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// wheelStamp is the file that says which wheel a folder was taken from: its sha256. It is written last.
const wheelStamp = ".wheel"

// ExtractDir makes sure that dest is the folder called dir of the wheel (its path in the zip, with slashes), with all
// that is below it; what was executable in the wheel is executable.
//
// A dest that was taken whole from this wheel is left alone, and nothing is fetched. Otherwise pip downloads the wheel
// into [CacheDir], the folder is written beside dest, takes the place of dest when it is whole, and the wheel is
// deleted. Processes that want the same wheel take turns; ctx ends the waiting, pip and the unpacking.
//
// The errors are those of [Wheel.ExtractFile]. dest is then as it was before, or, where a folder of another wheel had to
// make room, gone.
func (w Wheel) ExtractDir(ctx context.Context, dir, dest string) error {
	if err := w.validate(); err != nil {
		return err
	}
	there := func() bool {
		stamp, err := os.ReadFile(filepath.Join(dest, wheelStamp))
		return err == nil && string(stamp) == w.SHA256
	}
	if there() {
		return nil
	}
	err := w.use(ctx, dest, there, func(wheel string) error {
		return w.extractDir(ctx, wheel, dir, dest, dest+"."+w.SHA256[:16]+".partial")
	})
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("wheel %s: %w", w, explainFull(err))
	}
	return nil
}

// extractDir writes the folder dir of the zip file at zipPath to partial, and renames that to dest.
func (w Wheel) extractDir(ctx context.Context, zipPath, dir, dest, partial string) error {
	archive, err := zip.OpenReader(zipPath)
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(zipPath), err)
	}
	defer archive.Close()
	if err := os.RemoveAll(partial); err != nil { // Left by a process that was killed.
		return err
	}
	defer os.RemoveAll(partial)
	files := 0
	for _, entry := range archive.File {
		name, below := strings.CutPrefix(entry.Name, dir+"/")
		if !below || entry.FileInfo().IsDir() {
			continue
		}
		if !filepath.IsLocal(name) || !entry.Mode().IsRegular() {
			return fmt.Errorf("%s of %s is not a plain file below %s", entry.Name, filepath.Base(zipPath), dir)
		}
		if err := extractEntry(ctx, entry, filepath.Join(partial, filepath.FromSlash(name))); err != nil {
			return err
		}
		files++
	}
	if files == 0 {
		return fmt.Errorf("no folder %q among the %d files of %s", dir, len(archive.File), filepath.Base(zipPath))
	}
	if err := os.WriteFile(filepath.Join(partial, wheelStamp), []byte(w.SHA256), 0o644); err != nil {
		return err
	}
	if err := os.RemoveAll(dest); err != nil {
		return err
	}
	return os.Rename(partial, dest)
}

// extractEntry writes a file of a zip file to path.
func extractEntry(ctx context.Context, entry *zip.File, path string) error {
	in, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if entry.Mode()&0o100 != 0 {
		mode = 0o755
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, contextReader{ctx, in}) // Checks the zip's own sum; the wheel's sha256 has been checked.
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
