// strings_own.h: what a person has written into a list, which `--update` keeps.
//
// A line that ends with the comment `-- own` adds its strings, whatever the runs say; a comment
// line
// `-- not "text"` leaves that text out. All other strings of the file are frost's own choice.
// Memory: the arena given.

#ifndef FROST_ANALYSIS_STRINGS_OWN_H
#define FROST_ANALYSIS_STRINGS_OWN_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"

struct strings_own {
    struct text *added;
    uint32_t added_count;
    struct text *removed;
    uint32_t removed_count;
    struct text *before; // all strings of the file
    uint32_t before_count;
};

// Reads the source of a list. Errors: STATUS_DAMAGED.
int strings_own_read(struct text file, struct text source, struct arena *arena,
                     struct strings_own *own, struct problem *problem)
    __attribute__((warn_unused_result));

bool strings_own_has(const struct text *list, uint32_t count, struct text text);

#endif
