// The functions of forward_linux.c that Go calls.

#ifndef RN_FORWARD_H
#define RN_FORWARD_H

#include "pjrt.h"

// Number of different plugins that a process can forward to.
enum { rn_forward_slots = 8 };

// rn_forward_api calls GetPjrtApi, the function of a plugin that returns its table.
const PJRT_Api* rn_forward_api(void* get_pjrt_api);

// rn_forward_usable tells whether a table has every function that this package calls.
int rn_forward_usable(const PJRT_Api* api);

// rn_forward_table returns a copy of a table whose PJRT_Client_Compile calls rnForwardCompile with slot, or NULL if
// memory ran out. The copy is never freed: plugins stay until the process ends.
PJRT_Api* rn_forward_table(const PJRT_Api* api, int slot);

// These call the plugin's own table. They return NULL on success; the caller owns the error otherwise.
PJRT_Error* rn_forward_compile(const PJRT_Api* api, PJRT_Client_Compile_Args* args);
PJRT_Error* rn_forward_load(const PJRT_Api* api, PJRT_Client* client, const void* data, size_t size,
                            PJRT_LoadedExecutable** loaded);
PJRT_Error* rn_forward_serialize(const PJRT_Api* api, PJRT_LoadedExecutable* loaded,
                                 PJRT_Executable_Serialize_Args* serialized);
void rn_forward_free(const PJRT_Api* api, PJRT_Executable_Serialize_Args* serialized);
PJRT_Error* rn_forward_version(const PJRT_Api* api, PJRT_Client* client, const char** version, size_t* size);
PJRT_Error* rn_forward_devices(const PJRT_Api* api, PJRT_Client* client, PJRT_Device* const** devices, size_t* number);
PJRT_Error* rn_forward_kind(const PJRT_Api* api, PJRT_Device* device, const char** kind, size_t* size);

// rn_forward_message returns the text of an error, which lives as long as the error.
const char* rn_forward_message(const PJRT_Api* api, PJRT_Error* error, size_t* size);
void rn_forward_destroy(const PJRT_Api* api, PJRT_Error* error);

#endif  // RN_FORWARD_H
