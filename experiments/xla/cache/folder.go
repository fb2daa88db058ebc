package cache

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reciprocalnorm/rn/experiments/xla/trusted"
)

// Names of the files in the folder.
const (
	entrySuffix   = ".xla"
	partialPrefix = ".partial-"
)

// abandoned is the age from which an unfinished file counts as left by a process that was killed: writing takes seconds.
const abandoned = time.Hour

// path returns the path of the entry of a key.
func (c *Cache) path(k key) string { return filepath.Join(c.Dir, hex.EncodeToString(k[:])+entrySuffix) }

// open makes the folder the first time, and reports whether it can be used.
func (c *Cache) open() bool {
	c.opened.Do(func() {
		if err := os.MkdirAll(c.Dir, 0o700); err != nil {
			c.close(err)
		} else if err := trusted.Path(c.Root, c.Dir); err != nil {
			c.close(err)
		}
	})
	return !c.closed.Load()
}

// close ends the use of the folder.
func (c *Cache) close(err error) {
	c.closed.Store(true)
	c.warn(fmt.Errorf("switched off: %w", err))
}

// read returns the payload of the entry of a key, and marks the entry as used. An entry that somebody else can have
// written ends the use of the folder.
func (c *Cache) read(k key) (payload []byte, found bool) {
	if !c.open() {
		return nil, false
	}
	path := c.path(k)
	data, err := readTrusted(path)
	var fault *trusted.Error
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false
	case errors.As(err, &fault):
		c.failed.Add(1)
		c.close(err)
		return nil, false
	case err != nil:
		c.failed.Add(1)
		c.warn(err)
		return nil, false
	}
	if payload, err = parse(data, k); err != nil {
		c.discard(k, err)
		return nil, false
	}
	_ = os.Chtimes(path, time.Time{}, time.Now()) // Fails if root owns the entry: eviction then goes by an older time.
	return payload, true
}

// readTrusted reads a file that nobody but the user and root can have written.
func readTrusted(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := trusted.Info(path, info); err != nil {
		return nil, err
	}
	data := make([]byte, info.Size())
	_, err = io.ReadFull(f, data)
	return data, err
}

// discard removes an entry that cannot be used.
func (c *Cache) discard(k key, why error) {
	c.failed.Add(1)
	c.warn(fmt.Errorf("%s: %w; its program is compiled again", c.path(k), why))
	_ = os.Remove(c.path(k)) // If this fails, the next entry of the key replaces it anyway.
}

// write keeps payload under a key, and reports whether it did. If the process is killed half-way, the old entry stays.
func (c *Cache) write(k key, payload []byte) bool {
	size := int64(headerSize + len(payload))
	if size > c.MaxBytes || c.full.Load() || !c.open() {
		return false
	}
	if err := c.writeFile(c.path(k), header(k, payload), payload); err != nil {
		c.full.Store(true)
		c.warn(fmt.Errorf("no more executables are kept: %w", err))
		return false
	}
	if err := c.evict(); err != nil {
		c.warn(err)
	}
	return true
}

// writeFile writes a file under another name in the folder and renames it to path.
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

// file is an entry or an unfinished file.
type file struct {
	path string
	size int64
	used time.Time
}

// files lists the files of the folder whose names match.
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
		if info, err := entry.Info(); err == nil { // Otherwise another process has just removed it.
			files = append(files, file{filepath.Join(c.Dir, entry.Name()), info.Size(), info.ModTime()})
		}
	}
	return files, nil
}

// isEntry reports whether a file of that name is an entry, whatever its content.
func isEntry(name string) bool {
	digits, found := strings.CutSuffix(name, entrySuffix)
	_, err := hex.DecodeString(digits)
	return found && err == nil && len(digits) == 2*len(key{})
}

// isPartial reports whether a file of that name is unfinished.
func isPartial(name string) bool { return strings.HasPrefix(name, partialPrefix) }

// evict removes abandoned files, and the least recently used entries until the rest is within the bound.
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

// Usage returns the number of entries in the folder, whichever process made them, and their total size.
func (c *Cache) Usage() (entries int, bytes int64, err error) {
	files, err := c.files(isEntry)
	for _, f := range files {
		bytes += f.size
	}
	return len(files), bytes, err
}
