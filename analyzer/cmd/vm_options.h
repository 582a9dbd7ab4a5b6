// vm_options.h: the options that say how the runtime is to run: shared by run, record, profile.
//
// Memory: strings point into argv or into the arena given.

#ifndef FROST_CMD_VM_OPTIONS_H
#define FROST_CMD_VM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/options.h"

enum vm_profile { VM_PROFILE_NODEMCU, VM_PROFILE_PC };
enum vm_chunk { VM_CHUNK_CODE, VM_CHUNK_MODULE };

struct vm_settings {
    int profile;             // enum vm_profile
    bool is_integer;
    const char *lfs;         // image file, NULL: none
    const char *flash;       // flash file, NULL: in memory
    const char *fs;          // folder, NULL: the script's
    uint64_t heap_bytes;     // 0: the profile's default
    uint64_t stack_bytes;    // of the C stack
    const char *egc;         // mode, NULL: the profile's default
    uint64_t boots_max;
    uint64_t duration_ms;    // virtual time after which the run ends, 0: no limit
    struct option_list chunks; // -e CODE and -l NAME, in order; presets: enum vm_chunk
    // The stand-alone interpreter's; only `frost run` has the options for the first two.
    bool is_interactive;       // prompt after the script
    bool shows_version;
    const char *chip_build;    // the firmware under QEMU, NULL: on the host
    char *const *words;        // command line in front of the script, for `arg`; NULL: none
    size_t word_count;
};

// One row of the option table per field; `S` is the settings struct that holds a vm_settings as
// member `vm`.
#define VM_OPTIONS(S)                                                                             \
    {OPTION_CHOICE, 0, "profile", "NAME", "nodemcu", "libraries, limits and heap: nodemcu or pc", \
     offsetof(S, vm.profile), 0, 0, vm_profile_names, 0},                                         \
    {OPTION_FLAG, 0, "integer", NULL, NULL, "integer build: numbers of 32 bits, no fractions",    \
     offsetof(S, vm.is_integer), 0, 0, NULL, 0},                                                  \
    {OPTION_STRING, 0, "lfs", "IMAGE", NULL, "Lua Flash Store image to mount",                    \
     offsetof(S, vm.lfs), 0, 0, NULL, 0},                                                         \
    {OPTION_STRING, 0, "flash", "FILE", NULL, "flash file; made if it does not exist",            \
     offsetof(S, vm.flash), 0, 0, NULL, 0},                                                       \
    {OPTION_STRING, 0, "fs", "DIR", NULL, "the program's file system (the script's folder)",      \
     offsetof(S, vm.fs), 0, 0, NULL, 0},                                                          \
    {OPTION_BYTES, 0, "heap", "BYTES", NULL, "size of the heap (nodemcu 44K, pc 64M)",            \
     offsetof(S, vm.heap_bytes), 4096, 0x20000000, NULL, 0},                                      \
    {OPTION_BYTES, 0, "stack", "BYTES", "8M", "size of the C stack",                              \
     offsetof(S, vm.stack_bytes), 65536, 0x7000000, NULL, 0},                                     \
    {OPTION_STRING, 0, "egc", "MODE", NULL,                                                       \
     "emergency collector: none, failure, limit:N, always (nodemcu always, pc none)",             \
     offsetof(S, vm.egc), 0, 0, NULL, 0},                                                         \
    {OPTION_COUNT, 0, "max-boots", "N", "3", "boots before a restarting program is ended",        \
     offsetof(S, vm.boots_max), 1, 1000, NULL, 0},                                                \
    {OPTION_COUNT, 0, "duration", "MS", NULL, "end after that much virtual time",                 \
     offsetof(S, vm.duration_ms), 0, 0, NULL, 0},                                                 \
    {OPTION_LIST, 'e', "execute", "CODE", NULL, "run CODE before the script; may be repeated",    \
     offsetof(S, vm.chunks), 0, 0, NULL, VM_CHUNK_CODE},                                          \
    {OPTION_LIST, 'l', "library", "NAME", NULL,                                                   \
     "require NAME before the script; in order with -e",                                          \
     offsetof(S, vm.chunks), 0, 0, NULL, VM_CHUNK_MODULE}

extern const char *const vm_profile_names[];

// Checks what the table cannot (mode of the emergency collector).
int vm_settings_check(const struct vm_settings *vm, struct problem *problem)
    __attribute__((warn_unused_result));

// Notes the words in front of the script, which is the first operand. `words` is the whole command
// line, of which `operands` are the end.
void vm_settings_take_words(struct vm_settings *vm, char *const *words, char *const *operands);

// The VM program of these settings: "frostvm-float-plain".
const char *vm_program_name(const struct vm_settings *vm, const char *probes);

// The firmware of these settings: "float-plain". Name of the program: VM_CHIP_PROGRAM.
const char *vm_chip_build(const struct vm_settings *vm, const char *probes);
#define VM_CHIP_PROGRAM "frostvm-esp8266"

// argv of the VM, ended by NULL: program, canonical options, then the operands.
char **vm_make_argv(struct arena *arena, const char *program, const struct vm_settings *vm,
                    char *const *operands, size_t operand_count);

#endif
