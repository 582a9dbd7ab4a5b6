// hot_findings.c: what to change so that less of flash is read byte by byte, and what that saves.
//
// Kinds: a string in flash that C code reads one by one (for patterns and formats: what
// nodemcu-firmware issue 3109 describes), a function in flash that is called often, visits of the
// collector, and a string of a list that had better stay in RAM. Clocks are those of the model by
// which tables are sorted; less than FINDING_SHARE_MIN of the run is no finding.

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/analysis/heap/heap_replay.h"
#include "analyzer/analysis/hot/hot_groups.h"
#include "analyzer/analysis/hot/hot_report.h"
#include "analyzer/analysis/hot/hot_words.h"
#include "analyzer/base/lua_literal.h"
#include "analyzer/base/number_text.h"

#define FINDING_SHARE_MIN 0.001
#define UPVALUE_BYTES                                                                              \
    28u // in RAM: its record, and the pointer of a closure (runtime/core/object.h)
#define SPLIT_BYTES_MAX 40u // a longer string is not written out in the advice

struct finder {
    const struct hot *hot;
    const struct hot_view *view;
    struct report *report;
    struct arena *arena;
    struct hot_finding *items;
    size_t count, room;
    double run_clocks;
};

// ---- collecting ----

static void add(struct finder *finder, const struct hot_finding *finding)
{
    if (finding->clocks <= 0 || finding->clocks < finder->run_clocks * FINDING_SHARE_MIN)
        return;
    if (finder->count == finder->room) {
        size_t room = finder->room ? finder->room * 2 : 64;
        finder->items = arena_grow_array(finder->arena, finder->items, finder->count, room,
                                         sizeof *finder->items);
        finder->room = room;
    }
    finder->items[finder->count++] = *finding;
}

static const struct hot_object *object_of(const struct finder *finder, const struct hot_cell *cell)
{
    return &finder->hot->objects.items[cell->object];
}

// Whoever looks a text up, or joins it, pays a little for each string in flash that it meets; the
// literal is not what to change.
static bool is_passing(unsigned what)
{
    return what == CONTENT_INTERN || what == CONTENT_COPY || what == CONTENT_HASH;
}

static void find_strings(struct finder *finder)
{
    const struct hot *hot = finder->hot;
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        const struct hot_object *object = object_of(finder, cell);
        if (cell->place != HOT_FLASH || !hot_is_content(cell->what) || is_passing(cell->what) ||
            object->kind != HOT_OBJECT_STRING)
            continue;
        struct hot_finding finding = {HOT_FINDING_STRING, hot_clocks(hot, hot->order, cell),
                                      cell->count, HEAP_STRING_HEADER_BYTES + object->bytes + 1, i};
        add(finder, &finding);
    }
}

// By object: calls of a function, or what would be read of a string that moves.
static void find_by_object(struct finder *finder, enum hot_finding_kind kind)
{
    const struct hot *hot = finder->hot;
    struct hot_groups groups = hot_groups_create(finder->arena, hot->objects.count);
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        bool is_call = cell->what == HOT_VM_FIRST + VM_FLASH_CALL &&
                       object_of(finder, cell)->kind == HOT_OBJECT_FUNCTION;
        if (kind == HOT_FINDING_CALLS ? is_call : cell->place == HOT_MOVED)
            hot_groups_add(&groups, hot, cell->object, i);
    }
    hot_groups_sort(&groups, hot);
    for (size_t i = 0; i < groups.count; i++) {
        const struct hot_group *group = &groups.items[i];
        struct hot_finding finding = {kind, group->clocks[hot->order], group->events, 0,
                                      group->most};
        if (kind == HOT_FINDING_CALLS) {
            finding.ram_bytes = hot->objects.items[group->key].bytes;
        } else {
            finding.clocks = group->moved_clocks;
            finding.count = group->moved_characters;
            finding.ram_bytes = HEAP_STRING_HEADER_BYTES + hot->objects.items[group->key].bytes + 1;
        }
        if (kind == HOT_FINDING_CALLS || group->moved_characters)
            add(finder, &finding);
    }
}

static void find_visits(struct finder *finder)
{
    const struct hot *hot = finder->hot;
    struct hot_finding finding = {.kind = HOT_FINDING_VISITS};
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (cell->place != HOT_FLASH || !hot_is_visit(cell->what))
            continue;
        finding.clocks += hot_clocks(hot, hot->order, cell);
        finding.count += cell->count;
        finding.cell = i;
    }
    add(finder, &finding);
}

static int compare(const void *a, const void *b)
{
    const struct hot_finding *x = a, *y = b;
    if (x->clocks != y->clocks)
        return x->clocks > y->clocks ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->cell > y->cell) - (x->cell < y->cell);
}

