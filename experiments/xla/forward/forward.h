// What register_linux.go calls of forward_linux.c.

#ifndef XLACACHE_FORWARD_H
#define XLACACHE_FORWARD_H

#include <stdint.h>

#include "pjrt.h"

// Number of different plugins that a process can forward to.
enum { xlacache_slots = 8 };

// xlacache_api calls the function of a library that returns its table.
const PJRT_Api* xlacache_api(void* get_pjrt_api);

// xlacache_usable says whether a table has every function that is used here.
int xlacache_usable(const PJRT_Api* api);

// xlacache_forward returns a copy of a table whose PJRT_Client_Compile calls xlacacheCompile with slot, or NULL if
// there is no memory. It is never freed: plugins stay to the end of the process.
PJRT_Api* xlacache_forward(const PJRT_Api* api, int slot);

// These call the real table. A PJRT_Error is NULL if all went well, else it is for xlacache_error or the caller.
PJRT_Error* xlacache_compile(const PJRT_Api* api, PJRT_Client_Compile_Args* args);
PJRT_Error* xlacache_load(const PJRT_Api* api, PJRT_Client* client, const void* data, size_t size,
                          PJRT_LoadedExecutable** loaded);
PJRT_Error* xlacache_serialize(const PJRT_Api* api, PJRT_LoadedExecutable* loaded,
                               PJRT_Executable_Serialize_Args* serialized);
void xlacache_free(const PJRT_Api* api, PJRT_Executable_Serialize_Args* serialized);
PJRT_Error* xlacache_version(const PJRT_Api* api, PJRT_Client* client, const char** version, size_t* size);
PJRT_Error* xlacache_devices(const PJRT_Api* api, PJRT_Client* client, PJRT_Device* const** devices, size_t* number);
PJRT_Error* xlacache_kind(const PJRT_Api* api, PJRT_Device* device, const char** kind, size_t* size);

// xlacache_message returns the text of an error, which lives as long as the error.
const char* xlacache_message(const PJRT_Api* api, PJRT_Error* error, size_t* size);
void xlacache_destroy(const PJRT_Api* api, PJRT_Error* error);

// xlacache_cpuid writes what the CPUID instruction says of the processor, as far as LLVM asks it for names and
// features, to words, and returns how many there are: 0 on processors without that instruction.
enum { xlacache_cpuid_words = 32 };
int xlacache_cpuid(uint32_t words[xlacache_cpuid_words]);

#endif  // XLACACHE_FORWARD_H
