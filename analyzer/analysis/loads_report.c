// loads_report.c: tables of what the machine loaded from flash.

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/hot_firmware.h"
#include "analyzer/analysis/loads.h"

struct filler {
    const struct hot *hot;
    const struct hot_view *view;
    const struct loads *loads;
    struct report *report;
    struct arena *arena;
};

// ---- the columns that all tables by groups end with ----

static void add_counts(const struct filler *filler, struct report_table *table)
{
    unsigned machine = filler->hot->has_machine ? 0 : REPORT_DETAIL;
    report_add_column(table, "loads_8", "8 bit", "loads", REPORT_NUMBER, 0);
    report_add_column(table, "loads_16", "16 bit", "loads", REPORT_NUMBER, 0);
    report_add_column(table, "loads_32", "32 bit", "loads", REPORT_NUMBER, 0);
    report_add_column(table, "misses", "misses", "lines", REPORT_NUMBER, machine);
    report_add_column(table, "own_clocks", "own clocks", "clocks", REPORT_REAL, machine)
        ->decimals = 0;
}

static void fill_counts(const struct filler *filler, const struct loads_sum *sum,
                        struct report_value *row)
{
    for (unsigned i = 0; i < 3; i++)
        row[i] = report_number((int64_t)sum->counts[i]);
    if (filler->hot->has_machine)
        row[3] = report_number((int64_t)sum->counts[HOT_MISS_DATA - HOT_LOAD_FIRST]);
    row[4] = report_real(sum->clocks);
}

// The sum row covers the rows that are left out, too.
static void end_table(struct report_table *table, const struct loads_sums *sums, int first)
{
    int columns[] = {first, first + 1, first + 2, first + 3, -1};
    report_add_sum(table, columns);
    for (unsigned c = 0; c < 4 && table->sum; c++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < sums->count; i++)
            sum += sums->items[i].counts[c];
        if (table->sum[first + (int)c].is_present)
            table->sum[first + (int)c] = report_number((int64_t)sum);
    }
    if (sums->count > HOT_ROWS_MAX) {
        table->omitted_count = sums->count - HOT_ROWS_MAX;
        table->omitted_why = "a report holds 5,000 rows of a table";
    }
}

static const struct hot_cell *most_of(const struct filler *filler, const struct loads_sum *sum)
{
    return &filler->hot->cells[sum->most];
}

static struct report_value object_of(const struct filler *filler, const struct loads_sum *sum)
{
    return report_text(hot_object_words(filler->hot, most_of(filler, sum)->object,
                                        filler->view->hides_text, filler->arena));
}

static struct report_value line_of(const struct filler *filler, const struct loads_sum *sum)
{
    return report_text(
        site_name(filler->arena, &filler->hot->sites.items[most_of(filler, sum)->site]));
}

static struct report_value place_words(const struct filler *filler,
                                       const struct loads_place *place)
{
    if (!place->file)
        return (struct report_value){0};
    return report_text(
        text_of(arena_format(filler->arena, "%s:%" PRIu32, place->file, place->line)));
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

static void add_widths(const struct filler *filler)
{
    static const int sums[] = {2, -1};
    const struct hot *hot = filler->hot;
    uint64_t loads[3] = {0}, trapped = 0;
    double clocks[3] = {0};
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (cell->what < HOT_LOAD_FIRST || cell->what > HOT_LOAD_32)
            continue;
        loads[cell->what - HOT_LOAD_FIRST] += cell->count;
        clocks[cell->what - HOT_LOAD_FIRST] += hot_clocks(hot, HOT_OWN, cell);
        if (hot_is_narrow(cell->what) && cell->pc >= HOT_CHIP_CODE_ADDR)
            trapped += cell->count;
    }
    struct report_table *table =
        report_add_table(filler->report, "widths", "Loads from flash by width");
    report_add_column(table, "what", "what", "", REPORT_TEXT, 0);
    report_add_column(table, "width_bits", "width", "bits", REPORT_NUMBER, 0);
    report_add_column(table, "loads", "loads", "", REPORT_NUMBER, 0);
    report_add_column(table, "own_clocks", "own clocks", "clocks", REPORT_REAL, 0)->decimals = 0;
    for (unsigned i = 0; i < 3; i++) {
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(hot_what_name(HOT_LOAD_FIRST + i)));
        row[1] = report_number(width_of(HOT_LOAD_FIRST + i));
        row[2] = report_number((int64_t)loads[i]);
        row[3] = report_real(clocks[i]);
    }
    report_add_sum(table, sums);
    if (trapped)
        report_add_note(filler->report, REPORT_WARNING,
                        "%" PRIu64 " loads of 8 and 16 bits from flash by the chip: each raises an "
                        "exception, which emulates it",
                        trapped);
    else if (loads[0] + loads[1])
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

