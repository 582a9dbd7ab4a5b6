// vm_args.h: the command line of the VM program, as `frost run` and the recorder write it.
//
// Every option has the form --key=value; `--` ends them; then the script and its arguments.
// Memory: strings point into argv.

#ifndef FROST_PORT_HOST_VM_ARGS_H
#define FROST_PORT_HOST_VM_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/profile.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/watchdog.h"
#include "runtime/port/host/host.h"
#include "runtime/world/host/live.h"

#define VM_CHUNKS_MAX 64

// What is to be run before the script.
struct vm_chunk {
    const char *text; // code; the name of a module; NAME=FILE with the file's path
    enum { VM_CHUNK_CODE, VM_CHUNK_LIBRARY, VM_CHUNK_MODULE } kind;
};

#define VM_SECRETS_MAX 16 // words of --secret

struct vm_args {
    const struct lua_profile *profile;
    const char *lfs;   // image file or NULL
    const char *devs;  // devs image file or NULL
    const char *flash; // flash file or NULL
    const char *fs;    // directory; "" is the current one
    int has_store;     // the program's files are in the flash
    size_t heap_bytes;
    size_t stack_bytes;
    uint32_t egc_mode; // EGC_ bits
    int32_t egc_limit;
    unsigned boots_max;
    uint64_t duration_ms; // 0: no limit
    enum callback_policy on_error;
    enum watchdog_policy watchdog;
    enum firmware_edition firmware; // FIRMWARE_3_0 unless said
    int is_freezing;                // functions that are loaded go into the freezer
    uint32_t freezer_bytes;         // of its partition; 0: the default
    int is_compacting;              // vectors move together when memory is short or split
    enum host_clock clock;
    struct live_settings live;
    const char *world;           // script of the world, or NULL
    const char *saved_wifi;      // file of what the device has saved (saved_wifi.h), or NULL
    int world_fd;                // this process is one's, with the device there; -1: it is not
    const char *heap_dump;       // for tests: file that gets the heap at the end, or NULL
    const char *module_list;     // file that gets the names of the firmware's modules
    const char *absent_list;     // file that gets the names of what is not here (absent_list.h);
                                 // nothing runs then; or NULL
    uint64_t failing_allocation; // for tests: this one fails and its repetition, 0: none
    int trace_fd;                // -1: no trace
    int trace_raw;               // every event one by one
    int trace_no_text;           // hash and length instead of texts
    const char *secrets[VM_SECRETS_MAX]; // in names of credentials, besides the usual words
    unsigned secret_count;
    unsigned snapshots;      // moments, bits 1 << MOMENT_
    uint32_t snapshot_bytes; // height of the ledger for one of the peak, 0: none
    unsigned trace_stacks;   // callers written with each site
    int trace_no_inputs;     // nothing of what the world gives
    int replay_fd;           // replay log (runtime/format/replay_log.h), -1: none
    int replay_loose;        // differences are counted
    int replay_own_heap;     // questions for free heap are answered as they are
    int replay_quiet;        // no summary
    struct vm_chunk chunks[VM_CHUNKS_MAX];
    int chunk_count;
    int has_console;         // standard input arrives at UART 0
    int has_pseudo_terminal; // no: what comes from a pseudo-terminal does
    int is_interactive;      // prompt after the script
    int shows_version;
    char **words; // --word=W for each word in front of the script, for `arg`
    int word_count;
    const char *name;   // of the interpreter, in front of messages
    int is_interpreter; // it was given: started as a Lua interpreter, not as a device
    const char *script; // NULL: none; "-": standard input
    char **script_args; // ended by NULL
    int script_arg_count;
};

// Fills `args`; prints a message and ends the process with status 2 for what it does not know.
void vm_args_parse(struct vm_args *args, int argc, char **argv);

// A word that the user typed in front of the script.
const char *vm_args_word(const struct vm_args *args, int i);

// The heap of this process, for messages.
extern size_t vm_heap_bytes;

#endif
