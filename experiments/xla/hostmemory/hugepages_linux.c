//go:build cgo

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hostmemory.h"

typedef int allocate(void **, size_t, size_t);

// The C library's own; and whether buffers get huge pages.
static allocate *next;
static int on;

__attribute__((constructor)) static void rn_hugepages_start(void) {
  next = (allocate *)dlsym(RTLD_NEXT, "posix_memalign");
  const char *wish = getenv(RN_HUGEPAGES_ENV);
  on = wish == NULL || strcmp(wish, "off") != 0;
}

int rn_hugepages_on(void) { return on && next != NULL; }

// posix_memalign takes the place of the C library's for the whole process.
int posix_memalign(void **result, size_t alignment, size_t size) {
  if (next == NULL) { // before this library was started
    next = (allocate *)dlsym(RTLD_NEXT, "posix_memalign");
    if (next == NULL) return ENOMEM;
  }
  const size_t page = RN_HUGEPAGES_SIZE;
  if (!on || size < RN_HUGEPAGES_LEAST || alignment > page) return next(result, alignment, size);
  // Of the size that was asked for, so that an alignment that is no power of two is still an error.
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  int failed = next(result, page, size);
  // Whole huge pages only: what follows belongs to others. It is a wish, so that a refusal does not matter.
  if (!failed) madvise(*result, size / page * page, MADV_HUGEPAGE);
  return failed;
}