static void add_loads(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct loads_sums sums = loads_sum(filler->loads, key_load);
    if (sums.count)
        qsort(sums.items, sums.count, sizeof *sums.items, compare_loads);
    struct report_table *table = report_add_table(
        filler->report, "loads",
        hot->has_machine ? "Loads from flash, as the chip did them"
                         : "Loads from flash, as the traced build did them");
    report_add_column(table, "pc", "pc", "", REPORT_HEX, 0);
    report_add_column(table, "width_bits", "width", "bits", REPORT_NUMBER, 0);
    report_add_column(table, "line", "line", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "object", "object", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "loads", "loads", "", REPORT_NUMBER, 0);
    report_add_column(table, "own_clocks", "own clocks", "clocks", REPORT_REAL, 0)->decimals = 0;
    for (size_t i = 0; i < sums.count && i < HOT_ROWS_MAX; i++) {
        const struct hot_cell *cell = most_of(filler, &sums.items[i]);
        struct report_value *row = report_add_row(table);
        row[0] = report_hex(cell->pc);
        row[1] = report_number(width_of(cell->what));
        row[2] = line_of(filler, &sums.items[i]);
        row[3] = object_of(filler, &sums.items[i]);
        row[4] = report_number((int64_t)cell->count);
        row[5] = report_real(hot_clocks(hot, HOT_OWN, cell));
    }
    if (sums.count > HOT_ROWS_MAX) {
        table->omitted_count = sums.count - HOT_ROWS_MAX;
        table->omitted_why = "a report holds 5,000 rows of a table";
    }
}

// ---- by Lua line ----

static uint64_t key_line(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    return loads->hot->sites.items[cell->site].line_idx;
}

static void add_lines(const struct filler *filler)
{
    unsigned machine = filler->hot->has_machine ? 0 : REPORT_DETAIL;
    struct loads_sums sums = loads_sum(filler->loads, key_line);
    struct report_table *table =
        report_add_table(filler->report, "load_lines", "Loads from flash by Lua line");
    report_add_column(table, "line", "line", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "most_object", "most of", "", REPORT_TEXT, REPORT_MAY_CUT);
    add_counts(filler, table);
    report_add_column(table, "code_misses", "code misses", "lines", REPORT_NUMBER, machine);
    report_add_column(table, "instructions", "instructions", "", REPORT_NUMBER, machine);
    for (size_t i = 0; i < sums.count && i < HOT_ROWS_MAX; i++) {
        const struct loads_sum *sum = &sums.items[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_text(site_line_name(
            filler->arena, &filler->hot->sites.items[most_of(filler, sum)->site]));
        row[1] = object_of(filler, sum);
        fill_counts(filler, sum, row + 2);
        if (!filler->hot->has_machine)
            continue;
        row[7] = report_number((int64_t)sum->counts[HOT_MISS_CODE - HOT_LOAD_FIRST]);
        row[8] = report_number((int64_t)sum->counts[HOT_INSTRUCTIONS - HOT_LOAD_FIRST]);
    }
    end_table(table, &sums, 2);
}

// ---- by object ----

static uint64_t key_object(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    return is_data(cell) ? cell->object : LOADS_NO_KEY;
}

static void add_objects(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_object);
    struct report_table *table =
        report_add_table(filler->report, "load_objects", "Loads from flash by object");
    report_add_column(table, "kind", "kind", "", REPORT_TEXT, 0);
    report_add_column(table, "object", "object", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "addr", "address", "", REPORT_HEX, 0);
    report_add_column(table, "most_line", "most from", "", REPORT_TEXT, REPORT_MAY_CUT);
    add_counts(filler, table);
    for (size_t i = 0; i < sums.count && i < HOT_ROWS_MAX; i++) {
        const struct loads_sum *sum = &sums.items[i];
        const struct hot_object *object = &filler->hot->objects.items[sum->key];
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(hot_object_kind_name(object)));
        row[1] = object_of(filler, sum);
        if (object->addr)
            row[2] = report_hex(object->addr);
        row[3] = line_of(filler, sum);
        fill_counts(filler, sum, row + 4);
    }
    end_table(table, &sums, 4);
}

