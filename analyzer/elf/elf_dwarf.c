// elf_dwarf.c: functions, inlined calls and line rows out of DWARF, unit by unit.
//
// Reads: the file through libdw. Memory: the builder's arrays.
// Source: DWARF 5 and 4; libdw 0.188 (no .debug_aranges, since a dropped
//         section leaves a terminator in the middle of it).

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "analyzer/elf/elf_private.h"

#define DIE_DEPTH_MAX 256

struct unit {
    struct elf_builder *builder;
    Dwarf_Die die;
    const char *directory; // of the compilation
    Dwarf_Files *files;
    struct elf_members members;
    // The file that was asked for last.
    const char *last_source, *last_file;
};

// Drops "./" parts.
static void make_plain(char *path)
{
    char *to = path;
    for (const char *from = path; *from;) {
        if (from[0] == '.' && from[1] == '/' && (from == path || from[-1] == '/'))
            from += 2;
        else
            *to++ = *from++;
    }
    *to = 0;
}

// The name under which the index knows a source file.
static const char *file_name(struct unit *unit, const char *source)
{
    if (!source)
        return NULL;
    if (source == unit->last_source)
        return unit->last_file;
    struct elf_builder *b = unit->builder;
    size_t directory_bytes = unit->directory ? strlen(unit->directory) : 0;
    const char *path = source;
    if (directory_bytes && strncmp(path, unit->directory, directory_bytes) == 0 &&
        path[directory_bytes] == '/')
        path += directory_bytes + 1;
    struct arena_mark mark = arena_mark(b->paths);
    char *plain = arena_copy_string(b->paths, path);
    make_plain(plain);
    const char *name = elf_builder_name(b, plain);
    arena_rewind(b->paths, mark);
    elf_builder_source(b, name, elf_builder_name(b, unit->directory));
    unit->last_source = source;
    unit->last_file = name;
    return name;
}

// ---- lines ----

static void read_lines(struct unit *unit)
{
    Dwarf_Lines *lines;
    size_t count;
    if (dwarf_getsrclines(&unit->die, &lines, &count) != 0)
        return;
    for (size_t i = 0; i < count; i++) {
        Dwarf_Line *line = dwarf_onesrcline(lines, i);
        Dwarf_Addr addr;
        bool is_end = false;
        int number = 0;
        if (!line || dwarf_lineaddr(line, &addr) != 0)
            continue;
        (void)dwarf_lineendsequence(line, &is_end);
        (void)dwarf_lineno(line, &number);
        const char *file = is_end ? NULL : file_name(unit, dwarf_linesrc(line, NULL, NULL));
        elf_builder_row(unit->builder, addr, file, is_end || number < 0 ? 0 : (uint32_t)number);
    }
}

// ---- functions ----

static uint32_t number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    if (!dwarf_attr(die, name, &attribute) || dwarf_formudata(&attribute, &value) != 0)
        return 0;
    return (uint32_t)value;
}

// The scope of a function or inlined call that has code; `parent` if it has none.
static uint32_t read_scope(struct unit *unit, Dwarf_Die *die, int is_inlined, uint32_t parent,
                           uint32_t depth)
{
    struct elf_builder *b = unit->builder;
    Dwarf_Addr base, begin, end;
    uint32_t scope = ELF_NO_SCOPE;
    ptrdiff_t at = 0;
    while ((at = dwarf_ranges(die, at, &base, &begin, &end)) > 0) {
        if (begin >= end)
            continue;
        if (scope == ELF_NO_SCOPE) {
            Dwarf_Attribute name;
            struct elf_scope one = {.parent = is_inlined ? parent : ELF_NO_SCOPE};
            const char *member = elf_members_name(&unit->members, die);
            if (member)
                one.name = elf_builder_name(b, member);
            else if (dwarf_attr_integrate(die, DW_AT_name, &name))
                one.name = elf_builder_name(b, dwarf_formstring(&name));
            if (is_inlined) {
                uint32_t file = number_of(die, DW_AT_call_file);
                const char *source = unit->files ? dwarf_filesrc(unit->files, file, NULL, NULL)
                                                 : NULL;
                one.call_file = file_name(unit, source);
                one.call_line = number_of(die, DW_AT_call_line);
            }
            scope = elf_builder_scope(b, &one);
        }
        elf_builder_range(b, begin, end, scope, depth);
    }
    return scope == ELF_NO_SCOPE ? parent : scope;
}

// The entries below `die`; `depth` is that of a function found there.
static void read_entries(struct unit *unit, Dwarf_Die *die, uint32_t parent, uint32_t depth)
{
    Dwarf_Die child;
    if (depth > DIE_DEPTH_MAX || dwarf_child(die, &child) != 0)
        return;
    do {
        uint32_t scope = parent;
        switch (dwarf_tag(&child)) {
        case DW_TAG_subprogram:
            scope = read_scope(unit, &child, 0, parent, depth);
            break;
        case DW_TAG_inlined_subroutine:
            scope = read_scope(unit, &child, 1, parent, depth);
            break;
        case DW_TAG_lexical_block:
        case DW_TAG_namespace:
        case DW_TAG_class_type:
        case DW_TAG_structure_type:
            break;
        default:
            continue;
        }
        read_entries(unit, &child, scope, depth + 1);
    } while (dwarf_siblingof(&child, &child) == 0);
}

void elf_dwarf_read(struct elf_builder *b)
{
    Dwarf *dwarf = dwarf_begin_elf(b->elf, DWARF_C_READ, NULL);
    if (!dwarf)
        return;
    Dwarf_CU *next = NULL;
    struct unit unit = {.builder = b};
    while (dwarf_get_units(dwarf, next, &next, NULL, NULL, &unit.die, NULL) == 0) {
        if (dwarf_tag(&unit.die) != DW_TAG_compile_unit)
            continue;
        Dwarf_Attribute directory;
        size_t file_count;
        unit.directory = dwarf_attr(&unit.die, DW_AT_comp_dir, &directory)
                             ? dwarf_formstring(&directory)
                             : NULL;
        unit.last_source = NULL;
        if (!b->has_lines || dwarf_getsrcfiles(&unit.die, &unit.files, &file_count) != 0)
            unit.files = NULL;
        b->unit_count++;
        struct arena_mark mark = arena_mark(b->paths);
        elf_members_read(&unit.members, b->paths, &unit.die);
        if (b->has_lines)
            read_lines(&unit);
        read_entries(&unit, &unit.die, ELF_NO_SCOPE, 1);
        arena_rewind(b->paths, mark);
    }
    dwarf_end(dwarf);
}
