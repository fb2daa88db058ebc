package hostmemory

import "runtime/debug"

// Release returns to the system what Go and the C library have freed. It is for the
// end of long work, such as a run: both keep freed memory for later, Go as much as it
// holds in use, and glibc in arenas of each thread, between blocks that are in use.
// Release takes some 50 ms.
func Release() {
	debug.FreeOSMemory()
	Trim()
}
