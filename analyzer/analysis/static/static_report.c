// static_report.c: what the data flow found, by region, instruction, function, line and constant.

#include "analyzer/analysis/static/static_report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/hot/hot_firmware.h"
#include "analyzer/analysis/hot/loads.h"
#include "analyzer/analysis/static/static_flow.h"
#include "analyzer/elf/elf_index.h"
#include "runtime/format/status.h"

#define ROWS_MAX 20000u

// Bases of a load, in the order of how bad they are.
enum base { BASE_FLASH, BASE_UNKNOWN, BASE_RAM, BASE_COUNT };

static const char *const base_names[] = {"flash constant", "unknown base", "RAM"};

struct filler {
    struct arena *arena;
    const struct elf_image *image;
    const struct elf_index *index;
    const struct static_code *code;
    const struct static_flow *flow;
    struct report *report;
    bool hides_text;
};

// A load with what is known of it.
struct row {
    const struct static_load *load;
    const struct static_insn *insn;
    const char *region, *function, *c_line, *chain, *why;
    const char *file; // of the function; "": not known, `home` is its address
    uint32_t home;
    enum base base;
    uint32_t passed; // constants that callers pass
};

// ---- judging ----

static bool is_constant_place(const struct filler *filler, uint32_t addr)
{
    const struct elf_section *section = elf_image_section(filler->image, addr);
    return section && !section->is_writable;
}

static enum base base_of(const struct filler *filler, const struct static_value *value)
{
    bool is_flash = false, is_ram = (value->what & STATIC_STACK) != 0;
    for (unsigned i = 0; i < value->origin_count; i++) {
        if (value->through >> i & 1 || is_constant_place(filler, value->origins[i]))
            is_flash = true;
        else
            is_ram |= elf_image_section(filler->image, value->origins[i]) != NULL;
    }
    if (is_flash)
        return BASE_FLASH;
    return value->what & STATIC_UNKNOWN || !is_ram ? BASE_UNKNOWN : BASE_RAM;
}

