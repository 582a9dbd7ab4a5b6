// loads_report.c: tables of what the machine loaded from flash.

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/hot/hot_firmware.h"
#include "analyzer/analysis/hot/hot_words.h"
#include "analyzer/analysis/hot/loads.h"

struct filler {
    const struct hot *hot;
    const struct hot_view *view;
    const struct loads *loads;
    struct report *report;
    struct arena *arena;
};

// ---- what all tables by groups have ----

#define COUNT_OF(what) counts[(what)-HOT_LOAD_FIRST]

#define COUNT_COLUMNS                                                                              \
    {"loads_8", "8 bit", "loads", REPORT_SUMMED, REPORT_AT(loads_sum, COUNT_OF(HOT_LOAD_8))},      \
        {"loads_16", "16 bit", "loads", REPORT_SUMMED,                                             \
         REPORT_AT(loads_sum, COUNT_OF(HOT_LOAD_16))},                                             \
        {"loads_32", "32 bit", "loads", REPORT_SUMMED,                                             \
         REPORT_AT(loads_sum, COUNT_OF(HOT_LOAD_32))},                                             \
        {"misses", "misses", "lines", REPORT_SUMMED | REPORT_OPTIONAL,                             \
         REPORT_AT(loads_sum, COUNT_OF(HOT_MISS_DATA))},                                           \
    {                                                                                              \
        "own_clocks", "own clocks", "clocks", 0, REPORT_AT(loads_sum, clocks)                      \
    }

// A table with a row for each of the sums; its sum row covers also those that are left out.
static struct report_table *add_sums(const struct filler *filler, const char *name,
                                     const char *title, const struct report_column *columns,
                                     size_t column_count, const struct loads_sums *sums)
{
    struct report_table *table = report_add_table(filler->report, name, title, columns,
                                                  column_count);
    if (!filler->hot->has_machine) {
        report_leave_out(table);
        report_set_detail(table, "own_clocks", true);
    }
    report_add_rows(table, filler, sums->items, sums->count, sizeof *sums->items, HOT_ROWS_MAX,
                    NULL);
    return table;
}
#define ADD_SUMS(filler, name, title, columns, sums)                                               \
    add_sums(filler, name, title, columns, sizeof(columns) / sizeof *(columns), sums)

static const struct hot_cell *most_of(const struct filler *filler, const struct loads_sum *sum)
{
    return &filler->hot->cells[sum->most];
}

static struct report_value object_of(const void *context, const void *item)
{
    const struct filler *filler = context;
    return report_text(hot_object_words(filler->hot, most_of(filler, item)->object,
                                        filler->view->hides_text, filler->arena));
}

static struct report_value line_of(const void *context, const void *item)
{
    const struct filler *filler = context;
    return report_text(
        site_name(filler->arena, &filler->hot->sites.items[most_of(filler, item)->site]));
}

static bool is_data(const struct hot_cell *cell)
{
    return cell->what <= HOT_MISS_DATA;
}

// ---- by width ----

static int64_t width_of(unsigned what)
{
    return 8 << (what - HOT_LOAD_FIRST);
}

struct width_row {
    const char *what;
    int64_t width_bits;
    uint64_t loads;
    double clocks;
};

static const struct report_column width_columns[] = {
    {"what", "what", "", REPORT_KEY, REPORT_AT(width_row, what)},
    {"width_bits", "width", "bits", 0, REPORT_AT(width_row, width_bits)},
    {"loads", "loads", "", REPORT_SUMMED, REPORT_AT(width_row, loads)},
    {"own_clocks", "own clocks", "clocks", 0, REPORT_AT(width_row, clocks)},
};

static void add_widths(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct width_row rows[3];
    uint64_t trapped = 0;
    for (unsigned i = 0; i < 3; i++)
        rows[i] = (struct width_row){hot_what_name(HOT_LOAD_FIRST + i),
                                     width_of(HOT_LOAD_FIRST + i), 0, 0};
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (cell->what < HOT_LOAD_FIRST || cell->what > HOT_LOAD_32)
            continue;
        rows[cell->what - HOT_LOAD_FIRST].loads += cell->count;
        rows[cell->what - HOT_LOAD_FIRST].clocks += hot_clocks(hot, HOT_OWN, cell);
        if (hot_is_narrow(cell->what) && cell->pc >= HOT_CHIP_CODE_ADDR)
            trapped += cell->count;
    }
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "widths",
                                                  "Loads from flash by width", width_columns);
    REPORT_ADD_ROWS(table, NULL, rows, 3);
    if (trapped)
        report_add_note(filler->report, REPORT_WARNING,
                        "%" PRIu64 " loads of 8 and 16 bits from flash by the chip: each raises an "
                        "exception, which emulates it",
                        trapped);
    else if (rows[0].loads + rows[1].loads)
        report_add_note(filler->report, REPORT_NOTE,
                        "the host's program loads bytes; for the chip the compiler makes word "
                        "loads of them");
}

