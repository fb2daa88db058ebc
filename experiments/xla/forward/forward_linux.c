//go:build cgo

#include "forward.h"

#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"

const PJRT_Api* rn_forward_api(void* get_pjrt_api) { return ((const PJRT_Api* (*)(void))get_pjrt_api)(); }

int rn_forward_usable(const PJRT_Api* api) {
  return api->struct_size >= sizeof(PJRT_Api) && api->PJRT_Error_Destroy && api->PJRT_Error_Message &&
         api->PJRT_Client_PlatformVersion && api->PJRT_Client_AddressableDevices && api->PJRT_Client_Compile &&
         api->PJRT_DeviceDescription_Kind && api->PJRT_Device_GetDescription && api->PJRT_Executable_Destroy &&
         api->PJRT_Executable_Serialize && api->PJRT_LoadedExecutable_GetExecutable &&
         api->PJRT_Executable_DeserializeAndLoad;
}

// PJRT calls a function of the table with nothing that says which plugin it is of, so each slot has a function of its own.
#define COMPILE(slot) \
  static PJRT_Error* compile_##slot(PJRT_Client_Compile_Args* args) { return rnForwardCompile(slot, args); }
COMPILE(0)
COMPILE(1)
COMPILE(2)
COMPILE(3)
COMPILE(4)
COMPILE(5)
COMPILE(6)
COMPILE(7)

static PJRT_Error* (*const compile[rn_forward_slots])(PJRT_Client_Compile_Args*) = {
    compile_0, compile_1, compile_2, compile_3, compile_4, compile_5, compile_6, compile_7};

PJRT_Api* rn_forward_table(const PJRT_Api* api, int slot) {
  PJRT_Api* table = malloc(api->struct_size);
  if (table != NULL) {
    memcpy(table, api, api->struct_size);
    table->PJRT_Client_Compile = compile[slot];
  }
  return table;
}

PJRT_Error* rn_forward_compile(const PJRT_Api* api, PJRT_Client_Compile_Args* args) {
  return api->PJRT_Client_Compile(args);
}

PJRT_Error* rn_forward_load(const PJRT_Api* api, PJRT_Client* client, const void* data, size_t size,
                          PJRT_LoadedExecutable** loaded) {
  PJRT_Executable_DeserializeAndLoad_Args args = {
      .struct_size = sizeof args, .client = client, .serialized_executable = data, .serialized_executable_size = size};
  PJRT_Error* error = api->PJRT_Executable_DeserializeAndLoad(&args);
  *loaded = args.loaded_executable;
  return error;
}

PJRT_Error* rn_forward_serialize(const PJRT_Api* api, PJRT_LoadedExecutable* loaded,
                               PJRT_Executable_Serialize_Args* serialized) {
  PJRT_LoadedExecutable_GetExecutable_Args args = {.struct_size = sizeof args, .loaded_executable = loaded};
  PJRT_Error* error = api->PJRT_LoadedExecutable_GetExecutable(&args);
  if (error != NULL) return error;
  memset(serialized, 0, sizeof *serialized);
  serialized->struct_size = sizeof *serialized;
  serialized->executable = args.executable;
  error = api->PJRT_Executable_Serialize(serialized);
  PJRT_Executable_Destroy_Args destroy = {.struct_size = sizeof destroy, .executable = args.executable};
  PJRT_Error* left = api->PJRT_Executable_Destroy(&destroy);
  if (left != NULL) rn_forward_destroy(api, left);
  return error;
}

void rn_forward_free(const PJRT_Api* api, PJRT_Executable_Serialize_Args* serialized) {
  if (serialized->serialized_executable_deleter != NULL)
    serialized->serialized_executable_deleter(serialized->serialized_executable);
}

PJRT_Error* rn_forward_version(const PJRT_Api* api, PJRT_Client* client, const char** version, size_t* size) {
  PJRT_Client_PlatformVersion_Args args = {.struct_size = sizeof args, .client = client};
  PJRT_Error* error = api->PJRT_Client_PlatformVersion(&args);
  *version = args.platform_version;
  *size = args.platform_version_size;
  return error;
}

PJRT_Error* rn_forward_devices(const PJRT_Api* api, PJRT_Client* client, PJRT_Device* const** devices, size_t* number) {
  PJRT_Client_AddressableDevices_Args args = {.struct_size = sizeof args, .client = client};
  PJRT_Error* error = api->PJRT_Client_AddressableDevices(&args);
  *devices = args.addressable_devices;
  *number = args.num_addressable_devices;
  return error;
}

PJRT_Error* rn_forward_kind(const PJRT_Api* api, PJRT_Device* device, const char** kind, size_t* size) {
  PJRT_Device_GetDescription_Args description = {.struct_size = sizeof description, .device = device};
  PJRT_Error* error = api->PJRT_Device_GetDescription(&description);
  if (error != NULL) return error;
  PJRT_DeviceDescription_Kind_Args args = {.struct_size = sizeof args,
                                           .device_description = description.device_description};
  error = api->PJRT_DeviceDescription_Kind(&args);
  *kind = args.device_kind;
  *size = args.device_kind_size;
  return error;
}

const char* rn_forward_message(const PJRT_Api* api, PJRT_Error* error, size_t* size) {
  PJRT_Error_Message_Args args = {.struct_size = sizeof args, .error = error};
  api->PJRT_Error_Message(&args);
  *size = args.message_size;
  return args.message;
}

void rn_forward_destroy(const PJRT_Api* api, PJRT_Error* error) {
  PJRT_Error_Destroy_Args args = {.struct_size = sizeof args, .error = error};
  api->PJRT_Error_Destroy(&args);
}
