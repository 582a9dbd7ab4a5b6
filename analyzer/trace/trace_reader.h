// trace_reader.h: reads a trace event by event, from its first packet to its end or its cut.
//
// Reads: a trace directory (runtime/format/trace.h). Writes nothing.
// Memory: one buffer of TRACE_PACKET_BYTES_MAX and the contents of run.json, in the arena of the
// caller; it does not grow with the trace.
//
//     struct trace *trace;
//     if (trace_open(arena, directory, &trace, problem) != STATUS_OK) ...
//     struct trace_event event;
//     int more;
//     while ((more = trace_next(trace, &event)) > 0)
//         switch (event.id) { case TRACE_ID_alloc: use(event.alloc.addr, event.serial); ... }
//     if (more < 0) ... trace_problem(trace) says what is damaged, and where
//     trace_loss(trace) goes first into the report
//     trace_close(trace);

#ifndef FROST_TRACE_READER_H
#define FROST_TRACE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/exclude.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"
#include "runtime/format/trace.h"

struct json_t; // jansson's

// One struct per event with its fields and tail: struct trace_event_alloc { uint32_t addr;
// uint32_t bytes; uint8_t kind; uint16_t site; }; a tail is a struct text.
#define TRACE_STRUCT_FIELD(type, name) TRACE_CTYPE(type) name;
#define TRACE_STRUCT_TAIL(name) struct text name;
#define TRACE_STRUCT_EVENT(id, name, fields)                                                       \
    struct trace_event_##name {                                                                    \
        fields                                                                                     \
    };
TRACE_EVENTS(TRACE_STRUCT_EVENT, TRACE_STRUCT_FIELD, TRACE_STRUCT_TAIL)
#undef TRACE_STRUCT_EVENT

// A decoded event. `id` (TRACE_ID_alloc ...) says which member is valid.
struct trace_event {
    uint64_t clock;  // VM instructions since the process started; never decreases
    uint64_t serial; // of alloc and string_new: the number of the block, from 1; else 0
    uint64_t number; // in the trace, from 1; events that were passed over have one, too
    uint32_t id;
    uint32_t string_hash; // of a `text` without its content (trace_exclude): Lua's hash of it
#define TRACE_UNION_EVENT(event_id, name, fields) struct trace_event_##name name;
#define TRACE_UNION_NOTHING(...)
    union {
        TRACE_EVENTS(TRACE_UNION_EVENT, TRACE_UNION_NOTHING, TRACE_UNION_NOTHING)
    };
#undef TRACE_UNION_EVENT
#undef TRACE_UNION_NOTHING
};
#undef TRACE_STRUCT_FIELD
#undef TRACE_STRUCT_TAIL

// The packet that the last event came from.
struct trace_packet {
    uint64_t off;   // of the packet in `events`
    uint32_t bytes; // all of it
    uint32_t content_bytes;
    uint64_t clock_begin, clock_end;
    uint64_t events_discarded; // running total
    uint64_t sequence;
    uint64_t serial_first;
    uint64_t real_ns; // since the start of the run
};

// What is missing. All zero and false for a whole trace; final once trace_next has returned 0 or
// a failure.
struct trace_loss {
    uint64_t events_discarded; // counted by the writer
    uint64_t packets_lost;     // gaps in the sequence numbers
    uint64_t blocks_lost;      // gaps in the serial numbers: allocations whose events are lost
    uint64_t events_unknown;   // of a newer schema, of kinds or with values not known here
    uint64_t bytes_cut;        // at the end, not read: the file ends inside a packet
    bool is_cut;               // it does, maybe just behind an event: nothing is there to be read
    bool is_unfinished;        // no `end` event was last: the program crashed or was killed
};

// An image that was mounted, as run.json tells.
struct trace_run_image {
    const char *file; // name of the copy in .frost/, without directory
    uint32_t addr, bytes, crc;
};

// .frost/run.json, its usual members; strings are never NULL, "" if absent.
struct trace_run {
    bool is_present; // there is a run.json and it is of schema frost/run/1
    bool is_complete;
    bool has_exited;      // the program has ended and said with what status
    int exit_status;      // of the program; 128+n: ended by signal n
    const char *ended_by; // "program", "signal", "duration"; over a line also "user", "line"
    uint64_t duration_ms; // the limit of device time that it ran under, 0: none, or not known
    uint32_t boots;
    const char *command;  // as the user gave it
    const char *profile;  // "nodemcu" or "pc"
    const char *number;   // "float" or "integer"
    const char *build;    // "probed" or "traced"
    const char *version;  // of Frostline
    const char *target;   // "esp8266", "" is this machine
    const char *program;  // the VM or the firmware's ELF file, a path
    const char *build_id; // of that file, hexadecimal
    const struct trace_run_image *images;
    size_t image_count;
    const struct json_t *json; // everything, read-only; NULL if absent; freed by trace_close
};

