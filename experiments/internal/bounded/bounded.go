// Package bounded tests that parsers of other people's files allocate memory for the content of a file, not for the sizes
// that the file claims.
package bounded

import (
	"runtime"
	"testing"
)

// Allowance is the number of bytes that a parser may allocate for an input of any size, such as gzip's window and read
// buffers.
const Allowance = 1 << 18

// Allocation fails the test if parse, for an input of size bytes, allocates more than factor·size bytes plus [Allowance].
// Freed memory counts too, so factor has to be larger than the peak suggests: a slice that grows by appending counts
// three times, and a text of two bytes, such as "1,", becomes a number of eight.
func Allocation(t testing.TB, size, factor int, parse func()) {
	t.Helper()
	most := uint64(factor)*uint64(size) + Allowance
	took := allocated(parse)
	if took > most {
		took = min(took, allocated(parse)) // the first time may have counted other goroutines
	}
	if took > most {
		t.Errorf("parsing allocates %d bytes for an input of %d bytes, want at most %d times the input plus %d", took, size, factor, Allowance)
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
