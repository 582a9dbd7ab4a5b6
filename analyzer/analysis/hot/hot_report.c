// hot_report.c: the tables of the hot-spot analysis.

#include "analyzer/analysis/hot/hot_report.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/hot/hot_groups.h"
#include "analyzer/analysis/hot/hot_words.h"
#include "analyzer/analysis/hot/loads.h"

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

// ---- rows ----

// A row of any of the tables: its figures, and what its first columns may show.
struct row {
    struct hot_group group;
    double percent; // of the clocks of the run
    struct report_value name, text, part;
    struct text what, line; // of the cell with the most clocks
    struct report_value object, loads[3];
    struct hot_object about;
    int64_t times;
    double loads_each;
};

// The columns that all tables end with.
static const struct report_column figure_columns[] = {
    {"characters", "reads", "characters", REPORT_SUMMED, REPORT_AT(row, group.characters)},
    {"events", "events", "", REPORT_SUMMED, REPORT_AT(row, group.events)},
    {"own_clocks", "own clocks", "clocks", REPORT_SUMMED, REPORT_AT(row, group.clocks[HOT_OWN])},
    {"model_loads", "byte loads", "", REPORT_SUMMED, REPORT_AT(row, group.emulated_loads)},
    {"model_clocks", "clocks", "clocks", REPORT_SUMMED, REPORT_AT(row, group.clocks[HOT_MODEL])},
    {"model_percent", "%", "", REPORT_SUMMED, REPORT_AT(row, percent), .decimals = 2},
    {"moved_characters", "if moved", "characters", REPORT_OPTIONAL | REPORT_DETAIL,
     REPORT_AT(row, group.moved_characters)},
    {"moved_clocks", "more if moved", "clocks", REPORT_OPTIONAL | REPORT_SUMMED,
     REPORT_AT(row, group.moved_clocks)},
};

// A table with the columns of a list and the figures.
static struct report_table *add_table(const struct filler *filler, const char *name,
                                      const char *title, const struct report_column *columns,
                                      size_t count)
{
    struct report_table *table = report_add_table(filler->report, name, title, columns, count);
    report_add_columns(table, figure_columns, sizeof figure_columns / sizeof *figure_columns);
    if (!filler->hot->has_moved)
        report_leave_out(table);
    return table;
}
#define ADD_TABLE(filler, name, title, columns)                                                    \
    add_table(filler, name, title, columns, sizeof(columns) / sizeof *(columns))

static const struct hot_cell *most_of(const struct filler *filler, const struct hot_group *group)
{
    return &filler->hot->cells[group->most];
}

// Adds the rows: `describe` fills in what the first columns show, but what and line.
static void add_rows(const struct filler *filler, struct report_table *table,
                     struct hot_groups *groups,
                     void (*describe)(const struct filler *filler, struct row *row))
{
    hot_groups_sort(groups, filler->hot);
    for (size_t i = 0; i < groups->count && i < HOT_ROWS_MAX; i++) {
        struct row row = {.group = groups->items[i]};
        const struct hot_cell *most = most_of(filler, &row.group);
        if (filler->run_clocks > 0)
            row.percent = row.group.clocks[HOT_MODEL] / filler->run_clocks * 100;
        row.what = text_of(hot_what_name(most->what));
        row.line = hot_cell_line(filler->hot, most, filler->arena);
        describe(filler, &row);
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
    if (groups->count > HOT_ROWS_MAX)
        report_omit(table, groups->count - HOT_ROWS_MAX, NULL);
}

// ---- lines ----

static const struct report_column line_columns[] = {
    {"line", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(row, line)},
    {"most_what", "most", "", REPORT_MAY_CUT, REPORT_AT(row, what)},
    {"most_object", "of", "", REPORT_MAY_CUT, REPORT_AS(REPORT_TEXT, row, object)},
};

static void describe_line(const struct filler *filler, struct row *row)
{
    uint32_t object = most_of(filler, &row->group)->object;
    row->object = report_text(
        hot_object_words(filler->hot, object, filler->view->hides_text, filler->arena));
}

static void add_lines(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report_table *table = ADD_TABLE(filler, "lines", "By Lua line", line_columns);
    table->explanation = "reads: characters of strings in flash that C code read one by one; "
                         "events: what the VM and the collector did with flash objects";
    struct hot_groups groups = hot_groups_create(filler->arena, hot->sites.line_count + 1);
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (!hot_is_load(cell->what))
            hot_groups_add(&groups, hot,
                           hot_is_visit(cell->what) ? hot->sites.line_count
                                                    : hot->sites.items[cell->site].line_idx,
                           i);
    }
    add_rows(filler, table, &groups, describe_line);
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

static const struct report_column function_columns[] = {
    {"function", "function", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_TEXT, row, name)},
    {"what", "what", "", REPORT_KEY, REPORT_AT(row, what)},
    {"most_line", "most from", "", REPORT_MAY_CUT, REPORT_AT(row, line)},
};