static const char *why_of(struct arena *arena, const struct static_value *value)
{
    const char *words = "";
    for (unsigned i = 0; i < STATIC_ARGUMENTS_MAX; i++)
        if (value->arguments >> i & 1)
            words = arena_format(arena, "%s%sargument %u", words, *words ? ", " : "", i + 1);
    static const struct {
        unsigned what;
        const char *name;
    } names[] = {{STATIC_LOADED, "from memory"},
                 {STATIC_RESULT, "result of a call"},
                 {STATIC_COMPUTED, "computed"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (value->what & names[i].what)
            words = arena_format(arena, "%s%s%s", words, *words ? ", " : "", names[i].name);
    return words;
}

static uint32_t passed_to(const struct filler *filler, uint32_t function,
                          const struct static_value *value)
{
    uint32_t count = 0, first;
    for (unsigned i = 0; i < STATIC_ARGUMENTS_MAX; i++)
        if (value->arguments >> i & 1)
            count += static_flow_passed(filler->flow, function, i, &first);
    return count;
}

static struct row row_of(const struct filler *filler, const struct static_load *load)
{
    struct elf_frame frames[ELF_CHAIN_MAX];
    const struct static_insn *insn = &filler->code->insns[load->insn];
    struct row row = {.load = load,
                      .insn = insn,
                      .region = firmware_region(insn->pc),
                      .c_line = "",
                      .file = "",
                      .chain = "",
                      .base = base_of(filler, &load->base),
                      .why = why_of(filler->arena, &load->base)};
    size_t count = elf_index_chain(filler->index, insn->pc, frames, ELF_CHAIN_MAX);
    row.function = filler->code->functions[insn->function].name;
    row.home = (uint32_t)filler->code->functions[insn->function].begin;
    if (count && frames[0].function)
        row.function = frames[0].function;
    if (count && frames[0].file) {
        row.file = frames[0].file;
        row.home = 0;
        row.c_line = arena_format(filler->arena, "%s:%" PRIu32, frames[0].file, frames[0].line);
    }
    if (count)
        row.chain = loads_chain_words(frames, count, filler->arena);
    row.function = row.function ? row.function : "(no symbol)";
    row.passed = passed_to(filler, insn->function, &load->base);
    return row;
}

static int compare_rows(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    if (a->base != b->base)
        return a->base < b->base ? -1 : 1;
    if (!a->passed != !b->passed)
        return a->passed ? -1 : 1;
    return (a->insn->pc > b->insn->pc) - (a->insn->pc < b->insn->pc);
}

// ---- words ----

static const char *object_words(const struct filler *filler, uint32_t addr, bool is_table)
{
    struct firmware_object object;
    if (!firmware_object_at(filler->image, addr, &object))
        return arena_format(filler->arena, "0x%" PRIx32, addr);
    struct text words = firmware_words(&object, addr, filler->hides_text, filler->arena);
    return arena_format(filler->arena, "%s%.*s", is_table ? "pointers of " : "", TEXT_ARGS(words));
}

static uint32_t place_of(const struct static_value *value, unsigned origin)
{
    bool is_moved = value->is_exact && !(value->through >> origin & 1);
    return value->origins[origin] + (is_moved ? (uint32_t)value->offset : 0);
}

// ---- tables ----

static struct report_value address_of(const void *context, const void *item)
{
    (void)context;
    return report_hex(((const struct row *)item)->insn->pc);
}

static struct report_value base_name(const void *context, const void *item)
{
    (void)context;
    return report_text(text_of(base_names[((const struct row *)item)->base]));
}

static struct report_value reaches(const void *context, const void *item)
{
    const struct filler *filler = context;
    const struct static_value *value = &((const struct row *)item)->load->base;
    const char *words = "";
    for (unsigned i = 0; i < value->origin_count; i++) {
        uint32_t addr = place_of(value, i);
        if (!elf_image_section(filler->image, addr))
            continue;
        words = arena_format(filler->arena, "%s%s%s", words, *words ? ", " : "",
                             object_words(filler, addr, value->through >> i & 1));
    }
    if (value->what & STATIC_STACK)
        words = arena_format(filler->arena, "%s%sthe stack", words, *words ? ", " : "");
    return report_text(text_of(words));
}

static struct report_value instruction(const void *context, const void *item)
{
    static const char *const names[] = {
        [XTENSA_LOAD_8] = "l8ui", [XTENSA_LOAD_16] = "l16ui", [XTENSA_LOAD_16S] = "l16si"};
    const struct filler *filler = context;
    const struct xtensa_insn *x = &((const struct row *)item)->insn->x;
    return report_text(text_of(arena_format(filler->arena, "%s a%u, a%u, %" PRId32, names[x->kind],
                                            x->reg, x->base, x->imm)));
}

static const struct report_column instruction_columns[] = {
    {"addr", "address", "", 0, REPORT_BY(REPORT_HEX, address_of)},
    {"instruction", "instruction", "", REPORT_KEY, REPORT_BY(REPORT_TEXT, instruction)},
    {"region", "region", "", REPORT_KEY, REPORT_AT(row, region)},
    {"function", "function", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(row, function)},
    {"c_line", "C line", "", REPORT_MAY_CUT | REPORT_BLANK_ZERO, REPORT_AT(row, c_line)},
    {"inlined_into", "inlined into", "", REPORT_MAY_CUT | REPORT_BLANK_ZERO | REPORT_DETAIL,
     REPORT_AT(row, chain)},
    {"base", "base", "", 0, REPORT_BY(REPORT_TEXT, base_name)},
    {"why", "which is", "", REPORT_MAY_CUT | REPORT_BLANK_ZERO, REPORT_AT(row, why)},
    {"reaches", "may reach", "", REPORT_MAY_CUT | REPORT_BLANK_ZERO,
     REPORT_BY(REPORT_TEXT, reaches)},
    {"passed", "passed", "constants", REPORT_BLANK_ZERO, REPORT_AT(row, passed)},
};

static void add_instructions(const struct filler *filler, const struct row *rows, uint32_t count)
{
    struct report_table *table = REPORT_ADD_TABLE(
        filler->report, "instructions", "Sub-word load instructions", instruction_columns);
    table->explanation = "what cannot be told from the code of the function alone is an unknown "
                         "base; passed: constants that callers hand over as that argument";
    report_add_rows(table, filler, rows, count, sizeof *rows, ROWS_MAX,
                    "a report holds 20,000 of them");
}

// Sub-word loads of a function, or of a line of one.
struct place {
    const char *function, *c_line, *region;
    uint32_t loads, bases[BASE_COUNT];
    uint32_t home;
};

static const struct report_column place_columns[] = {
    {"function", "function", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(place, function)},
    {"c_line", "C line", "", REPORT_KEY | REPORT_MAY_CUT | REPORT_BLANK_ZERO,
     REPORT_AT(place, c_line)},
    {"region", "region", "", REPORT_KEY, REPORT_AT(place, region)},
    {"loads", "sub-word loads", "instructions", REPORT_SUMMED, REPORT_AT(place, loads)},
    {"flash", "flash constant", "instructions", REPORT_SUMMED, REPORT_AT(place, bases[BASE_FLASH])},
    {"unknown", "unknown base", "instructions", REPORT_SUMMED,
     REPORT_AT(place, bases[BASE_UNKNOWN])},
    {"ram", "RAM", "instructions", REPORT_SUMMED, REPORT_AT(place, bases[BASE_RAM])},
};

// By function: two files can have functions of one name.
static int compare_functions(const struct row *a, const struct row *b)
{
    int order = strcmp(a->region, b->region);
    if (order == 0)
        order = strcmp(a->function, b->function);
    if (order == 0)
        order = strcmp(a->file, b->file);
    return order ? order : (a->home > b->home) - (a->home < b->home);
}

static int compare_keys(const void *x, const void *y)
{
    const struct row *const *a = x, *const *b = y;
    int order = compare_functions(*a, *b);
    return order ? order : strcmp((*a)->c_line, (*b)->c_line);
}

// Most loads of unknown bases and flash first.
static int compare_places(const void *x, const void *y)
{
    const struct place *a = x, *b = y;
    uint32_t here = a->bases[BASE_FLASH] + a->bases[BASE_UNKNOWN];
    uint32_t there = b->bases[BASE_FLASH] + b->bases[BASE_UNKNOWN];
    if (here != there)
        return here > there ? -1 : 1;
    if (a->loads != b->loads)
        return a->loads > b->loads ? -1 : 1;
    int order = strcmp(a->function, b->function);
    return order ? order : strcmp(a->c_line, b->c_line);
}

// Functions of one name that no line tells apart get their addresses.
static void tell_apart(const struct filler *filler, struct place *a, struct place *b)
{
    if (strcmp(a->region, b->region) || strcmp(a->function, b->function) || a->home == b->home)
        return;
    if (!*a->c_line)
        a->c_line = arena_format(filler->arena, "0x%08" PRIx32, a->home);
    if (!*b->c_line)
        b->c_line = arena_format(filler->arena, "0x%08" PRIx32, b->home);
}

// By function, or by function and line.
static void add_places(const struct filler *filler, const struct row *rows, uint32_t count,
                       bool has_lines)
{
    const struct row **order = ARENA_NEW_ARRAY(filler->arena, const struct row *, count + 1);
    struct place *places = ARENA_NEW_ARRAY(filler->arena, struct place, count + 1), *place = places;
    size_t place_count = 0;
    for (uint32_t i = 0; i < count; i++)
        order[i] = &rows[i];
    if (count)
        qsort(order, count, sizeof *order, compare_keys);
    for (uint32_t i = 0; i < count; i++) {
        const struct row *row = order[i];
        if (i == 0 || compare_functions(order[i - 1], row) != 0 ||
            (has_lines && strcmp(place->c_line, row->c_line))) {
            place = &places[place_count++];
            *place = (struct place){row->function, row->c_line, row->region, 0, {0}, row->home};
            if (place_count > 1)
                tell_apart(filler, place - 1, place);
        }
        place->loads++;
        place->bases[row->base]++;
    }
    qsort(places, place_count, sizeof *places, compare_places);
    struct report_table *table = has_lines
                                     ? REPORT_ADD_TABLE(filler->report, "lines",
                                                        "Sub-word loads by C line", place_columns)
                                     : REPORT_ADD_TABLE(filler->report, "functions",
                                                        "Sub-word loads by function",
                                                        place_columns);
    if (!has_lines)
        table->columns[report_find_column(table, text_of("c_line"))].title = "first line";
    REPORT_ADD_ROWS(table, NULL, places, place_count);
}

// ---- regions ----

struct region {
    const char *name;
    uint64_t instructions, bytes, words, literals, kinds[3], bases[BASE_COUNT];
};

static struct region *region_at(struct region *regions, const char *name)
{
    while (regions->name && strcmp(regions->name, name))
        regions++;
    regions->name = name;
    return regions;
}

static const struct report_column region_columns[] = {
    {"region", "region", "", REPORT_KEY, REPORT_AT(region, name)},
    {"instructions", "instructions", "", REPORT_SUMMED, REPORT_AT(region, instructions)},
    {"code_bytes", "code", "bytes", REPORT_SUMMED, REPORT_AT(region, bytes)},
    {"l32i", "l32i", "", REPORT_SUMMED | REPORT_DETAIL, REPORT_AT(region, words)},
    {"l32r", "l32r", "", REPORT_SUMMED | REPORT_DETAIL, REPORT_AT(region, literals)},
    {"l8ui", "l8ui", "", REPORT_SUMMED, REPORT_AT(region, kinds[0])},
    {"l16ui", "l16ui", "", REPORT_SUMMED, REPORT_AT(region, kinds[1])},
    {"l16si", "l16si", "", REPORT_SUMMED, REPORT_AT(region, kinds[2])},
    {"flash", "flash constant", "", REPORT_SUMMED, REPORT_AT(region, bases[BASE_FLASH])},
    {"unknown", "unknown base", "", REPORT_SUMMED, REPORT_AT(region, bases[BASE_UNKNOWN])},
    {"ram", "RAM", "", REPORT_SUMMED, REPORT_AT(region, bases[BASE_RAM])},
};

static void add_regions(const struct filler *filler, const struct row *rows, uint32_t count)
{
    struct region regions[8] = {{0}};
    size_t region_count = 0;
    for (uint32_t i = 0; i < filler->code->insn_count; i++) {
        const struct static_insn *insn = &filler->code->insns[i];
        struct region *region = region_at(regions, firmware_region(insn->pc));
        region->instructions++;
        region->bytes += insn->x.bytes;
        region->words += insn->x.kind == XTENSA_LOAD_32;
        region->literals += insn->x.kind == XTENSA_LITERAL;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct region *region = region_at(regions, rows[i].region);
        region->kinds[rows[i].insn->x.kind - XTENSA_LOAD_8]++;
        region->bases[rows[i].base]++;
    }
    while (regions[region_count].name)
        region_count++;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "regions",
                                                  "By region of the code", region_columns);
    REPORT_ADD_ROWS(table, NULL, regions, region_count);
}

// ---- constants ----

// A constant and one load that may reach it.
struct reached {
    struct firmware_object object;
    uint32_t key;  // address of the object, or of the constant in what has no name
    uint32_t load; // row
    bool is_passed, is_table;
};

struct reached_list {
    struct reached *items;
    uint32_t count, room;
};

static void note_reached(const struct filler *filler, struct reached_list *list, uint32_t addr,
                         uint32_t load, bool is_passed, bool is_table)
{
    struct reached one = {.load = load, .is_passed = is_passed, .is_table = is_table};
    if (!firmware_object_at(filler->image, addr, &one.object) || one.object.is_writable)
        return;
    one.key = one.object.kind == FIRMWARE_REST ? addr : one.object.addr;
    if (list->count == list->room) {
        uint32_t room = list->room ? list->room * 2 : 256;
        list->items = arena_grow_array(filler->arena, list->items, list->count, room,
                                       sizeof *list->items);
        list->room = room;
    }
    list->items[list->count++] = one;
}

static int compare_reached(const void *x, const void *y)
{
    const struct reached *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->is_table != b->is_table)
        return a->is_table ? 1 : -1;
    if (a->load != b->load)
        return a->load < b->load ? -1 : 1;
    return a->is_passed - b->is_passed;
}

