//go:build cgo

package hostmemory_test

import (
	"fmt"
	"os"
	"testing"
	"unsafe"

	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory/internal/memory"
)

// resident returns the resident memory of this process in bytes.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	var size, pages int
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// TestTrim: Trim returns small blocks that were freed between others, which the C library keeps, and leaves the others as
// they are.
func TestTrim(t *testing.T) {
	if !memory.GNU() {
		t.Skip("needs glibc")
	}
	const block, blocks, kept = 16 << 10, 10_000, 100 // one in so many is not freed
	fill := func(i int, p unsafe.Pointer, check bool) (same bool) {
		bytes := unsafe.Slice((*byte)(p), block)
		for k := range bytes {
			if check && bytes[k] != byte(i+k) {
				return false
			}
			bytes[k] = byte(i + k)
		}
		return true
	}
	all := make([]unsafe.Pointer, blocks)
	for i := range all {
		var err error
		if all[i], err = memory.Aligned(64, block); err != nil {
			t.Fatal(err)
		}
		fill(i, all[i], false)
	}
	for i, p := range all {
		if i%kept != 0 {
			memory.Free(p)
		}
	}
	freed := resident(t)
	if !hostmemory.Trim() {
		t.Error("Trim reports nothing to return")
	}
	const mb, want = 1e6, block * blocks * 8 / 10
	if got := freed - resident(t); got < want {
		t.Errorf("%.1f MB went back, want at least %.1f", float64(got)/mb, want/mb)
	}
	for i := 0; i < blocks; i += kept {
		if !fill(i, all[i], true) {
			t.Errorf("block %d has changed", i)
		}
		memory.Free(all[i])
	}
}