// ---- each instruction ----

static uint64_t key_load(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    return cell->what <= HOT_LOAD_32 ? idx : LOADS_NO_KEY;
}

// The narrow ones first, most first.
static int compare_loads(const void *a, const void *b)
{
    const struct loads_sum *x = a, *y = b;
    bool is_narrow = loads_narrow(x) != 0, is_other_narrow = loads_narrow(y) != 0;
    if (is_narrow != is_other_narrow)
        return is_narrow ? -1 : 1;
    uint64_t here = x->counts[0] + x->counts[1] + x->counts[2];
    uint64_t there = y->counts[0] + y->counts[1] + y->counts[2];
    if (here != there)
        return here > there ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static struct report_value pc_of(const void *context, const void *item)
{
    return report_hex(most_of(context, item)->pc);
}

static struct report_value width_bits(const void *context, const void *item)
{
    return report_number(width_of(most_of(context, item)->what));
}

static struct report_value load_count(const void *context, const void *item)
{
    return report_number((int64_t)most_of(context, item)->count);
}

static const struct report_column load_columns[] = {
    {"pc", "pc", "", REPORT_KEY, REPORT_BY(REPORT_HEX, pc_of)},
    {"width_bits", "width", "bits", REPORT_KEY, REPORT_BY(REPORT_NUMBER, width_bits)},
    {"line", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, line_of)},
    {"object", "object", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, object_of)},
    {"loads", "loads", "", 0, REPORT_BY(REPORT_NUMBER, load_count)},
    {"own_clocks", "own clocks", "clocks", 0, REPORT_AT(loads_sum, clocks)},
};

static void add_loads(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_load);
    if (sums.count)
        qsort(sums.items, sums.count, sizeof *sums.items, compare_loads);
    struct report_table *table = REPORT_ADD_TABLE(
        filler->report, "loads",
        filler->hot->has_machine ? "Loads from flash, as the chip did them"
                                 : "Loads from flash, as the traced build did them",
        load_columns);
    report_add_rows(table, filler, sums.items, sums.count, sizeof *sums.items, HOT_ROWS_MAX, NULL);
}

// ---- by Lua line ----

static uint64_t key_line(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    return loads->hot->sites.items[cell->site].line_idx;
}

static struct report_value line_name(const void *context, const void *item)
{
    const struct filler *filler = context;
    return report_text(
        site_line_name(filler->arena, &filler->hot->sites.items[most_of(filler, item)->site]));
}

static const struct report_column line_columns[] = {
    {"line", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, line_name)},
    {"most_object", "most of", "", REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, object_of)},
    COUNT_COLUMNS,
    {"code_misses", "code misses", "lines", REPORT_OPTIONAL,
     REPORT_AT(loads_sum, COUNT_OF(HOT_MISS_CODE))},
    {"instructions", "instructions", "", REPORT_OPTIONAL,
     REPORT_AT(loads_sum, COUNT_OF(HOT_INSTRUCTIONS))},
};

static void add_lines(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_line);
    ADD_SUMS(filler, "load_lines", "Loads from flash by Lua line", line_columns, &sums);
}

// ---- by object ----

static uint64_t key_object(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    return is_data(cell) ? cell->object : LOADS_NO_KEY;
}

static const struct hot_object *object_at(const struct filler *filler, const struct loads_sum *sum)
{
    return &filler->hot->objects.items[sum->key];
}

static struct report_value kind_of(const void *context, const void *item)
{
    return report_text(text_of(hot_object_kind_name(object_at(context, item))));
}

static struct report_value addr_of(const void *context, const void *item)
{
    return report_hex(object_at(context, item)->addr);
}

static const struct report_column object_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_BY(REPORT_TEXT, kind_of)},
    {"object", "object", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, object_of)},
    {"addr", "address", "", REPORT_BLANK_ZERO, REPORT_BY(REPORT_HEX, addr_of)},
    {"most_line", "most from", "", REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, line_of)},
    COUNT_COLUMNS,
};

static void add_objects(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_object);
    ADD_SUMS(filler, "load_objects", "Loads from flash by object", object_columns, &sums);
}

// ---- by page ----

static uint64_t key_page(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    return is_data(cell) ? cell->page : LOADS_NO_KEY;
}

