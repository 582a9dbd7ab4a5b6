// console.h: console text of a device, line by line, for whoever makes events out of it.
//
// `frost record --serial` splits what comes from the device into frames (runtime/format/
// serial_frame.h) and console text. The text goes to standard output as it is. A consumer, if there
// is one, also gets it by lines: firmware that is not ours speaks of itself in such lines only
// (collectors/device). What the consumer makes of them goes into the same trace directory by the
// functions below.
//
// Memory: lines live until the callback returns. Context: one recording, one thread.

#ifndef FROST_COLLECTORS_SERIAL_CONSOLE_H
#define FROST_COLLECTORS_SERIAL_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"
#include "analyzer/trace/trace_reader.h"

#define CONSOLE_LINE_BYTES_MAX 4096u // a longer line is handed on in pieces of this size

struct serial_recorder; // the recording, for the functions below

// A line of console text.
struct console_line {
    struct text text; // without its "\n" or "\r\n"
    uint64_t number;  // 1, 2, 3 ...
    uint64_t real_ns; // when its last byte came, since the recording began
    bool is_whole;    // it ended with "\n"; else: over-long, or the recording ended
};

// What a callback answers.
enum console_answer {
    CONSOLE_SHOW = 0, // not ours: it is shown
    CONSOLE_TAKEN = 1 // ours: it is not shown
};

// A consumer of lines. Each callback may be NULL; negative results (enum status, `problem` filled)
// end the recording with that failure.
struct console_consumer {
    void *context;
    const char *prefix; // lines that begin so go to `line`; others are shown as they come, byte by
                        // byte; "" or NULL: all lines, each of which is shown only when it is whole
    // Once, when the line is open: may send (serial_recorder_send).
    int (*begin)(void *context, struct serial_recorder *recorder, struct problem *problem);
    // Result: enum console_answer, or a failure.
    int (*line)(void *context, struct serial_recorder *recorder, const struct console_line *line,
                struct problem *problem);
    // Nothing came for a quarter of a second: for consumers that ask and wait. `real_ns` as above.
    int (*idle)(void *context, struct serial_recorder *recorder, uint64_t real_ns,
                struct problem *problem);
    // Once, before the trace is closed: last events.
    int (*end)(void *context, struct serial_recorder *recorder, struct problem *problem);
};

// Appends an event to the trace; does nothing once the device has sent frames of its own.
// `event->clock` should not decrease (it is taken for that of the event before otherwise);
// `event->serial` is not used, blocks are numbered as they come. Texts, names and sites must be
// defined by events before use.
// Errors: STATUS_LIMIT tail over 65535 bytes; STATUS_IO, STATUS_NO_SPACE.
int serial_recorder_event(struct serial_recorder *recorder, const struct trace_event *event,
                          struct problem *problem) __attribute__((warn_unused_result));

// Adds to the count of events that are known to be lost; reports print it first.
void serial_recorder_lost(struct serial_recorder *recorder, uint64_t events);

// Sends bytes to the device (a command of a few hundred bytes). Errors: STATUS_IO.
int serial_recorder_send(struct serial_recorder *recorder, struct text bytes,
                         struct problem *problem) __attribute__((warn_unused_result));

// Facts for run.json, before or while recording: member `name` (a new one, or "profile", "number",
// "build"), as text or number. Strings are copied.
void serial_recorder_fact_text(struct serial_recorder *recorder, const char *name,
                               const char *value);
void serial_recorder_fact_number(struct serial_recorder *recorder, const char *name,
                                 uint64_t value);

// Keeps a file in .frost/ of the trace (`name` is a plain file name).
int serial_recorder_file(struct serial_recorder *recorder, const char *name, struct text content,
                         struct problem *problem) __attribute__((warn_unused_result));

#endif
