// size_map.h: sizes out of a linker's map alone: of a program that did not fit, or whose ELF file
// is not at hand.
//
// Memory: the caller's arena.

#ifndef FROST_ANALYSIS_SIZE_MAP_H
#define FROST_ANALYSIS_SIZE_MAP_H

#include "analyzer/analysis/size/size_elf.h"

// The regions of a map as a map of memory. Rights say what is flash: what nobody writes; without
// rights the chip of that machine does.
int size_map_memory(struct arena *arena, const struct link_map *map, struct size_memory *memory,
                    struct problem *problem) __attribute__((warn_unused_result));

// As size_elf_add(), of a map: sections, archives or directories, object files, and as symbols the
// input sections (of -ffunction-sections: functions). A region that is too small is a finding, with
// by how much.
int size_map_add(struct arena *arena, const char *path, struct size_tree *tree,
                 struct report *report, struct size_elf_sum *sum, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
