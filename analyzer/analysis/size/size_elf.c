// size_elf.c: walks the memory of an ELF file from name to name.
//
// What names the bytes (sections, units, symbols, inlined functions) are lists of stretches by
// address. One walk over memory goes from border to border of all lists; what lies between two has
// one label of each. Bytes without a symbol are looked at one by one: texts, padding, the rest.

#include "analyzer/analysis/size/size_elf.h"

#include <assert.h>
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "analyzer/analysis/size/size_constants.h"
#include "analyzer/analysis/size/size_gaps.h"
#include "analyzer/analysis/size/size_map.h"
#include "analyzer/analysis/size/size_regions.h"
#include "analyzer/elf/elf_demangle.h"
#include "analyzer/elf/elf_image.h"
#include "analyzer/elf/elf_index.h"
#include "analyzer/elf/elf_units.h"

enum layer { LAYER_SECTION, LAYER_UNIT, LAYER_SYMBOL, LAYER_INLINE, LAYER_PART, LAYERS };

struct list {
    const struct elf_stretch *items; // labels are what the layer has: areas, units, parts of the
                                     // map, labels
    size_t count, at;
};

struct walk {
    struct arena *arena, scratch;
    const struct elf_layout *layout;
    const struct elf_units *units; // NULL: not asked for
    struct size_memory memory;     // no regions: not known
    const struct link_map *map;    // NULL: not given
    struct size_tree *tree;
    struct list lists[LAYERS];
    uint32_t *unit_labels, *module_labels; // by unit
    uint32_t *part_units;                  // by part of the map, ELF_NO_LABEL: none has DWARF
    uint32_t unknown;                      // label "(unknown)"
    uint64_t region_used[SIZE_REGIONS_MAX];
    uint64_t unmapped_bytes, reserved_bytes;
    struct size_constants constants; // in RAM
};

// ---- layers ----

// The label at the address, which never goes back; lowers `next` to where it ends.
static uint32_t label_at(struct list *list, uint64_t addr, uint64_t *next)
{
    while (list->at < list->count && list->items[list->at].addr <= addr)
        list->at++;
    if (list->at < list->count && list->items[list->at].addr < *next)
        *next = list->items[list->at].addr;
    return list->at ? list->items[list->at - 1].label : ELF_NO_LABEL;
}

static struct list list_of(struct elf_stretch_list list)
{
    return (struct list){.items = list.items, .count = list.count};
}

static struct list section_list(struct walk *w)
{
    const struct elf_layout *layout = w->layout;
    struct elf_range *ranges = ARENA_NEW_ARRAY(&w->scratch, struct elf_range,
                                               layout->area_count + 1);
    for (size_t i = 0; i < layout->area_count; i++)
        ranges[i] = (struct elf_range){layout->areas[i].begin, layout->areas[i].end, (uint32_t)i,
                                       0};
    return list_of(elf_ranges_flatten(&w->scratch, &w->scratch, ranges, layout->area_count));
}

static struct list symbol_list(struct walk *w)
{
    const struct elf_layout *layout = w->layout;
    struct elf_range *ranges = ARENA_NEW_ARRAY(&w->scratch, struct elf_range,
                                               layout->symbol_count + 1);
    for (size_t i = 0; i < layout->symbol_count; i++) {
        const struct elf_named *symbol = &layout->symbols[i];
        const char *name = elf_demangle(&w->scratch, symbol->name);
        ranges[i] = (struct elf_range){symbol->addr, symbol->addr + symbol->bytes,
                                       size_tree_label(w->tree, text_of(name)), 0};
    }
    return list_of(elf_ranges_flatten(&w->scratch, &w->scratch, ranges, layout->symbol_count));
}

