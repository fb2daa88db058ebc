// Package hugepages gives large buffers of C libraries, such as XLA's, memory in
// pages of 2 MiB instead of 4 KiB, in every program that imports it.
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
// The environment variable [Env] set to "off" switches it off. It does nothing
// outside Linux and without cgo.
package hugepages

// Env is the environment variable that switches huge pages off if it is "off"
// when the program starts.
const Env = "RN_HUGE_PAGES"

// Least is the size in bytes of the smallest buffers that get huge pages.
const Least = 4 << 20

// Status says for people whether large buffers get huge pages, and if not, why.
func Status() (on bool, why string) { return status() }
