// size_constants.h: constants of a firmware that lie in RAM and could be in flash, and how many
// instructions would then read flash by less than a word.
//
// Memory: the arena.

#ifndef FROST_ANALYSIS_SIZE_CONSTANTS_H
#define FROST_ANALYSIS_SIZE_CONSTANTS_H

#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"
#include "reports/report.h"

struct size_constant {
    struct text name, unit;
    uint64_t addr, bytes;
};

struct size_constants {
    struct arena *arena;
    struct size_constant *items; // by address
    size_t count, room;
};

// Adds one, or more bytes of the last one. The texts must outlive the report.
void size_constants_add(struct size_constants *constants, struct text name, struct text unit,
                        uint64_t addr, uint64_t bytes);

// Adds the table `ram_constants` and a total. `path`: the program, an ELF file. `is_followed`: its
// code is the chip's; if not, or if it cannot be followed (a note says so), loads are not known.
void size_constants_report(const struct size_constants *constants, const char *path,
                           bool is_followed, struct report *report);

#endif