static struct list inline_list(struct walk *w, const struct elf_index *index)
{
    uint32_t count = elf_index_figures(index).range_count;
    struct elf_stretch *items = ARENA_NEW_ARRAY(&w->scratch, struct elf_stretch, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t begin, end;
        struct elf_frame frame;
        elf_index_range(index, i, &begin, &end);
        bool is_known = elf_index_find(index, begin, &frame) && frame.function;
        items[i] = (struct elf_stretch){
            begin,
            is_known ? size_tree_label(w->tree, text_of(elf_demangle(&w->scratch, frame.function)))
                     : ELF_NO_LABEL};
    }
    return (struct list){.items = items, .count = count};
}

// The directory of a source; its last part if that is only one name.
static struct text module_of(struct text unit)
{
    struct text base = text_base_name(unit);
    size_t bytes = unit.bytes - base.bytes;
    return bytes > 1 ? (struct text){unit.data, bytes - 1} : text_of("(no directory)");
}

static void label_units(struct walk *w)
{
    const struct elf_units *units = w->units;
    w->unit_labels = ARENA_NEW_ARRAY(&w->scratch, uint32_t, units->count + 1);
    w->module_labels = ARENA_NEW_ARRAY(&w->scratch, uint32_t, units->count + 1);
    for (size_t i = 0; i < units->count; i++) {
        struct text name = text_of(units->names[i]);
        w->unit_labels[i] = size_tree_label(w->tree, name);
        w->module_labels[i] = size_tree_label(w->tree, module_of(name));
    }
}

// Where which part of which object file lies.
static struct list part_list(struct walk *w)
{
    const struct link_map *map = w->map;
    struct elf_range *ranges = ARENA_NEW_ARRAY(&w->scratch, struct elf_range, map->part_count + 1);
    for (size_t i = 0; i < map->part_count; i++)
        ranges[i] = (struct elf_range){map->parts[i].addr, map->parts[i].addr + map->parts[i].bytes,
                                       (uint32_t)i, 0};
    return list_of(elf_ranges_flatten(&w->scratch, &w->scratch, ranges, map->part_count));
}

// The unit of a part: that of its code, or of another part of the same object file.
static void find_part_units(struct walk *w)
{
    const struct link_map *map = w->map;
    const struct elf_stretch_list *units = &w->units->stretches;
    struct hash_table by_file;
    w->part_units = ARENA_NEW_ARRAY(&w->scratch, uint32_t, map->part_count + 1);
    hash_table_init(&by_file, &w->scratch, 256);
    for (size_t i = 0; i < map->part_count; i++) {
        const struct link_part *part = &map->parts[i];
        ptrdiff_t at = elf_stretch_find(units->items, units->count, part->addr + part->bytes / 2);
        w->part_units[i] = at < 0 ? ELF_NO_LABEL : units->items[at].label;
        uint32_t key = hash_text(text_of(part->file));
        if (w->part_units[i] != ELF_NO_LABEL && hash_table_find(&by_file, key) == HASH_TABLE_NONE)
            hash_table_add(&by_file, key, (uint32_t)i);
    }
    for (size_t i = 0; i < map->part_count; i++) {
        uint32_t same = hash_table_find(&by_file, hash_text(text_of(map->parts[i].file)));
        if (w->part_units[i] == ELF_NO_LABEL && same != HASH_TABLE_NONE &&
            strcmp(map->parts[same].file, map->parts[i].file) == 0)
            w->part_units[i] = w->part_units[same];
    }
}

static bool needs_any(const struct size_tree *tree, unsigned levels)
{
    for (unsigned level = 0; level < SIZE_LEVELS; level++)
        if (levels & 1u << level && size_tree_needs(tree, (enum size_level)level))
            return true;
    return false;
}

#define NEEDS_SYMBOLS                                                                              \
    (1u << SIZE_SYMBOL | 1u << SIZE_STRING | 1u << SIZE_UNIT | 1u << SIZE_MODULE |                 \
     1u << SIZE_KIND | 1u << SIZE_INLINE)

