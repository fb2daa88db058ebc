package cache

import (
	"fmt"
	"log"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of [Config].
//
// The entry of a sum takes 5 kB and the entry of a training step of ResNet-50 takes 7 MB, so DefaultMaxBytes holds
// hundreds of large programs. The sum takes 20 ms to compile and 1 ms to load, and writing an entry takes some
// milliseconds: a program that compiles in less than defaultMinCompile is not worth a file.
const (
	DefaultMaxBytes   = 2 << 30
	defaultMinCompile = 10 * time.Millisecond
)

// Config says where executables are kept, and how many.
type Config struct {
	// Dir is the absolute path of the folder. It is made when it is first needed. Several processes may use it at once.
	Dir string
	// Root is Dir or a folder above it: nobody but the user and root may be able to write from Root down. "" means Dir.
	Root string
	// MaxBytes bounds the total size of the entries; the least recently used ones go first. 0 means DefaultMaxBytes.
	MaxBytes int64
	// MinCompile is the shortest compilation whose result is kept. 0 means 10 ms; a negative value keeps all.
	MinCompile time.Duration
	// Warn is called with the first error that keeps the cache from its work, see [Cache.Problem]. nil means the
	// standard logger.
	Warn func(error)
}

// Cache is a folder of executables. Its methods may be called concurrently.
type Cache struct {
	Config
	opened  sync.Once
	closed  atomic.Bool // nothing is read or written any more
	full    atomic.Bool // nothing is written any more
	problem atomic.Pointer[error]

	hits, misses, stored, failed atomic.Int64
	loading, compiling           atomic.Int64 // nanoseconds
}

// New returns the cache of a folder, without making the folder or looking at it.
func New(config Config) (*Cache, error) {
	if config.Root == "" {
		config.Root = config.Dir
	}
	if !filepath.IsAbs(config.Dir) {
		return nil, fmt.Errorf("XLA cache: the folder is %q, want an absolute path", config.Dir)
	}
	if below, err := filepath.Rel(config.Root, config.Dir); err != nil || !filepath.IsLocal(below) {
		return nil, fmt.Errorf("XLA cache: the folder %s is not in %s", config.Dir, config.Root)
	}
	if config.MaxBytes < 0 {
		return nil, fmt.Errorf("XLA cache: the bound is %d bytes, want a positive number, or 0 for %d", config.MaxBytes, int64(DefaultMaxBytes))
	}
	if config.MaxBytes == 0 {
		config.MaxBytes = DefaultMaxBytes
	}
	if config.MinCompile == 0 {
		config.MinCompile = defaultMinCompile
	}
	if config.Warn == nil {
		config.Warn = func(err error) { log.Print(err) }
	}
	return &Cache{Config: config}, nil
}

// Stats counts what a cache did in this process.
type Stats struct {
	// Hits counts the executables that were loaded, Misses the compiled ones.
	Hits, Misses int
	// Stored counts the misses that were written to the folder.
	Stored int
	// Failed counts damaged and refused entries, and executables that could not be serialized.
	Failed int
	// Loading is the time that hits took, Compiling the time that misses took.
	Loading, Compiling time.Duration
}

// Stats returns what the cache has done so far.
func (c *Cache) Stats() Stats {
	return Stats{
		Hits: int(c.hits.Load()), Misses: int(c.misses.Load()), Stored: int(c.stored.Load()), Failed: int(c.failed.Load()),
		Loading: time.Duration(c.loading.Load()), Compiling: time.Duration(c.compiling.Load()),
	}
}

// Problem returns the first error that kept the cache from its work in this process, or nil.
func (c *Cache) Problem() error {
	if err := c.problem.Load(); err != nil {
		return *err
	}
	return nil
}

// warn reports an error, unless it reported one before.
func (c *Cache) warn(err error) {
	if c.problem.CompareAndSwap(nil, &err) {
		c.Warn(fmt.Errorf("XLA cache: %w", err))
	}
}
