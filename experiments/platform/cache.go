package platform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/xlacache"
)

// CacheEnv is the environment variable of the cache of compiled executables: "off" compiles everything anew, a size such
// as "500MB" or "8GiB" bounds it; without one it is on, bounded by [xlacache.DefaultMaxBytes].
const CacheEnv = "RN_XLA_CACHE"

// cacheOff is the value of CacheEnv that switches the cache off.
const cacheOff = "off"

// opening serializes what opens plugins: go-xla registers them without a lock.
var opening sync.Mutex

// caches are the caches of this process by what they were made of, so that their counts go on.
var caches struct {
	sync.Mutex
	made map[xlacacheKey]*xlacache.Cache
}

// xlacacheKey tells caches apart.
type xlacacheKey struct {
	dir      string
	maxBytes int64
}

// XLACache returns the cache of executables that New gives XLA's CPU plugin: the folder "xla" of [fetch.CacheDir]. It
// is nil if $RN_XLA_CACHE says "off".
//
// The CUDA plugin has none. An executable for a GPU holds what was tuned by timing kernels on that one, and needs a
// driver as new as its own; a key for that cannot be proven without GPUs to try it on.
func XLACache() (*xlacache.Cache, error) {
	setting := os.Getenv(CacheEnv)
	if setting == cacheOff {
		return nil, nil
	}
	dir, err := fetch.CacheDir()
	if err != nil {
		return nil, err
	}
	k := xlacacheKey{dir: filepath.Join(dir, "xla")}
	if setting != "" {
		if k.maxBytes, err = parseSize(setting); err != nil {
			return nil, fmt.Errorf("$%s=%q: want %q, or a size such as 500MB or 8GiB", CacheEnv, setting, cacheOff)
		}
	}
	caches.Lock()
	defer caches.Unlock()
	if cache := caches.made[k]; cache != nil {
		return cache, nil
	}
	cache, err := xlacache.New(xlacache.Config{Dir: k.dir, MaxBytes: k.maxBytes})
	if err != nil {
		return nil, err
	}
	if caches.made == nil {
		caches.made = map[xlacacheKey]*xlacache.Cache{}
	}
	caches.made[k] = cache
	return cache, nil
}

// registerCache has the CPU plugin at path, which XLA is about to open by name, keep its executables.
func registerCache(name, path string) error {
	if kind(path) != cpu {
		return nil
	}
	cache, err := XLACache()
	if err != nil {
		return err
	}
	if err := xlacache.Register(name, path, cache); err != nil && !errors.Is(err, xlacache.ErrUnsupported) {
		return err
	}
	return nil
}

// units are the suffixes of sizes, longer ones first.
var units = []struct {
	suffix string
	bytes  float64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"GB", 1e9}, {"MB", 1e6}}

// parseSize reads a size such as 500MB or 8GiB.
func parseSize(text string) (int64, error) {
	for _, unit := range units {
		if digits, found := strings.CutSuffix(text, unit.suffix); found {
			var n float64
			if _, err := fmt.Sscanf(digits+"\n", "%f\n", &n); err != nil || n <= 0 || n*unit.bytes > 1<<62 {
				return 0, fmt.Errorf("size is %q", text)
			}
			return int64(n * unit.bytes), nil
		}
	}
	return 0, fmt.Errorf("size is %q", text)
}
