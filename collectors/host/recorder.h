// recorder.h: runs a VM program on this machine and turns its events into a trace.
//
// The recorder is the parent process. It makes the shared ring (runtime/format/trace_ring.h),
// starts the program with `--trace-fd=N`, and writes each packet that the program has finished to
// `events`; a program that outruns it waits, nothing is dropped. When the program crashes, the
// packet it was filling is written up to its last whole event.
//
// Writes: the trace is a result (analyzer/base/result.h): it is made beside its name and gets it
// when it is finished; a trace that had that name is replaced then, not before. If the recorder
// itself is killed, DIRECTORY.part.XXXXXX stays, which can be read like any trace (its run.json
// says "complete": false) until the next recording of that name. If the recorder fails (disk full),
// the program is ended and nothing is left. run.json: schema frost/run/1, reports/schema/run.json.
// Memory: the arena of the caller; it does not grow with the run.
// Context: one recording at a time. The first signal that a patient command notes
// (analyzer/base/interrupt.h) ends the program, which closes its trace.

#ifndef FROST_COLLECTORS_HOST_RECORDER_H
#define FROST_COLLECTORS_HOST_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

struct json_t; // jansson's

struct recorder_setup {
    const char *directory;   // of the trace; must outlive the problem
    char *const *argv;       // the VM program (a path), its arguments, NULL; NULL: not started here
    int output_fd;           // becomes the program's standard output; -1: as ours
    int error_fd;            // the same for standard error
    unsigned snapshots;      // of the heap, bits 1 << MOMENT_ of enum trace_moment
    uint32_t snapshot_bytes; // and when Lua has that many bytes; 0: not
    unsigned stack_depth;    // callers that are kept with each site, TRACE_STACK_DEPTH_MAX at most
    bool is_raw;             // counters one by one
    bool is_without_text;    // hash and length instead of texts
    bool is_without_inputs;  // nothing of what the world gives; so it is without texts, too
    const char *command;     // what the user asked for, for run.json
    const char *profile;     // "nodemcu" or "pc"
    const char *number;      // "float" or "integer"
    const char *build;       // "probed" or "traced"
    const char *version;     // of Frostline
    uint64_t duration_ms;    // of device time, after which the program ends itself; 0: no limit
    int ready_fd;            // on which the program tells the ports that it opens; 0: none
    int mark_fd;             // from which it takes names for moments; 0: none
    // Called fifty times a second and more while the program runs; true: it is to end, as if by
    // itself. NULL: not called.
    bool (*watch)(void *context);
    void *watch_context;
    struct json_t *facts; // further members of run.json, or others in place of the above; or NULL
};

struct recorder_result {
    int exit_status;  // of the program; 128+n: ended by signal n
    int interrupt;    // the signal that ended the recording, 0: none
    bool is_cut;      // its time (--duration) was over before it had ended
    bool is_complete; // the program has written its end event
    uint32_t boots;
    uint64_t event_count;
    uint64_t packet_count;
    uint64_t bytes; // of `events`
};

// Records one run; returns when the program has ended.
//
// Result: STATUS_OK whenever there is a trace, however the program ended (see result).
// Errors: STATUS_USAGE the directory exists and is neither empty nor a result; STATUS_IO it is
// being
//         recorded to;
//         STATUS_NOT_FOUND the program cannot be started; STATUS_NO_SPACE, STATUS_IO;
//         STATUS_DAMAGED the program has written what is not a packet; or, by its exit status, the
//         program has refused to begin. Then nothing is left behind.
int recorder_run(struct arena *arena, const struct recorder_setup *setup,
                 struct recorder_result *result, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
