// Package cache keeps executables that XLA compiled in a folder, so that the next process loads them instead of
// compiling again. It works for every program that uses XLA through go-xla, GoMLX's backend among them:
//
//	cache, err := cache.New(cache.Config{Dir: dir})
//	err = cache.Register(path, path, cache) // path of the PJRT plugin
//	backend, err := compute.NewWithConfig("xla:" + path)
//
// An executable is found again by what made it: program, compile options, $XLA_FLAGS, the contents of the plugin's
// file, its PJRT version, the client's devices, and the processor with its features. It is the one that was compiled,
// so that results are the same bit for bit. Nothing that the cache meets ends a program: where an entry is damaged or
// the plugin refuses it the program is compiled again, and where the folder cannot be written it is compiled each time.
//
// The folder holds machine code that is run: nobody else should be able to write to it. A folder that everybody can
// write to is not used.
//
// Where a plugin is registered, with a cache or without, programs update variables in place, see package inplace, and
// the memory that XLA's compiler took, more than many programs need to run, goes back to the system before the program
// runs, see package hostmemory.
//
// It was tried with CPU plugins of PJRT 0.81 and 0.115. The keys hold what the plugin calls its platform's version and
// its devices' kinds, which is meant for GPUs too, but was not tried with one.
package cache

import (
	"errors"
	"fmt"
	"log"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of [Config].
//
// The entry of a sum has 5 kB, that of a training step of ResNet-50 has 7 MB, so that DefaultMaxBytes is hundreds of
// large programs. The sum takes 20 ms to compile and 1 ms to load, and writing an entry takes some milliseconds: what
// compiles in less than DefaultMinCompile is not worth its file.
const (
	DefaultMaxBytes   = 2 << 30
	DefaultMinCompile = 10 * time.Millisecond
)

// Config says where and how much is kept.
type Config struct {
	// Dir is the absolute path of the folder. It is made when it is needed. Several processes may use it at once.
	Dir string
	// MaxBytes bounds the sizes of the entries together: past it those go that were not used for longest. 0 for
	// DefaultMaxBytes.
	MaxBytes int64
	// MinCompile is the least time of a compilation whose result is kept. 0 for DefaultMinCompile, less to keep all.
	MinCompile time.Duration
	// Warn is told the first thing that keeps the cache from doing its work, see [Cache.Problem]. nil for the standard
	// logger.
	Warn func(error)
}

// Cache is a folder of executables. Its methods may be called at the same time.
type Cache struct {
	Config
	opened  sync.Once
	closed  atomic.Bool // nothing is read or written any more
	full    atomic.Bool // nothing is written any more
	problem atomic.Pointer[error]

	hits, misses, stored, failed atomic.Int64
	loading, compiling           atomic.Int64 // nanoseconds
}

// New returns the cache of a folder, which is neither made nor looked at.
func New(config Config) (*Cache, error) {
	if !filepath.IsAbs(config.Dir) {
		return nil, fmt.Errorf("xlacache: folder is %q, want an absolute path", config.Dir)
	}
	if config.MaxBytes < 0 {
		return nil, fmt.Errorf("xlacache: bound is %d bytes, want a positive number, or 0 for %d", config.MaxBytes, int64(DefaultMaxBytes))
	}
	if config.MaxBytes == 0 {
		config.MaxBytes = DefaultMaxBytes
	}
	if config.MinCompile == 0 {
		config.MinCompile = DefaultMinCompile
	}
	if config.Warn == nil {
		config.Warn = func(err error) { log.Print(err) }
	}
	return &Cache{Config: config}, nil
}

// ErrUnsupported is wrapped by the error of Register where a plugin cannot be registered: on this system, with this plugin.
// Nothing has changed then, and go-xla opens the plugin as ever.
var ErrUnsupported = errors.New("executables cannot be cached")

// Stats counts what a cache did in this process.
type Stats struct {
	// Hits were loaded and Misses compiled.
	Hits, Misses int
	// Stored are the misses that are in the folder now.
	Stored int
	// Failed are entries that were damaged or refused, and executables that could not be written out.
	Failed int
	// Loading and Compiling are the times that hits and misses took.
	Loading, Compiling time.Duration
}

// Stats returns what the cache has done.
func (c *Cache) Stats() Stats {
	return Stats{
		Hits: int(c.hits.Load()), Misses: int(c.misses.Load()), Stored: int(c.stored.Load()), Failed: int(c.failed.Load()),
		Loading: time.Duration(c.loading.Load()), Compiling: time.Duration(c.compiling.Load()),
	}
}

// Problem returns the first thing that kept the cache from doing its work in this process, nil if there was none.
func (c *Cache) Problem() error {
	if err := c.problem.Load(); err != nil {
		return *err
	}
	return nil
}

// warn tells the first problem.
func (c *Cache) warn(err error) {
	if c.problem.CompareAndSwap(nil, &err) {
		c.Warn(fmt.Errorf("XLA cache: %w", err))
	}
}