// ---- by page ----

static uint64_t key_page(const struct loads *loads, uint32_t idx)
{
    const struct hot_cell *cell = &loads->hot->cells[idx];
    return is_data(cell) ? cell->page : LOADS_NO_KEY;
}

static const char *page_words(const struct filler *filler, uint32_t page)
{
    const struct hot_objects *objects = &filler->hot->objects;
    for (uint32_t i = 0; i < objects->image_count; i++)
        if (page + HOT_PAGE_BYTES > objects->images[i].addr &&
            page < objects->images[i].addr + objects->images[i].bytes)
            return "image";
    const struct elf_section *section =
        objects->firmware ? elf_image_section(objects->firmware, page) : NULL;
    return section ? section->name : "";
}

static void add_pages(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_page);
    struct report_table *table = report_add_table(
        filler->report, "load_pages", "Loads from flash by page of 4 KB");
    report_add_column(table, "page", "page", "", REPORT_HEX, 0);
    report_add_column(table, "holds", "holds", "", REPORT_TEXT, 0);
    report_add_column(table, "most_object", "most of", "", REPORT_TEXT, REPORT_MAY_CUT);
    add_counts(filler, table);
    for (size_t i = 0; i < sums.count && i < HOT_ROWS_MAX; i++) {
        const struct loads_sum *sum = &sums.items[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_hex(sum->key);
        row[1] = report_text(text_of(page_words(filler, (uint32_t)sum->key)));
        row[2] = object_of(filler, sum);
        fill_counts(filler, sum, row + 3);
    }
    end_table(table, &sums, 3);
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

static void fill_place(const struct filler *filler, const struct loads_sum *sum,
                       struct report_value *row)
{
    const struct loads_place *place = &filler->loads->places[filler->loads->place_of[sum->most]];
    row[0] = report_text(text_of(place->function ? place->function : "?"));
    row[1] = place_words(filler, place);
    if (place->chain[0])
        row[2] = report_text(text_of(place->chain));
}

static void add_place_columns(struct report_table *table)
{
    report_add_column(table, "function", "function", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "c_line", "C line", "", REPORT_TEXT, 0);
    report_add_column(table, "inlined_into", "inlined into", "", REPORT_TEXT,
                      REPORT_MAY_CUT | REPORT_DETAIL);
}

static void add_c_lines(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_place);
    struct report_table *table =
        report_add_table(filler->report, "c_lines", "Loads from flash by C line");
    if (!filler->hot->has_machine)
        table->explanation = "what the compiled code loaded; libc's block functions count by words";
    add_place_columns(table);
    add_counts(filler, table);
    report_add_column(table, "most_line", "most from", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "most_object", "of", "", REPORT_TEXT, REPORT_MAY_CUT);
    for (size_t i = 0; i < sums.count && i < HOT_ROWS_MAX; i++) {
        struct report_value *row = report_add_row(table);
        fill_place(filler, &sums.items[i], row);
        fill_counts(filler, &sums.items[i], row + 3);
        row[8] = line_of(filler, &sums.items[i]);
        row[9] = object_of(filler, &sums.items[i]);
    }
    end_table(table, &sums, 3);
}