static int make_lists(struct walk *w, struct problem *problem)
{
    const struct elf_layout *layout = w->layout;
    w->lists[LAYER_SECTION] = section_list(w);
    if (needs_any(w->tree, NEEDS_SYMBOLS))
        w->lists[LAYER_SYMBOL] = symbol_list(w);
    if (needs_any(w->tree, 1u << SIZE_UNIT | 1u << SIZE_MODULE)) {
        w->units = elf_units_read(&w->scratch, layout);
        label_units(w);
        w->lists[LAYER_UNIT] = list_of(w->units->stretches);
        if (w->map) {
            w->lists[LAYER_PART] = part_list(w);
            find_part_units(w);
        }
    }
    if (needs_any(w->tree, 1u << SIZE_INLINE)) {
        struct elf_index *index;
        int status = elf_index_open_scopes(
            &w->scratch, layout->debug_path ? layout->debug_path : layout->path, &index, problem);
        if (status != STATUS_OK)
            return status;
        w->lists[LAYER_INLINE] = inline_list(w, index);
    }
    return STATUS_OK;
}

// ---- what a byte costs ----

struct place {
    uint32_t region; // label
    bool is_flash, is_reserved, is_in_file;
};

static const char *rights_name(const struct elf_piece *piece)
{
    if (piece->is_writable)
        return piece->is_code ? "writable code" : "data";
    return piece->is_code ? "code" : "constants";
}

// Lowers `next` to the end of the region.
static struct place place_of(struct walk *w, const struct elf_piece *piece, uint64_t addr,
                             uint64_t *next)
{
    struct place place = {.is_in_file = piece->is_in_file,
                          .is_reserved = !piece->is_in_file && !piece->is_writable};
    if (w->memory.region_count == 0) {
        place.region = size_tree_label(w->tree, text_of(rights_name(piece)));
        place.is_flash = !piece->is_writable;
        return place;
    }
    uint64_t end = UINT64_MAX;
    const struct size_region *region = size_memory_find(&w->memory, addr, &end);
    if (region)
        end = region->end;
    if (end < *next)
        *next = end;
    place.region = size_tree_label(w->tree, text_of(region ? region->name : "(outside)"));
    place.is_flash = region ? region->is_flash : !piece->is_writable;
    uint64_t bytes = *next - addr;
    if (region)
        w->region_used[region - w->memory.regions] += bytes;
    else
        w->unmapped_bytes += bytes;
    return place;
}

static struct size_amount amount_of(const struct place *place, uint64_t bytes)
{
    struct size_amount amount = {.bytes = bytes};
    if (place->is_reserved)
        return amount;
    if (place->is_flash) {
        amount.flash_bytes = bytes;
        return amount;
    }
    amount.ram_bytes = bytes;
    if (place->is_in_file)
        amount.flash_bytes = amount.both_bytes = bytes;
    return amount;
}

// ---- the walk ----

static const char *kind_of(const struct elf_piece *piece, const struct elf_area *area)
{
    if (area ? area->is_code : piece->is_code && !piece->is_writable)
        return "code";
    if (!piece->is_in_file || (area && !area->is_in_file))
        return piece->is_writable ? "zeros" : "reserved";
    return (area ? area->is_writable : piece->is_writable) ? "data" : "constants";
}

struct run {
    const struct elf_piece *piece;
    const struct elf_area *area; // NULL: of no section
    struct place place;
    uint32_t part; // of the map; ELF_NO_LABEL: not known
    uint32_t labels[SIZE_LEVELS];
};

static void add_run(struct walk *w, struct run *run, uint64_t bytes)
{
    if (run->place.is_reserved)
        w->reserved_bytes += bytes;
    size_tree_add(w->tree, run->labels, amount_of(&run->place, bytes));
}

// Literal pools of Xtensa stand before the code that reads them.
static uint32_t unit_behind(const struct walk *w)
{
    const struct list *list = &w->lists[LAYER_UNIT];
    return list->at < list->count ? list->items[list->at].label : ELF_NO_LABEL;
}

