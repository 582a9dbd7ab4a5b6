// hot_annotate.h: sources with counts beside their lines: what Lua's and C's have in common.

#ifndef FROST_ANALYSIS_HOT_ANNOTATE_H
#define FROST_ANALYSIS_HOT_ANNOTATE_H

#include "analyzer/analysis/hot_report.h"

// True if both name the same file, however long the path in front of either.
bool hot_annotate_is_same(struct text a, struct text b);

// Reads FOLDER/FILE, or FILE as it is given. Errors: those of input_read().
int hot_annotate_read(const char *file, const char *folder, struct arena *arena,
                      struct text *source, struct problem *problem)
    __attribute__((warn_unused_result));

uint32_t hot_annotate_count_lines(struct text source);

// Takes the first line off the source: tabs as spaces, control characters as '?'.
struct text hot_annotate_next_line(struct text *source, struct arena *arena);

// A C source (table annotate_c) or the instructions of a C function (annotate_code) with the loads
// of the program that ran.
//
// what    a source of the program ("vm.c", however much of its path), or the name of a function.
// folder  where sources are; they are looked for there, then where they were compiled.
// Errors: STATUS_USAGE no such source or function, or no program at hand.
int hot_annotate_c(const struct hot *hot, const struct hot_view *view, const char *what,
                   const char *folder, struct arena *arena, struct report **report,
                   struct problem *problem) __attribute__((warn_unused_result));

#endif
