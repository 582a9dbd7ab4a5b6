// elf_units.c: ranges of compile units out of DWARF and the linker's symbols.
//
// Source: DWARF 5 and 4; libdw 0.188 finds split units beside the object files, packages (.dwp)
// not.

#include "analyzer/elf/elf_units.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "analyzer/base/hash_table.h"

#define NAMESPACE_DEPTH_MAX 32u

struct reader {
    struct elf_units *units;
    const struct elf_layout *layout;
    struct arena *arena, scratch;
    struct hash_table by_name;
    size_t name_room;
    struct elf_range *ranges;
    size_t range_count, range_room;
};

static uint32_t unit_named(struct reader *r, struct text name)
{
    struct elf_units *units = r->units;
    uint32_t key = hash_text(name), i;
    HASH_TABLE_EACH (&r->by_name, key, i)
        if (text_is_equal(text_of(units->names[i]), name))
            return i;
    if (units->count == r->name_room) {
        r->name_room = r->name_room ? 2 * r->name_room : 256;
        units->names = arena_grow_array(r->arena, units->names, units->count, r->name_room,
                                        sizeof *units->names);
    }
    hash_table_add(&r->by_name, key, (uint32_t)units->count);
    units->names[units->count] = arena_copy_text(r->arena, name).data;
    return (uint32_t)units->count++;
}

static void add_range(struct reader *r, uint64_t begin, uint64_t end, uint32_t unit, uint32_t depth)
{
    if (begin >= end)
        return;
    if (r->range_count == r->range_room) {
        r->range_room = r->range_room ? 2 * r->range_room : 1024;
        r->ranges = arena_grow_array(&r->scratch, r->ranges, r->range_count, r->range_room,
                                     sizeof *r->ranges);
    }
    r->ranges[r->range_count++] = (struct elf_range){begin, end, unit, depth};
}

// Code that the linker has dropped keeps addresses near 0.
static bool is_code(const struct elf_layout *layout, uint64_t begin, uint64_t end)
{
    for (size_t i = 0; i < layout->area_count; i++) {
        const struct elf_area *area = &layout->areas[i];
        if (area->is_code && begin >= area->begin && end <= area->end)
            return true;
    }
    return false;
}

// ---- names ----

static const char *string_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    return dwarf_attr(die, name, &attribute) ? dwarf_formstring(&attribute) : NULL;
}

// Relative to the directory of the compilation; Rust's without the name of its part of the crate.
static struct text plain_name(const char *name, const char *directory)
{
    size_t bytes = directory ? strlen(directory) : 0;
    if (bytes && strncmp(name, directory, bytes) == 0 && name[bytes] == '/')
        name += bytes + 1;
    while (name[0] == '.' && name[1] == '/')
        name += 2;
    const char *part = strstr(name, "/@/");
    return (struct text){name, part ? (size_t)(part - name) : strlen(name)};
}

static uint32_t unit_of(struct reader *r, Dwarf_Die *die)
{
    const char *name = string_of(die, DW_AT_name);
    if (!name)
        return ELF_NO_LABEL;
    return unit_named(r, plain_name(name, string_of(die, DW_AT_comp_dir)));
}

// The unit in which a function was written that link-time optimisation has put into another one.
static uint32_t unit_of_origin(struct reader *r, Dwarf_Die *function)
{
    Dwarf_Attribute link;
    Dwarf_Die origin, unit;
    if (!dwarf_attr(function, DW_AT_abstract_origin, &link) || !dwarf_formref_die(&link, &origin) ||
        !dwarf_diecu(&origin, &unit, NULL, NULL))
        return ELF_NO_LABEL;
    return unit_of(r, &unit);
}

// ---- data ----

// Result: false if the variable has no fixed address.
static bool variable_addr(Dwarf_Die *variable, uint64_t *addr)
{
    Dwarf_Attribute location, indirect;
    Dwarf_Block block;
    if (!dwarf_attr(variable, DW_AT_location, &location) ||
        dwarf_formblock(&location, &block) != 0 || block.length < 2)
        return false;
    if (block.data[0] == DW_OP_addr) {
        size_t bytes = block.length - 1;
        *addr = 0;
        for (size_t i = 0; i < bytes && i < 8; i++)
            *addr |= (uint64_t)block.data[1 + i] << (8 * i);
        return bytes == 4 || bytes == 8;
    }
    Dwarf_Op *ops;
    size_t count;
    if ((block.data[0] != DW_OP_addrx && block.data[0] != DW_OP_GNU_addr_index) ||
        dwarf_getlocation(&location, &ops, &count) != 0 || count != 1 ||
        dwarf_getlocation_attr(&location, &ops[0], &indirect) != 0)
        return false;
    Dwarf_Addr found;
    if (dwarf_formaddr(&indirect, &found) != 0)
        return false;
    *addr = found;
    return true;
}