static void describe_function(const struct filler *filler, struct row *row)
{
    row->name = report_text(hot_cell_function(filler->hot, most_of(filler, &row->group)));
}

static void add_functions(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    uint32_t function_count;
    uint32_t *numbers = number_functions(filler, &function_count);
    struct report_table *table = ADD_TABLE(filler, "functions", "By C function, and what it read",
                                           function_columns);
    struct hot_groups groups = hot_groups_create(filler->arena,
                                                 (size_t)function_count * HOT_WHAT_COUNT);
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        uint32_t function = hot_is_content(cell->what) ? numbers[cell->site] : 0;
        if (!hot_is_load(cell->what))
            hot_groups_add(&groups, hot, function * HOT_WHAT_COUNT + cell->what, i);
    }
    add_rows(filler, table, &groups, describe_function);
}

// ---- objects ----

static struct report_value is_in_ram(const void *context, const void *item)
{
    (void)context;
    return report_flag(((const struct row *)item)->about.addr == 0);
}

static const struct report_column object_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_AS(REPORT_TEXT, row, part)},
    {"name", "name", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_TEXT, row, name)},
    {"text", "text", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, row, text)},
    {"module", "module", "", REPORT_DETAIL | REPORT_BLANK_ZERO, REPORT_AT(row, about.module)},
    {"addr", "address", "", REPORT_BLANK_ZERO, REPORT_AS(REPORT_HEX, row, about.addr)},
    {"length_bytes", "length", "bytes", REPORT_DETAIL, REPORT_AT(row, about.bytes)},
    {"hash", "hash", "", REPORT_KEY | REPORT_DETAIL, REPORT_AS(REPORT_HEX, row, about.hash)},
    {"is_in_ram", "in RAM", "", REPORT_DETAIL, REPORT_BY(REPORT_FLAG, is_in_ram)},
    {"most_line", "most from", "", REPORT_MAY_CUT, REPORT_AT(row, line)},
    {"loads_8", "8 bit", "", REPORT_DETAIL, REPORT_AT(row, loads[0])},
    {"loads_16", "16 bit", "", REPORT_DETAIL, REPORT_AT(row, loads[1])},
    {"loads_32", "32 bit", "", REPORT_DETAIL, REPORT_AT(row, loads[2])},
};

static void describe_object(const struct filler *filler, struct row *row)
{
    const struct hot_object *object = &filler->hot->objects.items[row->group.key];
    row->about = *object;
    row->part = report_text(text_of(hot_object_kind_name(object)));
    if (object->kind != HOT_OBJECT_STRING)
        row->name = report_text(object->text);
    else if (!filler->view->hides_text && hot_object_is_named_string(object))
        row->text = report_text(object->text);
    else
        row->name = report_text(hot_object_hash_words(object, filler->arena));
    for (unsigned i = 0; filler->hot->has_loads && i < 3; i++)
        row->loads[i] = report_number((int64_t)row->group.loads[i]);
}

