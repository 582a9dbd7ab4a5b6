// elf_members.c: whole names of C++ functions: with the namespaces, classes and template arguments
// that they are members of.
//
// Reads: one unit of DWARF, whose names of template instances have their arguments. Memory: a
// table and the names, in the arena.

#include <dwarf.h>
#include <elfutils/libdw.h>

#include "analyzer/elf/elf_private.h"

#define DEPTH_MAX 64u
#define LINKS_MAX 8u // from a function with code to its declaration

static bool is_cplusplus(Dwarf_Die *unit)
{
    switch (dwarf_srclang(unit)) {
    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14:
        return true;
    default:
        return false;
    }
}

static void add(struct elf_members *members, Dwarf_Die *function, const char *name)
{
    if (members->count == members->room) {
        members->room = members->room ? 2 * members->room : 256;
        members->names = arena_grow_array(members->arena, members->names, members->count,
                                          members->room, sizeof *members->names);
    }
    hash_table_add(&members->by_off, (uint32_t)dwarf_dieoffset(function), members->count);
    members->names[members->count++] = name;
}

// The functions below `die`, whose members have names that begin with `prefix`.
static void read_members(struct elf_members *members, Dwarf_Die *die, const char *prefix,
                         unsigned depth)
{
    Dwarf_Die child;
    if (depth > DEPTH_MAX || dwarf_child(die, &child) != 0)
        return;
    do {
        Dwarf_Attribute attribute;
        const char *name = dwarf_attr(&child, DW_AT_name, &attribute) ? dwarf_formstring(&attribute)
                                                                      : NULL;
        switch (dwarf_tag(&child)) {
        case DW_TAG_subprogram:
            if (name && *prefix)
                add(members, &child, arena_format(members->arena, "%s%s", prefix, name));
            break;
        case DW_TAG_namespace:
        case DW_TAG_class_type:
        case DW_TAG_structure_type:
        case DW_TAG_union_type:
            read_members(
                members, &child,
                arena_format(members->arena, "%s%s::", prefix, name ? name : "(anonymous)"),
                depth + 1);
            break;
        default:
            break;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
}

void elf_members_read(struct elf_members *members, struct arena *arena, Dwarf_Die *unit)
{
    *members = (struct elf_members){.arena = arena};
    hash_table_init(&members->by_off, arena, 1);
    if (is_cplusplus(unit))
        read_members(members, unit, "", 0);
}

const char *elf_members_name(const struct elf_members *members, Dwarf_Die *function)
{
    Dwarf_Die at = *function;
    for (unsigned i = 0; members->count && i < LINKS_MAX; i++) {
        Dwarf_Attribute link;
        uint32_t idx = hash_table_find(&members->by_off, (uint32_t)dwarf_dieoffset(&at));
        if (idx != HASH_TABLE_NONE)
            return members->names[idx];
        if (!dwarf_attr(&at, DW_AT_abstract_origin, &link) &&
            !dwarf_attr(&at, DW_AT_specification, &link))
            return NULL;
        if (!dwarf_formref_die(&link, &at))
            return NULL;
    }
    return NULL;
}
