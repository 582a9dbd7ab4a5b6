// strings_list.h: preload lists as Lua source: writing one, and judging one that somebody wrote.
//
// A list is a module that is never called: its strings are constants of its function, so they stand
// in the image's string table, and interning finds them there instead of making them in RAM.
// The source compiles on stock firmware: at most STRINGS_PER_STATEMENT strings a statement (each
// takes a register), a block of its own for each statement (so locals do not add up), escapes for
// all but printable ASCII. All of it stands behind `do return end`: code that frost luac leaves out
// of the image (runtime/luac/trim.h), while luac.cross keeps it.

#ifndef FROST_ANALYSIS_STRINGS_LIST_H
#define FROST_ANALYSIS_STRINGS_LIST_H

#include <stdio.h>

#include "analyzer/analysis/strings/strings.h"

#define STRINGS_PER_STATEMENT 200u // the firmware's limit is 249

// Writes the list with a comment that tells from which runs it comes and what it saves.
// `what` is its first line: "strings to preload into flash".
void strings_list_write(const struct strings *strings, const struct strings_list *list,
                        const char *what, struct arena *scratch, FILE *out);

// What is right and wrong with a list that somebody wrote.
enum strings_finding {
    STRINGS_FINDING_GOOD,     // in RAM at the highest point: worth its flash
    STRINGS_FINDING_IDLE,     // in RAM, but not at the highest point: saves nothing there
    STRINGS_FINDING_UNUSED,   // never a string of these runs: flash for nothing
    STRINGS_FINDING_IN_FLASH, // in the image anyway
    STRINGS_FINDING_COSTLY,   // read byte by byte
    STRINGS_FINDING_UNSTABLE, // not in every run
    STRINGS_FINDING_TWICE,    // stands in the list before
    STRINGS_FINDING_INPUT,    // came from input
    STRINGS_FINDING_RUNTIME,  // made of numbers or of the environment
    STRINGS_FINDING_COUNT,
};

struct strings_checked {
    struct text bytes;
    uint32_t line;
    enum strings_finding finding;
    uint32_t text; // index of the text, HEAP_NO_TEXT if it never was a string
    uint32_t flash_bytes;
};

struct strings_check {
    struct strings_checked *items;
    uint32_t count;
    uint32_t by_finding[STRINGS_FINDING_COUNT];
    uint64_t wasted_flash_bytes; // of the items that save nothing
    uint32_t *missing;           // texts that the analysis chose and the list lacks
    uint32_t missing_count;
    struct strings_list list; // the list as a set of texts, with its figures
};

const char *strings_finding_name(unsigned finding);

// Judges the string literals of the Lua source `file`; replays the runs once more for its figures.
// Errors: STATUS_DAMAGED in the source, those of the trace reader.
int strings_list_check(const struct strings *strings, struct text file, struct text source,
                       struct arena *arena, struct strings_check *check, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
