// gc_stock.c: an observer of traces of stock firmware: their heap lines, lists and marks.

#include "analyzer/analysis/gc/gc_stock.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "analyzer/analysis/heap/histogram.h"
#include "analyzer/analysis/heap/run_input.h"
#include "analyzer/base/lua_literal.h"
#include "analyzer/base/number_text.h"

#define NS_PER_S 1e9
#define QUARTERS 4u
#define SAMPLES_MIN 8u        // of a boot, for a judgement on growth
#define GROWTH_SHARE_MIN 0.05 // of live bytes
#define FREE_FEW_BYTES 8192u

struct sample {
    uint64_t clock;
    uint32_t free_bytes, lua_bytes, live_bytes;
};

struct mark_row {
    uint64_t clock;
    struct text text;
    struct sample heap; // the heap line after it
};

struct list_row {
    double time_s;
    uint64_t string_bytes;
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
    const struct heap_replay *replay;
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

static double seconds(uint64_t clock)
{
    return (double)clock / NS_PER_S;
}

// ---- events ----

static void note_boot(struct stock *stock)
{
    if (stock->boot_count++ < GC_STOCK_ROWS_MAX)
        stock->boots[stock->boot_count - 1] = (struct boot_row){
            .begin = stock->clock, .end = stock->clock, .free_min = UINT32_MAX};
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
        stock->marks[stock->mark_count - 1] = (struct mark_row){.clock = stock->clock,
                                                                .text = stock->last_mark};
}

static void note_list(struct stock *stock, const struct trace_event_snapshot *snapshot)
{
    const struct heap_replay *replay = stock->replay;
    if (snapshot->place != PLACE_RAM)
        return;
    stock->incomplete += snapshot->missing > 0;
    if (replay->string_count > stock->strings_max)
        stock->strings_max = replay->string_count;
    if (replay->strings_bytes > stock->string_bytes_max)
        stock->string_bytes_max = replay->strings_bytes;
    curve_add(&stock->string_curve, stock->clock, replay->strings_bytes);
    if (stock->list_count++ < GC_STOCK_ROWS_MAX)
        stock->lists[stock->list_count - 1] = (struct list_row){
            seconds(stock->clock), replay->strings_bytes, replay->string_count,
            stock->born,           stock->gone,           snapshot->missing};
    stock->born = stock->gone = 0;
}

static void note_step(void *context, struct heap_step *step)
{
    struct stock *stock = context;
    const struct trace_event *event = step->event;
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
    json_int_t value = json_integer_value(
        json_object_get((const json_t *)trace_run(trace)->json, name));
    return value > 0 ? (uint64_t)value : 0;
}

static void note_run(struct stock *stock, const struct replay *replay)
{
    struct run_input input;
    run_input_take(&input, replay, stock->report->arena);
    run_input_report(&input, stock->report);
    stock->lines_lost += fact(replay->trace, "device_lines_lost");
    stock->lines_damaged += fact(replay->trace, "device_lines_damaged");
    stock->refused += fact(replay->trace, "device_snapshots_refused");
}

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct stock *stock = context;
    stock->replay = replay->heap;
    (void)problem;
    return STATUS_OK;
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct stock *stock = context;
    note_run(stock, replay);
    stock->clock_base += replay->heap->clock;
    (void)problem;
    return STATUS_OK;
}

// ---- totals ----

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

static uint64_t kept(uint64_t count)
{
    return count < GC_STOCK_ROWS_MAX ? count : GC_STOCK_ROWS_MAX;
}

// Ends a table of the first of `count` things.
static void end_table(struct report_table *table, uint64_t count)
{
    report_add_sum(table);
    report_omit(table, count - kept(count), NULL);
}

struct mark_shown {
    double time_s;
    struct text text;
    struct report_value free_bytes, lua_bytes, live_bytes, change_bytes;
};

static const struct report_column mark_columns[] = {
    {"time_s", "after", "s", 0, REPORT_AT(mark_shown, time_s), .decimals = 1},
    {"mark", "mark", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, mark_shown, text)},
    {"free_bytes", "free", "bytes", 0, REPORT_AT(mark_shown, free_bytes)},
    {"lua_bytes", "Lua", "bytes", 0, REPORT_AT(mark_shown, lua_bytes)},
    {"live_bytes", "live", "bytes", 0, REPORT_AT(mark_shown, live_bytes)},
    {"change_bytes", "change", "bytes", 0, REPORT_AT(mark_shown, change_bytes)},
};

static void add_marks(const struct stock *stock)
{
    const struct sample *before = NULL;
    struct report_table *table = REPORT_ADD_TABLE(stock->report, "marks", "The heap at each mark",
                                                  mark_columns);
    table->explanation = "change: bytes of Lua since the mark before";
    for (uint64_t i = 0; i < kept(stock->mark_count); i++) {
        const struct sample *heap = &stock->marks[i].heap;
        struct mark_shown row = {seconds(stock->marks[i].clock), stock->marks[i].text,
                                 .free_bytes = {0}};
        if (heap->clock || heap->free_bytes) { // else its heap line is lost
            row.free_bytes = report_number(heap->free_bytes);
            row.lua_bytes = report_number(heap->lua_bytes);
            if (heap->live_bytes)
                row.live_bytes = report_number(heap->live_bytes);
            if (before)
                row.change_bytes = report_number((int64_t)heap->lua_bytes - before->lua_bytes);
            before = heap;
        }
        report_add_row(table, NULL, &row);
    }
    end_table(table, stock->mark_count);
}

