// Package bounded checks that parsers of untrusted files allocate memory for what a
// file holds, not for what it claims to hold.
package bounded

import (
	"runtime"
	"testing"
)

// allowance is the number of bytes that a parser may allocate for any input, such as
// gzip's window and read buffers.
const allowance = 1 << 18

// Allocation fails the test if parse allocates more than factor times size bytes, plus
// a constant of 256 KiB, for an input of size bytes. It counts all allocations, also of
// memory that is freed again, so factor must exceed the ratio of live memory: a slice
// that grows by appending counts three times, and two bytes of text such as "1," may
// become a value of eight bytes.
func Allocation(t testing.TB, size, factor int, parse func()) {
	t.Helper()
	most := uint64(factor)*uint64(size) + allowance
	took := allocated(parse)
	if took > most {
		took = min(took, allocated(parse)) // the first may include allocations of the rest of the process
	}
	if took > most {
		t.Errorf("parsing an input of %d bytes allocates %d bytes, want at most %d times the input plus %d", size, took, factor, allowance)
	}
}

// allocated returns the number of bytes that the process allocates while f runs.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
