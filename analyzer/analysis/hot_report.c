// hot_report.c: the tables of the hot-spot analysis.

#include "analyzer/analysis/hot_report.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/hot_groups.h"
#include "analyzer/analysis/loads.h"
#include "analyzer/base/lua_literal.h"

#define EXCERPT_BYTES_MAX 48u
#define MAP_POINTS_MAX 2048u
#define MAP_IMAGES_MAX 4u
#define MAP_GRAIN_MIN 32u // bytes of a flash word line

const char *const hot_by_words[] = {"all",   "line",   "function", "object", "region",
                                    "event", "c-line", "page",     "cause",  NULL};

struct filler {
    const struct hot *hot;
    const struct hot_view *view;
    struct report *report;
    struct arena *arena;
    double run_clocks; // under HOT_MODEL
};

// ---- words ----

static bool is_named_string(const struct hot_object *object)
{
    return object->kind == HOT_OBJECT_STRING && (object->text.bytes > 0 || object->bytes == 0);
}

static struct text hash_words(const struct hot_object *object, struct arena *arena)
{
    return text_of(arena_format(arena, "%" PRIu32 " bytes, hash 0x%" PRIx64, object->bytes,
                                object->hash));
}

struct text hot_object_words(const struct hot *hot, uint32_t idx, bool hides_text,
                             struct arena *arena)
{
    const struct hot_object *object = &hot->objects.items[idx];
    if (object->kind == HOT_OBJECT_UNKNOWN)
        return text_of("?");
    if (object->kind == HOT_OBJECT_LINES)
        return text_of(arena_format(arena, "lines of %.*s", TEXT_ARGS(object->text)));
    if (object->kind != HOT_OBJECT_STRING && object->kind != HOT_OBJECT_C_TEXT)
        return object->text;
    if (object->kind == HOT_OBJECT_STRING && (hides_text || !is_named_string(object)))
        return hash_words(object, arena);
    struct text text = object->text;
    bool is_cut = text.bytes > EXCERPT_BYTES_MAX;
    text.bytes = is_cut ? EXCERPT_BYTES_MAX : text.bytes;
    text = lua_literal_quote(arena, text);
    return is_cut ? text_of(arena_format(arena, "%.*s...", TEXT_ARGS(text))) : text;
}

struct text hot_cell_line(const struct hot *hot, const struct hot_cell *cell, struct arena *arena)
{
    if (hot_is_visit(cell->what))
        return text_of("(collector)");
    return site_line_name(arena, &hot->sites.items[cell->site]);
}

struct text hot_cell_function(const struct hot *hot, const struct hot_cell *cell)
{
    struct text function = hot->sites.items[cell->site].function;
    if (hot_is_visit(cell->what))
        return text_of("(collector)");
    if (!hot_is_content(cell->what) || function.bytes == 0)
        return text_of("(VM)");
    return function;
}

// ---- figures: the columns that all tables end with ----

struct figures {
    size_t first; // index of the first column
};

static struct figures add_figures(const struct filler *filler, struct report_table *table)
{
    struct figures figures = {table->column_count};
    report_add_column(table, "characters", "reads", "characters", REPORT_NUMBER, 0);
    report_add_column(table, "events", "events", "", REPORT_NUMBER, 0);
    report_add_column(table, "own_clocks", "own clocks", "clocks", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "model_loads", "byte loads", "", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "model_clocks", "clocks", "clocks", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "model_percent", "%", "", REPORT_REAL, 0)->decimals = 2;
    unsigned flags = filler->hot->has_moved ? 0 : REPORT_DETAIL;
    report_add_column(table, "moved_characters", "if moved", "characters", REPORT_NUMBER,
                      REPORT_DETAIL);
    report_add_column(table, "moved_clocks", "more if moved", "clocks", REPORT_REAL, flags)
        ->decimals = 0;
    return figures;
}

static void fill_figures(const struct filler *filler, struct figures figures,
                         struct report_value *row, const struct hot_group *group)
{
    row += figures.first;
    row[0] = report_number((int64_t)group->characters);
    row[1] = report_number((int64_t)group->events);
    row[2] = report_real(group->clocks[HOT_OWN]);
    row[3] = report_real(group->emulated_loads);
    row[4] = report_real(group->clocks[HOT_MODEL]);
    row[5] = report_real(filler->run_clocks > 0
                             ? group->clocks[HOT_MODEL] / filler->run_clocks * 100
                             : 0);
    if (filler->hot->has_moved) {
        row[6] = report_number((int64_t)group->moved_characters);
        row[7] = report_real(group->moved_clocks);
    }
}