struct trace;

// Opens the trace in `directory` and checks its metadata; run.json is read if it is there.
//
// directory  must outlive the trace and the problem.
// Errors: STATUS_NOT_FOUND no such directory, or no `metadata` or `events` in it;
//         STATUS_VERSION the metadata is of another event table and does not explain it;
//         STATUS_DAMAGED metadata that is not CTF, run.json that is not JSON; STATUS_IO.
int trace_open(struct arena *arena, const char *directory, struct trace **trace,
               struct problem *problem) __attribute__((warn_unused_result));

// Closes the files; memory goes with the arena. NULL is allowed.
void trace_close(struct trace *trace);

// Decodes the next event. Tails point into the reader's buffer until the next call.
//
// Result: 1 an event; 0 the end, also of a trace that was cut off (trace_loss); STATUS_DAMAGED
//         or STATUS_IO (trace_problem). Sticks: the same again after 0 or a failure.
// Cost:   about 5 ns.
int trace_next(struct trace *trace, struct trace_event *event) __attribute__((warn_unused_result));

// As trace_next(), for events of the kinds of the mask: bit TRACE_ID_x for each. Others are passed
// over, counted, and not looked at further than their size asks for. The next events are decoded at
// once, up to `room` of them; all their tails stay until the next call.
//
// Result: how many, at least 1; 0 and failures as trace_next(), when all before were given.
// Cost:   about 2 ns for an event that is passed over.
int trace_next_of(struct trace *trace, uint64_t ids, struct trace_event *events, uint32_t room)
    __attribute__((warn_unused_result));

// Back to before the first event, for a second pass. Errors: STATUS_IO.
int trace_rewind(struct trace *trace) __attribute__((warn_unused_result));

// What made trace_next fail: file, byte offset and reason; status 0 if nothing did.
const struct problem *trace_problem(const struct trace *trace);

// From now on the tails of events that match are replaced: a `text` has no content, as with
// --no-text, and its data is `trace_excluded`; names and others have what stands for them. So has
// the command of trace_run(). Names of image files stay: they lead to the copies. NULL: nothing is.
void trace_exclude(struct trace *trace, const struct exclude *exclude);
extern const char trace_excluded[];

// From now on the bytes of `events` are summed up as they are read; the CRC-32 of all of them once
// they have been read to the end: false if they have not, or trace_sum() was not called before.
void trace_sum(struct trace *trace);
bool trace_crc(const struct trace *trace, uint32_t *crc);

// How often this process has read a trace from its beginning, all traces together.
uint32_t trace_passes(void);

// Events so far, those that were passed over included, and the clock of the last one.
uint64_t trace_event_count(const struct trace *trace);
uint64_t trace_clock(const struct trace *trace);

const struct trace_loss *trace_loss(const struct trace *trace);
const struct trace_packet *trace_packet(const struct trace *trace);
const struct trace_run *trace_run(const struct trace *trace);
const char *trace_directory(const struct trace *trace);

// What our table of events has more than that of the trace; "" if it is ours, NULL if it is not one
// of the older ones that are known here.
const char *trace_table_lacks(const struct trace *trace);

// Bytes of `events`, and how many of them have been read: for progress and for `inputs` of reports.
uint64_t trace_bytes(const struct trace *trace);
uint64_t trace_bytes_done(const struct trace *trace);

// Path of the copy of an image, "DIRECTORY/.frost/FILE", in the arena of the trace. `file` comes
// from the trace (an image_mounted event): NULL if it is not a plain file name.
const char *trace_image_path(struct trace *trace, struct text file);

// The word for an enum value ("table array"), "?" outside the enum; name of an event ("alloc").
const char *trace_kind_name(unsigned kind);
const char *trace_content_name(unsigned function);
const char *trace_vm_event_name(unsigned what);
const char *trace_gc_reason_name(unsigned reason);
const char *trace_gc_phase_name(unsigned phase);
const char *trace_edge_name(unsigned edge);
const char *trace_moment_name(unsigned moment);
const char *trace_world_name(unsigned kind);
const char *trace_event_name(unsigned id);

// Is there an event of this id? Ids are below TRACE_ID_LIMIT, with gaps.
bool trace_event_is_known(unsigned id);

#endif
