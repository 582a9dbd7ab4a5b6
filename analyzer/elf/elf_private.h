// elf_private.h: the inside of an index, and the builder that elf_index.c and elf_dwarf.c fill.

#ifndef FROST_ELF_ELF_PRIVATE_H
#define FROST_ELF_ELF_PRIVATE_H

#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdbool.h>

#include "analyzer/base/hash_table.h"
#include "analyzer/elf/elf_index.h"
#include "analyzer/elf/elf_ranges.h"

#define ELF_NO_SCOPE ELF_NO_LABEL

// A function, or a call of one that was inlined.
struct elf_scope {
    const char *name;
    const char *call_file; // of an inlined call
    uint32_t call_line;
    uint32_t parent; // ELF_NO_SCOPE: none
};

// From here on this is the line; file NULL: not known.
struct elf_row {
    uint64_t addr;
    const char *file;
    uint32_t line;
    uint32_t order; // as read; while building
};

// A source file.
struct elf_source {
    const char *file, *directory;
};

struct elf_index {
    const struct elf_scope *scopes;
    const struct elf_stretch *stretches; // labels are scopes
    const struct elf_row *rows;
    const struct elf_source *sources;
    uint32_t source_count;
    struct elf_figures figures;
    const char *build_id;
};

// ---- while building ----

struct elf_builder {
    struct arena *arena;   // of the index
    struct arena *scratch; // for the arrays while they grow
    struct arena *paths;   // for a path while it is made plain
    Elf *elf;
    struct elf_scope *scopes;
    struct elf_range *ranges;
    struct elf_row *rows;
    struct elf_source *sources;
    size_t source_count, source_room;
    size_t scope_count, scope_room, range_count, range_room, row_count, row_room;
    struct elf_range *code; // executable sections
    size_t code_count, code_room;
    const char **names; // each once
    size_t name_count, name_room;
    struct hash_table names_by_text;
    uint32_t unit_count;
    bool has_lines; // of source are wanted
};

// ---- elf_builder.c ----

void elf_builder_init(struct elf_builder *b, struct arena *arena, struct arena *scratch,
                      struct arena *paths, Elf *elf);
// An executable section: [begin, end).
void elf_builder_code(struct elf_builder *b, uint64_t begin, uint64_t end);
// One copy of a text in the arena of the index; NULL stays NULL.
const char *elf_builder_name(struct elf_builder *b, const char *text);
// Notes a source file, once. Both texts are names of the builder.
void elf_builder_source(struct elf_builder *b, const char *file, const char *directory);
uint32_t elf_builder_scope(struct elf_builder *b, const struct elf_scope *scope);
// Ranges outside executable sections (of code that the linker has dropped) are left out.
void elf_builder_range(struct elf_builder *b, uint64_t begin, uint64_t end, uint32_t scope,
                       uint32_t depth);
void elf_builder_row(struct elf_builder *b, uint64_t addr, const char *file, uint32_t line);
int elf_builder_is_code(const struct elf_builder *b, uint64_t addr);

// ---- elf_members.c ----

// Whole names of the functions of one unit; none if it is not C++.
struct elf_members {
    struct arena *arena;
    struct hash_table by_off; // of the entry
    const char **names;
    uint32_t count, room;
};

// Memory: in the arena, as long as the names are wanted.
void elf_members_read(struct elf_members *members, struct arena *arena, Dwarf_Die *unit);
// "space::Class<int>::function" of an entry with code, or its declaration; NULL: a plain function.
const char *elf_members_name(const struct elf_members *members, Dwarf_Die *function);

// ---- elf_dwarf.c ----

// Scopes, ranges and rows of all compile units.
void elf_dwarf_read(struct elf_builder *b);

#endif