static void add_figure_sum(struct report_table *table, struct figures figures)
{
    int sums[] = {(int)figures.first, (int)figures.first + 1, -1};
    report_add_sum(table, sums);
    for (size_t c = figures.first + 2; c < figures.first + 8; c++) {
        double sum = 0;
        bool is_present = false;
        if (table->columns[c].kind != REPORT_REAL)
            continue;
        for (size_t r = 0; r < table->row_count; r++) {
            const struct report_value *cell = &table->cells[r * table->column_count + c];
            sum += cell->is_present ? cell->real : 0;
            is_present |= cell->is_present;
        }
        if (is_present)
            table->sum[c] = report_real(sum);
    }
}

// Fills the rows of a table: `fill` writes the columns before the figures.
static void fill_rows(const struct filler *filler, struct report_table *table,
                      struct figures figures, struct hot_groups *groups,
                      void (*fill)(const struct filler *filler, const struct hot_group *group,
                                   struct report_value *row))
{
    hot_groups_sort(groups, filler->hot);
    for (size_t i = 0; i < groups->count && i < HOT_ROWS_MAX; i++) {
        struct report_value *row = report_add_row(table);
        fill(filler, &groups->items[i], row);
        fill_figures(filler, figures, row, &groups->items[i]);
    }
    if (groups->count > HOT_ROWS_MAX) {
        table->omitted_count = groups->count - HOT_ROWS_MAX;
        table->omitted_why = "a report holds 5,000 rows of a table";
    }
    add_figure_sum(table, figures);
}

static const struct hot_cell *most_of(const struct filler *filler, const struct hot_group *group)
{
    return &filler->hot->cells[group->most];
}

// ---- lines ----

static void fill_line(const struct filler *filler, const struct hot_group *group,
                      struct report_value *row)
{
    const struct hot_cell *most = most_of(filler, group);
    row[0] = report_text(hot_cell_line(filler->hot, most, filler->arena));
    row[1] = report_text(text_of(hot_what_name(most->what)));
    row[2] = report_text(hot_object_words(filler->hot, most->object, filler->view->hides_text,
                                          filler->arena));
}

static void add_lines(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report_table *table = report_add_table(filler->report, "lines", "By Lua line");
    table->explanation = "reads: characters of strings in flash that C code read one by one; "
                         "events: what the VM and the collector did with flash objects";
    report_add_column(table, "line", "line", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "most_what", "most", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "most_object", "of", "", REPORT_TEXT, REPORT_MAY_CUT);
    struct figures figures = add_figures(filler, table);
    struct hot_groups groups = hot_groups_create(filler->arena, hot->sites.line_count + 1);
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (!hot_is_load(cell->what))
            hot_groups_add(&groups, hot,
                           hot_is_visit(cell->what) ? hot->sites.line_count
                                                    : hot->sites.items[cell->site].line_idx,
                           i);
    }
    fill_rows(filler, table, figures, &groups, fill_line);
}

// ---- functions ----

// Numbers the names of C functions: one per site, and one each for the VM and the collector.
static uint32_t *number_functions(const struct filler *filler, uint32_t *count)
{
    const struct site_table *sites = &filler->hot->sites;
    uint32_t *numbers = ARENA_NEW_ARRAY(filler->arena, uint32_t, sites->count);
    struct text *names = ARENA_NEW_ARRAY(filler->arena, struct text, sites->count + 1);
    *count = 1; // number 0: no C function
    for (uint32_t i = 0; i < sites->count; i++) {
        if (sites->items[i].function.bytes == 0)
            continue;
        uint32_t n = 1;
        while (n < *count && !text_is_equal(names[n], sites->items[i].function))
            n++;
        names[n] = sites->items[i].function;
        numbers[i] = n;
        *count += n == *count;
    }
    return numbers;
}

static void fill_function(const struct filler *filler, const struct hot_group *group,
                          struct report_value *row)
{
    const struct hot_cell *most = most_of(filler, group);
    row[0] = report_text(hot_cell_function(filler->hot, most));
    row[1] = report_text(text_of(hot_what_name(most->what)));
    row[2] = report_text(hot_cell_line(filler->hot, most, filler->arena));
}

