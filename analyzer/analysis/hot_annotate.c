// hot_annotate.c: a Lua source with the counts of its lines beside them.
//
// Reads: the source as it is now; it should be the one that ran.

#include "analyzer/analysis/hot_annotate.h"

#include "analyzer/analysis/hot_groups.h"
#include "analyzer/base/output.h"

#define SOURCE_BYTES_MAX (16u << 20)
#define TAB_COLUMNS 4u

bool hot_annotate_is_same(struct text chunk, struct text file)
{
    struct text longer = chunk.bytes > file.bytes ? chunk : file;
    struct text shorter = chunk.bytes > file.bytes ? file : chunk;
    size_t head = longer.bytes - shorter.bytes;
    if (shorter.bytes == 0)
        return false;
    if (head > 0 && longer.data[head - 1] != '/')
        return false;
    return text_is_equal((struct text){longer.data + head, shorter.bytes}, shorter);
}

int hot_annotate_read(const char *file, const char *folder, struct arena *arena,
                      struct text *source, struct problem *problem)
{
    struct problem first = {0};
    const char *path = arena_format(arena, "%s/%s", folder, file);
    if (file[0] != '/' &&
        input_read(path, SOURCE_BYTES_MAX, arena, source, &first) == STATUS_OK)
        return STATUS_OK;
    return input_read(file, SOURCE_BYTES_MAX, arena, source, problem);
}

// A line for a table: tabs as spaces, control characters as '?'.
static struct text printable(struct text line, struct arena *arena)
{
    char *out = arena_alloc(arena, line.bytes * TAB_COLUMNS + 1);
    size_t used = 0;
    for (size_t i = 0; i < line.bytes; i++) {
        unsigned char c = (unsigned char)line.data[i];
        if (c == '\t')
            do
                out[used++] = ' ';
            while (used % TAB_COLUMNS);
        else if (c != '\r')
            out[used++] = c < 32 || c == 127 ? '?' : (char)c;
    }
    return (struct text){out, used};
}

struct text hot_annotate_next_line(struct text *source, struct arena *arena)
{
    const char *end = source->bytes ? memchr(source->data, '\n', source->bytes) : NULL;
    size_t bytes = end ? (size_t)(end - source->data) : source->bytes;
    struct text line = printable((struct text){source->data, bytes}, arena);
    bytes += end != NULL;
    *source = (struct text){source->data + bytes, source->bytes - bytes};
    return line;
}

static struct report_table *add_columns(const struct hot *hot, struct report *report,
                                        const char *file)
{
    struct report_table *table = report_add_table(
        report, "annotate", arena_format(report->arena, "%s, line by line", file));
    unsigned moved = hot->has_moved ? 0 : REPORT_DETAIL;
    report_add_column(table, "characters", "reads", "characters", REPORT_NUMBER, 0);
    report_add_column(table, "events", "events", "", REPORT_NUMBER, 0);
    report_add_column(table, "own_clocks", "own clocks", "clocks", REPORT_REAL, REPORT_DETAIL)
        ->decimals = 0;
    report_add_column(table, "model_loads", "byte loads", "", REPORT_REAL, REPORT_DETAIL)
        ->decimals = 0;
    report_add_column(table, "model_clocks", "clocks", "clocks", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "model_percent", "%", "", REPORT_REAL, 0)->decimals = 2;
    report_add_column(table, "moved_clocks", "more if moved", "clocks", REPORT_REAL, moved)
        ->decimals = 0;
    report_add_column(table, "line", "line", "", REPORT_NUMBER, 0);
    report_add_column(table, "text", "source", "", REPORT_TEXT, REPORT_MAY_CUT);
    return table;
}

static void fill_counts(const struct hot *hot, const struct hot_group *group, double run_clocks,
                        struct report_value *row)
{
    if (group->characters)
        row[0] = report_number((int64_t)group->characters);
    if (group->events)
        row[1] = report_number((int64_t)group->events);
    if (group->characters || group->events) {
        row[2] = report_real(group->clocks[HOT_OWN]);
        row[3] = report_real(group->emulated_loads);
        row[4] = report_real(group->clocks[HOT_MODEL]);
        row[5] = report_real(run_clocks > 0 ? group->clocks[HOT_MODEL] / run_clocks * 100 : 0);
    }
    if (hot->has_moved && group->moved_clocks > 0)
        row[6] = report_real(group->moved_clocks);
}

uint32_t hot_annotate_count_lines(struct text source)
{
    uint32_t lines = source.bytes > 0 && source.data[source.bytes - 1] != '\n';
    for (size_t i = 0; i < source.bytes; i++)
        lines += source.data[i] == '\n';
    return lines;
}

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

// Adds the cells of the file to the groups of its lines. Result: cells behind its last line.
static uint64_t group_lines(const struct hot *hot, struct text file, struct hot_groups *groups)
{
    uint32_t line_count = (uint32_t)groups->count - 1;
    uint64_t beyond = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        const struct site *site = &hot->sites.items[cell->site];
        if (hot_is_load(cell->what) || !hot_annotate_is_same(site->source, file))
            continue;
        beyond += site->line > line_count;
        hot_groups_add(groups, hot, site->line <= line_count ? site->line : 0, i);
    }
    return beyond;
}

static void add_rows(const struct hot *hot, const struct hot_groups *groups, struct text source,
                     struct report_table *table)
{
    double run_clocks = hot_run_clocks(hot, HOT_MODEL);
    for (uint32_t line = 1; line < groups->count; line++) {
        struct report_value *row = report_add_row(table);
        fill_counts(hot, &groups->items[line], run_clocks, row);
        row[7] = report_number(line);
        row[8] = report_text(hot_annotate_next_line(&source, table->arena));
    }
}

int hot_annotate(const struct hot *hot, const struct hot_view *view, const char *file,
                 const char *folder, struct arena *arena, struct report **report,
                 struct problem *problem)
{
    struct text source;
    bool is_met = false;
    for (uint32_t i = 0; i < hot->sites.count; i++)
        is_met |= hot_annotate_is_same(hot->sites.items[i].source, text_of(file));
    if (!is_met && hot->has_loads)
        return hot_annotate_c(hot, view, file, folder, arena, report, problem);
    int status = hot_annotate_read(file, folder, arena, &source, problem);
    if (status != STATUS_OK)
        return status;
    if (!is_met)
        return note_no_chunk(hot, file, problem);
    struct hot_groups groups =
        hot_groups_create(arena, (size_t)hot_annotate_count_lines(source) + 1);
    uint64_t beyond = group_lines(hot, text_of(file), &groups);
    *report = report_create(arena, "hot", 1, "Where flash is read byte by byte");
    hot_fill_head(hot, *report);
    add_rows(hot, &groups, source, add_columns(hot, *report, file));
    if (beyond)
        report_add_note(*report, REPORT_WARNING,
                        "the runs know lines behind the end of %s: it is not what ran", file);
    return STATUS_OK;
}
