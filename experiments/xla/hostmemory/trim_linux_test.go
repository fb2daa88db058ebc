//go:build cgo

package hostmemory

import (
	"fmt"
	"os"
	"testing"
	"time"
	"unsafe"

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

// TestTrim: Trim and, after long compilations, TrimAfter return small blocks that were freed between others, which the C
// library keeps, and leave the others as they are.
func TestTrim(t *testing.T) {
	if !memory.GNU() {
		t.Skip("needs glibc")
	}
	for name, trim := range map[string]func(){
		"Trim": func() {
			if !Trim() {
				t.Error("Trim reports nothing to return")
			}
		},
		"TrimAfter": func() { TrimAfter(100 * time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) { testTrim(t, trim) })
	}
}

// testTrim is TestTrim for one of the functions.
func testTrim(t *testing.T, trim func()) {
	const block, blocks, kept = 16 << 10, 10_000, 100 // one in so many is not freed
	all := make([]unsafe.Pointer, blocks)
	for i := range all {
		var err error
		if all[i], err = memory.Aligned(64, block); err != nil {
			t.Fatal(err)
		}
		for k, bytes := 0, unsafe.Slice((*byte)(all[i]), block); k < block; k++ {
			bytes[k] = byte(i + k)
		}
	}
	for i, p := range all {
		if i%kept != 0 {
			memory.Free(p)
		}
	}
	const mb, most = 1e6, block * blocks * 8 / 10
	freed := resident(t)
	TrimAfter(99 * time.Millisecond)
	if got := freed - resident(t); got > most/10 {
		t.Errorf("%.1f MB went back after a short compilation", float64(got)/mb)
	}
	trim()
	if got := freed - resident(t); got < most {
		t.Errorf("%.1f MB went back, want at least %.1f", float64(got)/mb, most/mb)
	}
	for i := 0; i < blocks; i += kept {
		for k, value := range unsafe.Slice((*byte)(all[i]), block) {
			if value != byte(i+k) {
				t.Fatalf("block %d has changed", i)
			}
		}
		memory.Free(all[i])
	}
}

// TestShareArena: glibc accepts one arena, unless the user has set up its malloc.
func TestShareArena(t *testing.T) {
	for _, name := range arenaEnv {
		t.Setenv(name, "")
	}
	if got := ShareArena(); got != memory.GNU() {
		t.Errorf("shares an arena: %v, with glibc: %v", got, memory.GNU())
	}
	for _, name := range arenaEnv {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "glibc.malloc.arena_max=4")
			if ShareArena() {
				t.Errorf("$%s is ignored", name)
			}
		})
	}
}