static void add_objects(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report_table *table = ADD_TABLE(filler, "objects", "By object in flash", object_columns);
    struct hot_groups groups = hot_groups_create(filler->arena, hot->objects.count);
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (hot->objects.items[hot->cells[i].object].kind < HOT_OBJECT_C_TEXT &&
            hot->cells[i].what <= HOT_LOAD_32)
            hot_groups_add(&groups, hot, hot->cells[i].object, i);
    add_rows(filler, table, &groups, describe_object);
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

static const struct report_column region_columns[] = {
    {"region", "region", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_TEXT, row, name)},
    {"part", "part", "", REPORT_KEY, REPORT_AS(REPORT_TEXT, row, part)},
};

static void describe_region(const struct filler *filler, struct row *row)
{
    const struct hot_objects *objects = &filler->hot->objects;
    uint32_t region = row->group.key / PART_COUNT;
    row->name = report_text(region == 0                     ? text_of("(not known)")
                            : region > objects->image_count ? text_of("(RAM, would move)")
                                                            : objects->images[region - 1].file);
    row->part = report_text(text_of(image_label_name(parts[row->group.key % PART_COUNT])));
}

static void add_regions(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report_table *table = ADD_TABLE(filler, "regions", "By region of flash", region_columns);
    struct hot_groups groups = hot_groups_create(filler->arena,
                                                 (hot->objects.image_count + 2) * PART_COUNT);
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (!hot_is_load(hot->cells[i].what))
            hot_groups_add(&groups, hot,
                           region_of(hot, &hot->cells[i]) * (uint32_t)PART_COUNT +
                               part_of(hot, &hot->cells[i]),
                           i);
    add_rows(filler, table, &groups, describe_region);
}

// ---- kinds of events ----

static const struct report_column event_columns[] = {
    {"what", "what", "", REPORT_KEY, REPORT_AT(row, what)},
    {"who", "who", "", 0, REPORT_AS(REPORT_TEXT, row, name)},
    {"times", "times", "", 0, REPORT_AT(row, times)},
    {"loads_each", "loads each", "", 0, REPORT_AT(row, loads_each), .decimals = 1},
};

static void describe_event(const struct filler *filler, struct row *row)
{
    const struct hot *hot = filler->hot;
    uint32_t what = row->group.key;
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (hot->cells[i].what == what && hot->cells[i].place == HOT_FLASH)
            row->times += (int64_t)hot->cells[i].times;
    row->name = report_text(text_of(hot_is_content(what) ? "C code"
                                    : hot_is_visit(what) ? "collector"
                                                         : "VM"));
    row->loads_each = hot->weights[HOT_MODEL].loads[what];
}

static void add_events(const struct filler *filler)
{
    const struct hot *hot = filler->hot;
    struct report_table *table = ADD_TABLE(filler, "events", "By kind of event", event_columns);
    struct hot_groups groups = hot_groups_create(filler->arena, HOT_WHAT_COUNT);
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (!hot_is_load(hot->cells[i].what))
            hot_groups_add(&groups, hot, hot->cells[i].what, i);
    add_rows(filler, table, &groups, describe_event);
}

// ---- the map ----

static void add_map(const struct filler *filler, const struct hot_image *image, unsigned number)
{
    struct arena *arena = filler->report->arena;
    uint32_t grain = MAP_GRAIN_MIN;
    while (image->bytes / grain > MAP_POINTS_MAX)
        grain *= 2;
    struct report_series *series = report_add_series(
        filler->report, number ? arena_format(arena, "flash_reads_%u", number + 1) : "flash_reads",
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
        run_input_report(&hot->runs[i].input, report);
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
    report_add_real(report, "moved_visit_clocks", "one visit of each by every collection, modelled",
                    "clocks", 0, visits);
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
        report_add_note(report, REPORT_NOTE, "no image was mounted: nothing lies in flash%s",
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
    struct filler filler = {
        .hot = hot,
        .view = view,
        .arena = arena,
        .run_clocks = hot_run_clocks(hot, HOT_MODEL),
        .report = report_create(arena, "hot", 1, "Where flash is read byte by byte")};
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