// By the debug information, and where it has nothing by the map, whose archives are modules anyway.
static void set_unit(struct walk *w, struct run *run, uint32_t unit)
{
    if (unit == ELF_NO_LABEL && run->part != ELF_NO_LABEL)
        unit = w->part_units[run->part];
    bool is_known = w->units && unit != ELF_NO_LABEL;
    if (is_known) {
        run->labels[SIZE_UNIT] = w->unit_labels[unit];
        run->labels[SIZE_MODULE] = w->module_labels[unit];
    }
    if (run->part == ELF_NO_LABEL)
        return;
    const struct link_part *part = &w->map->parts[run->part];
    if (!is_known)
        run->labels[SIZE_UNIT] = size_tree_label(w->tree, link_part_object(part));
    if (!is_known || text_ends_with(text_of(part->file), ")"))
        run->labels[SIZE_MODULE] = size_tree_label(w->tree, link_part_module(part));
}

// Is it never written, by what it was compiled as? The linker may have put it among what is.
static bool is_constant(const struct walk *w, const struct run *run)
{
    if (run->area ? run->area->is_code : run->piece->is_code)
        return false;
    if (run->part != ELF_NO_LABEL)
        return strncmp(w->map->parts[run->part].name, ".rodata", strlen(".rodata")) == 0;
    return run->area && !run->area->is_writable;
}

static void note_constant(struct walk *w, const struct run *run, struct text name, uint64_t addr,
                          uint64_t bytes)
{
    if (w->memory.region_count && !run->place.is_flash && run->place.is_in_file &&
        is_constant(w, run))
        size_constants_add(&w->constants, name, size_tree_text(w->tree, run->labels[SIZE_UNIT]),
                           addr, bytes);
}

// Only texts and what is not known can be data of the program; the rest was made by tools.
static void note_gap(struct walk *w, const struct run *run, const struct size_gap *gap,
                     uint64_t addr)
{
    if (gap->kind == SIZE_GAP_TEXT)
        note_constant(w, run, text_of(arena_format(w->arena, "\"%.*s\"", TEXT_ARGS(gap->text))),
                      addr, gap->bytes);
    else if (gap->kind == SIZE_GAP_UNKNOWN)
        note_constant(w, run, text_of("(unknown)"), addr, gap->bytes);
}

// Bytes that no symbol names.
static void add_gap(struct walk *w, struct run *run, uint64_t addr, uint64_t end, uint32_t unit)
{
    struct size_gap_place place = {w->layout, run->piece, run->area};
    struct size_gap gap;
    uint32_t kind = run->labels[SIZE_KIND];
    for (; addr < end; addr += gap.bytes) {
        gap = size_gap_next(&place, addr, end);
        assert(gap.bytes > 0);
        run->labels[SIZE_SYMBOL] = size_tree_label(w->tree,
                                                   text_of(size_gap_name(w->arena, &place, &gap)));
        run->labels[SIZE_STRING] = gap.kind == SIZE_GAP_TEXT &&
                                           size_tree_needs(w->tree, SIZE_STRING)
                                       ? size_tree_label(w->tree, gap.text)
                                       : size_tree_label(w->tree, text_of("(no string)"));
        run->labels[SIZE_UNIT] = run->labels[SIZE_MODULE] = run->labels[SIZE_SYMBOL];
        run->labels[SIZE_INLINE] = run->labels[SIZE_SYMBOL];
        bool is_literals = gap.kind == SIZE_GAP_LITERALS && unit == ELF_NO_LABEL;
        set_unit(w, run, is_literals ? unit_behind(w) : unit);
        run->labels[SIZE_KIND] = gap.kind == SIZE_GAP_TEXT
                                     ? size_tree_label(w->tree, text_of("string literals"))
                                     : kind;
        note_gap(w, run, &gap, addr);
        add_run(w, run, gap.bytes);
    }
}

