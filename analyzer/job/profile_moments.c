// profile_moments.c: what the page of `frost profile` begins with: how the program ended, what of
// the heap is left, what it printed last; RAM from mark to mark and request to request.

#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/job/profile_tables.h"

#define PRINTED_LINES 8u
#define INPUT_BYTES_MIN 3u // shorter ones are everywhere
#define PRINTED_BYTES_MAX (64u << 20)

// The run that shows what the application does: as it is, if that has room.
static const struct app_run *shown_run(const struct profile_job *job)
{
    const struct app_run *runs[] = {&job->as_is, &job->as_is_large, &job->runs[0]};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        if (runs[i]->is_done && runs[i]->heap && !runs[i]->has_failed)
            return runs[i];
    return job->as_is.heap ? &job->as_is : &job->runs[0];
}

static int64_t left_of(const struct app_run *run)
{
    const struct heap_run *figures = &run->heap->runs[0];
    return (int64_t)figures->heap_bytes - (int64_t)figures->ledger_max;
}

void profile_add_cards(const struct profile_job *job, struct report *report)
{
    struct arena *arena = job->runner.context->arena;
    const struct app_run *list = profile_run_with(job, APP_LIST_CHOSEN), *shown = shown_run(job);
    if (shown->heap) {
        struct text ending = trace_ending_text(&shown->heap->runs[0].input.ending, arena);
        report_add_text(report, "ending", "the program ended",
                        ending.bytes ? ending : text_of("by itself"));
    }
    // Of a run that failed otherwise nothing is known.
    if (job->as_is.heap && (!job->as_is.has_failed || profile_has_no_room(job)))
        report_add_number(report, "left_bytes", "left of the heap, as it is", "bytes",
                          job->as_is.has_failed ? 0 : left_of(&job->as_is));
    if (list && list->heap)
        report_add_number(report, "left_after_bytes", "left of the heap, from LFS with the list",
                          "bytes", left_of(list));
}

// ---- what it printed last ----

struct printed_row {
    struct text line;
};

static const struct report_column printed_columns[] = {
    {"line", "line", "", REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, printed_row, line)},
};

// The last lines of a text, the first of them first.
static size_t last_lines(struct text text, struct printed_row rows[PRINTED_LINES])
{
    size_t end = text.bytes, count = 0;
    while (end > 0 && text.data[end - 1] == '\n')
        end--;
    while (end > 0 && count < PRINTED_LINES) {
        size_t begin = end;
        while (begin > 0 && text.data[begin - 1] != '\n')
            begin--;
        count++;
        rows[PRINTED_LINES - count].line = (struct text){text.data + begin, end - begin};
        end = begin > 0 ? begin - 1 : 0;
    }
    return count;
}

static bool has_part(struct text whole, struct text part)
{
    return part.bytes >= INPUT_BYTES_MIN &&
           memmem(whole.data, whole.bytes, part.data, part.bytes) != NULL;
}

// What the program was given may be a secret: a line that has such a text in it, or is part of one,
// is not shown.
static bool has_input(const struct profile_job *job, struct text line)
{
    const struct heap_profile *heap = job->strings.profile;
    for (uint32_t i = 0; heap && i < heap->texts.count; i++) {
        const struct heap_text *text = &heap->texts.items[i];
        if (!text->is_dropped && text_sources_are_private(strings_sources(heap, text)) &&
            (has_part(line, text->content) || has_part(text->content, line)))
            return true;
    }
    return false;
}

void profile_add_printed(const struct profile_job *job, struct report *report)
{
    struct printed_row rows[PRINTED_LINES];
    struct text output;
    struct problem ignored = {0}; // without its output there is no table
    if (input_read(shown_run(job)->output_path, PRINTED_BYTES_MAX, job->runner.context->arena,
                   &output, &ignored) != STATUS_OK)
        return;
    size_t count = last_lines(output, rows);
    for (size_t i = 0; i < count && !(job->strings_settings.origins & TRACE_ORIGIN_INPUT); i++)
        if (has_input(job, rows[PRINTED_LINES - 1 - i].line))
            rows[PRINTED_LINES - 1 - i].line = text_of("(has what it was given: --include-input)");
    if (count == 0)
        return;
    struct report_table *table = REPORT_ADD_TABLE(report, "printed", "What it printed last",
                                                  printed_columns);
    REPORT_ADD_ROWS(table, NULL, &rows[PRINTED_LINES - count], count);
}

