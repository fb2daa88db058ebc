package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gomlx/go-xla/installer"
	"github.com/gomlx/go-xla/pjrt"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// release is go-xla's release page of CPU plugins.
type release struct {
	assetURL func() (string, error) // asks the page for the address of this platform's archive
	wait     time.Duration          // bounds each answer of the page and each pause of the download
}

// officialRelease is the page of the version with which go-xla was tested.
var officialRelease = release{
	assetURL: func() (string, error) {
		return installer.CPUGetDownloadURL(runtime.GOOS+"_"+runtime.GOARCH, pjrt.DefaultCPUVersion)
	},
	wait: officialWait,
}

// install installs the plugin of the release page at dest. go-xla's installer cannot be cancelled and draws on stdout, so
// install uses only its functions that find the archive's address and unpack it.
func (r release) install(ctx context.Context, dest string) error {
	address, err := r.lookUp(ctx)
	if err != nil {
		return err
	}
	work := filepath.Join(filepath.Dir(dest), ".release")
	unlock, err := fetch.Lock(ctx, work+".lock", nil)
	if err != nil {
		return err
	}
	defer unlock()
	if verifyPlugin(dest) == nil { // Another process has installed it meanwhile.
		return nil
	}
	// This process holds the lock: a killed process has left whatever is in work.
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	archive := filepath.Join(work, path.Base(address))
	if err := r.download(ctx, address, archive); err != nil {
		return err
	}
	found, err := unpack(archive, filepath.Join(work, "unpacked"))
	if err != nil {
		return err
	}
	if err := checkLibrary(found); err != nil {
		return err
	}
	if err := os.Chmod(found, 0o644); err != nil { // The archive's mode may let a group write.
		return err
	}
	if err := recordSum(found, dest); err != nil {
		return err
	}
	return os.Rename(found, dest)
}

// lookUp asks the page for the address of the archive. The request cannot be cancelled: after r.wait lookUp abandons it.
func (r release) lookUp(ctx context.Context) (string, error) {
	type answer struct {
		address string
		err     error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		if thrown := exceptions.Try(func() { a.address, a.err = r.assetURL() }); thrown != nil {
			a.err = fmt.Errorf("%v", thrown)
		}
		answers <- a
	}()
	select {
	case a := <-answers:
		var notReached *url.Error // The text of a url.Error repeats the address.
		if errors.As(a.err, &notReached) {
			return "", fmt.Errorf("cannot reach the release page: %w", notReached.Err)
		}
		if a.err != nil {
			return "", errors.New(firstLine(a.err))
		}
		return a.address, nil
	case <-time.After(r.wait):
		return "", fmt.Errorf("the release page did not answer in %s", r.wait)
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// download downloads a file to dest, and gives up when nothing arrives for r.wait.
func (r release) download(ctx context.Context, address, dest string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(r.wait, func() { cancel(fmt.Errorf("nothing arrived for %s", r.wait)) })
	defer stalled.Stop()
	err := func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		out, err := os.Create(dest)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, watchedReader{response.Body, func() { stalled.Reset(r.wait) }})
		return errors.Join(err, out.Sync(), out.Close())
	}()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("downloading %s: %w", path.Base(address), err)
	}
	return nil
}

// watchedReader calls alive after each read that returned data.
type watchedReader struct {
	io.Reader
	alive func()
}

func (w watchedReader) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.alive()
	}
	return n, err
}

// unpack unpacks an archive into dir and returns the path of its CPU plugin.
func unpack(archive, dir string) (plugin string, err error) {
	unpackArchive := installer.Untar
	if strings.HasSuffix(archive, ".zip") {
		unpackArchive = installer.Unzip
	}
	if _, err := unpackArchive(archive, dir); err != nil {
		return "", fmt.Errorf("unpacking %s: %s", filepath.Base(archive), firstLine(err))
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && pluginName(path) == cpu {
			plugin = path
		}
		return err
	})
	if err == nil && plugin == "" {
		err = fmt.Errorf("%s does not contain a CPU plugin", filepath.Base(archive))
	}
	return plugin, err
}