static void add_c_lua_lines(const struct filler *filler)
{
    struct loads_sums sums = loads_sum(filler->loads, key_place_and_line);
    struct report_table *table = report_add_table(
        filler->report, "c_lua_lines", "Loads from flash by C line and Lua line");
    add_place_columns(table);
    report_add_column(table, "line", "Lua line", "", REPORT_TEXT, REPORT_MAY_CUT);
    add_counts(filler, table);
    report_add_column(table, "most_object", "most of", "", REPORT_TEXT, REPORT_MAY_CUT);
    for (size_t i = 0; i < sums.count && i < HOT_ROWS_MAX; i++) {
        struct report_value *row = report_add_row(table);
        fill_place(filler, &sums.items[i], row);
        row[3] = line_of(filler, &sums.items[i]);
        fill_counts(filler, &sums.items[i], row + 4);
        row[9] = object_of(filler, &sums.items[i]);
    }
    end_table(table, &sums, 4);
}

// ---- what the chip executed ----

static uint64_t key_function(const struct loads *loads, uint32_t idx)
{
    const struct elf_symbol *symbol =
        elf_image_function(loads->hot->program.image, loads->hot->cells[idx].pc);
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

static void add_functions(const struct filler *filler)
{
    static const int summed[] = {2, 3, 4, 5, 6, 7, -1};
    struct loads_sums sums = loads_sum(filler->loads, key_function);
    if (sums.count)
        qsort(sums.items, sums.count, sizeof *sums.items, compare_instructions);
    struct report_table *table = report_add_table(
        filler->report, "chip_functions", "What the chip executed, by C function");
    report_add_column(table, "function", "function", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "region", "region", "", REPORT_TEXT, 0);
    report_add_column(table, "instructions", "instructions", "", REPORT_NUMBER, 0);
    report_add_column(table, "fetches", "fetches", "lines", REPORT_NUMBER, 0);
    report_add_column(table, "code_misses", "code misses", "lines", REPORT_NUMBER, 0);
    report_add_column(table, "loads_narrow", "8, 16 bit", "loads", REPORT_NUMBER, 0);
    report_add_column(table, "loads_32", "32 bit", "loads", REPORT_NUMBER, 0);
    report_add_column(table, "misses", "misses", "lines", REPORT_NUMBER, 0);
    report_add_column(table, "own_clocks", "own clocks", "clocks", REPORT_REAL, 0)->decimals = 0;
    for (size_t i = 0; i < sums.count && i < HOT_ROWS_MAX; i++) {
        const struct loads_sum *sum = &sums.items[i];
        const struct elf_symbol *symbol =
            elf_image_function(filler->hot->program.image, sum->key);
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(symbol ? symbol->name : "?"));
        row[1] = report_text(text_of(firmware_region((uint32_t)sum->key)));
        row[2] = report_number((int64_t)sum->counts[HOT_INSTRUCTIONS - HOT_LOAD_FIRST]);
        row[3] = report_number((int64_t)sum->fetches);
        row[4] = report_number((int64_t)sum->counts[HOT_MISS_CODE - HOT_LOAD_FIRST]);
        row[5] = report_number((int64_t)loads_narrow(sum));
        row[6] = report_number((int64_t)sum->counts[HOT_LOAD_32 - HOT_LOAD_FIRST]);
        row[7] = report_number((int64_t)sum->counts[HOT_MISS_DATA - HOT_LOAD_FIRST]);
        row[8] = report_real(sum->clocks);
    }
    report_add_sum(table, summed);
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
