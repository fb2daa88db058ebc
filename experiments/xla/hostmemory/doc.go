// Package hostmemory looks after the memory that C libraries such as XLA take of the
// machine: their large buffers get pages of 2 MiB instead of 4 KiB, in every program
// that imports it, and [Trim] gives the system back what they have freed.
//
// XLA's CPU plugin takes the memory of a computation's intermediate values anew
// every time it runs. The kernel hands out such memory a page at its first touch,
// zeroed, which for a training step of ResNet-50 is a quarter of a million times.
// Most Linux systems give transparent huge pages to those who ask ("madvise" in
// /sys/kernel/mm/transparent_hugepage/enabled), and glibc does not ask. So this
// package has a posix_memalign of its own, which the dynamic linker finds before
// that of the C library: for [Least] bytes and more it aligns to a huge page and
// asks. Nothing else changes: the memory is the C library's, and so is freeing it.
//
// XLA's compiler takes some hundred MB for a training step of ResNet-50, in small
// blocks. glibc keeps them for the next ones when they are freed, but the memory of
// the step is then taken beside them, as its buffers are larger. Package xlacache
// calls Trim after compilations.
//
// The environment variable [Env] set to "off" switches huge pages off. Nothing of
// this does anything outside Linux and without cgo, and Trim not without glibc.
package hostmemory

// Env is the environment variable that switches huge pages off if it is "off"
// when the program starts.
const Env = "RN_HUGE_PAGES"

// Least is the size in bytes of the smallest buffers that get huge pages.
const Least = 4 << 20

// HugePages says for people whether large buffers get huge pages, and if not, why.
func HugePages() (on bool, why string) { return hugePages() }

// Trim gives the system back the pages of what C libraries have freed, and says
// whether there were any. Who needs them again gets new ones, zeroed, at the cost of
// a page fault each.
func Trim() bool { return trim() }
