//go:build cgo

#include "forward.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

int xlacache_cpuid(uint32_t words[xlacache_cpuid_words]) {
  // Leaf, subleaf, and which of EAX, EBX, ECX, EDX are the same on every core and in every process. They are those
  // that llvm::sys::getHostCPUName and getHostCPUFeatures read: EBX of leaf 1 holds the core's number, the sizes in
  // leaf 0xd change with what a process has asked for.
  static const struct {
    uint32_t leaf, subleaf;
    unsigned char registers;
  } asked[] = {
      {0, 0, 0xf},          {1, 0, 0xd},          {7, 0, 0xf},    {7, 1, 0xf},    {0xd, 1, 0x1},
      {0x14, 0, 0x2},       {0x19, 0, 0x2},       {0x1e, 1, 0x1}, {0x24, 0, 0x2}, {0x80000001, 0, 0xc},
      {0x80000008, 0, 0x2},
  };
  int n = 0;
  for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
    uint32_t r[4] = {0};
    __get_cpuid_count(asked[i].leaf, asked[i].subleaf, &r[0], &r[1], &r[2], &r[3]);
    for (int j = 0; j < 4; j++)
      if (asked[i].registers >> j & 1) words[n++] = r[j];
  }
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) && ecx & bit_OSXSAVE) {  // Which registers the system saves.
    __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    words[n++] = eax;
    words[n++] = edx;
  }
  return n;
}
#else
int xlacache_cpuid(uint32_t words[xlacache_cpuid_words]) { return 0; }
#endif
