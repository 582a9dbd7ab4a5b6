// vm_args.h: the command line of the VM program, as `frost run` and the recorder write it.
//
// Every option has the form --key=value; `--` ends them; then the script and its arguments.
// Memory: strings point into argv.

#ifndef FROST_PORT_HOST_VM_ARGS_H
#define FROST_PORT_HOST_VM_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/profile.h"

#define VM_EXECUTE_MAX 64

struct vm_args {
    const struct lua_profile *profile;
    const char *lfs;        // image file or NULL
    const char *flash;      // flash file or NULL
    const char *fs;         // folder; "" is the current one
    size_t heap_bytes;
    size_t stack_bytes;
    uint32_t egc_mode;      // EGC_ bits
    int32_t egc_limit;
    unsigned boots_max;
    uint64_t duration_ms;   // 0: no limit
    int trace_fd;           // -1: no trace
    int trace_raw;          // every event one by one
    int trace_no_text;      // hash and length instead of texts
    const char *execute[VM_EXECUTE_MAX];
    int execute_count;
    const char *script;     // NULL: none
    char **script_args;     // ended by NULL
    int script_arg_count;
    const char *program;    // argv[0]
};

// Fills `args`; prints a message and ends the process with status 2 for what it does not know.
void vm_args_parse(struct vm_args *args, int argc, char **argv);

#endif