static void add_functions(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    uint32_t function_count;
    uint32_t *numbers = number_functions(filler, &function_count);
    struct report_table *table =
        report_add_table(filler->report, "functions", "By C function, and what it read");
    report_add_column(table, "function", "function", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "what", "what", "", REPORT_TEXT, 0);
    report_add_column(table, "most_line", "most from", "", REPORT_TEXT, REPORT_MAY_CUT);
    struct figures figures = add_figures(filler, table);
    struct hot_groups groups =
        hot_groups_create(filler->arena, (size_t)function_count * HOT_WHAT_COUNT);
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        uint32_t function = hot_is_content(cell->what) ? numbers[cell->site] : 0;
        if (!hot_is_load(cell->what))
            hot_groups_add(&groups, hot, function * HOT_WHAT_COUNT + cell->what, i);
    }
    fill_rows(filler, table, figures, &groups, fill_function);
}

// ---- objects ----

const char *hot_object_kind_name(const struct hot_object *object)
{
    static const char *const names[] = {
        [HOT_OBJECT_UNKNOWN] = "not known",   [HOT_OBJECT_STRING] = "string",
        [HOT_OBJECT_LINES] = "line table",    [HOT_OBJECT_FUNCTION] = "function",
        [HOT_OBJECT_TABLE] = "string table",  [HOT_OBJECT_C_TEXT] = "C text",
        [HOT_OBJECT_C_DATA] = "C data",       [HOT_OBJECT_C_CODE] = "C code, literals"};
    return names[object->kind];
}

static void fill_object(const struct filler *filler, const struct hot_group *group,
                        struct report_value *row)
{
    const struct hot_object *object = &filler->hot->objects.items[group->key];
    row[0] = report_text(text_of(hot_object_kind_name(object)));
    if (object->kind != HOT_OBJECT_STRING)
        row[1] = report_text(object->text);
    else if (!filler->view->hides_text && is_named_string(object))
        row[2] = report_text(object->text);
    else
        row[1] = report_text(hash_words(object, filler->arena));
    if (object->module.bytes)
        row[3] = report_text(object->module);
    if (object->addr)
        row[4] = report_hex(object->addr);
    row[5] = report_number(object->bytes);
    row[6] = report_hex(object->hash);
    row[7] = report_flag(object->addr == 0);
    row[8] = report_text(hot_cell_line(filler->hot, most_of(filler, group), filler->arena));
    if (filler->hot->has_loads)
        for (unsigned i = 0; i < 3; i++)
            row[9 + i] = report_number((int64_t)group->loads[i]);
}

static void add_objects(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report_table *table = report_add_table(filler->report, "objects", "By object in flash");
    report_add_column(table, "kind", "kind", "", REPORT_TEXT, 0);
    report_add_column(table, "name", "name", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "text", "text", "", REPORT_STRING, REPORT_MAY_CUT);
    report_add_column(table, "module", "module", "", REPORT_TEXT, REPORT_DETAIL);
    report_add_column(table, "addr", "address", "", REPORT_HEX, 0);
    report_add_column(table, "length_bytes", "length", "bytes", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "hash", "hash", "", REPORT_HEX, REPORT_DETAIL);
    report_add_column(table, "is_in_ram", "in RAM", "", REPORT_FLAG, REPORT_DETAIL);
    report_add_column(table, "most_line", "most from", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "loads_8", "8 bit", "", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "loads_16", "16 bit", "", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "loads_32", "32 bit", "", REPORT_NUMBER, REPORT_DETAIL);
    struct figures figures = add_figures(filler, table);
    struct hot_groups groups = hot_groups_create(filler->arena, hot->objects.count);
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (hot->objects.items[hot->cells[i].object].kind < HOT_OBJECT_C_TEXT &&
            hot->cells[i].what <= HOT_LOAD_32)
            hot_groups_add(&groups, hot, hot->cells[i].object, i);
    fill_rows(filler, table, figures, &groups, fill_object);
}

// ---- regions ----

// Parts of an image that are read byte by byte, by their labels.
static const enum image_label parts[] = {IMAGE_STRING_TEXT, IMAGE_STRING_HEADER, IMAGE_LINES,
                                         IMAGE_FUNCTIONS};
#define PART_COUNT (sizeof parts / sizeof *parts)

static uint32_t part_of(const struct hot *hot, const struct hot_cell *cell)
{
    if (hot_is_content(cell->what))
        return hot->objects.items[cell->object].kind == HOT_OBJECT_LINES ? 2 : 0;
    unsigned event = cell->what - HOT_VM_FIRST;
    return event == VM_FLASH_STORE || event == VM_VISIT_STRING ? 1 : 3;
}

// Number of the region: 0 not known, then the images, then what would move.
static uint32_t region_of(const struct hot *hot, const struct hot_cell *cell)
{
    return cell->place == HOT_MOVED ? hot->objects.image_count + 1
                                    : hot->objects.items[cell->object].image;
}

