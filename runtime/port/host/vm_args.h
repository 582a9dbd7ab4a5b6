// vm_args.h: the command line of the VM program, as `frost run` and the recorder write it.
//
// Every option has the form --key=value; `--` ends them; then the script and its arguments.
// Memory: strings point into argv.

#ifndef FROST_PORT_HOST_VM_ARGS_H
#define FROST_PORT_HOST_VM_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/profile.h"

#define VM_CHUNKS_MAX 64

// What is to be run before the script.
struct vm_chunk {
    const char *text; // code, or the name of a module
    int is_library;
};

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
    const char *heap_dump;  // for tests: file that gets the heap at the end, or NULL
    uint64_t failing_allocation; // for tests: this one fails and its repetition, 0: none
    int trace_fd;           // -1: no trace
    int trace_raw;          // every event one by one
    int trace_no_text;      // hash and length instead of texts
    struct vm_chunk chunks[VM_CHUNKS_MAX];
    int chunk_count;
    int is_interactive;     // prompt after the script
    int shows_version;
    char **words;           // --word=W for each word in front of the script, for `arg`
    int word_count;
    const char *script;     // NULL: none; "-": standard input
    char **script_args;     // ended by NULL
    int script_arg_count;
};

// Fills `args`; prints a message and ends the process with status 2 for what it does not know.
void vm_args_parse(struct vm_args *args, int argc, char **argv);

// A word that the user typed in front of the script.
const char *vm_args_word(const struct vm_args *args, int i);

// The heap of this process, for messages.
extern size_t vm_heap_bytes;

#endif
