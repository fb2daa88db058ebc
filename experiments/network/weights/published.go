package weights

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// sumSuffix ends the name of the file that records, beside a fetched file, the sha256
// that it had.
const sumSuffix = ".sha256"

// Verify returns an error if the weights in the cache are damaged, differ from the
// pinned or recorded digest, or do not fit the backbone.
func (s Spec) Verify() error {
	path, _ := s.Installed()
	f, err := Read(path)
	if err != nil {
		return err
	}
	r, err := f.ResNet()
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	if r.Name() != s.Backbone || r.Variant.Name != s.Variant {
		return fmt.Errorf("weights %s: %s holds weights of %s (%s), want %s (%s)", s.Name, path, r.Name(), r.Variant.Name, s.Backbone, s.Variant)
	}
	if err := f.Check(r); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	return nil
}

// checkPublished compares a file that lies where the cache keeps published weights
// with their pinned digest, or with the sha256 that was recorded when it was fetched.
func (f *File) checkPublished() error {
	s, ok := publishedAt(f.Path)
	if !ok {
		return nil
	}
	dir, err := s.folder()
	if err != nil {
		return err
	}
	if s.Digest != "" {
		if got := f.SHA256(); got != s.Digest {
			return fmt.Errorf("the digest of weights %s is %s, want %s; remove %s to fetch them again", s.Name, got, s.Digest, dir)
		}
		f.Checked = "the pinned sha256"
		return nil
	}
	recorded, err := os.ReadFile(f.Path + sumSuffix)
	if errors.Is(err, fs.ErrNotExist) { // The user has put the file there.
		return nil
	}
	if err != nil {
		return err
	}
	got, err := fetch.SHA256File(f.Path)
	if err != nil {
		return err
	}
	if want := strings.TrimSpace(string(recorded)); got != want {
		return fmt.Errorf("the sha256 is %s, but it was %s when the file was fetched; remove %s to fetch it again", got, want, dir)
	}
	f.Checked = "the sha256 of the download"
	return nil
}

// publishedAt returns the published weights whose place in the cache a path leads to.
func publishedAt(path string) (Spec, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return Spec{}, false
	}
	for _, s := range published {
		installed, _ := s.Installed()
		if other, err := os.Stat(installed); err == nil && os.SameFile(info, other) {
			return s, true
		}
	}
	return Spec{}, false
}
