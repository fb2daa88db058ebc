//go:build cgo

package hostmemory

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

	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory/internal/memory"
)

const hugePage = 2 << 20

// advised reports whether somebody asked the kernel for huge pages at an address: the flag "hg" of its mapping.
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
	t.Skip("/proc/self/smaps does not list the flags of mappings")
	return false
}

// TestLargeBuffers: large buffers start at a huge page, ask for huge pages, and can be written and freed; small buffers
// are left alone.
func TestLargeBuffers(t *testing.T) {
	UseHugePages()
	if on, why := HugePages(); !on {
		t.Skip(why)
	}
	for _, c := range []struct {
		size int
		huge bool
	}{{64 << 20, true}, {least + 12345, true}, {least, true}, {least / 4, false}, {100, false}} {
		p, err := memory.Aligned(64, c.size)
		if err != nil {
			t.Fatal(err)
		}
		bytes := unsafe.Slice((*byte)(p), c.size)
		for i := range bytes {
			bytes[i] = byte(i)
		}
		if bytes[c.size-1] != byte(c.size-1) || uintptr(p)%64 != 0 {
			t.Errorf("%d bytes at %x: not writable memory at a multiple of 64", c.size, p)
		}
		if c.huge && (uintptr(p)%hugePage != 0 || !advised(t, p)) {
			t.Errorf("%d bytes at %x do not ask for huge pages", c.size, p)
		}
		if !c.huge && advised(t, p) {
			t.Errorf("%d bytes ask for huge pages", c.size)
		}
		memory.Free(p)
	}
}

// TestAlignment: buffers of every size follow posix_memalign's rules on alignments.
func TestAlignment(t *testing.T) {
	UseHugePages()
	for _, size := range []int{100, 64 << 20} {
		for _, alignment := range []int{0, 3, 4, 24} {
			if _, err := memory.Aligned(alignment, size); !errors.Is(err, syscall.EINVAL) {
				t.Errorf("%d bytes aligned to %d: error is %v, want %v", size, alignment, err, syscall.EINVAL)
			}
		}
		const large = 8 << 20
		p, err := memory.Aligned(large, size)
		if err != nil || uintptr(p)%large != 0 {
			t.Errorf("%d bytes aligned to %d are at %x, error is %v", size, large, p, err)
		}
		memory.Free(p)
	}
	if _, err := memory.Aligned(64, 1<<62); !errors.Is(err, syscall.ENOMEM) {
		t.Errorf("4 exabytes: error is %v, want %v", err, syscall.ENOMEM)
	}
}

// childEnv makes the test binary a process whose large buffers TestAsked looks at.
const childEnv = "RN_TEST_HUGE_PAGES"

// TestAsked: a process that imports the package gets no huge pages until it asks for them, and none with
// RN_HUGE_PAGES=off.
func TestAsked(t *testing.T) {
	const large = 64 << 20
	if os.Getenv(childEnv) != "" {
		off := os.Getenv(envName) == envOff
		for _, asked := range []bool{false, true} {
			if asked {
				UseHugePages()
				if on, why := HugePages(); !on && !off {
					t.Skip(why)
				}
			}
			p, err := memory.Aligned(64, large)
			if err != nil {
				t.Fatal(err)
			}
			want := asked && !off
			if got := advised(t, p); got != want {
				t.Errorf("asked: %v, off: %v: huge pages: %v", asked, off, got)
			}
			if on, why := HugePages(); on && !want || strings.Contains(why, envName) != off || (why == "this program does not ask for them") != (!asked && !off) {
				t.Errorf("asked: %v, off: %v: HugePages returns %v, %q", asked, off, on, why)
			}
			memory.Free(p)
		}
		return
	}
	for _, setting := range []string{"", envOff} {
		command := exec.Command(os.Args[0], "-test.run=^TestAsked$", "-test.v")
		command.Env = append(os.Environ(), childEnv+"=1", envName+"="+setting)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Errorf("%s=%s: %v\n%s", envName, setting, err, out)
		}
		if strings.Contains(string(out), "--- SKIP") {
			t.Skipf("%s", out)
		}
	}
}