// ---- moments ----

struct moment_row {
    const struct moment *moment;
    struct report_value image_bytes, list_bytes; // highest, of the replays
};

static struct report_value name_of(const void *context, const void *item)
{
    (void)context;
    return report_text(((const struct moment_row *)item)->moment->name);
}

static struct report_value begin_of(const void *context, const void *item)
{
    (void)context;
    return report_number((int64_t)((const struct moment_row *)item)->moment->begin_bytes);
}

static struct report_value time_of(const void *context, const void *item)
{
    (void)context;
    return report_number((int64_t)((const struct moment_row *)item)->moment->device_ms);
}

static struct report_value peak_of(const void *context, const void *item)
{
    (void)context;
    return report_number((int64_t)((const struct moment_row *)item)->moment->peak_bytes);
}

static struct report_value kept_of(const void *context, const void *item)
{
    const struct moment *moment = ((const struct moment_row *)item)->moment;
    (void)context;
    return report_number((int64_t)moment->end_bytes - (int64_t)moment->begin_bytes);
}

static struct report_value allocations_of(const void *context, const void *item)
{
    (void)context;
    return report_number((int64_t)((const struct moment_row *)item)->moment->allocations);
}

static const struct report_column moment_columns[] = {
    {"moment", "from", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, name_of)},
    {"device_ms", "at", "ms", 0, REPORT_BY(REPORT_NUMBER, time_of)},
    {"begin_bytes", "RAM then", "bytes", 0, REPORT_BY(REPORT_NUMBER, begin_of)},
    {"peak_bytes", "highest until the next", "bytes", 0, REPORT_BY(REPORT_NUMBER, peak_of)},
    {"kept_bytes", "kept", "bytes", 0, REPORT_BY(REPORT_NUMBER, kept_of)},
    {"allocations", "allocations", "", 0, REPORT_BY(REPORT_NUMBER, allocations_of)},
    {"image_peak_bytes", "highest from LFS", "bytes", 0, REPORT_AT(moment_row, image_bytes)},
    {"list_peak_bytes", "with the list", "bytes", 0, REPORT_AT(moment_row, list_bytes)},
};

// The same moment of another run; a replay has the same ones.
static struct report_value peak_in(const struct app_run *run, size_t idx,
                                   const struct moment *moment)
{
    const struct moments *moments = run ? &run->moments : NULL;
    return moments && idx < moments->count && text_is_equal(moments->items[idx].name, moment->name)
               ? report_number((int64_t)moments->items[idx].peak_bytes)
               : (struct report_value){0};
}

void profile_add_moments(const struct profile_job *job, struct report *report)
{
    const struct app_run *shown = shown_run(job);
    const struct app_run *list = profile_run_with(job, APP_LIST_CHOSEN);
    const struct moments *moments = &shown->moments;
    if (moments->count == 0)
        return;
    struct report_series *series = report_add_series(
        report, "moments", "RAM at the highest point from each mark or request to the next",
        "instructions", "bytes");
    series->style = REPORT_IMPULSES;
    struct report_table *table = REPORT_ADD_TABLE(
        report, "moments", "RAM by mark and request, of the run as it is", moment_columns);
    for (size_t i = 0; i < moments->count; i++) {
        const struct moment *moment = &moments->items[i];
        struct moment_row row = {moment, peak_in(&job->runs[0], i, moment),
                                 peak_in(list, i, moment)};
        report_add_row(table, NULL, &row);
        report_add_point(series, (double)moment->clock, (double)moment->peak_bytes);
    }
    report_omit(table, moments->more, "there is room for no more");
}
