// exclude.h: texts that no output may have: the expressions of --exclude.
//
// A trace leaves the contents of such texts out while it is read (analyzer/trace), as if they had
// been recorded with --no-text; what else of a report matches is replaced before it is written
// (reports/report_exclude.h). NULL stands for no expressions.
// Memory: the arena that is given, and what the C library takes for expressions until
// exclude_release().

#ifndef FROST_BASE_EXCLUDE_H
#define FROST_BASE_EXCLUDE_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"

#define EXCLUDE_PATTERNS_MAX 32

struct exclude;

// Makes the set of POSIX extended expressions; NULL if there is none.
//
// Errors: STATUS_USAGE a bad expression, or more than EXCLUDE_PATTERNS_MAX.
int exclude_compile(struct arena *arena, const char *const *patterns, size_t count,
                    struct exclude **exclude, struct problem *problem)
    __attribute__((warn_unused_result));
void exclude_release(struct exclude *exclude);

// Is it one of the texts?
bool exclude_matches(const struct exclude *exclude, struct text text);

// What stands in the place of a text, ended by NUL.
#define EXCLUDE_STAND_IN_BYTES 80u
struct text exclude_stand_in(struct text text, char room[EXCLUDE_STAND_IN_BYTES]);

// The text itself, or what stands in its place: "(excluded: 23 bytes, hash 0123456789abcdef)".
struct text exclude_text(const struct exclude *exclude, struct arena *arena, struct text text);

#endif
