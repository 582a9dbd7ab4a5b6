// size_map.c: sections and parts of a linker's map as leaves.

#include "analyzer/analysis/size/size_map.h"

#include <string.h>

#include "analyzer/analysis/size/size_regions.h"
#include "analyzer/base/number_text.h"

struct map_walk {
    struct arena *arena;
    const struct link_map *map;
    struct size_memory memory;
    struct size_tree *tree;
    const char *path;
    struct size_elf_sum *sum;
};

int size_map_memory(struct arena *arena, const struct link_map *map, struct size_memory *memory,
                    struct problem *problem)
{
    struct size_memory chip;
    int status = size_memory_load(arena, "esp8266", &chip, problem);
    if (status != STATUS_OK)
        return status;
    *memory = (struct size_memory){.name = "the linker's map"};
    for (size_t i = 0; i < map->region_count && i < SIZE_REGIONS_MAX; i++) {
        const struct link_region *region = &map->regions[i];
        const struct size_region *known = size_memory_find(&chip, region->begin, NULL);
        bool is_flash = region->has_rights ? !region->is_writable : known && known->is_flash;
        memory->regions[memory->region_count++] = (struct size_region){
            region->name, region->begin, region->begin + region->bytes, is_flash};
    }
    return STATUS_OK;
}

// ---- leaves ----

// The region of a section; of one that has overflowed that before it. NULL: none.
static const struct size_region *region_of(const struct map_walk *w, uint64_t addr)
{
    const struct size_region *before = size_memory_find(&w->memory, addr, NULL);
    for (size_t i = 0; !before && i < w->memory.region_count; i++) {
        const struct size_region *region = &w->memory.regions[i];
        if (region->begin <= addr && (!before || region->begin > before->begin))
            before = region;
    }
    return before;
}

// "main" of ".text.main"; "[.text]" of ".text".
static struct text symbol_of(struct arena *arena, const char *name)
{
    const char *second = name[0] == '.' ? strchr(name + 1, '.') : NULL;
    if (strstr(name, ".str1.") || strstr(name, ".str."))
        return text_of("(string literals)");
    return second && second[1] ? text_of(second + 1) : text_of(arena_format(arena, "[%s]", name));
}

static void add_leaf(struct map_walk *w, const struct link_section *section,
                     const struct link_part *part, uint64_t bytes)
{
    const struct size_region *region = region_of(w, section->addr);
    bool is_flash = region ? region->is_flash : false;
    struct text none = text_of("(padding)");
    struct text module = part ? link_part_module(part) : none;
    struct text object = part ? link_part_object(part) : none;
    struct text symbol = part ? symbol_of(w->arena, part->name) : none;
    struct size_amount amount = {.bytes = bytes};
    uint32_t labels[SIZE_LEVELS];
    if (bytes == 0)
        return;
    if (!part && section->part_begin == section->part_end)
        module = object = symbol = text_of(arena_format(w->arena, "[%s]", section->name));
    labels[SIZE_INPUT] = size_tree_label(w->tree, text_base_name(text_of(w->path)));
    labels[SIZE_REGION] = size_tree_label(w->tree, text_of(region ? region->name : "(outside)"));
    labels[SIZE_KIND] = size_tree_label(w->tree, text_of(section->is_zero ? "zeros"
                                                         : is_flash       ? "read-only"
                                                                          : "content"));
    labels[SIZE_SECTION] = size_tree_label(w->tree, text_of(section->name));
    labels[SIZE_MODULE] = size_tree_label(w->tree, module);
    labels[SIZE_UNIT] = size_tree_label(w->tree, object);
    labels[SIZE_SYMBOL] = labels[SIZE_INLINE] = size_tree_label(w->tree, symbol);
    labels[SIZE_STRING] = size_tree_label(w->tree, text_of("(no string)"));
    if (is_flash)
        amount.flash_bytes = bytes;
    else
        amount.ram_bytes = bytes;
    if (!is_flash && !section->is_zero)
        amount.flash_bytes = amount.both_bytes = bytes;
    size_tree_add(w->tree, labels, amount);
    w->sum->bytes += amount.bytes;
    w->sum->ram_bytes += amount.ram_bytes;
    w->sum->flash_bytes += amount.flash_bytes;
    w->sum->both_bytes += amount.both_bytes;
}

static void add_section(struct map_walk *w, const struct link_section *section)
{
    uint64_t at = section->addr;
    for (size_t i = section->part_begin; i < section->part_end; i++) {
        const struct link_part *part = &w->map->parts[i];
        add_leaf(w, section, NULL, part->addr - at);
        add_leaf(w, section, part, part->bytes);
        at = part->addr + part->bytes;
    }
    add_leaf(w, section, NULL, section->addr + section->bytes - at);
}

// ---- regions ----

static void reach(const struct map_walk *w, uint64_t *ends, uint64_t addr, uint64_t bytes)
{
    const struct size_region *region = region_of(w, addr);
    if (region && bytes && addr + bytes > ends[region - w->memory.regions])
        ends[region - w->memory.regions] = addr + bytes;
}

// What the linker counts: up to the end of what lies last, content of other regions included.
static void add_regions(struct map_walk *w, struct report *report)
{
    struct size_region_use uses[SIZE_REGIONS_MAX];
    uint64_t ends[SIZE_REGIONS_MAX] = {0};
    for (size_t i = 0; i < w->map->section_count; i++) {
        const struct link_section *section = &w->map->sections[i];
        reach(w, ends, section->addr, section->bytes);
        if (!section->is_zero && section->load_addr != section->addr)
            reach(w, ends, section->load_addr, section->bytes);
    }
    for (size_t i = 0; i < w->memory.region_count; i++) {
        const struct size_region *region = &w->memory.regions[i];
        uint64_t used = ends[i] > region->begin ? ends[i] - region->begin : 0;
        uint64_t total = region->end - region->begin;
        uses[i] = (struct size_region_use){region->name, region->is_flash ? "flash" : "RAM",
                                           region->begin, used, total};
        char over[NUMBER_TEXT_BYTES];
        number_text((int64_t)(used - total), over);
        if (used > total)
            report_add_note(report, REPORT_FINDING,
                            "region %s is %s bytes too small: the program "
                            "does not fit",
                            region->name, over);
    }
    if (w->memory.region_count)
        size_regions_add(report, uses, w->memory.region_count);
}

int size_map_add(struct arena *arena, const char *path, struct size_tree *tree,
                 struct report *report, struct size_elf_sum *sum, struct problem *problem)
{
    struct link_map *map = NULL;
    struct map_walk w = {.arena = arena, .tree = tree, .path = path, .sum = sum};
    int status = link_map_read(arena, path, &map, problem);
    w.map = map;
    if (status == STATUS_OK)
        status = size_map_memory(arena, map, &w.memory, problem);
    if (status != STATUS_OK)
        return status;
    *sum = (struct size_elf_sum){0};
    report_input_sum(report_add_input(report, text_of(path), "map", map->file_bytes, true), path);
    for (size_t i = 0; i < map->section_count; i++)
        add_section(&w, &map->sections[i]);
    add_regions(&w, report);
    report_add_note(report, REPORT_NOTE,
                    "by a linker's map: which sections are of zeros is told by their names");
    return STATUS_OK;
}
