// link_map.h: what the map file of a GNU linker says: regions of memory, sections, and which part
// of which object file lies where. It is there even if the program did not fit and no ELF file was
// made.
//
// Source: maps of binutils 2.40 (-Wl,-Map=FILE). Sections that are not loaded are left out.
// Memory: the arena.

#ifndef FROST_ELF_LINK_MAP_H
#define FROST_ELF_LINK_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

struct link_region {
    const char *name;
    uint64_t begin, bytes;
    bool has_rights, is_writable; // the linker script gives rights
};

struct link_section {
    const char *name;
    uint64_t addr, bytes;
    uint64_t load_addr; // where its content comes from; equal to addr unless the map says so
    bool is_zero;       // of zeros alone, by the names of its parts
    size_t part_begin, part_end;
};

struct link_part {
    const char *name; // of the input section: ".text.main", "COMMON"
    const char *file; // "obj/main.o", "lib/libc.a(strlen.o)"
    uint64_t addr, bytes;
};

struct link_map {
    uint64_t file_bytes;
    struct link_region *regions;
    size_t region_count;
    struct link_section *sections;
    size_t section_count;
    struct link_part *parts; // of the sections in their order
    size_t part_count;
};

// Errors: those of input_read(); STATUS_DAMAGED no map of a GNU linker.
int link_map_read(struct arena *arena, const char *path, struct link_map **map,
                  struct problem *problem) __attribute__((warn_unused_result));

// "libc.a" of "lib/libc.a(strlen.o)", else the directory of the file; the object's own name.
struct text link_part_module(const struct link_part *part);
struct text link_part_object(const struct link_part *part);

#endif
