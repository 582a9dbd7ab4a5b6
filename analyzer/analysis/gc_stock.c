// gc_stock.c: one pass over each trace of stock firmware: its heap lines, lists and marks.

#include "analyzer/analysis/gc_stock.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "analyzer/analysis/heap_replay.h"
#include "analyzer/analysis/histogram.h"
#include "analyzer/analysis/words.h"
#include "analyzer/base/lua_literal.h"

#define NS_PER_S 1e9
#define QUARTERS 4u
#define SAMPLES_MIN 8u         // of a boot, for a judgement on growth
#define GROWTH_SHARE_MIN 0.05  // of live bytes
#define FREE_FEW_BYTES 8192u

struct sample {
    uint64_t clock;
    uint32_t free_bytes, lua_bytes, live_bytes;
};

struct mark_row {
    uint64_t clock;
    struct text text;
    struct sample heap; // the heap line behind it
};

struct list_row {
    uint64_t clock, string_bytes;
    uint32_t strings, born, gone, missing;
};

struct boot_row {
    uint64_t begin, end;
    uint64_t samples;
    uint32_t free_min, lua_max;
};

struct stock {
    struct arena *arena;
    struct report *report;
    struct heap_replay replay;
    uint64_t clock_base; // of the runs before
    uint64_t clock;
    struct sample last, lowest;
    struct text lowest_mark, last_mark;
    uint64_t samples, garbage_max, lua_max, strings_max, string_bytes_max;
    bool has_live, is_mark_open;
    struct mark_row *marks;
    struct list_row *lists;
    struct boot_row *boots;
    uint64_t mark_count, list_count, boot_count, incomplete;
    uint32_t born, gone; // since the last list
    uint64_t lines_lost, lines_damaged, refused;
    struct curve free_curve, lua_curve, live_curve, string_curve;
};

// ---- events ----

static void note_boot(struct stock *stock)
{
    if (stock->boot_count++ < GC_STOCK_ROWS_MAX)
        stock->boots[stock->boot_count - 1] =
            (struct boot_row){.begin = stock->clock, .end = stock->clock, .free_min = UINT32_MAX};
    stock->born = stock->gone = 0;
    stock->is_mark_open = false;
}

static struct boot_row *boot_now(struct stock *stock)
{
    bool is_kept = stock->boot_count > 0 && stock->boot_count <= GC_STOCK_ROWS_MAX;
    return is_kept ? &stock->boots[stock->boot_count - 1] : NULL;
}

static void note_heap(struct stock *stock, const struct trace_event_device_heap *heap)
{
    struct sample sample = {stock->clock, heap->free_bytes, heap->lua_bytes, heap->live_bytes};
    struct boot_row *boot = boot_now(stock);
    if (stock->samples++ == 0 || sample.free_bytes < stock->lowest.free_bytes) {
        stock->lowest = sample;
        stock->lowest_mark = stock->last_mark;
    }
    stock->last = sample;
    if (sample.lua_bytes > stock->lua_max)
        stock->lua_max = sample.lua_bytes;
    curve_add(&stock->free_curve, sample.clock, sample.free_bytes);
    curve_add(&stock->lua_curve, sample.clock, sample.lua_bytes);
    if (sample.live_bytes) {
        stock->has_live = true;
        curve_add(&stock->live_curve, sample.clock, sample.live_bytes);
        if (sample.lua_bytes > sample.live_bytes &&
            sample.lua_bytes - sample.live_bytes > stock->garbage_max)
            stock->garbage_max = sample.lua_bytes - sample.live_bytes;
    }
    if (boot) {
        boot->samples++;
        boot->free_min = sample.free_bytes < boot->free_min ? sample.free_bytes : boot->free_min;
        boot->lua_max = sample.lua_bytes > boot->lua_max ? sample.lua_bytes : boot->lua_max;
    }
    if (stock->is_mark_open && stock->mark_count <= GC_STOCK_ROWS_MAX)
        stock->marks[stock->mark_count - 1].heap = sample;
    stock->is_mark_open = false;
}

static void note_mark(struct stock *stock, struct text text)
{
    stock->last_mark = arena_copy_text(stock->arena, text);
    stock->is_mark_open = true;
    if (stock->mark_count++ < GC_STOCK_ROWS_MAX)
        stock->marks[stock->mark_count - 1] =
            (struct mark_row){.clock = stock->clock, .text = stock->last_mark};
}

