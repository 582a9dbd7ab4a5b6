// elf_private.h: the inside of an index, shared by elf_index.c and elf_dwarf.c.

#ifndef FROST_ELF_ELF_PRIVATE_H
#define FROST_ELF_ELF_PRIVATE_H

#include <gelf.h>

#include "analyzer/elf/elf_index.h"

#define ELF_NO_SCOPE UINT32_MAX
#define ELF_NAME_SLOTS 4096u

// A function, or a call of one that was inlined.
struct elf_scope {
    const char *name;
    const char *call_file; // of an inlined call
    uint32_t call_line;
    uint32_t parent; // ELF_NO_SCOPE: none
};

// From here on `scope` is the innermost one.
struct elf_stretch {
    uint64_t addr;
    uint32_t scope;
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
    const char *file, *folder;
};

struct elf_index {
    const struct elf_scope *scopes;
    const struct elf_stretch *stretches;
    const struct elf_row *rows;
    const struct elf_source *sources;
    uint32_t source_count;
    struct elf_figures figures;
    const char *build_id;
};

// ---- while building ----

struct elf_range {
    uint64_t begin, end;
    uint32_t scope;
    uint32_t depth; // 0 symbols, 1 functions, 2 and up inlined calls
};

struct elf_name {
    const char *text;
    struct elf_name *next;
};

struct elf_builder {
    struct arena *arena;   // of the index
    struct arena *scratch; // for the arrays while they grow
    Elf *elf;
    struct elf_scope *scopes;
    struct elf_range *ranges;
    struct elf_row *rows;
    struct elf_source *sources;
    size_t source_count, source_room;
    size_t scope_count, scope_room, range_count, range_room, row_count, row_room;
    struct elf_range *code; // executable sections
    size_t code_count, code_room;
    struct elf_name *names[ELF_NAME_SLOTS];
    uint32_t unit_count;
};

// One copy of a text in the arena of the index; NULL stays NULL.
const char *elf_builder_name(struct elf_builder *b, const char *text);
// Notes a source file, once. Both texts are names of the builder.
void elf_builder_source(struct elf_builder *b, const char *file, const char *folder);
uint32_t elf_builder_scope(struct elf_builder *b, const struct elf_scope *scope);
// Ranges outside executable sections (of code that the linker has dropped) are left out.
void elf_builder_range(struct elf_builder *b, uint64_t begin, uint64_t end, uint32_t scope,
                       uint32_t depth);
void elf_builder_row(struct elf_builder *b, uint64_t addr, const char *file, uint32_t line);
int elf_builder_is_code(const struct elf_builder *b, uint64_t addr);

// Scopes, ranges and rows of all compile units (elf_dwarf.c).
void elf_dwarf_read(struct elf_builder *b);

#endif
