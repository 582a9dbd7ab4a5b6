// vm_options.h: the options that fill struct vm_settings: run, record, profile.

#ifndef FROST_CMD_VM_OPTIONS_H
#define FROST_CMD_VM_OPTIONS_H

#include "analyzer/base/options.h"
#include "analyzer/job/vm_settings.h"

// What the device's flash holds: of commands that do not make it themselves.
// clang-format off
#define VM_FLASH_OPTIONS(S)                                                                       \
    {OPTION_STRING, 0, "lfs", "IMAGE", NULL, "Lua Flash Store image to mount",                    \
     offsetof(S, vm.lfs), 0, 0, NULL, 0},                                                         \
    {OPTION_STRING, 0, "devs", "IMAGE", NULL,                                                     \
     "devs image, made for the core image (luac --core); its modules come first",                 \
     offsetof(S, vm.devs), 0, 0, NULL, 0},                                                        \
    {OPTION_STRING, 0, "flash", "FILE", NULL,                                                     \
     "flash file with the program's file store; created if it does not exist",                    \
     offsetof(S, vm.flash), 0, 0, NULL, 0},                                                       \
    {OPTION_STRING, 0, "fs", "DIR", NULL,                                                         \
     "the program's file system (the script's directory, or the store of --flash)",               \
     offsetof(S, vm.fs), 0, 0, NULL, 0}

// clang-format on

