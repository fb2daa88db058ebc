package hostmemory

import (
	"os"
	"runtime/debug"
)

// Release returns to the system what Go and the C library have freed. It is for the
// end of long work, such as a run.
func Release() {
	debug.FreeOSMemory()
	Trim()
}

// arenaEnv are the environment variables with which users set up glibc's malloc.
var arenaEnv = []string{"MALLOC_ARENA_MAX", "GLIBC_TUNABLES"}

// ShareArena makes all threads that begin from now on allocate from one arena of the C
// library, unless $MALLOC_ARENA_MAX or $GLIBC_TUNABLES is set, and reports whether the
// C library has arenas. It is for the main of a program.
//
// By default glibc gives each thread an arena, up to eight a core. Every run starts
// XLA's threads anew, and leaves freed blocks between used ones in other arenas than
// the run before. After 10 runs of ResNet-50's features a process took 411 MB, after 35
// to 100 runs 499 to 565 MB; with one arena it takes 292 to 315 MB.
func ShareArena() bool {
	for _, name := range arenaEnv {
		if os.Getenv(name) != "" {
			return false
		}
	}
	return shareArena()
}