// What lies between two borders.
static void add_between(struct walk *w, const struct elf_piece *piece, uint64_t addr,
                        uint64_t *next)
{
    uint32_t area = label_at(&w->lists[LAYER_SECTION], addr, next);
    uint32_t symbol = label_at(&w->lists[LAYER_SYMBOL], addr, next);
    uint32_t unit = label_at(&w->lists[LAYER_UNIT], addr, next);
    uint32_t inlined = label_at(&w->lists[LAYER_INLINE], addr, next);
    struct run run = {.piece = piece, .part = label_at(&w->lists[LAYER_PART], addr, next)};
    run.place = place_of(w, piece, addr, next);
    run.area = area == ELF_NO_LABEL ? NULL : &w->layout->areas[area];
    run.labels[SIZE_INPUT] = size_tree_label(w->tree, text_base_name(text_of(w->layout->path)));
    run.labels[SIZE_REGION] = run.place.region;
    run.labels[SIZE_KIND] = size_tree_label(w->tree, text_of(kind_of(piece, run.area)));
    run.labels[SIZE_SECTION] = size_tree_label(w->tree,
                                               text_of(run.area ? run.area->name : "(no section)"));
    run.labels[SIZE_STRING] = size_tree_label(w->tree, text_of("(no string)"));
    run.labels[SIZE_UNIT] = run.labels[SIZE_MODULE] = w->unknown;
    if (symbol == ELF_NO_LABEL) {
        if (needs_any(w->tree, NEEDS_SYMBOLS))
            add_gap(w, &run, addr, *next, unit);
        else
            add_run(w, &run, *next - addr);
        return;
    }
    run.labels[SIZE_SYMBOL] = symbol;
    run.labels[SIZE_INLINE] = inlined == ELF_NO_LABEL ? symbol : inlined;
    set_unit(w, &run, unit);
    note_constant(w, &run, size_tree_text(w->tree, symbol), addr, *next - addr);
    add_run(w, &run, *next - addr);
}

static void walk_memory(struct walk *w, struct size_elf_sum *sum)
{
    for (size_t i = 0; i < w->layout->piece_count; i++) {
        const struct elf_piece *piece = &w->layout->pieces[i];
        for (uint64_t addr = piece->begin, next; addr < piece->end; addr = next) {
            next = piece->end;
            add_between(w, piece, addr, &next);
            assert(next > addr);
        }
        sum->bytes += piece->end - piece->begin;
    }
}

// ---- what the report says ----

static void add_regions(const struct walk *w, struct report *report)
{
    struct size_region_use uses[SIZE_REGIONS_MAX + 1];
    size_t count = w->memory.region_count;
    for (size_t i = 0; i < count; i++) {
        const struct size_region *region = &w->memory.regions[i];
        uses[i] = (struct size_region_use){region->name, region->is_flash ? "flash" : "RAM",
                                           region->begin, w->region_used[i],
                                           region->end - region->begin};
    }
    if (w->unmapped_bytes)
        uses[count++] = (struct size_region_use){
            .name = "(outside)", .memory = "unknown", .used_bytes = w->unmapped_bytes};
    size_regions_add(report, uses, count);
}

struct use_row {
    const char *what;
    uint64_t bytes;
};

static const struct report_column use_columns[] = {
    {"what", "what", "", REPORT_KEY, REPORT_AT(use_row, what)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(use_row, bytes)},
};

