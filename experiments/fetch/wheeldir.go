package fetch

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// wheelStamp is the file in a folder that holds the sha256 of the folder's wheel. It is written last.
const wheelStamp = ".wheel"

// ExtractDir makes sure that dest is the folder called dir in the wheel (its path in the zip, with slashes) with
// everything below it. Files that are executable in the wheel are executable in dest.
//
// If dest was taken completely from this wheel before, ExtractDir fetches nothing. Otherwise pip downloads the wheel
// into [CacheDir], ExtractDir writes the folder beside dest and puts it in dest's place once it is complete, and the
// wheel is deleted. Processes that want the same wheel take turns; ctx ends the waiting, pip and the unpacking.
//
// Errors are like [Wheel.ExtractFile]'s. They leave dest as it was, except that a folder of another wheel may be gone.
func (w Wheel) ExtractDir(ctx context.Context, dir, dest string) error {
	if err := w.validate(); err != nil {
		return err
	}
	exists := func() bool {
		stamp, err := os.ReadFile(filepath.Join(dest, wheelStamp))
		return err == nil && string(stamp) == w.SHA256
	}
	return w.archive().use(ctx, dest, exists, func(wheel, partial string) error {
		return w.extractDir(ctx, wheel, dir, dest, partial)
	})
}

// extractDir writes the folder dir of the zip file at zipPath to partial, and renames that to dest.
func (w Wheel) extractDir(ctx context.Context, zipPath, dir, dest, partial string) error {
	wheel, err := zip.OpenReader(zipPath)
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(zipPath), err)
	}
	defer wheel.Close()
	files := 0
	for _, entry := range wheel.File {
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
		return fmt.Errorf("no folder %q among the %d files of %s", dir, len(wheel.File), filepath.Base(zipPath))
	}
	if err := os.WriteFile(filepath.Join(partial, wheelStamp), []byte(w.SHA256), 0o644); err != nil {
		return err
	}
	if err := os.RemoveAll(dest); err != nil {
		return err
	}
	return os.Rename(partial, dest)
}

// extractEntry writes an entry of a zip file to path.
func extractEntry(ctx context.Context, entry *zip.File, path string) error {
	in, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	defer in.Close()
	mode := os.FileMode(0o644)
	if entry.Mode()&0o100 != 0 {
		mode = 0o755
	}
	return writeFile(ctx, path, mode, in) // which checks the zip's own sum
}
