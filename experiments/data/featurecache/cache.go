// Package featurecache keeps on disk the feature vectors that a frozen network
// computes from photographs, so that each is computed once.
//
// A cache file holds the vectors of one network and one preprocessing, which its
// key names. A file only grows: each record is the sha256 of a photograph's file, the
// vector and a checksum. A process that is killed while it appends leaves part of a
// record, which the next process cuts off. [Prune] removes files that nobody opens
// any more.
//
// One process at a time has a file open for writing; its lock file says which. Where a
// file cannot be locked or written, [Opener.Open] reads it and keeps new vectors in
// memory.
package featurecache

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"
)

// Sum is the sha256 of a photograph's file.
type Sum = [32]byte

const (
	magic        = "RNFEAT01"
	checksumSize = 4
	headerSize   = len(magic) + 4 // magic and width
)

// Cache is an open cache file. It is not safe for concurrent use.
type Cache struct {
	path  string
	file  *os.File // nil if there is none and none can be made
	lock  locker   // nil if this process only reads
	width int
	bad   int           // number of damaged records that Open found
	free  []int64       // offsets of damaged records, which Put overwrites
	at    map[Sum]int64 // offset of the photograph's record
	end   int64
	// unsaved holds the records that this process cannot write.
	unsaved map[Sum][]byte
}

// Opener opens caches. The zero value does so without a word.
type Opener struct {
	// Log is told for which process Open waits; nil for nobody.
	Log io.Writer
	// Warn is told why new vectors are not kept; nil for nobody.
	Warn func(error)
}

// log returns Log, or io.Discard.
func (o Opener) log() io.Writer {
	if o.Log != nil {
		return o.Log
	}
	return io.Discard
}

// Open is [Opener.Open] of the zero Opener.
func Open(ctx context.Context, dir, key string, width int) (*Cache, error) {
	return Opener{}.Open(ctx, dir, key, width)
}

// Open opens the cache with a key, which is a file name, in dir, or creates it.
// Vectors have width values. Open waits while another process has the cache open,
// and ignores damaged records.
//
// If the file system does not have locks, or this user may not write there, the cache
// has the vectors of the file, and keeps new ones until it is closed.
func (o Opener) Open(ctx context.Context, dir, key string, width int) (*Cache, error) {
	if width < 1 || key == "" || filepath.Base(key) != key {
		return nil, fmt.Errorf("feature cache %q of width %d: want a file name and a positive width", key, width)
	}
	c := &Cache{path: filepath.Join(dir, key+".features"), width: width, at: make(map[Sum]int64)}
	err := o.openToWrite(ctx, dir, c)
	if reason := unwritable(err); reason != "" {
		if o.Warn != nil {
			o.Warn(fmt.Errorf("feature cache: new features are not kept, and every run computes them again: %s (%w); set $RN_CACHE to another folder", reason, err))
		}
		err = c.openToRead()
	}
	if err != nil {
		return nil, fmt.Errorf("feature cache: %w", err)
	}
	return c, nil
}

// unwritable says why a cache can only be read, if that is what the error of
// openToWrite means.
func unwritable(err error) string {
	switch {
	case noLocks(err):
		return "the file system does not have locks"
	case noWrites(err):
		return "the folder cannot be written"
	}
	return ""
}

// openToWrite locks and opens the file.
func (o Opener) openToWrite(ctx context.Context, dir string, c *Cache) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if c.lock, err = o.acquire(ctx, c.path); err != nil {
		c.lock = nil
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
			c.file, c.lock = nil, nil
		}
	}()
	if c.file, err = os.OpenFile(c.path, os.O_CREATE|os.O_RDWR, 0o644); err != nil {
		c.file = nil
		return err
	}
	now := time.Now()
	if err := os.Chtimes(c.path, now, now); err != nil { // Prune goes by the time
		return err
	}
	if err := c.scan(); err != nil {
		return fmt.Errorf("%s: %w", c.path, err)
	}
	return nil
}

// openToRead opens the file if it is there, without a lock. Another process may append
// to it meanwhile.
func (c *Cache) openToRead() error {
	c.unsaved, c.at = make(map[Sum][]byte), make(map[Sum]int64)
	file, err := os.Open(c.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c.file = file
	if err := c.scan(); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", c.path, err), c.Close())
	}
	return nil
}

