// source_lines.h: sources as reports show them, line by line.

#ifndef FROST_ANALYSIS_SOURCE_LINES_H
#define FROST_ANALYSIS_SOURCE_LINES_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

// True if both name the same file, however long the path in front of either.
bool source_is_same(struct text a, struct text b);

// Reads DIRECTORY/FILE, or FILE as it is given. Errors: those of input_read().
int source_read(const char *file, const char *directory, struct arena *arena, struct text *source,
                struct problem *problem) __attribute__((warn_unused_result));

uint32_t source_count_lines(struct text source);

// Takes the first line off the source: tabs as spaces, control characters as '?'.
struct text source_next_line(struct text *source, struct arena *arena);

#endif
