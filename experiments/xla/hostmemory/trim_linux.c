//go:build cgo

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

#include "hostmemory.h"

// glibc's malloc_trim looks at the free blocks of all threads' arenas. Other C libraries have none.
int rn_trim(void) {
  int (*malloc_trim)(size_t) = (int (*)(size_t))dlsym(RTLD_DEFAULT, "malloc_trim");
  return malloc_trim != NULL && malloc_trim(0);
}