static struct reached_list collect_reached(const struct filler *filler, const struct row *rows,
                                           uint32_t count)
{
    struct reached_list list = {0};
    for (uint32_t i = 0; i < count; i++) {
        const struct static_value *value = &rows[i].load->base;
        for (unsigned n = 0; n < value->origin_count; n++)
            note_reached(filler, &list, place_of(value, n), i, false, value->through >> n & 1);
        for (unsigned n = 0; n < STATIC_ARGUMENTS_MAX; n++) {
            uint32_t first, passed;
            if (!(value->arguments >> n & 1))
                continue;
            passed = static_flow_passed(filler->flow, rows[i].insn->function, n, &first);
            for (uint32_t k = first; k < first + passed; k++)
                note_reached(filler, &list, filler->flow->passes[k].origin, i, true,
                             filler->flow->passes[k].is_table);
        }
    }
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, compare_reached);
    return list;
}

// A constant, and the loads that may reach it.
struct constant {
    uint32_t addr;
    const char *kind, *name;
    struct report_value bytes;
    uint32_t loads, argument_loads;
    const char *function; // of the first load
};

static const struct report_column constant_columns[] = {
    {"addr", "address", "", 0, REPORT_AS(REPORT_HEX, constant, addr)},
    {"kind", "kind", "", REPORT_KEY, REPORT_AT(constant, kind)},
    {"name", "constant", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(constant, name)},
    {"length_bytes", "length", "bytes", REPORT_DETAIL, REPORT_AT(constant, bytes)},
    {"loads", "loads", "instructions", 0, REPORT_AT(constant, loads)},
    {"argument_loads", "as an argument", "instructions", 0, REPORT_AT(constant, argument_loads)},
    {"function", "first in", "", REPORT_MAY_CUT, REPORT_AT(constant, function)},
};

