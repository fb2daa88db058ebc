// Package hostmemory manages the memory that C libraries such as XLA take from the system. [UseHugePages] gives their
// large buffers pages of 2 MiB instead of 4 KiB, [Trim] returns to the system what they have freed, [Release] what Go has
// freed too, and [ShareArena] keeps a process that makes many runs from growing.
//
// XLA's CPU plugin allocates the intermediate values of a computation anew for every run. The kernel hands out such
// memory page by page, at the first access and zeroed, which for a training step of ResNet-50 happens a quarter of a
// million times. Most Linux systems give transparent huge pages to processes that ask ("madvise" in
// /sys/kernel/mm/transparent_hugepage/enabled), and glibc does not ask. So this package has a posix_memalign of its own,
// which the dynamic linker finds before the C library's. By itself it only calls the C library's; after UseHugePages it
// aligns buffers of 4 MiB and more to a huge page and asks for huge pages. The memory is still the C library's,
// and so is freeing it.
//
// XLA's compiler takes some hundred MB in small blocks for a training step of ResNet-50. When it frees them, glibc keeps
// them for the next small blocks, and allocates the larger buffers of the step beside them. Package platform calls
// [TrimAfter] after compilations.
//
// Outside Linux and without cgo this package does nothing; Trim also needs glibc.
package hostmemory
