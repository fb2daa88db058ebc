package cache

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Names of the files in the folder.
const (
	entrySuffix   = ".xla"
	partialPrefix = ".partial-"
)

// abandoned is the age at which an unfinished file was left by a process that was killed: writing takes seconds.
const abandoned = time.Hour

// path returns where the entry of a key is.
func (c *Cache) path(k key) string { return filepath.Join(c.Dir, hex.EncodeToString(k[:])+entrySuffix) }

// open makes the folder the first time, and reports whether it can be used.
func (c *Cache) open() bool {
	c.opened.Do(func() {
		if err := os.MkdirAll(c.Dir, 0o700); err != nil {
			c.close(err)
			return
		}
		info, err := os.Stat(c.Dir)
		switch {
		case err != nil:
			c.close(err)
		case !info.IsDir():
			c.close(fmt.Errorf("%s is not a folder", c.Dir))
		case info.Mode().Perm()&0o002 != 0:
			c.close(fmt.Errorf("everybody can write to %s, and what is in it is run", c.Dir))
		}
	})
	return !c.closed.Load()
}

// close ends the use of the folder.
func (c *Cache) close(err error) {
	c.closed.Store(true)
	c.warn(fmt.Errorf("switched off: %w", err))
}

// read returns what is kept under a key, and marks it as used.
func (c *Cache) read(k key) (payload []byte, found bool) {
	if !c.open() {
		return nil, false
	}
	path := c.path(k)
	data, err := os.ReadFile(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			c.failed.Add(1)
			c.warn(err)
		}
		return nil, false
	}
	if payload, err = parse(data, k); err != nil {
		c.discard(k, err)
		return nil, false
	}
	_ = os.Chtimes(path, time.Time{}, time.Now()) // Fails in a folder of somebody else's, where nothing is evicted either.
	return payload, true
}

// discard removes an entry that is of no use.
func (c *Cache) discard(k key, why error) {
	c.failed.Add(1)
	c.warn(fmt.Errorf("%s: %w; it is compiled again", c.path(k), why))
	_ = os.Remove(c.path(k)) // What replaces it will be renamed to the same place.
}

// write keeps payload under a key, and reports whether it did. A process that is killed half-way leaves what was there.
func (c *Cache) write(k key, payload []byte) bool {
	size := int64(headerSize + len(payload))
	if size > c.MaxBytes || c.full.Load() || !c.open() {
		return false
	}
	if err := c.writeFile(c.path(k), header(k, payload), payload); err != nil {
		c.full.Store(true)
		c.warn(fmt.Errorf("nothing is kept any more: %w", err))
		return false
	}
	if err := c.evict(); err != nil {
		c.warn(err)
	}
	return true
}

// writeFile writes a file beside its place and renames it.
func (c *Cache) writeFile(path string, parts ...[]byte) error {
	f, err := os.CreateTemp(c.Dir, partialPrefix)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err == nil {
			_, err = f.Write(part)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// file is a file of the cache.
type file struct {
	path string
	size int64
	used time.Time
}

// files lists the entries, or the unfinished files.
func (c *Cache) files(match func(name string) bool) ([]file, error) {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []file
	for _, entry := range entries {
		if !match(entry.Name()) || !entry.Type().IsRegular() {
			continue
		}
		if info, err := entry.Info(); err == nil { // else another process has just removed it
			files = append(files, file{filepath.Join(c.Dir, entry.Name()), info.Size(), info.ModTime()})
		}
	}
	return files, nil
}

// isEntry recognizes entries by their names, whatever is in them.
func isEntry(name string) bool {
	digits, found := strings.CutSuffix(name, entrySuffix)
	_, err := hex.DecodeString(digits)
	return found && err == nil && len(digits) == 2*len(key{})
}

func isPartial(name string) bool { return strings.HasPrefix(name, partialPrefix) }

// evict removes the entries that were not used for longest until the rest is within the bound.
func (c *Cache) evict() error {
	partial, err := c.files(isPartial)
	if err != nil {
		return err
	}
	for _, f := range partial {
		if time.Since(f.used) > abandoned {
			_ = os.Remove(f.path)
		}
	}
	files, err := c.files(isEntry)
	if err != nil {
		return err
	}
	var total int64
	for _, f := range files {
		total += f.size
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path)) })
	for _, f := range files {
		if total <= c.MaxBytes {
			break
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= f.size
	}
	return nil
}

// Usage returns how many entries the folder has, of all processes, and their sizes together.
func (c *Cache) Usage() (entries int, bytes int64, err error) {
	files, err := c.files(isEntry)
	for _, f := range files {
		bytes += f.size
	}
	return len(files), bytes, err
}

// Clear removes the entries. Processes that have loaded them are not disturbed.
func (c *Cache) Clear() error {
	files, err := c.files(func(name string) bool { return isEntry(name) || isPartial(name) })
	for _, f := range files {
		if e := os.Remove(f.path); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
