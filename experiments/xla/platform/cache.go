package platform

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/xla/cache"
)

// XLACacheEnv is the environment variable of XLA's cache of executables: [XLACacheOff] compiles everything anew, a size
// such as "500MB" or "8GiB" bounds the cache. Without it the cache is on, bounded by [cache.DefaultMaxBytes].
const XLACacheEnv = "RN_XLA_CACHE"

// XLACacheOff is the value of XLACacheEnv that switches the cache off.
const XLACacheOff = "off"

// opening is held while plugins are opened: go-xla keeps those that have a cache without a lock of its own.
var opening sync.Mutex

// caches are the caches of this process by folder and bound, so that each one's counts go on.
var caches struct {
	sync.Mutex
	made map[string]*cache.Cache
}

// XLACache returns the cache that New gives XLA's CPU plugin, in the folder "xla" of [fetch.CacheDir]; nil if it is off.
//
// The CUDA plugin has none. Its executables hold choices that were made by timing kernels on the GPU at hand, and they
// need a driver that suits them: what a key must hold could not be tried without GPUs.
func XLACache() (*cache.Cache, error) {
	setting := os.Getenv(XLACacheEnv)
	if setting == XLACacheOff {
		return nil, nil
	}
	dir, err := fetch.CacheDir()
	if err != nil {
		return nil, err
	}
	config := cache.Config{Dir: filepath.Join(dir, "xla")}
	if setting != "" {
		if config.MaxBytes, err = parseSize(setting); err != nil {
			return nil, fmt.Errorf("$%s: %w, or %q", XLACacheEnv, err, XLACacheOff)
		}
	}
	name := fmt.Sprintf("%s %d", config.Dir, config.MaxBytes)
	caches.Lock()
	defer caches.Unlock()
	if made := caches.made[name]; made != nil {
		return made, nil
	}
	made, err := cache.New(config)
	if err != nil {
		return nil, err
	}
	if caches.made == nil {
		caches.made = map[string]*cache.Cache{}
	}
	caches.made[name] = made
	return made, nil
}

// registerCache has XLA keep the executables of the CPU plugin at path, which it is about to open by name, if the cache
// is on, and spare memory, see package cache.
func registerCache(name, path string) error {
	if kind(path) != cpu {
		return nil
	}
	made, err := XLACache()
	if err != nil {
		return err
	}
	// Where it is not possible go-xla opens the plugin by itself, and says what is wrong with it.
	if err := cache.Register(name, path, made); err != nil && !errors.Is(err, cache.ErrUnsupported) {
		return err
	}
	return nil
}

// units are what sizes end in.
var units = map[string]float64{"MB": 1e6, "GB": 1e9, "MiB": 1 << 20, "GiB": 1 << 30}

// parseSize reads a size such as 500MB or 8GiB.
func parseSize(text string) (int64, error) {
	for suffix, bytes := range units {
		if digits, found := strings.CutSuffix(text, suffix); found {
			n, err := strconv.ParseFloat(digits, 64)
			if n *= bytes; err == nil && n >= 1 && n < math.MaxInt64 {
				return int64(n), nil
			}
		}
	}
	return 0, fmt.Errorf("%q is no size: want one such as 500MB or 8GiB", text)
}