static void note_list(struct stock *stock, const struct trace_event_snapshot *snapshot)
{
    const struct heap_replay *replay = &stock->replay;
    if (snapshot->place != PLACE_RAM)
        return;
    stock->incomplete += snapshot->missing > 0;
    if (replay->string_count > stock->strings_max)
        stock->strings_max = replay->string_count;
    if (replay->strings_bytes > stock->string_bytes_max)
        stock->string_bytes_max = replay->strings_bytes;
    curve_add(&stock->string_curve, stock->clock, replay->strings_bytes);
    if (stock->list_count++ < GC_STOCK_ROWS_MAX)
        stock->lists[stock->list_count - 1] =
            (struct list_row){stock->clock,  replay->strings_bytes, replay->string_count,
                              stock->born, stock->gone,           snapshot->missing};
    stock->born = stock->gone = 0;
}

static void note_step(struct stock *stock, const struct heap_step *step)
{
    const struct trace_event *event = &step->event;
    struct boot_row *boot = boot_now(stock);
    stock->clock = stock->clock_base + event->clock;
    if (boot)
        boot->end = stock->clock;
    stock->born += step->born != NULL;
    stock->gone += step->died != NULL;
    switch (event->id) {
    case TRACE_ID_boot:
        note_boot(stock);
        break;
    case TRACE_ID_device_heap:
        note_heap(stock, &event->device_heap);
        break;
    case TRACE_ID_mark:
        note_mark(stock, event->mark.text);
        break;
    case TRACE_ID_snapshot:
        note_list(stock, &event->snapshot);
        break;
    default:
        break;
    }
}

// ---- runs ----

static uint64_t fact(const struct trace *trace, const char *name)
{
    json_int_t value =
        json_integer_value(json_object_get((const json_t *)trace_run(trace)->json, name));
    return value > 0 ? (uint64_t)value : 0;
}

static void note_run(struct stock *stock, const struct trace *trace, const char *name)
{
    const struct trace_loss *loss = trace_loss(trace);
    struct report_loss *sum = &stock->report->loss;
    struct report_input *input =
        report_add_input(stock->report, text_of(name), "trace", trace_bytes(trace),
                         !loss->is_unfinished && !loss->events_discarded && !loss->packets_lost &&
                             !loss->blocks_lost && !loss->bytes_cut);
    report_input_sum(input, trace_folder(trace));
    sum->events_discarded += loss->events_discarded;
    sum->packets_lost += loss->packets_lost;
    sum->blocks_lost += loss->blocks_lost;
    sum->bytes_cut += loss->bytes_cut;
    sum->runs_unfinished += loss->is_unfinished;
    stock->lines_lost += fact(trace, "device_lines_lost");
    stock->lines_damaged += fact(trace, "device_lines_damaged");
    stock->refused += fact(trace, "device_snapshots_refused");
}

static int read_run(struct stock *stock, const char *folder, const char *name,
                    struct problem *problem)
{
    struct trace *trace;
    struct heap_step step;
    int more = trace_open(stock->arena, folder, &trace, problem);
    if (more != STATUS_OK)
        return more;
    heap_replay_begin(&stock->replay, trace, stock->arena);
    while ((more = heap_replay_next(&stock->replay, &step, problem)) > 0)
        note_step(stock, &step);
    note_run(stock, trace, name);
    stock->clock_base += stock->replay.clock;
    heap_replay_end(&stock->replay);
    trace_close(trace);
    return more;
}

// ---- totals ----

static double seconds(uint64_t clock)
{
    return (double)clock / NS_PER_S;
}

static void add_totals(const struct stock *stock)
{
    struct report *report = stock->report;
    report_add_real(report, "duration_s", "time", "s", 1, seconds(stock->clock_base));
    report_add_number(report, "boots", "boots", "", (int64_t)stock->boot_count);
    report_add_number(report, "samples", "heap lines", "", (int64_t)stock->samples);
    report_add_number(report, "lists", "lists of strings", "", (int64_t)stock->list_count);
    report_add_number(report, "lists_incomplete", "of them incomplete", "",
                      (int64_t)stock->incomplete);
    report_add_number(report, "marks", "marks", "", (int64_t)stock->mark_count);
    report_add_number(report, "free_min_bytes", "least free heap", "bytes",
                      stock->lowest.free_bytes);
    report_add_number(report, "free_last_bytes", "free heap at the end", "bytes",
                      stock->last.free_bytes);
    report_add_number(report, "lua_max_bytes", "most bytes of Lua", "bytes",
                      (int64_t)stock->lua_max);
    report_add_number(report, "lua_last_bytes", "bytes of Lua at the end", "bytes",
                      stock->last.lua_bytes);
    report_add_real(report, "garbage_max_bytes", "most of them not live, as the collector thinks",
                    "bytes", 0, stock->has_live ? (double)stock->garbage_max : NAN);
    report_add_number(report, "strings_max", "most strings in RAM", "",
                      (int64_t)stock->strings_max);
    report_add_number(report, "string_bytes_max", "most bytes of strings in RAM", "bytes",
                      (int64_t)stock->string_bytes_max);
}