static void fill_region(const struct filler *filler, const struct hot_group *group,
                        struct report_value *row)
{
    const struct hot_objects *objects = &filler->hot->objects;
    uint32_t region = group->key / PART_COUNT;
    row[0] = report_text(region == 0                       ? text_of("(not known)")
                         : region > objects->image_count ? text_of("(RAM, would move)")
                                                         : objects->images[region - 1].file);
    row[1] = report_text(text_of(image_label_name(parts[group->key % PART_COUNT])));
}

static void add_regions(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report_table *table = report_add_table(filler->report, "regions", "By region of flash");
    report_add_column(table, "region", "region", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "part", "part", "", REPORT_TEXT, 0);
    struct figures figures = add_figures(filler, table);
    struct hot_groups groups =
        hot_groups_create(filler->arena, (hot->objects.image_count + 2) * PART_COUNT);
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (!hot_is_load(hot->cells[i].what))
            hot_groups_add(&groups, hot,
                           region_of(hot, &hot->cells[i]) * (uint32_t)PART_COUNT +
                               part_of(hot, &hot->cells[i]),
                           i);
    fill_rows(filler, table, figures, &groups, fill_region);
}

// ---- kinds of events ----

static void fill_event(const struct filler *filler, const struct hot_group *group,
                       struct report_value *row)
{
    const struct hot *hot = filler->hot;
    uint64_t times = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (hot->cells[i].what == group->key && hot->cells[i].place == HOT_FLASH)
            times += hot->cells[i].times;
    row[0] = report_text(text_of(hot_what_name(group->key)));
    row[1] = report_text(text_of(hot_is_content(group->key) ? "C code"
                                 : hot_is_visit(group->key) ? "collector"
                                                            : "VM"));
    row[2] = report_number((int64_t)times);
    row[3] = report_real(hot->weights[HOT_MODEL].loads[group->key]);
}

static void add_events(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report_table *table = report_add_table(filler->report, "events", "By kind of event");
    report_add_column(table, "what", "what", "", REPORT_TEXT, 0);
    report_add_column(table, "who", "who", "", REPORT_TEXT, 0);
    report_add_column(table, "times", "times", "", REPORT_NUMBER, 0);
    report_add_column(table, "loads_each", "loads each", "", REPORT_REAL, 0);
    struct figures figures = add_figures(filler, table);
    struct hot_groups groups = hot_groups_create(filler->arena, HOT_WHAT_COUNT);
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (!hot_is_load(hot->cells[i].what))
            hot_groups_add(&groups, hot, hot->cells[i].what, i);
    fill_rows(filler, table, figures, &groups, fill_event);
}

// ---- the map ----

static void add_map(const struct filler *filler, const struct hot_image *image, unsigned number)
{
    struct arena *arena = filler->report->arena;
    uint32_t grain = MAP_GRAIN_MIN;
    while (image->bytes / grain > MAP_POINTS_MAX)
        grain *= 2;
    struct report_series *series = report_add_series(
        filler->report,
        number ? arena_format(arena, "flash_reads_%u", number + 1) : "flash_reads",
        arena_format(arena, "Bytes of %.*s read one by one, by address", TEXT_ARGS(image->file)),
        "address", arena_format(arena, "reads in %u bytes", grain));
    for (uint32_t off = 0; off < image->bytes; off += grain) {
        uint64_t reads = 0;
        for (uint32_t b = off; b < off + grain && b < image->bytes; b++)
            reads += image->reads[b];
        report_add_point(series, image->addr + off, (double)reads);
    }
}

static void add_maps(const struct filler *filler)
{
    const struct hot_objects *objects = &filler->hot->objects;
    for (uint32_t i = 0; i < objects->image_count && i < MAP_IMAGES_MAX; i++)
        add_map(filler, &objects->images[i], i);
}

// ---- head and notes ----

static void add_inputs(const struct hot *hot, struct report *report)
{
    for (uint32_t i = 0; i < hot->run_count; i++)
        report_input_sum(report_add_input(report, hot->runs[i].path, "trace",
                                          hot->runs[i].event_bytes, hot->runs[i].is_complete),
                         hot->runs[i].folder);
    report->loss = hot->loss;
}

