// advice.h: what to change in a program, all findings together, by what each saves.
//
// A finding has what it saves by the analysis of a run, and, where the program was run again with
// the change, what it saved then; and words for the check that was made, or why there is none.
// Takes findings from the analyses of flash reads and of the collector; others are the caller's.
// Memory: the arena given; texts are copied or are the caller's.

#ifndef FROST_ANALYSIS_ADVICE_H
#define FROST_ANALYSIS_ADVICE_H

#include "analyzer/analysis/gc/gc_report.h"
#include "analyzer/analysis/hot/hot_report.h"

enum advice_kind {
    ADVICE_IMAGE,     // code in an image
    ADVICE_STRINGS,   // a list of strings
    ADVICE_FREEZER,   // what is loaded is frozen
    ADVICE_COLLECTOR, // another mode
    ADVICE_LITERAL,   // a text that C code reads from flash one by one is made at run time
    ADVICE_LITERALS,  // all of these
    ADVICE_CALLS,     // a function in flash that is called often
    ADVICE_GARBAGE,   // a line whose allocations are short-lived
    ADVICE_GROWTH,    // RAM that grows from mark to mark
};

#define ADVICE_BY_PROFILE "none: frost profile replays it" // of what a run of its own can check

struct advice_item {
    enum advice_kind kind;
    const char *what;    // to do
    const char *command; // what to type; NULL: nothing
    const char *check;   // "replayed", or why it was not checked
    // Bytes less at the highest point of RAM, milliseconds less (modelled); negative: more.
    struct report_value predicted_bytes, measured_bytes, predicted_ms, measured_ms;
    struct report_value flash_bytes; // that it takes
    // Of a literal: its line, what reads it, and the text's hash and bytes.
    struct text line, text;
    unsigned reads;
    uint64_t hash;
    size_t places; // of the sources where a check has exchanged it
};

struct advice {
    struct arena *arena;
    struct advice_item *items;
    size_t count, room;
};

void advice_init(struct advice *advice, struct arena *arena);

// Adds a finding of a kind, with the words for one that is not checked; the caller fills in the
// rest. Result: valid until the next one is added.
struct advice_item *advice_add(struct advice *advice, enum advice_kind kind, const char *what);

// Says of all findings that are ADVICE_BY_PROFILE still why they were not checked.
void advice_say_unchecked(struct advice *advice, const char *why);

// Adds the findings of the two analyses. `trace`: as commands name it, NULL: they cannot.
// `hides_text`: literals are not shown.
void advice_add_analyses(struct advice *advice, const struct hot *hot, const struct gc *gc,
                         const char *trace, bool hides_text);

// The first of a kind; NULL: none.
struct advice_item *advice_find(const struct advice *advice, enum advice_kind kind);

// The table `advice`, those that save most RAM first, then those that save most time: by what was
// measured, else by what is predicted. No table without a finding.
void advice_fill(const struct advice *advice, struct report *report);

// The first ones as findings in words, with their commands. The table is for page and JSON then.
void advice_tell(const struct advice *advice, struct report *report);

#endif
