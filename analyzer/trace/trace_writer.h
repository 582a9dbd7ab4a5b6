// trace_writer.h: writes a trace from decoded events, for tests, benches and converters. Programs
// that are recorded write their events themselves (runtime/probe).
//
// Writes: a trace directory (runtime/format/trace.h); metadata and `events`, and .frost/ if asked.
// Memory: one packet buffer in the arena. Errors stick; the first is what trace_writer_close says.

#ifndef FROST_TRACE_WRITER_H
#define FROST_TRACE_WRITER_H

#include "analyzer/trace/trace_reader.h"

struct trace_writer;

// Begins a trace, which has its name when it is closed (analyzer/base/result.h: the directory must
// not exist, be empty, or be an earlier result).
//
// version  goes into the metadata.
// Errors:  those of result_begin; STATUS_IO with the system's reason.
int trace_writer_open(struct arena *arena, const char *directory, const char *version,
                      struct trace_writer **writer, struct problem *problem)
    __attribute__((warn_unused_result));

// Begins on the open, empty file `events` of a directory that somebody else makes; it is closed by
// trace_writer_close. Errors: STATUS_IO.
int trace_writer_attach(struct arena *arena, const char *directory, int events_fd,
                        struct trace_writer **writer, struct problem *problem)
    __attribute__((warn_unused_result));

// Appends an event. `event->clock` must not decrease; `event->serial` is not used, blocks are
// numbered as they come. A packet is ended first if the event does not fit or is too late for it.
// Returns the sticky status; STATUS_LIMIT for a tail over 65535 bytes or a clock that goes back.
int trace_writer_event(struct trace_writer *writer, const struct trace_event *event);

// Ends the current packet and begins one with these values; for what is TRACE_WRITER_AUTO the
// writer finds its own. `off` and `content_bytes` are not used, `bytes` is the least size of the
// packet, `clock_begin` and `clock_end` are where it begins and ends.
#define TRACE_WRITER_AUTO UINT64_MAX
void trace_writer_packet(struct trace_writer *writer, const struct trace_packet *packet);

// Adds to the number of events that are known to be lost; the packet of the next event tells it.
void trace_writer_lost(struct trace_writer *writer, uint64_t events);

// Writes a file of .frost/ (run.json, an image). `name` is a plain file name.
int trace_writer_file(struct trace_writer *writer, const char *name, struct text content);

// Ends the last packet, closes and gives the trace its name. Result: the first failure, described
// in `problem`; then trace_writer_abandon is to be called.
int trace_writer_close(struct trace_writer *writer, struct problem *problem)
    __attribute__((warn_unused_result));

// Removes what was written, after trace_writer_close has failed or instead of it.
void trace_writer_abandon(struct trace_writer *writer);

// One event as bytes, with the low bits of event->clock, for whoever makes packets by other rules.
// `at` has room for TRACE_ENCODE_BYTES_MAX. Result: bytes, 0 if a tail is too long.
size_t trace_encode(uint8_t *at, const struct trace_event *event);
#define TRACE_ENCODE_BYTES_MAX (128u + 65535u)

#endif