// ---- words ----

static const char *figure(const struct finder *finder, double figure_wanted)
{
    return number_text_rounded(figure_wanted, finder->arena);
}

// How a string is put together at run time, so that its literal is not in the image.
static const char *splitting(const struct finder *finder, const struct hot_object *object)
{
    bool is_known = !finder->view->hides_text && object->text.bytes == object->bytes;
    if (!is_known || object->bytes > SPLIT_BYTES_MAX || object->bytes == 0)
        return object->bytes == 1 ? "by string.char" : "two literals joined by ..";
    return lua_literal_split(finder->arena, object->text, object->bytes / 2);
}

// Is the chunk the module's? "@app/json.lua" is of "json".
static bool is_of_module(struct text source, struct text module)
{
    struct text name = text_base_name(source);
    return name.bytes >= module.bytes && memcmp(name.data, module.data, module.bytes) == 0 &&
           (name.bytes == module.bytes || name.data[module.bytes] == '.');
}

// Who else has the literal: as long as one of them is in the image, the text is found there.
static void tell_holders(const struct finder *finder, const struct site *site,
                         const struct hot_object *object, char *to, size_t bytes)
{
    *to = 0;
    if (object->use_count > 1)
        snprintf(to, bytes, "; %" PRIu32 " functions use the literal, all of them count",
                 object->use_count);
    else if (object->module.bytes > 0 && !finder->view->hides_text &&
             !is_of_module(site->source, object->module))
        snprintf(to, bytes, "; the literal is in flash with module %.*s, where it must go, too",
                 (int)(object->module.bytes < 60 ? object->module.bytes : 60), object->module.data);
}

static void tell_string(const struct finder *finder, const struct hot_finding *finding)
{
    const struct hot *hot = finder->hot;
    const struct hot_cell *cell = &hot->cells[finding->cell];
    const struct hot_object *object = object_of(finder, cell);
    struct text line = site_name(finder->arena, &hot->sites.items[cell->site]);
    struct text words = hot_object_words(hot, cell->object, finder->view->hides_text,
                                         finder->arena);
    bool is_known = cell->what == CONTENT_MATCH_PATTERN || cell->what == CONTENT_FORMAT;
    char others[160];
    tell_holders(finder, &hot->sites.items[cell->site], object, others, sizeof others);
    report_add_note(finder->report, REPORT_FINDING,
                    "%.*s: %.*s lies in flash and is read byte by byte (%s): %s "
                    "characters, %s clocks, %.1f %% of the run%s. Build it once at run time, %s, "
                    "and keep it in a local: %" PRIu32
                    " bytes of RAM, %u more if a function inside "
                    "uses the local%s",
                    TEXT_ARGS(line), TEXT_ARGS(words), hot_what_name(cell->what),
                    figure(finder, (double)finding->count), figure(finder, finding->clocks),
                    finding->clocks / finder->run_clocks * 100,
                    is_known ? " (nodemcu-firmware issue 3109)" : "", splitting(finder, object),
                    finding->ram_bytes, UPVALUE_BYTES, others);
}

static void tell_calls(const struct finder *finder, const struct hot_finding *finding)
{
    const struct hot *hot = finder->hot;
    const struct hot_cell *cell = &hot->cells[finding->cell];
    struct text name = hot_object_words(hot, cell->object, false, finder->arena);
    struct text line = hot_cell_line(hot, cell, finder->arena);
    report_add_note(finder->report, REPORT_FINDING,
                    "%.*s is called %s times in flash, most from %.*s: %.0f byte loads each, %s "
                    "clocks, %.1f %% of the run. Fewer calls (a loop inside the "
                    "function), or the function in RAM (from a .lc file): %" PRIu32
                    " bytes and its strings",
                    TEXT_ARGS(name), figure(finder, (double)finding->count), TEXT_ARGS(line),
                    hot->weights[hot->order].loads[cell->what], figure(finder, finding->clocks),
                    finding->clocks / finder->run_clocks * 100, finding->ram_bytes);
}

static void tell_visits(const struct finder *finder, const struct hot_finding *finding)
{
    report_add_note(finder->report, REPORT_FINDING,
                    "the collector looks at strings and functions in flash %s times: up to %s "
                    "clocks, %.1f %% of the run. Fewer collections save most of it: frost gc tells "
                    "what each mode of node.egc costs",
                    figure(finder, (double)finding->count), figure(finder, finding->clocks),
                    finding->clocks / finder->run_clocks * 100);
}

