// size_blame.h: what takes most of a figure, or has made it grow most, in words.

#ifndef FROST_ANALYSIS_SIZE_BLAME_H
#define FROST_ANALYSIS_SIZE_BLAME_H

#include "reports/report.h"

// A figure, or the part of it that one label of a level has (level NULL: all of it).
struct size_blame_part {
    const char *figure, *level, *label;
};

// "largest: a.c main 1,200, ..." or, if something has grown since a base, "grown most: a.c main
// +200, ...": at most five rows of the finest table that has the figure. "" if there is none.
// Memory: the arena.
const char *size_blame(struct arena *arena, const struct size_blame_part *part,
                       const struct report *base, const struct report *now);

#endif
