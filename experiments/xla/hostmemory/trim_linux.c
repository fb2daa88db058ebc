//go:build cgo

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

#include "hostmemory.h"

// glibc's malloc_trim looks at the free blocks of the arenas of all threads. Other C libraries do not have it.
int rn_trim(void) {
  int (*malloc_trim)(size_t) = (int (*)(size_t))dlsym(RTLD_DEFAULT, "malloc_trim");
  return malloc_trim != NULL && malloc_trim(0);
}

// M_ARENA_MAX of glibc's malloc.h, which other C libraries lack.
#define RN_M_ARENA_MAX -8

int rn_one_arena(void) {
  int (*mallopt)(int, int) = (int (*)(int, int))dlsym(RTLD_DEFAULT, "mallopt");
  return mallopt != NULL && mallopt(RN_M_ARENA_MAX, 1);
}
