// hot_annotate.h: a source with counts beside its lines, as a report.

#ifndef FROST_ANALYSIS_HOT_ANNOTATE_H
#define FROST_ANALYSIS_HOT_ANNOTATE_H

#include "analyzer/analysis/hot/hot_report.h"

// A report with a Lua source and the counts of its lines beside them: table `annotate`. Where loads
// were recorded also a C source or function, see hot_annotate_c().
//
// file    as the chunk is named in the program ("app.lua"), or a path that ends with that.
// directory  where sources are; the file is looked for there, then as it is given.
// Errors: STATUS_NOT_FOUND no such file; STATUS_USAGE the runs have no chunk of that name.
int hot_annotate(const struct hot *hot, const struct hot_view *view, const char *file,
                 const char *directory, struct arena *arena, struct report **report,
                 struct problem *problem) __attribute__((warn_unused_result));

// A C source (table annotate_c) or the instructions of a C function (annotate_code) with the loads
// of the program that ran.
//
// what    a source of the program ("vm.c", however much of its path), or the name of a function.
// directory  where sources are; they are looked for there, then where they were compiled.
// Errors: STATUS_USAGE no such source or function, or no program at hand.
int hot_annotate_c(const struct hot *hot, const struct hot_view *view, const char *what,
                   const char *directory, struct arena *arena, struct report **report,
                   struct problem *problem) __attribute__((warn_unused_result));

#endif
