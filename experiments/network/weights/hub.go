package weights

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gomlx/go-huggingface/hub"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// hubTimeout is how long the hub may take to describe a repository, a few
// kilobytes, before it is taken to be out of reach.
const hubTimeout = 15 * time.Second

// hubFile is a file of a model repository on Hugging Face. Its client reads the
// user's $HF_ENDPOINT.
type hubFile struct {
	repository, file string
}

func (h hubFile) path(dir string) string { return filepath.Join(dir, h.file) }

// get downloads the file into a work folder, checks it against the sha256 that
// the hub names it by, and moves it to dir.
func (h hubFile) get(ctx context.Context, dir string, progress io.Writer) (err error) {
	unlock, err := fetch.Lock(ctx, dir+".lock", progress)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(h.path(dir)); err == nil { // Another process made it meanwhile.
		return nil
	}
	work := dir + ".partial" // The lock is held: what is there was left by a process that was killed.
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	repository := hub.New(h.repository).WithCacheDir(work).WithProgressBar(false)
	repository.Verbosity = 0

	if progress != nil {
		_, _ = fmt.Fprintf(progress, "downloading %s of %s\n", h.file, h.repository)
	}
	describing, cancel := context.WithTimeoutCause(ctx, hubTimeout, fmt.Errorf("no answer from the hub within %v", hubTimeout))
	defer cancel()
	err = waiting(describing, func() error { return repository.DownloadInfo(true) })
	if err == nil {
		err = waiting(ctx, func() error {
			link, err := repository.DownloadFile(h.file)
			if err != nil {
				return err
			}
			return h.move(link, dir)
		})
	}
	if ctx.Err() == nil { // else the client may still write there; the next run sweeps it
		err = errors.Join(err, os.RemoveAll(work))
	}
	if err != nil {
		return fmt.Errorf("%s of %s: %w; if this machine does not reach it, put the file at %s yourself", h.file, h.repository, err, h.path(dir))
	}
	return nil
}

// waiting runs f, whose client takes no context, until ctx is done.
func waiting(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// move checks and moves what link points to, a file named by its sha256 if it is
// a large one.
func (h hubFile) move(link, dir string) error {
	blob, err := filepath.EvalSymlinks(link)
	if err != nil {
		return err
	}
	got, err := fetch.SHA256File(blob)
	if err != nil {
		return err
	}
	want := filepath.Base(blob)
	if raw, err := hex.DecodeString(want); err == nil && len(raw) == 32 && want != got {
		return fmt.Errorf("sha256 is %s, want %s: it was not downloaded in full", got, want)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Rename(blob, h.path(dir))
}
