// Package featurecache keeps on disk the feature vectors that a frozen network
// computes from photographs, so that each is computed once.
//
// A cache file holds the vectors of one network and one preprocessing, which its
// key names. A file only grows: each record is the sha256 of a photograph's file, the
// vector and a checksum. A process that is killed while it appends leaves part of a
// record, which the next process cuts off. [Prune] removes files that nobody opens
// any more.
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

	"github.com/gofrs/flock"
)

// Sum is the sha256 of a photograph's file.
type Sum = [32]byte

const (
	magic        = "RNFEAT01"
	checksumSize = 4
	headerSize   = len(magic) + 4 // magic and width
	lockRetry    = 200 * time.Millisecond
)

// Cache is an open cache file. It is not safe for concurrent use.
type Cache struct {
	file  *os.File
	lock  *flock.Flock
	width int
	bad   int           // number of damaged records that Open found
	free  []int64       // offsets of damaged records, which Put overwrites
	at    map[Sum]int64 // offset of the photograph's record
	end   int64
}

// Open opens the cache with a key, which is a file name, in dir, or creates it.
// Vectors have width values. Open waits while another process has the cache open,
// and ignores damaged records.
func Open(ctx context.Context, dir, key string, width int) (*Cache, error) {
	if width < 1 || key == "" || filepath.Base(key) != key {
		return nil, fmt.Errorf("feature cache %q of width %d: want a file name and a positive width", key, width)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("feature cache: %w", err)
	}
	path := filepath.Join(dir, key+".features")
	lock := flock.New(path + ".lock")
	if _, err := lock.TryLockContext(ctx, lockRetry); err != nil {
		return nil, fmt.Errorf("feature cache: waiting until another process closes %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("feature cache: %w", err), lock.Unlock())
	}
	c := &Cache{file: file, lock: lock, width: width, at: make(map[Sum]int64)}
	now := time.Now()
	if err := errors.Join(os.Chtimes(path, now, now), c.scan()); err != nil { // Prune goes by the time
		return nil, errors.Join(fmt.Errorf("feature cache %s: %w", path, err), c.Close())
	}
	return c, nil
}

// scan reads the file, or writes the header of a new one, and cuts off an incomplete
// record.
func (c *Cache) scan() error {
	in := bufio.NewReaderSize(c.file, 1<<20)
	header := make([]byte, headerSize)
	switch _, err := io.ReadFull(in, header); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // a new file, or one cut short within its header
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
	_, ok := c.at[sum]
	return ok
}

// Get reads the vector of a photograph into dst, which has the cache's width.
func (c *Cache) Get(sum Sum, dst []float32) error {
	at, ok := c.at[sum]
	if !ok {
		return fmt.Errorf("feature cache: no vector for the photograph %x", sum[:6])
	}
	if len(dst) != c.width {
		return fmt.Errorf("feature cache: room for %d values, want %d", len(dst), c.width)
	}
	record := make([]byte, c.recordSize())
	if _, err := c.file.ReadAt(record, at); err != nil {
		return fmt.Errorf("feature cache: %w", err)
	}
	if !intact(record) {
		return fmt.Errorf("feature cache: the vector of the photograph %x has changed on disk: remove %s", sum[:6], c.file.Name())
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
func (c *Cache) Close() error { return errors.Join(c.file.Close(), c.lock.Unlock()) }