static struct report_value page_words(const void *context, const void *item)
{
    const struct filler *filler = context;
    const struct hot_objects *objects = &filler->hot->objects;
    uint32_t page = (uint32_t)((const struct loads_sum *)item)->key;
    for (uint32_t i = 0; i < objects->image_count; i++)
        if (page + HOT_PAGE_BYTES > objects->images[i].addr &&
            page < objects->images[i].addr + objects->images[i].bytes)
            return report_text(text_of("image"));
    const struct elf_section *section = objects->firmware
                                            ? elf_image_section(objects->firmware, page)
                                            : NULL;
    return report_text(text_of(section ? section->name : ""));
}

static const struct report_column page_columns[] = {
    {"page", "page", "", REPORT_KEY, REPORT_AS(REPORT_HEX, loads_sum, key)},
    {"holds", "holds", "", 0, REPORT_BY(REPORT_TEXT, page_words)},
    {"most_object", "most of", "", REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, object_of)},
    COUNT_COLUMNS,
};

static void add_pages(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_page);
    ADD_SUMS(filler, "load_pages", "Loads from flash by page of 4 KB", page_columns, &sums);
}

// ---- by C line, alone and with the Lua line ----

static uint64_t key_place(const struct loads *loads, uint32_t idx)
{
    return is_data(&loads->hot->cells[idx]) ? loads->place_of[idx] : LOADS_NO_KEY;
}

static uint64_t key_place_and_line(const struct loads *loads, uint32_t idx)
{
    uint64_t place = key_place(loads, idx);
    return place == LOADS_NO_KEY ? place : place << 32 | key_line(loads, idx);
}

static const struct loads_place *place_of(const struct filler *filler, const struct loads_sum *sum)
{
    return &filler->loads->places[filler->loads->place_of[sum->most]];
}

static struct report_value place_function(const void *context, const void *item)
{
    const char *function = place_of(context, item)->function;
    return report_text(text_of(function ? function : "?"));
}

static struct report_value place_line(const void *context, const void *item)
{
    const struct filler *filler = context;
    const struct loads_place *place = place_of(filler, item);
    if (!place->file)
        return (struct report_value){0};
    return report_text(
        text_of(arena_format(filler->arena, "%s:%" PRIu32, place->file, place->line)));
}

static struct report_value place_chain(const void *context, const void *item)
{
    return report_text(text_of(place_of(context, item)->chain));
}

#define PLACE_COLUMNS                                                                              \
    {"function", "function", "", REPORT_KEY | REPORT_MAY_CUT,                                      \
     REPORT_BY(REPORT_TEXT, place_function)},                                                      \
        {"c_line", "C line", "", REPORT_KEY, REPORT_BY(REPORT_TEXT, place_line)},                  \
    {                                                                                              \
        "inlined_into", "inlined into", "",                                                        \
            REPORT_KEY | REPORT_MAY_CUT | REPORT_DETAIL | REPORT_BLANK_ZERO,                       \
            REPORT_BY(REPORT_TEXT, place_chain)                                                    \
    }

static const struct report_column c_line_columns[] = {
    PLACE_COLUMNS,
    COUNT_COLUMNS,
    {"most_line", "most from", "", REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, line_of)},
    {"most_object", "of", "", REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, object_of)},
};

static void add_c_lines(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_place);
    struct report_table *table = ADD_SUMS(filler, "c_lines", "Loads from flash by C line",
                                          c_line_columns, &sums);
    if (!filler->hot->has_machine)
        table->explanation = "what the compiled code loaded; libc's block functions count by words";
}

static const struct report_column c_lua_line_columns[] = {
    PLACE_COLUMNS,
    {"line", "Lua line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, line_of)},
    COUNT_COLUMNS,
    {"most_object", "most of", "", REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, object_of)},
};

static void add_c_lua_lines(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_place_and_line);
    ADD_SUMS(filler, "c_lua_lines", "Loads from flash by C line and Lua line", c_lua_line_columns,
             &sums);
}

// ---- what the chip executed ----

static uint64_t key_function(const struct loads *loads, uint32_t idx)
{
    const struct elf_symbol *symbol = elf_image_function(loads->hot->program.image,
                                                         loads->hot->cells[idx].pc);
    return symbol ? symbol->addr : 0;
}