static void add_file(const struct elf_layout *layout, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "file", "What the file holds",
                                                  use_columns);
    for (unsigned use = 0; use < ELF_USE_COUNT; use++) {
        struct use_row row = {elf_use_name((enum elf_use)use), layout->use_bytes[use]};
        if (row.bytes)
            report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

static void tell(const struct walk *w, struct report *report)
{
    const struct elf_layout *layout = w->layout;
    if (!layout->has_symbol_table)
        report_add_note(report, REPORT_WARNING,
                        layout->symbol_count
                            ? "%s is stripped: only symbols for the dynamic linker name its bytes"
                            : "%s is stripped: no symbols name its bytes",
                        layout->path);
    if (!layout->has_debug_info)
        report_add_note(
            report, REPORT_WARNING,
            "%s has no debug information (-g): units are those of local symbols, inlined "
            "functions are not known%s%s",
            layout->path, layout->debug_link ? "; not found: " : "",
            layout->debug_link ? layout->debug_link : "");
    if (w->units && w->units->split_lost)
        report_add_note(
            report, REPORT_WARNING,
            "%" PRIu32 " of %" PRIu32
            " units have their debug information in .dwo files that are not there: which "
            "data is theirs is not known, nor what was inlined",
            w->units->split_lost, w->units->unit_count);
    if (layout->overlapping_bytes)
        report_add_note(report, REPORT_WARNING,
                        "%" PRIu64 " bytes of segments lie over others and are counted once",
                        layout->overlapping_bytes);
    if (layout->thread_zero_bytes)
        report_add_note(report, REPORT_NOTE,
                        "%" PRIu64 " zeros for each thread (.tbss) are in no row",
                        layout->thread_zero_bytes);
    if (w->reserved_bytes)
        report_add_note(report, REPORT_NOTE,
                        "%" PRIu64 " bytes are kept free and cost neither RAM nor flash",
                        w->reserved_bytes);
    if (w->unmapped_bytes)
        report_add_note(report, REPORT_WARNING, "%" PRIu64 " bytes lie in no region of %s",
                        w->unmapped_bytes, w->memory.name);
}

// ---- the whole ----

static int choose_memory(struct walk *w, const char *chip, struct problem *problem)
{
    if (chip)
        return size_memory_load(w->arena, chip, &w->memory, problem);
    if (w->map && w->map->region_count)
        return size_map_memory(w->arena, w->map, &w->memory, problem);
    int status = size_memory_load(w->arena, "esp8266", &w->memory, problem);
    bool is_there = false;
    for (size_t i = 0; i < w->layout->piece_count; i++)
        is_there |= size_memory_find(&w->memory, w->layout->pieces[i].begin, NULL) != NULL;
    if (w->memory.machine != w->layout->machine || !is_there)
        w->memory.region_count = 0;
    return status;
}

int size_elf_add(struct arena *arena, const char *path, const struct size_elf_settings *settings,
                 struct size_tree *tree, struct report *report, struct size_elf_sum *sum,
                 struct problem *problem)
{
    struct elf_layout *layout;
    int status = elf_layout_open(arena, path, settings->debug_path, &layout, problem);
    if (status != STATUS_OK)
        return status;
    struct walk w = {.arena = arena,
                     .layout = layout,
                     .tree = tree,
                     .map = settings->map,
                     .constants = {.arena = arena}};
    arena_init(&w.scratch);
    w.unknown = size_tree_label(tree, text_of("(unknown)"));
    *sum = (struct size_elf_sum){0};
    status = choose_memory(&w, settings->chip, problem);
    if (status == STATUS_OK)
        status = make_lists(&w, problem);
    if (status == STATUS_OK) {
        struct size_amount before = size_tree_total(tree);
        report_input_sum(report_add_input(report, text_of(path), "elf", layout->file_bytes, true),
                         path);
        walk_memory(&w, sum);
        struct size_amount after = size_tree_total(tree);
        assert(after.bytes - before.bytes == sum->bytes);
        sum->ram_bytes = after.ram_bytes - before.ram_bytes;
        sum->flash_bytes = after.flash_bytes - before.flash_bytes;
        sum->both_bytes = after.both_bytes - before.both_bytes;
        if (w.memory.region_count)
            add_regions(&w, report);
        add_file(layout, report);
        size_constants_report(&w.constants, path, layout->machine == ELF_MACHINE_XTENSA, report);
        tell(&w, report);
    }
    arena_deinit(&w.scratch);
    elf_layout_close(layout);
    return status;
}

void size_elf_add_shapes(struct report *report)
{
    size_regions_add(report, NULL, 0);
    REPORT_ADD_TABLE(report, "file", "", use_columns);
    size_constants_report(&(struct size_constants){.arena = report->arena}, NULL, false, report);
}
