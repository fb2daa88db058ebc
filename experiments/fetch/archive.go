package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// clientGrace is how long a cancelled pip, npm or go may take to close its output before it is abandoned.
const clientGrace = 3 * time.Second

// archive is a pinned archive that a registry's client downloads.
type archive struct {
	kind, name string // "wheel" and "scikit-learn==1.7.2"
	client     string // "pip"
	sha256     string
	progress   io.Writer

	// download has the client put the archive into dir and returns its path.
	download func(ctx context.Context, dir string) (path string, err error)
}

// use makes dest from the archive, unless exists reports that dest is already there. It downloads the archive into the
// cache, compares its sha256 and calls extract, which writes to partial and renames that to dest. Processes that want
// the same archive take turns.
func (a archive) use(ctx context.Context, dest string, exists func() bool, extract func(path, partial string) error) error {
	if exists() {
		return nil
	}
	return explain(ctx, a.kind+" "+a.name, a.useLocked(ctx, dest, exists, extract))
}

// useLocked is use after the first look at dest.
func (a archive) useLocked(ctx context.Context, dest string, exists func() bool, extract func(path, partial string) error) error {
	cache, err := CacheDir()
	if err != nil {
		return err
	}
	work, partial := filepath.Join(cache, "fetch", a.sha256[:16]), dest+"."+a.sha256[:16]+".partial"
	unlock, err := Lock(ctx, work+".lock", a.progress)
	if err != nil {
		return err
	}
	defer unlock()
	if exists() { // another process made it meanwhile
		return nil
	}
	for _, left := range []string{work, partial} { // we hold the lock, so a killed process left what is there
		if err := os.RemoveAll(left); err != nil {
			return err
		}
		defer os.RemoveAll(left)
	}
	for _, dir := range []string{work, filepath.Dir(dest)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	start := time.Now()
	report(a.progress, "downloading %s with %s", a.name, a.client)
	path, err := a.download(ctx, work)
	if err != nil {
		return err
	}
	got, err := SHA256File(path)
	if err != nil {
		return err
	}
	if got != a.sha256 {
		return fmt.Errorf("%s: sha256 is %s, want %s", filepath.Base(path), got, a.sha256)
	}
	if err := extract(path, partial); err != nil {
		return err
	}
	report(a.progress, "%s: fetched %s in %.1f s", a.name, filepath.Base(dest), time.Since(start).Seconds())
	return nil
}

// onlyFile returns the one file in dir with an extension, which the client has put there.
func onlyFile(client, dir, extension string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"+extension))
	if err != nil {
		return "", err
	}
	if len(files) != 1 {
		return "", fmt.Errorf("%s succeeded but left %d files *%s, want 1", client, len(files), extension)
	}
	return files[0], nil
}

// writeFile writes what r yields until ctx is done to a file, and creates the file's folder if need be.
func writeFile(ctx context.Context, name string, mode os.FileMode, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, contextReader{ctx, r})
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
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