static int compare_instructions(const void *a, const void *b)
{
    const struct loads_sum *x = a, *y = b;
    uint64_t here = x->counts[HOT_INSTRUCTIONS - HOT_LOAD_FIRST];
    uint64_t there = y->counts[HOT_INSTRUCTIONS - HOT_LOAD_FIRST];
    if (here != there)
        return here > there ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static struct report_value chip_function(const void *context, const void *item)
{
    const struct filler *filler = context;
    const struct elf_symbol *symbol = elf_image_function(filler->hot->program.image,
                                                         ((const struct loads_sum *)item)->key);
    return report_text(text_of(symbol ? symbol->name : "?"));
}

static struct report_value chip_region(const void *context, const void *item)
{
    (void)context;
    return report_text(text_of(firmware_region((uint32_t)((const struct loads_sum *)item)->key)));
}

static struct report_value narrow_loads(const void *context, const void *item)
{
    (void)context;
    return report_number((int64_t)loads_narrow(item));
}

static const struct report_column function_columns[] = {
    {"function", "function", "", REPORT_KEY | REPORT_MAY_CUT,
     REPORT_BY(REPORT_TEXT, chip_function)},
    {"region", "region", "", REPORT_KEY, REPORT_BY(REPORT_TEXT, chip_region)},
    {"instructions", "instructions", "", REPORT_SUMMED,
     REPORT_AT(loads_sum, COUNT_OF(HOT_INSTRUCTIONS))},
    {"fetches", "fetches", "lines", REPORT_SUMMED, REPORT_AT(loads_sum, fetches)},
    {"code_misses", "code misses", "lines", REPORT_SUMMED,
     REPORT_AT(loads_sum, COUNT_OF(HOT_MISS_CODE))},
    {"loads_narrow", "8, 16 bit", "loads", REPORT_SUMMED, REPORT_BY(REPORT_NUMBER, narrow_loads)},
    {"loads_32", "32 bit", "loads", REPORT_SUMMED, REPORT_AT(loads_sum, COUNT_OF(HOT_LOAD_32))},
    {"misses", "misses", "lines", REPORT_SUMMED, REPORT_AT(loads_sum, COUNT_OF(HOT_MISS_DATA))},
    {"own_clocks", "own clocks", "clocks", 0, REPORT_AT(loads_sum, clocks)},
};

static void add_functions(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_function);
    if (sums.count)
        qsort(sums.items, sums.count, sizeof *sums.items, compare_instructions);
    ADD_SUMS(filler, "chip_functions", "What the chip executed, by C function", function_columns,
             &sums);
}

// ---- the whole ----

static void add_totals(const struct filler *filler)
{
    static const struct {
        unsigned what;
        const char *name, *title, *unit;
    } totals[] = {
        {HOT_INSTRUCTIONS, "chip_instructions", "chip: machine instructions", ""},
        {HOT_MISS_CODE, "chip_code_misses", "chip: misses of the flash cache for code", "lines"},
        {HOT_MISS_DATA, "chip_data_misses", "chip: misses of the flash cache for data", "lines"},
    };
    const struct hot *hot = filler->hot;
    double clocks = 0;
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
        uint64_t count = 0;
        for (uint32_t c = 0; c < hot->cell_count; c++)
            count += hot->cells[c].what == totals[i].what ? hot->cells[c].count : 0;
        report_add_number(filler->report, totals[i].name, totals[i].title, totals[i].unit,
                          (int64_t)count);
    }
    for (uint32_t c = 0; c < hot->cell_count; c++)
        if (hot_is_load(hot->cells[c].what))
            clocks += hot_clocks(hot, HOT_OWN, &hot->cells[c]);
    report_add_real(filler->report, "chip_flash_clocks",
                    "chip: emulated loads and misses, modelled", "clocks", 0, clocks);
}

static bool is_wanted(const struct hot_view *view, int by)
{
    return view->by == HOT_BY_ALL || view->by == by;
}

void loads_fill(const struct hot *hot, const struct hot_view *view, struct report *report)
{
    if (!hot->has_loads && view->by >= HOT_BY_C_LINE)
        report_add_note(report, REPORT_NOTE,
                        "no loads were recorded: frost record --loads or --esp8266 does");
    if (!hot->has_loads)
        return;
    struct loads loads = loads_create(hot, report->arena);
    struct filler filler = {hot, view, &loads, report, report->arena};
    if (hot->has_machine)
        add_totals(&filler);
    add_widths(&filler);
    if (is_wanted(view, HOT_BY_ALL))
        add_loads(&filler);
    if (is_wanted(view, HOT_BY_LINE))
        add_lines(&filler);
    if (is_wanted(view, HOT_BY_OBJECT))
        add_objects(&filler);
    if (is_wanted(view, HOT_BY_PAGE))
        add_pages(&filler);
    if (hot->program.why[0])
        report_add_note(report, REPORT_WARNING, "lines of C are left out: %s", hot->program.why);
    if (hot->program.index && is_wanted(view, HOT_BY_C_LINE)) {
        add_c_lines(&filler);
        add_c_lua_lines(&filler);
    }
    if (hot->program.image && hot->has_machine && is_wanted(view, HOT_BY_FUNCTION))
        add_functions(&filler);
    if (hot->has_machine && is_wanted(view, HOT_BY_CAUSE))
        loads_fill_causes(hot, view, report);
}
