// elf_units.h: which compile unit the bytes of a linked ELF file come from.
//
// Code by the ranges of DWARF's units (4 and 5, split units, units that link-time optimisation has
// merged: then function by function); data by the variables at the top of each unit, and local
// data by the file that the linker's symbols name. Literal pools of Xtensa belong to the code
// behind them. Units are walked one by one, their entries only at the top.
// Memory: the arena.

#ifndef FROST_ELF_ELF_UNITS_H
#define FROST_ELF_ELF_UNITS_H

#include "analyzer/elf/elf_layout.h"
#include "analyzer/elf/elf_ranges.h"

struct elf_units {
    const char **names; // of sources, relative to the directory of the compilation if below it
    size_t count;
    struct elf_stretch_list stretches; // labels are indices of names, or ELF_NO_LABEL
    uint32_t unit_count;               // with DWARF
    uint32_t split_lost;               // units whose split debug information is not there
};

// Of damaged DWARF the result has what could be read.
struct elf_units *elf_units_read(struct arena *arena, const struct elf_layout *layout);

#endif