static int compare_constants(const void *x, const void *y)
{
    const struct constant *a = x, *b = y;
    if (a->loads != b->loads)
        return a->loads > b->loads ? -1 : 1;
    if (a->argument_loads != b->argument_loads)
        return a->argument_loads > b->argument_loads ? -1 : 1;
    return (a->addr > b->addr) - (a->addr < b->addr);
}

static void add_constants(const struct filler *filler, const struct row *rows, uint32_t count)
{
    static const char *const kinds[] = {"text", "data", "code", "literals", "constant"};
    struct reached_list list = collect_reached(filler, rows, count);
    struct constant *constants = ARENA_NEW_ARRAY(filler->arena, struct constant, list.count + 1),
                    *constant = constants;
    size_t constant_count = 0;
    for (uint32_t i = 0; i < list.count; i++) {
        const struct reached *one = &list.items[i], *last = i ? one - 1 : NULL;
        bool is_new = !last || last->key != one->key || last->is_table != one->is_table;
        if (is_new) {
            constant = &constants[constant_count++];
            constant->addr = one->key;
            constant->kind = one->is_table ? "table of pointers" : kinds[one->object.kind];
            constant->name = object_words(filler, one->key, false);
            if (one->object.kind != FIRMWARE_REST)
                constant->bytes = report_number(one->object.bytes);
            constant->function = rows[one->load].function;
        }
        if (is_new || last->load != one->load || last->is_passed != one->is_passed)
            ++*(one->is_passed ? &constant->argument_loads : &constant->loads);
    }
    qsort(constants, constant_count, sizeof *constants, compare_constants);
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "constants",
                                                  "Flash constants that sub-word loads may reach",
                                                  constant_columns);
    REPORT_ADD_ROWS(table, NULL, constants, constant_count);
}

