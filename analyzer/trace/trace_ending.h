// trace_ending.h: how a run ended, in the words that every command uses.
//
// Reads: the events `console` and `end` of a trace as they pass, then its run.json.
// Memory: none of its own; a fixed number of bytes of the last lines that the program wrote.

#ifndef FROST_TRACE_ENDING_H
#define FROST_TRACE_ENDING_H

#include "analyzer/trace/trace_reader.h"

#define TRACE_ENDING_LINE_BYTES 240u // of a line that is kept

enum trace_ending_kind {
    TRACE_ENDED,         // by itself
    TRACE_FAILED,        // an error, out of memory, a panic, a crash
    TRACE_CUT,           // its time was over (--duration)
    TRACE_STOPPED,       // by a signal
    TRACE_ENDING_UNSAID, // the trace has no end and nothing says why: that is a loss
};

// The beginning of a line, as it is written piece by piece.
struct trace_ending_line {
    char data[TRACE_ENDING_LINE_BYTES];
    size_t bytes;
    bool is_over; // a newline has come: the next piece begins a new one
};

struct trace_ending {
    const struct exclude *exclude; // lines that are not shown, set by the caller; NULL: none
    enum trace_ending_kind kind;
    int status;                    // of the program; 128+n: signal n
    uint64_t duration_ms;          // the limit of device time, 0: not known
    bool has_end;                  // the `end` event has come
    struct trace_ending_line line; // of standard error, that is being written
    struct trace_ending_line said; // the message of a failure; no bytes: none
    bool is_from_lua; // `said` is an error of the program: the runtime's are worth less
    struct trace_ending_line printed; // last line of standard output that has something in it
};

// Events that trace_ending_note() is for.
#define TRACE_ENDING_EVENTS                                                                        \
    (UINT64_C(1) << TRACE_ID_boot | UINT64_C(1) << TRACE_ID_console | UINT64_C(1) << TRACE_ID_end)

// Notes an event; others than those do not matter.
void trace_ending_note(struct trace_ending *ending, const struct trace_event *event);

// Settles the kind, once the trace has been read to its end.
void trace_ending_finish(struct trace_ending *ending, const struct trace *trace);

// "The program failed: init.lua:3: message", in the arena; no bytes if there is nothing to say.
struct text trace_ending_text(const struct trace_ending *ending, struct arena *arena);

// The message of a failure: what the program raised. No bytes: it has none.
static inline struct text trace_ending_message(const struct trace_ending *ending)
{
    return (struct text){ending->said.data, ending->said.bytes};
}

#endif
