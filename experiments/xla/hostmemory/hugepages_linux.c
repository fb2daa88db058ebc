//go:build cgo

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "hostmemory.h"

typedef int allocate(void **, size_t, size_t);

// The C library's posix_memalign, and whether the program has asked for huge pages. Both may be read by any thread.
static _Atomic(allocate *) next;
static atomic_int on;

__attribute__((constructor)) static void rn_hugepages_find(void) {
  atomic_store(&next, (allocate *)dlsym(RTLD_NEXT, "posix_memalign"));
}

void rn_hugepages_use(void) { atomic_store(&on, 1); }

int rn_hugepages_on(void) { return atomic_load(&on) && atomic_load(&next) != NULL; }

// posix_memalign takes the place of the C library's in the whole process. Until the program asks for huge pages it only
// calls the C library's.
int posix_memalign(void **result, size_t alignment, size_t size) {
  allocate *library = atomic_load_explicit(&next, memory_order_relaxed);
  if (library == NULL) {  // Called before the constructor.
    rn_hugepages_find();
    library = atomic_load(&next);
    if (library == NULL) return ENOMEM;
  }
  const size_t page = RN_HUGEPAGES_SIZE;
  if (!atomic_load_explicit(&on, memory_order_relaxed) || size < RN_HUGEPAGES_LEAST || alignment > page)
    return library(result, alignment, size);
  // The library only sees the larger alignment, so the caller's has to be checked here.
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  int failed = library(result, page, size);
  // Whole huge pages only: the rest of the last one belongs to others. The kernel may refuse, which does no harm.
  if (!failed) madvise(*result, size / page * page, MADV_HUGEPAGE);
  return failed;
}
