//go:build cgo

package hostmemory

// #include "hostmemory.h"
import "C"

func trim() bool { return C.rn_trim() != 0 }

func shareArena() bool { return C.rn_one_arena() != 0 }
