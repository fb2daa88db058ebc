//go:build linux && cgo

// Package memory allocates memory as C libraries do. It is for tests, which cannot use cgo themselves.
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

// Aligned allocates size bytes at a multiple of alignment with posix_memalign.
func Aligned(alignment, size int) (unsafe.Pointer, error) {
	var p unsafe.Pointer
	if code := C.posix_memalign(&p, C.size_t(alignment), C.size_t(size)); code != 0 {
		return nil, syscall.Errno(code)
	}
	return p, nil
}

// Free frees memory.
func Free(p unsafe.Pointer) { C.free(p) }

// GNU reports whether the C library is glibc.
func GNU() bool { return C.rn_gnu != 0 }