// ---- the whole ----

static void add_totals(const struct filler *filler, const struct row *rows, uint32_t count,
                       const char *path)
{
    uint64_t bases[BASE_COUNT] = {0}, passed = 0, in_flash = 0;
    for (uint32_t i = 0; i < count; i++) {
        bases[rows[i].base]++;
        passed += rows[i].base == BASE_UNKNOWN && rows[i].passed;
        in_flash += !strcmp(rows[i].region, "flash");
    }
    struct report *report = filler->report;
    report_add_text(report, "build_id", "build", text_of(elf_index_build_id(filler->index)));
    report_add_number(report, "instructions", "instructions", "", filler->code->insn_count);
    report_add_number(report, "narrow_loads", "sub-word load instructions", "", count);
    report_add_number(report, "narrow_loads_in_flash", "of them in code in flash", "",
                      (int64_t)in_flash);
    report_add_number(report, "base_flash", "may reach a flash constant", "",
                      (int64_t)bases[BASE_FLASH]);
    report_add_number(report, "base_unknown", "unknown base", "", (int64_t)bases[BASE_UNKNOWN]);
    report_add_number(report, "base_unknown_passed",
                      "of them an argument for which callers pass "
                      "flash constants",
                      "", (int64_t)passed);
    report_add_number(report, "base_ram", "RAM only", "", (int64_t)bases[BASE_RAM]);
    report_input_sum(
        report_add_input(report, text_of(path), "elf", filler->image->file_bytes, true), path);
}

