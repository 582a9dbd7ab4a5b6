// size_elf.h: every byte that a linked ELF file puts into memory, under its names, and its regions
// of memory with what is free in them.
//
// Memory: the caller's arena; the file is closed on return.

#ifndef FROST_ANALYSIS_SIZE_ELF_H
#define FROST_ANALYSIS_SIZE_ELF_H

#include "analyzer/analysis/size/size_memory.h"
#include "analyzer/analysis/size/size_tree.h"
#include "analyzer/elf/link_map.h"

struct size_elf_settings {
    const char *chip;       // name or file of a map of memory; NULL: by the machine of the program
    const char *debug_path; // file with what was stripped; NULL: where debuggers look
    const struct link_map *map; // of the linker: archives, and regions; NULL: none
};

// What a program takes.
struct size_elf_sum {
    uint64_t bytes, ram_bytes, flash_bytes, both_bytes;
};

// Adds the file as an input of the report, its bytes to the tree, rows to the tables `regions` and
// `file` of the report, and notes about what is not known.
//
// A byte of a region that is flash costs flash. One in RAM costs RAM, and flash too if it comes
// from the file. Without a map of memory, what is not written counts as flash. Zeros that are not
// written are room that is kept free, and cost neither.
//
// Errors: those of elf_layout_open() and size_memory_load().
int size_elf_add(struct arena *arena, const char *path, const struct size_elf_settings *settings,
                 struct size_tree *tree, struct report *report, struct size_elf_sum *sum,
                 struct problem *problem) __attribute__((warn_unused_result));

// Adds the tables of programs, without rows, except those of levels.
void size_elf_add_shapes(struct report *report);

#endif
