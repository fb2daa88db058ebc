// Package bounded checks that parsers of other people's files take memory for what
// a file holds, not for what it claims.
package bounded

import (
	"runtime"
	"testing"
)

// Allowance is what a parser may allocate whatever the size of its input, such as
// gzip's window and buffers for reading.
const Allowance = 1 << 18

// Allocation fails the test if parse, of an input of size bytes, allocates more
// than factor times as many beside [Allowance]. All that is allocated counts, freed
// since or not, so that factor is more than what is ever held at once: a slice that
// grows by appending counts three times, and what a text of two bytes, such as
// "1,", stands for has eight.
func Allocation(t testing.TB, size, factor int, parse func()) {
	t.Helper()
	most := uint64(factor)*uint64(size) + Allowance
	took := allocated(parse)
	if took > most {
		took = min(took, allocated(parse)) // the first counts what the rest of the process allocated meanwhile
	}
	if took > most {
		t.Errorf("parsing allocates %d bytes for an input of %d, want at most %d times as many and %d", took, size, factor, Allowance)
	}
}

// allocated is the number of bytes that the process allocates while f runs.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
