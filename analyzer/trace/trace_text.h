// trace_text.h: traces as text, for tests and for people: one line per packet and event.
//
//     # a comment; blank lines are skipped
//     run {"schema": "frost/run/1", "complete": true}
//     image 1a2b3c4d-app.img hex 50a1fafa00
//     image app.img from app.img
//     packet sequence=0 begin=0 discarded=0 serial=1 real_ns=0
//     0 boot number=1 heap_bytes=45056 heap_addr=0x3ffe8000 command="init.lua"
//     120 text id=1 text="hello\n"
//     120 string_new addr=0x3ffe9000 text=1 site=0
//     +7 alloc addr=0x3ffea000 bytes=32 kind="table"
//
// Event: clock (or +clocks since the event before), name, then FIELD=VALUE in any order. A value is
// a number (decimal, 0x), or for enums and tails a string in quotes with \n \r \t \" \\ \xHH. What
// is left out is 0 or empty; of a `text` event hash and bytes are made from the text. Fields are
// those of runtime/format/trace_events.h.
// `packet` ends a packet and begins one; all its values may be left out. Without it packets are
// made as needed.
// `run` is the whole of .frost/run.json in one line; `image` a file of .frost/, in hexadecimal or
// from a file beside the text.

#ifndef FROST_TRACE_TEXT_H
#define FROST_TRACE_TEXT_H

#include <stdio.h>

#include "analyzer/trace/trace_reader.h"

// Makes the trace `directory` (which must not exist, or be empty) from the text file `path` ("-" is
// standard input).
//
// Errors: STATUS_DAMAGED with line and byte offset; STATUS_NOT_FOUND, STATUS_IO. Then no
//         directory is left.
int trace_text_assemble(struct arena *arena, const char *path, const char *directory,
                        const char *version, struct problem *problem)
    __attribute__((warn_unused_result));

// The same from memory; `path` is for messages and for the directory of `image ... from`.
int trace_text_assemble_text(struct arena *arena, struct text content, const char *path,
                             const char *directory, const char *version, struct problem *problem)
    __attribute__((warn_unused_result));

enum trace_text_form {
    TRACE_TEXT_FULL,       // assembles to the same events, packets and run.json (not the images)
    TRACE_TEXT_EVENTS,     // what happened: no packets, no run.json, no real time
    TRACE_TEXT_BABELTRACE, // as `babeltrace2 --clock-cycles --no-delta`, safe
};

// Words for an option table, in the order of the enum.
extern const char *const trace_text_form_words[];

// Writes a trace that has just been opened as text.
//
// form       enum trace_text_form.
// has_input  with what the program was given; else an `input` event has `data_bytes` and
// `data_hash`
//            (trace_text_hash) in place of its data, and cannot be assembled.
// exclude    texts that are left out, beside what trace_exclude() leaves out; NULL: none.
// Result: as the last trace_next: 0 or a failure (trace_problem); what could be read is written.
int trace_text_dump(struct trace *trace, FILE *out, int form, bool has_input,
                    const struct exclude *exclude);

#endif
