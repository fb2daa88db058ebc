//go:build linux && cgo

// Package memory takes memory as C libraries do, for tests: cgo is not
// for test files.
package memory

// #include <stdlib.h>
// #ifdef __GLIBC__
// enum { rn_gnu = 1 };
// #else
// enum { rn_gnu = 0 };
// #endif
import "C"

import (
	"syscall"
	"unsafe"
)

// Aligned is posix_memalign: so many bytes at a multiple of alignment.
func Aligned(alignment, size int) (unsafe.Pointer, error) {
	var p unsafe.Pointer
	if code := C.posix_memalign(&p, C.size_t(alignment), C.size_t(size)); code != 0 {
		return nil, syscall.Errno(code)
	}
	return p, nil
}

// Free gives memory back.
func Free(p unsafe.Pointer) { C.free(p) }

// GNU reports whether the C library is glibc.
func GNU() bool { return C.rn_gnu != 0 }
