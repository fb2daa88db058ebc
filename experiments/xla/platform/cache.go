package platform

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/xla/cache"
)

// XLACacheEnv is the environment variable with which users set up the cache of XLA's executables: [XLACacheOff] compiles
// everything again, a size such as "500MB" or "8GiB" bounds the cache. By default the cache is on, bounded by
// [cache.DefaultMaxBytes].
const XLACacheEnv = "RN_XLA_CACHE"

// XLACacheOff is the setting that switches the cache off.
const XLACacheOff = "off"

// cacheSetting is the setting that the program made; nil or "" leave it to the user.
var cacheSetting atomic.Pointer[string]

// SetXLACache sets up the cache for the backends that this process makes from now on, in place of $RN_XLA_CACHE and with
// the same values. "" goes back to the variable.
func SetXLACache(setting string) { cacheSetting.Store(&setting) }

// caches holds the caches of this process by folder and bound, so that each of them goes on counting.
var caches struct {
	sync.Mutex
	made map[string]*cache.Cache
}

// XLACache returns the cache that [New] gives XLA's CPU plugin, in the folder "xla" of [fetch.CacheDir], or nil if it is
// off.
//
// The CUDA plugin does not have a cache. Its executables depend on timings of kernels on the GPU at hand and on the
// driver; which of these a key must cover could not be tried without GPUs.
func XLACache() (*cache.Cache, error) {
	setting, origin := os.Getenv(XLACacheEnv), "$"+XLACacheEnv
	if given := cacheSetting.Load(); given != nil && *given != "" {
		setting, origin = *given, "the setting of the XLA cache"
	}
	if setting == XLACacheOff {
		return nil, nil
	}
	dir, err := fetch.CacheDir()
	if err != nil {
		return nil, err
	}
	config := cache.Config{Root: dir, Dir: filepath.Join(dir, "xla")}
	if setting != "" {
		if config.MaxBytes, err = parseSize(setting); err != nil {
			return nil, fmt.Errorf("%s: %w, or %q", origin, err, XLACacheOff)
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

// units maps the suffixes of sizes to bytes.
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
	return 0, fmt.Errorf("%q is not a size: want one such as 500MB or 8GiB", text)
}