// ---- tables ----

static void omit(struct report_table *table, uint64_t count)
{
    if (count <= GC_STOCK_ROWS_MAX)
        return;
    table->omitted_count = count - GC_STOCK_ROWS_MAX;
    table->omitted_why = "a report holds 5,000 rows of a table";
}

static uint64_t kept(uint64_t count)
{
    return count < GC_STOCK_ROWS_MAX ? count : GC_STOCK_ROWS_MAX;
}

static void add_marks(const struct stock *stock)
{
    const struct sample *before = NULL;
    struct report_table *table = report_add_table(stock->report, "marks", "The heap at each mark");
    table->explanation = "change: bytes of Lua since the mark before";
    report_add_column(table, "time_s", "after", "s", REPORT_REAL, 0);
    report_add_column(table, "mark", "mark", "", REPORT_STRING, REPORT_MAY_CUT);
    report_add_column(table, "free_bytes", "free", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "lua_bytes", "Lua", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "live_bytes", "live", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "change_bytes", "change", "bytes", REPORT_NUMBER, 0);
    for (uint64_t i = 0; i < kept(stock->mark_count); i++) {
        const struct mark_row *mark = &stock->marks[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_real(seconds(mark->clock));
        row[1] = report_text(mark->text);
        if (mark->heap.clock == 0 && mark->heap.free_bytes == 0)
            continue; // its heap line is lost
        row[2] = report_number(mark->heap.free_bytes);
        row[3] = report_number(mark->heap.lua_bytes);
        if (mark->heap.live_bytes)
            row[4] = report_number(mark->heap.live_bytes);
        if (before)
            row[5] = report_number((int64_t)mark->heap.lua_bytes - before->lua_bytes);
        before = &mark->heap;
    }
    omit(table, stock->mark_count);
}

static void add_lists(const struct stock *stock)
{
    struct report_table *table =
        report_add_table(stock->report, "lists", "Lists of the strings in RAM");
    report_add_column(table, "time_s", "after", "s", REPORT_REAL, 0);
    report_add_column(table, "strings", "strings", "", REPORT_NUMBER, 0);
    report_add_column(table, "string_bytes", "in RAM", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "new_strings", "new", "", REPORT_NUMBER, 0);
    report_add_column(table, "gone_strings", "gone", "", REPORT_NUMBER, 0);
    report_add_column(table, "missing_strings", "lost", "", REPORT_NUMBER, 0);
    for (uint64_t i = 0; i < kept(stock->list_count); i++) {
        const struct list_row *list = &stock->lists[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_real(seconds(list->clock));
        row[1] = report_number(list->strings);
        row[2] = report_number((int64_t)list->string_bytes);
        row[3] = report_number(list->born);
        row[4] = report_number(list->gone);
        row[5] = report_number(list->missing);
    }
    omit(table, stock->list_count);
}

static void add_boots(const struct stock *stock)
{
    static const int sums[] = {3, -1};
    struct report_table *table = report_add_table(stock->report, "boots", "Boots");
    report_add_column(table, "boot", "boot", "", REPORT_TEXT, 0);
    report_add_column(table, "begin_s", "after", "s", REPORT_REAL, 0);
    report_add_column(table, "duration_s", "for", "s", REPORT_REAL, 0);
    report_add_column(table, "samples", "heap lines", "", REPORT_NUMBER, 0);
    report_add_column(table, "free_min_bytes", "least free", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "lua_max_bytes", "most of Lua", "bytes", REPORT_NUMBER, 0);
    for (uint64_t i = 0; i < kept(stock->boot_count); i++) {
        const struct boot_row *boot = &stock->boots[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(arena_format(stock->arena, "%" PRIu64, i + 1)));
        row[1] = report_real(seconds(boot->begin));
        row[2] = report_real(seconds(boot->end - boot->begin));
        row[3] = report_number((int64_t)boot->samples);
        if (boot->samples) {
            row[4] = report_number(boot->free_min);
            row[5] = report_number(boot->lua_max);
        }
    }
    report_add_sum(table, sums);
    omit(table, stock->boot_count);
}

// ---- series ----

static void add_curve(const struct stock *stock, const struct curve *curve, const char *name,
                      const char *title, bool is_least)
{
    struct report_series *series = report_add_series(stock->report, name, title, "s", "bytes");
    for (uint32_t i = 0; i < curve->used; i++)
        if (curve->buckets[i].is_set)
            report_add_point(series, seconds(i * curve->width),
                             (double)(is_least ? curve->buckets[i].min : curve->buckets[i].max));
}

static void add_curves(const struct stock *stock)
{
    add_curve(stock, &stock->free_curve, "free_bytes", "Free heap", true);
    add_curve(stock, &stock->lua_curve, "lua_bytes", "Bytes of Lua", false);
    add_curve(stock, &stock->live_curve, "live_bytes", "Live bytes, as the collector thinks",
              false);
    add_curve(stock, &stock->string_curve, "string_bytes", "Strings in RAM", false);
}

// ---- findings ----

static void tell_lowest(const struct stock *stock)
{
    struct report *report = stock->report;
    if (stock->samples == 0 || stock->lowest.free_bytes >= FREE_FEW_BYTES)
        return;
    const char *mark =
        stock->lowest_mark.bytes
            ? arena_format(stock->arena, ", after the mark %.*s",
                           TEXT_ARGS(lua_literal_quote(stock->arena, stock->lowest_mark)))
            : "";
    report_add_note(report, REPORT_FINDING, "only %s bytes of the heap were free after %.1f s%s",
                    words_number(stock->lowest.free_bytes, stock->arena),
                    seconds(stock->lowest.clock), mark);
}

// What is live at the lowest points of the first and of the last quarter of the only boot.
static void tell_growth(const struct stock *stock)
{
    const struct curve *curve = stock->has_live ? &stock->live_curve : &stock->lua_curve;
    uint64_t first = UINT64_MAX, last = UINT64_MAX;
    if (stock->boot_count != 1 || stock->samples < SAMPLES_MIN)
        return;
    for (uint32_t i = 0; i < curve->used; i++) {
        const struct curve_bucket *bucket = &curve->buckets[i];
        if (bucket->is_set && i < curve->used / QUARTERS && bucket->min < first)
            first = bucket->min;
        if (bucket->is_set && i >= curve->used - curve->used / QUARTERS && bucket->min < last)
            last = bucket->min;
    }
    if (first == UINT64_MAX || last == UINT64_MAX ||
        (double)last < (double)first * (1 + GROWTH_SHARE_MIN))
        return;
    report_add_note(stock->report, REPORT_FINDING,
                    "what Lua keeps has grown: at least %s bytes in the first quarter of the time, "
                    "%s in the last",
                    words_number((double)first, stock->arena),
                    words_number((double)last, stock->arena));
}

static void add_notes(const struct stock *stock)
{
    struct report *report = stock->report;
    if (stock->lines_lost || stock->lines_damaged)
        report_add_note(report, REPORT_WARNING,
                        "%" PRIu64 " lines of the device are lost, %" PRIu64 " came damaged",
                        stock->lines_lost, stock->lines_damaged);
    if (stock->refused)
        report_add_note(report, REPORT_WARNING,
                        "%" PRIu64 " times the device had no memory for the list of its strings",
                        stock->refused);
    tell_lowest(stock);
    tell_growth(stock);
    report_add_note(report, REPORT_NOTE,
                    "from stock firmware: the heap at single moments, not its highest point; no "
                    "collections, no allocation sites, no sizes of free blocks. Lives of strings "
                    "are known from list to list only");
}

int gc_stock_report(const struct gc_stock_settings *settings, struct arena *arena,
                    struct report **result, struct problem *problem)
{
    struct stock *stock = ARENA_NEW(arena, struct stock);
    int status = STATUS_OK;
    stock->arena = arena;
    stock->report = report_create(arena, "gc-stock", 1, "The heap of a stock device over time");
    stock->marks = ARENA_NEW_ARRAY(arena, struct mark_row, GC_STOCK_ROWS_MAX);
    stock->lists = ARENA_NEW_ARRAY(arena, struct list_row, GC_STOCK_ROWS_MAX);
    stock->boots = ARENA_NEW_ARRAY(arena, struct boot_row, GC_STOCK_ROWS_MAX);
    for (size_t i = 0; status >= 0 && i < settings->trace_count; i++)
        status = read_run(stock, settings->traces[i],
                          settings->names ? settings->names[i] : settings->traces[i], problem);
    if (status < 0)
        return status;
    add_totals(stock);
    add_marks(stock);
    add_lists(stock);
    add_boots(stock);
    add_curves(stock);
    add_notes(stock);
    *result = stock->report;
    return STATUS_OK;
}
