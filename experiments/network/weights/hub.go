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

// hubTimeout is how long the hub may take to describe a repository, a few kilobytes,
// before it counts as unreachable.
const hubTimeout = 15 * time.Second

// hubFile is a file in a model repository on Hugging Face. The client respects the
// user's $HF_ENDPOINT.
type hubFile struct {
	repository, file string
}

func (h hubFile) path(dir string) string { return filepath.Join(dir, h.file) }

// get downloads the file into a work folder, compares it with the sha256 that the hub
// gives, records its sha256 and moves it to dir.
func (h hubFile) get(ctx context.Context, dir string, progress io.Writer) (err error) {
	unlock, err := fetch.Lock(ctx, dir+".lock", progress)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(h.path(dir)); err == nil { // another process got it meanwhile
		return nil
	}
	work := dir + ".partial" // we hold the lock, so a killed process left what is there
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
	if ctx.Err() == nil { // otherwise the client may still write there; the next run removes it
		err = errors.Join(err, os.RemoveAll(work))
	}
	if err != nil {
		return fmt.Errorf("%s of %s: %w; if this machine cannot reach the hub, put the file at %s yourself", h.file, h.repository, err, h.path(dir))
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

// move checks the file that link points to, whose name is its sha256 if it is large,
// records its sha256 and moves it to dir.
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
		return fmt.Errorf("sha256 is %s, want %s: the download is incomplete", got, want)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(h.path(dir)+sumSuffix, []byte(got+"\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(blob, h.path(dir))
}
