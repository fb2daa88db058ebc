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

// aliases maps the paths that nameFor made up to the real paths of the plugins.
var aliases struct {
	sync.Mutex
	realPath map[string]string
}

// nameFor returns a path by which go-xla can load the plugin at path. The caller calls done once the plugin is loaded.
//
// go-xla guesses from the whole path whether a plugin is for the CPU or for CUDA, and compiles accordingly: a CPU plugin
// in a folder called "cuda" or "nvidia" would get CUDA's options. nameFor replaces such a path by a path through a link to
// the plugin's folder, which must exist until the plugin is loaded.
func nameFor(path string) (name string, done func(), err error) {
	if seenAs(path) == kind(path) {
		return path, func() {}, nil
	}
	if kind(path) == cuda { // It looks for its libraries beside itself as long as it runs.
		return "", nil, fmt.Errorf("go-xla takes the CUDA plugin %s for a CPU plugin because of its folder's name: move it", path)
	}
	aliases.Lock()
	defer aliases.Unlock()
	for alias, real := range aliases.realPath {
		if real == path { // It is loaded already: go-xla finds it by this name, without the file.
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
		return "", nil, fmt.Errorf("go-xla takes the plugin %s for another kind because of its folder's name, "+
			"and does the same with a link to it in %s: set $%s or $TMPDIR to another folder", path, os.TempDir(), fetch.CacheEnv)
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

// seenAs returns the kind that go-xla takes the plugin at path for, "cpu+cuda" if it takes it for both.
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

// realPath returns the real path of the plugin that was loaded by a name.
func realPath(name string) string {
	aliases.Lock()
	defer aliases.Unlock()
	if path, renamed := aliases.realPath[name]; renamed {
		return path
	}
	return name
}