static void tell_list(const struct finder *finder, const struct hot_finding *finding)
{
    const struct hot *hot = finder->hot;
    const struct hot_cell *cell = &hot->cells[finding->cell];
    struct text words = hot_object_words(hot, cell->object, finder->view->hides_text,
                                         finder->arena);
    struct text line = hot_cell_line(hot, cell, finder->arena);
    report_add_note(finder->report, REPORT_FINDING,
                    "leave %.*s in RAM: in flash, reading it byte by byte (%s characters, most at "
                    "%.*s) and visiting it would cost %s clocks, %.1f %% of the run, for %" PRIu32
                    " bytes of RAM",
                    TEXT_ARGS(words), figure(finder, (double)finding->count), TEXT_ARGS(line),
                    figure(finder, finding->clocks), finding->clocks / finder->run_clocks * 100,
                    finding->ram_bytes);
}

// ---- the whole ----

struct row {
    double clocks, percent;
    const char *kind;
    uint64_t count;
    struct report_value ram_bytes, line, what, object; // empty for visits
};

static const struct report_column columns[] = {
    {"saved_clocks", "saves", "clocks", 0, REPORT_AT(row, clocks)},
    {"saved_percent", "%", "", 0, REPORT_AT(row, percent), .decimals = 2},
    {"kind", "finding", "", REPORT_KEY, REPORT_AT(row, kind)},
    {"count", "count", "", 0, REPORT_AT(row, count)},
    {"ram_bytes", "costs RAM", "bytes", 0, REPORT_AT(row, ram_bytes)},
    {"line", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_TEXT, row, line)},
    {"what", "what", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_TEXT, row, what)},
    {"object", "object", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_TEXT, row, object)},
};

static void add_row(const struct finder *finder, struct report_table *table,
                    const struct hot_finding *finding)
{
    static const char *const kinds[] = {"string in flash", "calls", "collector", "leave in RAM"};
    const struct hot_cell *cell = &finder->hot->cells[finding->cell];
    struct row row = {finding->clocks, finding->clocks / finder->run_clocks * 100,
                      kinds[finding->kind], finding->count, .line = {0}};
    if (finding->kind != HOT_FINDING_VISITS) {
        row.ram_bytes = report_number(finding->ram_bytes);
        row.line = report_text(hot_cell_line(finder->hot, cell, finder->arena));
        row.what = report_text(text_of(hot_what_name(cell->what)));
        row.object = report_text(
            hot_object_words(finder->hot, cell->object, finder->view->hides_text, finder->arena));
    }
    report_add_row(table, NULL, &row);
}

static void add_table(const struct finder *finder)
{
    struct report_table *table = REPORT_ADD_TABLE(
        finder->report, "findings", "What to change, by the clocks it saves", columns);
    for (size_t i = 0; i < finder->count && i < HOT_FINDINGS_MAX; i++)
        add_row(finder, table, &finder->items[i]);
    if (finder->count > HOT_FINDINGS_MAX)
        report_omit(table, finder->count - HOT_FINDINGS_MAX, "they save less");
}

void hot_find(const struct hot *hot, struct arena *arena, struct hot_findings *findings)
{
    struct finder finder = {
        .hot = hot, .arena = arena, .run_clocks = hot_run_clocks(hot, hot->order)};
    find_strings(&finder);
    find_by_object(&finder, HOT_FINDING_CALLS);
    find_visits(&finder);
    if (hot->has_moved)
        find_by_object(&finder, HOT_FINDING_LIST);
    if (finder.count)
        qsort(finder.items, finder.count, sizeof *finder.items, compare);
    *findings = (struct hot_findings){finder.items, finder.count};
}

double hot_clocks_at(const struct hot *hot, struct text line, unsigned what, uint64_t hash,
                     struct arena *scratch)
{
    double clocks = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (cell->place == HOT_FLASH && cell->what == what &&
            hot->objects.items[cell->object].hash == hash &&
            text_is_equal(hot_cell_line(hot, cell, scratch), line))
            clocks += hot_clocks(hot, hot->order, cell);
    }
    return clocks;
}

void hot_fill_findings(const struct hot *hot, const struct hot_view *view, struct report *report)
{
    static void (*const tell[])(const struct finder *, const struct hot_finding *) = {
        tell_string, tell_calls, tell_visits, tell_list};
    struct hot_findings found;
    hot_find(hot, report->arena, &found);
    struct finder finder = {.hot = hot,
                            .view = view,
                            .report = report,
                            .arena = report->arena,
                            .items = found.items,
                            .count = found.count,
                            .run_clocks = hot_run_clocks(hot, hot->order)};
    add_table(&finder);
    for (size_t i = 0; i < finder.count && i < HOT_NOTES_MAX; i++)
        tell[finder.items[i].kind](&finder, &finder.items[i]);
}
