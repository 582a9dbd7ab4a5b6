// export.h: a run in the form that exports take: where it allocated and read, text by text.
//
// Filled by analyzer/analysis/export/export_fill.c, written by export_NAME.c in the formats of
// other tools. It knows neither traces nor Lua: a site is a line of a source with the function
// around it and, where one was running, the C function that the line had called. Memory: everything
// in the arena of whoever fills it; writers take a scratch arena.

#ifndef FROST_REPORTS_EXPORT_H
#define FROST_REPORTS_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"
#include "reports/report.h"

// What is counted per stack. Sums over all stacks are the totals of the run.
enum export_metric {
    EXPORT_ALLOCATIONS,     // blocks that were born
    EXPORT_ALLOCATED_BYTES, // their bytes, and what blocks grew by
    EXPORT_PEAK_BYTES,      // live at the highest point
    EXPORT_READS,           // characters of strings that C code read one by one
    EXPORT_FLASH_READS,     // emulated loads from flash, by the cost model
    EXPORT_CLOCKS,          // clocks of these loads and of collections, by the cost model
    EXPORT_METRIC_COUNT,
};

struct export_metric_about {
    const char *name;  // "peak_bytes"
    const char *title; // "Bytes live at the highest point"
    const char *unit;  // "bytes", "count", "clocks"
};

extern const struct export_metric_about export_metrics[EXPORT_METRIC_COUNT];

// The part of a site's allocations that one kind of object has.
struct export_amount {
    uint64_t allocations, allocated_bytes, peak_bytes;
};

struct export_site {
    struct text source;     // name of the source, printable; empty: no Lua function was running
    uint32_t line;          // 0 not known
    uint32_t function_line; // first line of the function around it; 0: the main chunk
    uint32_t function_nth;  // of the functions that begin there, from 1
    struct text c_function; // printable; empty if none
};

// A site with the calls that led there, as far as the trace has them, and what was counted there.
struct export_stack {
    uint32_t site_idx;
    uint32_t caller; // index of a stack, below its own; 0: none is known
    uint64_t metrics[EXPORT_METRIC_COUNT];
    struct export_amount *kinds; // kind_count of them
};

// A string by its content. `content` is empty where it is not known or must not be shown.
struct export_text {
    struct text content;
    uint64_t hash;
    uint32_t bytes; // length of the whole
    bool is_in_flash;
    bool is_hidden;             // the content came from input
    uint32_t site_idx;          // first site that made or used it
    uint64_t blocks;            // times it was made in RAM
    uint64_t lifetime_clocks;   // of all blocks together
    bool is_at_peak, is_at_end; // in RAM at the highest point, at the end
    uint64_t reads;             // characters read one by one
    uint32_t *access;           // times that each byte was read, `bytes` of them; NULL: not counted
};

struct export_profile {
    const char *command;
    uint64_t clock_end;  // instructions executed
    uint64_t clock_peak; // when the highest point was reached
    const char *const *kind_names;
    size_t kind_count;
    const char *model; // of costs
    struct export_site *sites;
    size_t site_count;
    struct export_stack *stacks; // stacks[0] is of what no Lua function did
    size_t stack_count;
    bool has_callers; // some stack has one
    struct export_text *texts;
    size_t text_count;
    uint64_t texts_omitted;      // blocks of texts that are not listed
    const struct report *inputs; // has the trace as its only input
    const char *ending;          // how the run ended, a sentence; "": by itself
    const char *missing;         // what of the trace, a sentence; "": nothing
};

struct exporter {
    const char *name;      // word of --to
    const char *file_name; // where it goes if nobody says
    // Errors of the stream show when it is closed; STATUS_NO_MEMORY.
    int (*write)(const struct export_profile *profile, struct arena *scratch, FILE *out,
                 struct problem *problem);
};

// In the order of export_words, NULL at the end.
extern const struct exporter *const export_list[];
extern const char *const export_words[];

extern const struct exporter exporter_callgrind;
extern const struct exporter exporter_dhat;
extern const struct exporter exporter_folded;
extern const struct exporter exporter_folded_peak;
extern const struct exporter exporter_pprof;

uint64_t export_total(const struct export_profile *profile, enum export_metric metric);

// "app.lua:12", the function that begins there; "app.lua:12#2", the second one that does;
// "app.lua:main"; the C function or "(runtime)" where no Lua function was running.
const char *export_function_name(struct arena *arena, const struct export_site *site);

// "app.lua:14"; in the second function that begins on line 12: "app.lua:14 in function 12#2".
const char *export_line_name(struct arena *arena, const struct export_site *site);

// The source, "[C]" where there is none.
struct text export_source_name(const struct export_site *site);

// "text" as a Lua literal of at most about 200 characters; hash and length where the content is
// not there or cut.
const char *export_text_name(struct arena *arena, const struct export_text *text);

// The stacks in the order of source, function, line and C function of their sites; `stack_count`
// pointers.
const struct export_stack **export_sort_stacks(struct arena *arena,
                                               const struct export_profile *profile);

// Writes a profile to `path` in one format, beside and renamed.
int export_write(const struct export_profile *profile, const struct exporter *exporter,
                 const char *path, struct arena *scratch, struct problem *problem)
    __attribute__((warn_unused_result));

// Writes all formats into a directory, which exists, under their usual names.
int export_write_all(const struct export_profile *profile, const char *directory,
                     struct arena *scratch, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