static void add_moved_totals(const struct hot *hot, struct report *report)
{
    double reads = 0, visits = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (cell->place != HOT_MOVED)
            continue;
        *(hot_is_content(cell->what) ? &reads : &visits) += hot_clocks(hot, HOT_MODEL, cell);
    }
    report_add_number(report, "moved_met", "strings that would move, met in RAM", "",
                      hot->moved_met);
    report_add_real(report, "moved_read_clocks", "their byte-wise reads in flash, modelled",
                    "clocks", 0, reads);
    report_add_real(report, "moved_visit_clocks",
                    "one visit of each by every collection, modelled", "clocks", 0, visits);
}

void hot_fill_head(const struct hot *hot, struct report *report)
{
    uint64_t characters = 0, events = 0;
    double loads = 0, flash[HOT_MODEL_COUNT];
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (cell->place != HOT_FLASH || hot_is_load(cell->what))
            continue;
        *(hot_is_content(cell->what) ? &characters : &events) += cell->count;
        loads += (double)cell->count * hot->weights[HOT_MODEL].loads[cell->what];
    }
    for (unsigned m = 0; m < HOT_MODEL_COUNT; m++)
        flash[m] = hot_run_clocks(hot, m) - hot_base_clocks(hot, m);
    double run = hot_run_clocks(hot, HOT_MODEL), own_run = hot_run_clocks(hot, HOT_OWN);
    add_inputs(hot, report);
    report_add_number(report, "characters", "characters of flash read one by one", "",
                      (int64_t)characters);
    report_add_number(report, "ram_characters", "the same of RAM", "",
                      (int64_t)hot->ram_characters);
    report_add_number(report, "events", "VM events on flash objects", "", (int64_t)events);
    report_add_text(report, "own_model", "own", text_of(hot->models[HOT_OWN].title));
    report_add_real(report, "own_clocks", "own: reads of flash, modelled", "clocks", 0,
                    flash[HOT_OWN]);
    report_add_real(report, "own_percent", "own: share of the run", "%", 2,
                    own_run > 0 ? flash[HOT_OWN] / own_run * 100 : 0);
    report_add_text(report, "model", "model", text_of(hot->models[HOT_MODEL].title));
    report_add_real(report, "model_loads", "model: emulated byte loads", "", 0, loads);
    report_add_real(report, "model_clocks", "model: reads of flash, modelled", "clocks", 0,
                    flash[HOT_MODEL]);
    report_add_real(report, "model_percent", "model: share of the run", "%", 2,
                    run > 0 ? flash[HOT_MODEL] / run * 100 : 0);
    report_add_real(report, "model_run_clocks", "model: clocks of the runs", "clocks", 0, run);
    if (hot->has_moved)
        add_moved_totals(hot, report);
}

static void add_notes(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report *report = filler->report;
    report_add_note(report, REPORT_NOTE,
                    "reads and events are measured; byte loads and clocks are modelled");
    if (hot->objects.image_count == 0)
        report_add_note(report, REPORT_NOTE,
                        "no image was mounted: nothing lies in flash%s",
                        hot->has_moved ? "" : " (--if-moved tells what reads there would cost)");
    if (hot->objects.unreadable_count)
        report_add_note(report, REPORT_WARNING,
                        "%" PRIu32 " copies of images cannot be read, so their functions have no "
                        "names: %s",
                        hot->objects.unreadable_count, hot->objects.unreadable_why);
    if (hot->cells_lost || hot->objects.lost_count)
        report_add_note(report, REPORT_NOTE,
                        "%" PRIu64 " counts have no object: there were too many",
                        hot->cells_lost + hot->objects.lost_count);
    if (hot->has_moved && hot->moved_met == 0)
        report_add_note(report, REPORT_NOTE, "no string of the list was met in RAM");
}

struct report *hot_report(const struct hot *hot, const struct hot_view *view, struct arena *arena)
{
    static void (*const tables[])(const struct filler *filler) = {
        [HOT_BY_LINE] = add_lines,     [HOT_BY_FUNCTION] = add_functions,
        [HOT_BY_OBJECT] = add_objects, [HOT_BY_REGION] = add_regions,
        [HOT_BY_EVENT] = add_events,
    };
    struct filler filler = {.hot = hot, .view = view, .arena = arena,
                            .run_clocks = hot_run_clocks(hot, HOT_MODEL),
                            .report = report_create(arena, "hot", 1,
                                                    "Where flash is read byte by byte")};
    hot_fill_head(hot, filler.report);
    for (int by = HOT_BY_LINE; by <= HOT_BY_EVENT; by++)
        if (view->by == HOT_BY_ALL || view->by == by)
            tables[by](&filler);
    loads_fill(hot, view, filler.report);
    hot_fill_findings(hot, view, filler.report);
    add_maps(&filler);
    add_notes(&filler);
    return filler.report;
}
