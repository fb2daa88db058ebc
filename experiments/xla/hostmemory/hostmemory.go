package hostmemory

import (
	"os"
	"time"
)

// envName is the environment variable with which users switch huge pages off.
const envName = "RN_HUGE_PAGES"

// envOff is the value of envName that switches huge pages off.
const envOff = "off"

// least is the size in bytes of the smallest buffers that get huge pages.
const least = 4 << 20

// UseHugePages gives the large buffers of the whole process huge pages from now on, unless $RN_HUGE_PAGES is "off". It is
// for the main of a program.
func UseHugePages() {
	if os.Getenv(envName) != envOff {
		useHugePages()
	}
}

// HugePages reports whether large buffers get huge pages, with the reason as a text for people.
func HugePages() (on bool, why string) { return hugePages() }

// Trim returns the pages of freed memory to the system, and reports whether there were any. A library that allocates
// again gets new pages, zeroed, at the cost of a page fault each.
func Trim() bool { return trim() }

// trimAfter is the shortest compilation after which TrimAfter trims. Trimming takes 20 to 90 ms after a training step's
// compilation, and 5 to 10 ms when there is nothing to return: too long for small programs, which leave little.
const trimAfter = 100 * time.Millisecond

// TrimAfter calls [Trim] after a compilation (or the loading of an executable) that took 100 ms or more.
func TrimAfter(took time.Duration) {
	if took >= trimAfter {
		Trim()
	}
}
