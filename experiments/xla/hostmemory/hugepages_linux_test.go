//go:build cgo

package hostmemory_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory/internal/memory"
)

const hugePage = 2 << 20

// advised reports whether the kernel was asked for huge pages at an address: the
// flag "hg" of its mapping.
func advised(t *testing.T, p unsafe.Pointer) bool {
	t.Helper()
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer file.Close()
	inside := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var from, to uintptr
		if n, err := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 && err == nil {
			inside = from <= uintptr(p) && uintptr(p) < to
		}
		if flags, found := strings.CutPrefix(lines.Text(), "VmFlags:"); found && inside {
			return slices.Contains(strings.Fields(flags), "hg")
		}
	}
	t.Skip("no flags of mappings in /proc/self/smaps")
	return false
}

// TestLargeBuffers: large buffers begin at a huge page, which was asked for, can
// be written and freed; small ones are left alone.
func TestLargeBuffers(t *testing.T) {
	if on, why := hostmemory.HugePages(); !on {
		t.Skip(why)
	}
	for _, c := range []struct {
		size int
		huge bool
	}{{64 << 20, true}, {hostmemory.Least + 12345, true}, {hostmemory.Least, true}, {hostmemory.Least / 4, false}, {100, false}} {
		p, err := memory.Aligned(64, c.size)
		if err != nil {
			t.Fatal(err)
		}
		bytes := unsafe.Slice((*byte)(p), c.size)
		for i := range bytes {
			bytes[i] = byte(i)
		}
		if bytes[c.size-1] != byte(c.size-1) || uintptr(p)%64 != 0 {
			t.Errorf("%d bytes at %x are no memory at a multiple of 64", c.size, p)
		}
		if c.huge && (uintptr(p)%hugePage != 0 || !advised(t, p)) {
			t.Errorf("%d bytes at %x: no huge pages were asked for", c.size, p)
		}
		if !c.huge && advised(t, p) {
			t.Errorf("%d bytes: huge pages were asked for", c.size)
		}
		memory.Free(p)
	}
}

// TestAlignment: what posix_memalign says of alignments holds for every size.
func TestAlignment(t *testing.T) {
	for _, size := range []int{100, 64 << 20} {
		for _, alignment := range []int{0, 3, 4, 24} {
			if _, err := memory.Aligned(alignment, size); !errors.Is(err, syscall.EINVAL) {
				t.Errorf("%d bytes aligned to %d: error %v, want that of an invalid argument", size, alignment, err)
			}
		}
		const large = 8 << 20
		p, err := memory.Aligned(large, size)
		if err != nil || uintptr(p)%large != 0 {
			t.Errorf("%d bytes aligned to %d: at %x, error %v", size, large, p, err)
		}
		memory.Free(p)
	}
	if _, err := memory.Aligned(64, 1<<62); !errors.Is(err, syscall.ENOMEM) {
		t.Errorf("an exabyte: error %v, want that memory is out", err)
	}
}

// TestOff: the environment variable switches it off, and HugePages says so.
func TestOff(t *testing.T) {
	if os.Getenv(hostmemory.Env) == "off" {
		p, err := memory.Aligned(64, 64<<20)
		if err != nil {
			t.Fatal(err)
		}
		defer memory.Free(p)
		if on, why := hostmemory.HugePages(); on || !strings.Contains(why, hostmemory.Env) || advised(t, p) {
			t.Errorf("switched off: on %v, %q", on, why)
		}
		return
	}
	command := exec.Command(os.Args[0], "-test.run", "^TestOff$")
	command.Env = append(os.Environ(), hostmemory.Env+"=off")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
