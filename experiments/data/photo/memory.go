package photo

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// DefaultMemory is the memory for photographs that are being decoded, see
// [SetMemory]. A process that only decodes stays below 2 GiB with it, garbage
// included. It is enough for one photograph of 89 megapixels, unless that is both
// progressive and without subsampling.
const DefaultMemory = 3 << 29

// garbagePart is the part of the memory that may be garbage before it is collected.
const garbagePart = 8

// decoding is the process's memory for photographs that are being decoded.
var decoding atomic.Pointer[memory]

func init() { SetMemory(DefaultMemory) }

// SetMemory sets the number of bytes that all photographs being decoded at a time
// may take in this process, whatever the number of workers. Decoders wait for each
// other; a photograph that alone takes more is an error.
func SetMemory(bytes int64) {
	decoding.Store(&memory{bytes: bytes, free: semaphore.NewWeighted(bytes), garbage: new(atomic.Int64)})
}

// memory is a number of bytes that several goroutines share.
type memory struct {
	bytes   int64
	free    *semaphore.Weighted
	garbage *atomic.Int64 // given back since the last collection
}

// take waits until there is room for n bytes, which give returns.
func (m *memory) take(n int64) (give func(), err error) {
	if n > m.bytes {
		return nil, fmt.Errorf("decoding takes %s of memory, the limit is %s: make the photograph smaller, save it without progressive or interlaced coding, or raise --decode-memory", mebibytes(n), mebibytes(m.bytes))
	}
	// Whoever holds memory is decoding and gives it back soon, so there is nothing to
	// cancel.
	if err := m.free.Acquire(context.Background(), n); err != nil {
		return nil, err
	}
	return func() {
		// The runtime would let garbage grow as large as what is in use.
		if m.garbage.Add(n) > m.bytes/garbagePart {
			m.garbage.Store(0)
			runtime.GC()
		}
		m.free.Release(n)
	}, nil
}

// mebibytes formats a number of bytes.
func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", (n+1<<20-1)>>20) }