static const struct report_column list_columns[] = {
    {"time_s", "after", "s", 0, REPORT_AT(list_row, time_s), .decimals = 1},
    {"strings", "strings", "", 0, REPORT_AT(list_row, strings)},
    {"string_bytes", "in RAM", "bytes", 0, REPORT_AT(list_row, string_bytes)},
    {"new_strings", "new", "", 0, REPORT_AT(list_row, born)},
    {"gone_strings", "gone", "", 0, REPORT_AT(list_row, gone)},
    {"missing_strings", "lost", "", 0, REPORT_AT(list_row, missing)},
};

static void add_lists(const struct stock *stock)
{
    struct report_table *table = REPORT_ADD_TABLE(stock->report, "lists",
                                                  "Lists of the strings in RAM", list_columns);
    for (uint64_t i = 0; i < kept(stock->list_count); i++)
        report_add_row(table, NULL, &stock->lists[i]);
    end_table(table, stock->list_count);
}

struct boot_shown {
    const char *boot;
    double begin_s, duration_s;
    uint64_t samples;
    struct report_value free_min, lua_max;
};

static const struct report_column boot_columns[] = {
    {"boot", "boot", "", REPORT_KEY, REPORT_AT(boot_shown, boot)},
    {"begin_s", "after", "s", 0, REPORT_AT(boot_shown, begin_s), .decimals = 1},
    {"duration_s", "for", "s", 0, REPORT_AT(boot_shown, duration_s), .decimals = 1},
    {"samples", "heap lines", "", REPORT_SUMMED, REPORT_AT(boot_shown, samples)},
    {"free_min_bytes", "least free", "bytes", 0, REPORT_AT(boot_shown, free_min)},
    {"lua_max_bytes", "most of Lua", "bytes", 0, REPORT_AT(boot_shown, lua_max)},
};

static void add_boots(const struct stock *stock)
{
    struct report_table *table = REPORT_ADD_TABLE(stock->report, "boots", "Boots", boot_columns);
    for (uint64_t i = 0; i < kept(stock->boot_count); i++) {
        const struct boot_row *boot = &stock->boots[i];
        struct boot_shown row = {
            .boot = arena_format(stock->arena, "%" PRIu64, i + 1),
            .begin_s = seconds(boot->begin),
            .duration_s = seconds(boot->end - boot->begin),
            .samples = boot->samples,
        };
        if (boot->samples) {
            row.free_min = report_number(boot->free_min);
            row.lua_max = report_number(boot->lua_max);
        }
        report_add_row(table, NULL, &row);
    }
    end_table(table, stock->boot_count);
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
    const char *mark = stock->lowest_mark.bytes
                           ? arena_format(
                                 stock->arena, ", after the mark %.*s",
                                 TEXT_ARGS(lua_literal_quote(stock->arena, stock->lowest_mark)))
                           : "";
    report_add_note(report, REPORT_FINDING, "only %s bytes of the heap were free after %.1f s%s",
                    number_text_rounded(stock->lowest.free_bytes, stock->arena),
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
                    number_text_rounded((double)first, stock->arena),
                    number_text_rounded((double)last, stock->arena));
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

struct replay_observer gc_stock_observer(struct arena *arena)
{
    struct stock *stock = ARENA_NEW(arena, struct stock);
    stock->arena = arena;
    stock->report = report_create(arena, "gc-stock", 1, "The heap of a stock device over time");
    stock->marks = ARENA_NEW_ARRAY(arena, struct mark_row, GC_STOCK_ROWS_MAX);
    stock->lists = ARENA_NEW_ARRAY(arena, struct list_row, GC_STOCK_ROWS_MAX);
    stock->boots = ARENA_NEW_ARRAY(arena, struct boot_row, GC_STOCK_ROWS_MAX);
    return (struct replay_observer){
        .context = stock,
        .events = UINT64_MAX, // every one moves the clock of its boot on
        .wants_heap = true,
        .begin = begin_run,
        .step = note_step,
        .end = end_run,
    };
}

struct report *gc_stock_finish(const struct replay_observer *observer)
{
    const struct stock *stock = observer->context;
    add_totals(stock);
    add_marks(stock);
    add_lists(stock);
    add_boots(stock);
    add_curves(stock);
    add_notes(stock);
    return stock->report;
}

int gc_stock_report(const struct gc_stock_settings *settings, struct arena *arena,
                    struct report **result, struct problem *problem)
{
    struct replay_observer observer = gc_stock_observer(arena);
    struct replay_settings replay = {.traces = settings->traces,
                                     .names = settings->names,
                                     .trace_count = settings->trace_count,
                                     .exclude = settings->exclude};
    int status = replay_run(&replay, &observer, 1, problem);
    if (status == STATUS_OK)
        *result = gc_stock_finish(&observer);
    return status;
}