static void add_notes(const struct filler *filler)
{
    const struct static_code *code = filler->code;
    if (elf_index_figures(filler->index).unit_count == 0)
        report_add_note(filler->report, REPORT_NOTE, "no DWARF in the file: no lines of C");
    if (!code->is_exact)
        report_add_note(filler->report, REPORT_NOTE,
                        "no property table (.xt.prop) in the file: code is what control reaches "
                        "from the entry, %sand addresses in literals and data",
                        filler->image->function_count ? "function symbols " : "");
    if (filler->flow->given_up_count)
        report_add_note(filler->report, REPORT_NOTE,
                        "%" PRIu32 " functions are too large to be followed: what they load from "
                        "is unknown",
                        filler->flow->given_up_count);
    if (code->undecoded)
        report_add_note(filler->report, REPORT_NOTE,
                        "%" PRIu32 " bytes among the code are not instructions of this machine",
                        code->undecoded);
}

int static_report(const char *path, bool hides_text, struct arena *arena, struct report **report,
                  struct problem *problem)
{
    struct elf_image *image;
    struct elf_index *index;
    struct static_code code;
    struct static_flow flow;
    int status = elf_image_open(arena, path, &image, problem);
    if (status == STATUS_OK)
        status = static_code_read(arena, image, path, &code, problem);
    if (status == STATUS_OK)
        status = elf_index_open(arena, path, &index, problem);
    if (status != STATUS_OK)
        return status;
    static_flow_run(arena, &code, &flow);
    struct filler filler = {arena, image, index, &code, &flow, NULL, hides_text};
    struct row *rows = ARENA_NEW_ARRAY(arena, struct row, flow.load_count + 1);
    for (uint32_t i = 0; i < flow.load_count; i++)
        rows[i] = row_of(&filler, &flow.loads[i]);
    if (flow.load_count)
        qsort(rows, flow.load_count, sizeof *rows, compare_rows);
    *report = filler.report = report_create(arena, "hot-static", 1,
                                            "Sub-word loads in the code of a firmware");
    add_totals(&filler, rows, flow.load_count, path);
    add_regions(&filler, rows, flow.load_count);
    add_instructions(&filler, rows, flow.load_count);
    add_places(&filler, rows, flow.load_count, false);
    add_places(&filler, rows, flow.load_count, true);
    add_constants(&filler, rows, flow.load_count);
    add_notes(&filler);
    return STATUS_OK;
}