// scan reads the file. If this process may write, scan writes the header of a new file
// and cuts off an incomplete record.
func (c *Cache) scan() error {
	in := bufio.NewReaderSize(c.file, 1<<20)
	header := make([]byte, headerSize)
	switch _, err := io.ReadFull(in, header); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // a new file, or one cut short within its header
		if c.lock == nil {
			return nil
		}
		binary.LittleEndian.PutUint32(header[copy(header, magic):], uint32(c.width))
		if _, err := c.file.WriteAt(header, 0); err != nil {
			return err
		}
		c.end = int64(headerSize)
		return c.file.Truncate(c.end)
	case err != nil:
		return err
	}
	if got := string(header[:len(magic)]); got != magic {
		return fmt.Errorf("begins with %q instead of %q, so it is not a feature cache: remove it", got, magic)
	}
	if width := binary.LittleEndian.Uint32(header[len(magic):]); int64(width) != int64(c.width) {
		return fmt.Errorf("holds vectors of %d values, want %d: remove it", width, c.width)
	}
	c.end = int64(headerSize)
	record := make([]byte, c.recordSize())
	for {
		_, err := io.ReadFull(in, record)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if c.lock == nil {
				return nil
			}
			return c.file.Truncate(c.end)
		}
		if err != nil {
			return err
		}
		if intact(record) {
			c.at[Sum(record)] = c.end
		} else {
			c.bad++
			c.free = append(c.free, c.end)
		}
		c.end += int64(len(record))
	}
}

// recordSize returns the size of a record in bytes.
func (c *Cache) recordSize() int { return len(Sum{}) + 4*c.width + checksumSize }

// intact reports whether a record agrees with its checksum.
func intact(record []byte) bool {
	body := len(record) - checksumSize
	return crc32.ChecksumIEEE(record[:body]) == binary.LittleEndian.Uint32(record[body:])
}

// Damaged returns how many records Open found to differ from their checksum. Their
// photographs do not have a vector any more, and the next vectors of Put take their
// place in the file.
func (c *Cache) Damaged() int { return c.bad }

// Has reports whether the cache holds the vector of a photograph.
func (c *Cache) Has(sum Sum) bool {
	_, stored := c.at[sum]
	_, unsaved := c.unsaved[sum]
	return stored || unsaved
}

// Get reads the vector of a photograph into dst, which has the cache's width.
func (c *Cache) Get(sum Sum, dst []float32) error {
	if len(dst) != c.width {
		return fmt.Errorf("feature cache: room for %d values, want %d", len(dst), c.width)
	}
	record, unsaved := c.unsaved[sum]
	if !unsaved {
		at, ok := c.at[sum]
		if !ok {
			return fmt.Errorf("feature cache: no vector for the photograph %x", sum[:6])
		}
		record = make([]byte, c.recordSize())
		if _, err := c.file.ReadAt(record, at); err != nil {
			return fmt.Errorf("feature cache: %w", err)
		}
		if !intact(record) || Sum(record) != sum {
			return fmt.Errorf("feature cache: the vector of the photograph %x has changed on disk: remove %s", sum[:6], c.path)
		}
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(record[len(sum)+4*i:]))
	}
	return nil
}

// Put adds the vector of a photograph, whose values must be finite.
func (c *Cache) Put(sum Sum, vector []float32) error {
	if len(vector) != c.width {
		return fmt.Errorf("feature cache: a vector of %d values, want %d", len(vector), c.width)
	}
	record := make([]byte, 0, c.recordSize())
	record = append(record, sum[:]...)
	for i, v := range vector {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("feature cache: value %d of the photograph %x is %v", i, sum[:6], v)
		}
		record = binary.LittleEndian.AppendUint32(record, math.Float32bits(v))
	}
	record = binary.LittleEndian.AppendUint32(record, crc32.ChecksumIEEE(record))
	if c.lock == nil {
		c.unsaved[sum] = record
		return nil
	}
	if n := len(c.free); n > 0 {
		if _, err := c.file.WriteAt(record, c.free[n-1]); err != nil {
			return fmt.Errorf("feature cache: %w", err)
		}
		c.at[sum], c.free = c.free[n-1], c.free[:n-1]
		return nil
	}
	if _, err := c.file.WriteAt(record, c.end); err != nil {
		return errors.Join(fmt.Errorf("feature cache: %w", err), c.file.Truncate(c.end))
	}
	c.at[sum] = c.end
	c.end += int64(len(record))
	return nil
}

// Close closes the file, so that other processes can open the cache.
func (c *Cache) Close() error {
	var errs []error
	if c.file != nil {
		errs = append(errs, c.file.Close())
	}
	if c.lock != nil {
		errs = append(errs, release(c.lock, c.path))
	}
	return errors.Join(errs...)
}
