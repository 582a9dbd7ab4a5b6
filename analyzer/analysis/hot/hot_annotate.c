// hot_annotate.c: a Lua source with the counts of its lines beside them.
//
// Reads: the source as it is now; it should be the one that ran.

#include "analyzer/analysis/hot/hot_annotate.h"

#include <math.h>

#include "analyzer/analysis/hot/hot_groups.h"
#include "analyzer/analysis/hot/hot_words.h"
#include "analyzer/analysis/hot/source_lines.h"

struct row {
    struct hot_group group;
    double own_clocks, loads, clocks, percent; // NAN where nothing is counted
    uint32_t line;
    struct text text;
};

static const struct report_column columns[] = {
    {"characters", "reads", "characters", REPORT_BLANK_ZERO, REPORT_AT(row, group.characters)},
    {"events", "events", "", REPORT_BLANK_ZERO, REPORT_AT(row, group.events)},
    {"own_clocks", "own clocks", "clocks", REPORT_DETAIL, REPORT_AT(row, own_clocks)},
    {"model_loads", "byte loads", "", REPORT_DETAIL, REPORT_AT(row, loads)},
    {"model_clocks", "clocks", "clocks", 0, REPORT_AT(row, clocks)},
    {"model_percent", "%", "", 0, REPORT_AT(row, percent), .decimals = 2},
    {"moved_clocks", "more if moved", "clocks", REPORT_OPTIONAL | REPORT_BLANK_ZERO,
     REPORT_AT(row, group.moved_clocks)},
    {"line", "line", "", REPORT_KEY, REPORT_AT(row, line)},
    {"text", "source", "", REPORT_MAY_CUT, REPORT_AT(row, text)},
};

static int note_no_chunk(const struct hot *hot, const char *file, struct problem *problem)
{
    struct text some = {NULL, 0};
    for (uint32_t i = 0; i < hot->sites.count && some.bytes == 0; i++)
        some = hot->sites.items[i].source;
    if (some.bytes == 0)
        return problem_set(problem, STATUS_USAGE, text_of(file), PROBLEM_NO_OFF,
                           "the runs name no Lua source");
    return problem_set(problem, STATUS_USAGE, text_of(file), PROBLEM_NO_OFF,
                       "no line of the runs belongs to it; one of their chunks is '%.*s'",
                       (int)(some.bytes < 60 ? some.bytes : 60), some.data);
}

// Adds the cells of the file to the groups of its lines. Result: cells after its last line.
static uint64_t group_lines(const struct hot *hot, struct text file, struct hot_groups *groups)
{
    uint32_t line_count = (uint32_t)groups->count - 1;
    uint64_t beyond = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        const struct site *site = &hot->sites.items[cell->site];
        if (hot_is_load(cell->what) || !source_is_same(site->source, file))
            continue;
        beyond += site->line > line_count;
        hot_groups_add(groups, hot, site->line <= line_count ? site->line : 0, i);
    }
    return beyond;
}

static void add_lines(const struct hot *hot, const char *file, const struct hot_groups *groups,
                      struct text source, struct report *report)
{
    double run_clocks = hot_run_clocks(hot, HOT_MODEL);
    struct report_table *table = REPORT_ADD_TABLE(
        report, "annotate", arena_format(report->arena, "%s, line by line", file), columns);
    if (!hot->has_moved)
        report_leave_out(table);
    for (uint32_t line = 1; line < groups->count; line++) {
        const struct hot_group *group = &groups->items[line];
        struct row row = {
            *group, NAN, NAN, NAN, NAN, line, source_next_line(&source, table->arena)};
        if (group->characters || group->events) {
            row.own_clocks = group->clocks[HOT_OWN];
            row.loads = group->emulated_loads;
            row.clocks = group->clocks[HOT_MODEL];
            row.percent = run_clocks > 0 ? row.clocks / run_clocks * 100 : 0;
        }
        report_add_row(table, NULL, &row);
    }
}

int hot_annotate(const struct hot *hot, const struct hot_view *view, const char *file,
                 const char *directory, struct arena *arena, struct report **report,
                 struct problem *problem)
{
    struct text source;
    bool is_met = false;
    for (uint32_t i = 0; i < hot->sites.count; i++)
        is_met |= source_is_same(hot->sites.items[i].source, text_of(file));
    if (!is_met && hot->has_loads)
        return hot_annotate_c(hot, view, file, directory, arena, report, problem);
    int status = source_read(file, directory, arena, &source, problem);
    if (status != STATUS_OK)
        return status;
    if (!is_met)
        return note_no_chunk(hot, file, problem);
    struct hot_groups groups = hot_groups_create(arena, (size_t)source_count_lines(source) + 1);
    uint64_t beyond = group_lines(hot, text_of(file), &groups);
    *report = report_create(arena, "hot", 1, "Where flash is read byte by byte");
    hot_fill_head(hot, *report);
    add_lines(hot, file, &groups, source, *report);
    if (beyond)
        report_add_note(*report, REPORT_WARNING,
                        "the runs have lines beyond the end of %s: it is not what ran", file);
    return STATUS_OK;
}
