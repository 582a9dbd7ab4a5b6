// device_record.h: the log of a device's console becomes a trace.
//
// Reads: a file, a pipe or standard input: what a terminal program has kept, or keeps writing.
// Writes: a trace directory, as collectors/host/recorder.h says; run.json has "source": "stock
// device" and the counts of lines. Memory: the arena of the caller; it does not grow with the log.
// Context: one recording at a time; SIGINT and SIGTERM end it as the end of the input does.

#ifndef FROST_COLLECTORS_DEVICE_RECORD_H
#define FROST_COLLECTORS_DEVICE_RECORD_H

#include "collectors/device/device_trace.h"

struct json_t; // jansson's

struct device_record_setup {
    const char *input;     // a path; "-": standard input
    const char *directory; // of the trace; must outlive the problem
    bool is_without_text;  // hash and length instead of texts
    const char *lfs;       // file of the image that the device has in flash; NULL: not given
    bool shows_rest;       // lines that are not of the module go to standard output
    const char *command;   // what the user asked for, for run.json
    const char *version;   // of Frostline
};

struct device_record_result {
    struct device_counts counts;
    uint64_t event_count;
    uint64_t bytes; // of `events`
};

// Reads the log to its end.
//
// Errors: STATUS_NOT_FOUND, STATUS_IO the log cannot be read; STATUS_DAMAGED it has no line of the
//         module; STATUS_VERSION only lines of another version; STATUS_LIMIT what it tells is not
//         of a device; those of the trace's directory (recorder_run). Then nothing is left behind.
int device_record_run(struct arena *arena, const struct device_record_setup *setup,
                      struct device_record_result *result, struct problem *problem)
    __attribute__((warn_unused_result));

// The counts as members of run.json ("source", "device_lines" ...), added to `facts`.
void device_record_facts(const struct device_counts *counts, struct json_t *facts);

#endif