// One row of the option table per field; `S` is the settings struct that holds a vm_settings as
// member `vm`.
// clang-format off
#define VM_OPTIONS(S)                                                                             \
    {OPTION_CHOICE, 0, "profile", "NAME", "nodemcu", "libraries, limits and heap: nodemcu or pc", \
     offsetof(S, vm.profile), 0, 0, vm_profile_names, 0},                                         \
    {OPTION_FLAG, 0, "integer", NULL, NULL, "integer build: numbers of 32 bits, no fractions",    \
     offsetof(S, vm.is_integer), 0, 0, NULL, 0},                                                  \
    {OPTION_STRING, 0, "world", "SCRIPT", NULL, "Lua script of what is around the device",        \
     offsetof(S, vm.world), 0, 0, NULL, 0},                                                       \
    {OPTION_STRING, 0, "saved-wifi", "FILE", NULL,                                                \
     "what the device has saved of its Wi-Fi: lines mode=, ssid=, password=",                     \
     offsetof(S, vm.saved_wifi), 0, 0, NULL, 0},                                                  \
    {OPTION_BYTES, 0, "heap", "BYTES", NULL, "size of the heap (nodemcu 44K, pc 64M)",            \
     offsetof(S, vm.heap_bytes), 4096, 0x20000000, NULL, 0},                                      \
    {OPTION_BYTES, 0, "stack", "BYTES", "8M", "size of the C stack",                              \
     offsetof(S, vm.stack_bytes), 65536, 0x7000000, NULL, 0},                                     \
    {OPTION_STRING, 0, "egc", "MODE", NULL,                                                       \
     "emergency collector: none, failure, limit:N, always (nodemcu always, pc none)",             \
     offsetof(S, vm.egc), 0, 0, vm_egc_modes, 0},                                                 \
    {OPTION_COUNT, 0, "max-boots", "N", "3", "stop a restarting program after N boots",           \
     offsetof(S, vm.boots_max), 1, 1000, NULL, 0},                                                \
    {OPTION_COUNT, 0, "duration", "MS", NULL, "end after that much device time",                  \
     offsetof(S, vm.duration_ms), 0, 0, NULL, 0},                                                 \
    {OPTION_CHOICE, 0, "on-error", "WHAT", "default",                                             \
     "an error in a callback: stop the run, or restart as the device does (run: restart)",        \
     offsetof(S, vm.on_error), 0, 0, vm_on_error_names, 0},                                       \
    {OPTION_FLAG, 0, "live", NULL, NULL,                                                          \
     "real time; connections of the program reach any address",                                   \
     offsetof(S, vm.is_live), 0, 0, NULL, 0},                                                     \
    {OPTION_LIST, 0, "port", "DEVICE=PORT", NULL,                                                 \
     "the device's port DEVICE is PORT of this computer (80: any free one)",                      \
     offsetof(S, vm.ports), 0, 0, NULL, 0},                                                       \
    {OPTION_COUNT, 0, "tcp-max", "N", NULL,                                                       \
     "connections at once (the device takes 5; others wait)",                                     \
     offsetof(S, vm.tcp_max), 1, 1000, NULL, 0},                                                  \
    {OPTION_LIST, 0, "host", "NAME=ADDRESS", NULL, "what the program finds NAME to be",           \
     offsetof(S, vm.hosts), 0, 0, NULL, 0},                                                       \
    {OPTION_COUNT, 0, "world-number", "N", NULL,                                                  \
     "2 and more: another chip in another place: number, addresses, noise, voltages, clock, "     \
     "order of files",                                                                            \
     offsetof(S, vm.world_number), 1, 64, NULL, 0},                                               \
    {OPTION_LIST, 0, "secret", "WORD", NULL,                                                      \
     "names of files and keys with WORD in them are those of secrets, as password is (record)",   \
     offsetof(S, vm.secrets), 0, 0, NULL, 0},                                                     \
    {OPTION_CHOICE, 0, "watchdog", "WHAT", "report",                                              \
     "a call that runs for 3.2 s of device time: report it, reset the device, or off",            \
     offsetof(S, vm.watchdog), 0, 0, vm_watchdog_names, 0},                                       \
    {OPTION_CHOICE, 0, "firmware", "NAME", "3.0",                                                 \
     "3.0; legacy: with tmr.alarm(id, ...), cjson and other old forms as well; stock: 3.0 "       \
     "and nothing that only frost has; stock-2018: the first ones with LFS, no node.LFS",         \
     offsetof(S, vm.firmware), 0, 0, vm_firmware_names, 0},                                       \
    {OPTION_FLAG, 0, "freeze", NULL, NULL, "freeze every function that is loaded",                \
     offsetof(S, vm.is_freezing), 0, 0, NULL, 0},                                                 \
    {OPTION_BYTES, 0, "freezer-size", "BYTES", NULL,                                              \
     "size of the freezer in flash that is not a file (64K); the LFS has one slot if need be",    \
     offsetof(S, vm.freezer_bytes), 0x2000, 0x70000, NULL, 0},                                    \
    {OPTION_FLAG, 0, "compact", NULL, NULL,                                                       \
     "move tables' parts and stacks together when memory is short (the device does not)",         \
     offsetof(S, vm.is_compacting), 0, 0, NULL, 0},                                               \
    {OPTION_LIST, 0, "module", "NAME=FILE", NULL,                                                 \
     "run FILE first; its result is the module NAME; may be repeated",                            \
     offsetof(S, vm.chunks), 0, 0, NULL, VM_CHUNK_GIVEN},                                         \
    {OPTION_LIST, 'e', "execute", "CODE", NULL, "run CODE before the script; may be repeated",    \
     offsetof(S, vm.chunks), 0, 0, NULL, VM_CHUNK_CODE},                                          \
    {OPTION_LIST, 'l', "library", "NAME", NULL,                                                   \
     "require NAME before the script; in order with -e",                                          \
     offsetof(S, vm.chunks), 0, 0, NULL, VM_CHUNK_MODULE}
// Of the commands that can replay a recording.
#define REPLAY_OPTIONS(S)                                                                         \
    {OPTION_STRING, 0, "replay", "TRACE", NULL,                                                   \
     "give the program what it was given when TRACE was recorded, and compare what it sends",     \
     offsetof(S, vm.replay.trace), 0, 0, NULL, 0},                                                \
    {OPTION_FLAG, 0, "replay-loose", NULL, NULL, "count differences, do not end at the first",\
     offsetof(S, vm.replay.is_loose), 0, 0, NULL, 0},                                             \
    {OPTION_FLAG, 0, "replay-own-heap", NULL, NULL,                                               \
     "tell the program how much heap is free now, not what it was told then",                     \
     offsetof(S, vm.replay.has_own_heap), 0, 0, NULL, 0}
// clang-format on

#endif
