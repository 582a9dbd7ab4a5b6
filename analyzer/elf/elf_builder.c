// elf_builder.c: the arrays of an index while they grow.
//
// Memory: names in the arena of the index, everything else in the builder's scratch.

#include <assert.h>
#include <string.h>

#include "analyzer/elf/elf_private.h"

#define NAMES_EXPECTED 4096u

void elf_builder_init(struct elf_builder *b, struct arena *arena, struct arena *scratch,
                      struct arena *paths, Elf *elf)
{
    *b = (struct elf_builder){.arena = arena, .scratch = scratch, .paths = paths, .elf = elf};
    hash_table_init(&b->names_by_text, scratch, NAMES_EXPECTED);
}

// Room for one more item; result: the array.
static void *grown(struct elf_builder *b, void *items, size_t count, size_t *room, size_t bytes)
{
    if (count < *room)
        return items;
    size_t more = *room ? *room * 2 : 1024;
    items = arena_grow_array(b->scratch, items, count, more, bytes);
    *room = more;
    return items;
}

const char *elf_builder_name(struct elf_builder *b, const char *text)
{
    if (!text)
        return NULL;
    uint32_t key = hash_text(text_of(text)), i;
    HASH_TABLE_EACH (&b->names_by_text, key, i)
        if (strcmp(b->names[i], text) == 0)
            return b->names[i];
    hash_table_add(&b->names_by_text, key, (uint32_t)b->name_count);
    b->names = grown(b, b->names, b->name_count, &b->name_room, sizeof *b->names);
    return b->names[b->name_count++] = arena_copy_string(b->arena, text);
}

uint32_t elf_builder_scope(struct elf_builder *b, const struct elf_scope *scope)
{
    b->scopes = grown(b, b->scopes, b->scope_count, &b->scope_room, sizeof *b->scopes);
    b->scopes[b->scope_count] = *scope;
    return (uint32_t)b->scope_count++;
}

void elf_builder_source(struct elf_builder *b, const char *file, const char *directory)
{
    for (size_t i = b->source_count; i-- > 0;)
        if (b->sources[i].file == file)
            return;
    b->sources = grown(b, b->sources, b->source_count, &b->source_room, sizeof *b->sources);
    b->sources[b->source_count++] = (struct elf_source){file, directory};
}

int elf_builder_is_code(const struct elf_builder *b, uint64_t addr)
{
    for (size_t i = 0; i < b->code_count; i++)
        if (addr - b->code[i].begin < b->code[i].end - b->code[i].begin)
            return 1;
    return 0;
}

void elf_builder_range(struct elf_builder *b, uint64_t begin, uint64_t end, uint32_t scope,
                       uint32_t depth)
{
    if (begin >= end || !elf_builder_is_code(b, begin) || !elf_builder_is_code(b, end - 1))
        return;
    b->ranges = grown(b, b->ranges, b->range_count, &b->range_room, sizeof *b->ranges);
    b->ranges[b->range_count++] = (struct elf_range){begin, end, scope, depth};
}

void elf_builder_row(struct elf_builder *b, uint64_t addr, const char *file, uint32_t line)
{
    // The end of a sequence may lie just after a section.
    if (!elf_builder_is_code(b, addr) && (file || addr == 0 || !elf_builder_is_code(b, addr - 1)))
        return;
    b->rows = grown(b, b->rows, b->row_count, &b->row_room, sizeof *b->rows);
    b->rows[b->row_count] = (struct elf_row){addr, file, line, (uint32_t)b->row_count};
    b->row_count++;
}

void elf_builder_code(struct elf_builder *b, uint64_t begin, uint64_t end)
{
    b->code = grown(b, b->code, b->code_count, &b->code_room, sizeof *b->code);
    b->code[b->code_count++] = (struct elf_range){.begin = begin, .end = end};
}