static const struct elf_named *symbol_at(const struct elf_layout *layout, uint64_t addr)
{
    size_t low = 0, high = layout->symbol_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (layout->symbols[middle].addr < addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low < layout->symbol_count && layout->symbols[low].addr == addr ? &layout->symbols[low]
                                                                           : NULL;
}

static void read_variable(struct reader *r, Dwarf_Die *variable, uint32_t unit)
{
    uint64_t addr;
    Dwarf_Word bytes;
    Dwarf_Die type;
    Dwarf_Attribute link;
    if (!variable_addr(variable, &addr) || addr == 0)
        return;
    const struct elf_named *symbol = symbol_at(r->layout, addr);
    if (symbol) {
        if (!symbol->is_function)
            add_range(r, addr, addr + symbol->bytes, unit, 1);
    } else if (dwarf_attr_integrate(variable, DW_AT_type, &link) &&
               dwarf_formref_die(&link, &type) && dwarf_aggregate_size(&type, &bytes) == 0 &&
               addr + bytes > addr) {
        add_range(r, addr, addr + bytes, unit, 1);
    }
}

// The entries at the top of a unit, and in its namespaces. `is_merged`: functions tell their own
// unit, since the unit is one of link-time optimisation.
static void read_top(struct reader *r, Dwarf_Die *die, uint32_t unit, bool is_merged,
                     unsigned depth)
{
    Dwarf_Die child;
    Dwarf_Addr base, begin, end;
    if (depth > NAMESPACE_DEPTH_MAX || dwarf_child(die, &child) != 0)
        return;
    do {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_namespace) {
            read_top(r, &child, unit, is_merged, depth + 1);
        } else if (tag == DW_TAG_variable) {
            uint32_t own = is_merged ? unit_of_origin(r, &child) : unit;
            if (own != ELF_NO_LABEL)
                read_variable(r, &child, own);
        } else if (tag == DW_TAG_subprogram && is_merged) {
            uint32_t own = unit_of_origin(r, &child);
            for (ptrdiff_t at = 0;
                 own != ELF_NO_LABEL && (at = dwarf_ranges(&child, at, &base, &begin, &end)) > 0;)
                if (is_code(r->layout, begin, end))
                    add_range(r, begin, end, own, 1);
        }
    } while (dwarf_siblingof(&child, &child) == 0);
}

// ---- units ----

// What a skeleton is called if the unit itself is not there.
static const char *split_name(Dwarf_Die *die)
{
    const char *name = string_of(die, DW_AT_dwo_name);
    return name ? name : string_of(die, DW_AT_GNU_dwo_name);
}

static void read_unit(struct reader *r, Dwarf_Die *die, Dwarf_Die *split, uint8_t type)
{
    Dwarf_Addr base, begin, end;
    const char *directory = string_of(die, DW_AT_comp_dir);
    const char *name = string_of(die, DW_AT_name);
    bool has_split = type == DW_UT_skeleton && split->addr;
    if (has_split && !name)
        name = string_of(split, DW_AT_name);
    if (type == DW_UT_skeleton && !has_split) {
        r->units->split_lost++;
        if (!name)
            name = split_name(die);
    }
    if (!name)
        return;
    r->units->unit_count++;
    bool is_merged = strcmp(name, "<artificial>") == 0;
    uint32_t unit = unit_named(r, plain_name(name, directory));
    for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &begin, &end)) > 0;)
        if (is_code(r->layout, begin, end))
            add_range(r, begin, end, unit, 0);
    read_top(r, has_split ? split : die, unit, is_merged, 0);
}

static void read_dwarf(struct reader *r)
{
    const struct elf_layout *layout = r->layout;
    Dwarf *dwarf = dwarf_begin_elf(layout->debug ? layout->debug : layout->elf, DWARF_C_READ, NULL);
    if (!dwarf)
        return;
    Dwarf_CU *next = NULL;
    Dwarf_Die die, split;
    uint8_t type;
    while (dwarf_get_units(dwarf, next, &next, NULL, &type, &die, &split) == 0)
        if (dwarf_tag(&die) == DW_TAG_compile_unit || dwarf_tag(&die) == DW_TAG_skeleton_unit)
            read_unit(r, &die, &split, type);
    dwarf_end(dwarf);
}

// ---- files of the linker's symbols ----

// Local symbols of one file have one unit: that of the functions among them, or else one of the
// file's own name.
static void read_files(struct reader *r)
{
    const struct elf_layout *layout = r->layout;
    struct elf_stretch_list known = elf_ranges_flatten(&r->scratch, &r->scratch, r->ranges,
                                                       r->range_count);
    uint32_t *unit_of_file = ARENA_NEW_ARRAY(&r->scratch, uint32_t, layout->file_count + 1);
    memset(unit_of_file, 0xff, layout->file_count * sizeof *unit_of_file);
    for (size_t i = 0; i < layout->symbol_count; i++) {
        const struct elf_named *symbol = &layout->symbols[i];
        if (symbol->file == ELF_NO_FILE || !symbol->is_function)
            continue;
        ptrdiff_t at = elf_stretch_find(known.items, known.count, symbol->addr);
        if (at >= 0 && known.items[at].label != ELF_NO_LABEL)
            unit_of_file[symbol->file] = known.items[at].label;
    }
    for (size_t i = 0; i < layout->symbol_count; i++) {
        const struct elf_named *symbol = &layout->symbols[i];
        if (symbol->file == ELF_NO_FILE)
            continue;
        ptrdiff_t at = elf_stretch_find(known.items, known.count, symbol->addr);
        if (at >= 0 && known.items[at].label != ELF_NO_LABEL)
            continue;
        uint32_t *unit = &unit_of_file[symbol->file];
        if (*unit == ELF_NO_LABEL)
            *unit = unit_named(r, text_of(layout->files[symbol->file]));
        add_range(r, symbol->addr, symbol->addr + symbol->bytes, *unit, 0);
    }
}

struct elf_units *elf_units_read(struct arena *arena, const struct elf_layout *layout)
{
    struct elf_units *units = ARENA_NEW(arena, struct elf_units);
    struct reader r = {.units = units, .layout = layout, .arena = arena};
    arena_init(&r.scratch);
    hash_table_init(&r.by_name, &r.scratch, 1024);
    read_dwarf(&r);
    read_files(&r);
    units->stretches = elf_ranges_flatten(arena, &r.scratch, r.ranges, r.range_count);
    arena_deinit(&r.scratch);
    return units;
}
