package platform

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gomlx/go-xla/pjrt"
	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// aliases maps the paths that plugins were loaded by to where they really are, for those that nameFor had to rename.
var aliases struct {
	sync.Mutex
	realPath map[string]string
}

// nameFor returns a path to load the plugin at path by. Call done once it is loaded.
//
// go-xla guesses from the whole path whether a plugin is for the CPU or for CUDA, and then compiles for it: a CPU plugin
// under a folder called "cuda" or "nvidia" would get CUDA's options. Such a path is replaced by one through a link to
// the plugin's folder, which is needed until the plugin is loaded.
func nameFor(path string) (name string, done func(), err error) {
	if seenAs(path) == kind(path) {
		return path, func() {}, nil
	}
	if kind(path) == cuda { // It looks for its libraries beside itself for as long as it runs.
		return "", nil, fmt.Errorf("XLA takes the CUDA plugin %s for one of the CPU because of its folder's name: move it", path)
	}
	aliases.Lock()
	defer aliases.Unlock()
	for alias, real := range aliases.realPath {
		if real == path { // Loaded already: go-xla finds it by this name, without the file.
			return alias, func() {}, nil
		}
	}
	dir, err := os.MkdirTemp("", "rn-")
	if err != nil {
		return "", nil, fmt.Errorf("link to the XLA plugin %s: %w", path, err)
	}
	done = func() { _ = os.RemoveAll(dir) }
	link := filepath.Join(dir, "plugins")
	name = filepath.Join(link, filepath.Base(path))
	if seenAs(name) != kind(path) {
		done()
		return "", nil, fmt.Errorf("XLA takes the plugin %s for one of another kind because of its folder's name, "+
			"and a link to it in %s too: set $%s or $TMPDIR to another folder", path, os.TempDir(), fetch.CacheEnv)
	}
	if err := os.Symlink(filepath.Dir(path), link); err != nil {
		done()
		return "", nil, fmt.Errorf("link to the XLA plugin %s: %w", path, err)
	}
	if aliases.realPath == nil {
		aliases.realPath = map[string]string{}
	}
	aliases.realPath[name] = path
	return name, done, nil
}

// seenAs returns the kind that go-xla takes the plugin at path for; "cpu+cuda" if for both.
func seenAs(path string) string {
	isCPU, isCUDA := strings.Contains(strings.ToLower(path), cpu), pjrt.IsCUDAName(path)
	switch {
	case isCPU && isCUDA:
		return cpu + "+" + cuda
	case isCUDA:
		return cuda
	case isCPU:
		return cpu
	}
	return ""
}

// realPath returns where the plugin that was loaded by that name is.
func realPath(name string) string {
	aliases.Lock()
	defer aliases.Unlock()
	if path, renamed := aliases.realPath[name]; renamed {
		return path
	}
	return name
}
