// static_reads.h: how many instructions of a firmware may read from a stretch of its data by less
// than a word.
//
// Reads: an ELF file of the chip (static_flow.h). Memory: the arena.

#ifndef FROST_ANALYSIS_STATIC_READS_H
#define FROST_ANALYSIS_STATIC_READS_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

struct static_read {
    uint32_t addr; // of what the load may reach
    uint32_t insn; // index of the load
};

struct static_reads {
    struct static_read *items; // by address
    uint32_t count;
    uint32_t unknown_count; // sub-word loads that may read anywhere
};

// Follows the code of the file; constants that callers pass count for the loads they may reach.
//
// Errors: those of elf_image_open() and static_code_read().
int static_reads_find(struct arena *arena, const char *path, struct static_reads *reads,
                      struct problem *problem) __attribute__((warn_unused_result));

// Instructions that may read in [begin, end).
uint32_t static_reads_count(struct arena *scratch, const struct static_reads *reads, uint64_t begin,
                            uint64_t end);

#endif
