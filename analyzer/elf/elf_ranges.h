// elf_ranges.h: ranges of addresses that lie in one another, made into stretches that follow one
// another, each with the label of the innermost range.
//
// Memory: the caller's arenas.

#ifndef FROST_ELF_ELF_RANGES_H
#define FROST_ELF_ELF_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"

#define ELF_NO_LABEL UINT32_MAX

struct elf_range {
    uint64_t begin, end;
    uint32_t label;
    uint32_t depth; // of two that begin together the deeper one is inside; in an index: 0 symbols,
                    // 1 functions, 2 and up inlined calls
};

// From here on `label` is the innermost one.
struct elf_stretch {
    uint64_t addr;
    uint32_t label;
};

struct elf_stretch_list {
    struct elf_stretch *items;
    size_t count;
};

// By begin, then by depth, then the longer one first.
void elf_ranges_sort(struct elf_range *ranges, size_t count);

// Sorts the ranges and flattens them. A range that sticks out of the one that it began in is cut
// there if both are deeper than 0; else the outer one grows. Items in `arena`, what is needed in
// between in `scratch`.
struct elf_stretch_list elf_ranges_flatten(struct arena *arena, struct arena *scratch,
                                           struct elf_range *ranges, size_t count);

// The stretch that holds the address, as its index; -1: none does.
ptrdiff_t elf_stretch_find(const struct elf_stretch *items, size_t count, uint64_t addr);

#endif
