// gc_report.c: totals, tables and curves of the analysis of the collector.

#include "analyzer/analysis/gc/gc_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "analyzer/analysis/gc/gc_mode_cost.h"
#include "analyzer/trace/trace_reader.h"

struct filler {
    const struct gc *gc;
    struct report *report;
    struct arena *arena;
};

static double percent(double part, double whole)
{
    return whole > 0 ? part / whole * 100 : 0;
}

static double pause_us(const struct gc *gc, uint64_t visited)
{
    return gc->model.clock_mhz > 0 ? (double)visited * gc_visit_clocks(gc) / gc->model.clock_mhz
                                   : 0;
}

// ---- totals ----

static void add_inputs(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    for (uint32_t i = 0; i < gc->run_count; i++)
        run_input_report(&gc->runs[i].input, filler->report);
}

static void add_costs(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct report *report = filler->report;
    double clocks = (double)gc->visited_total * gc_visit_clocks(gc);
    report_add_number(report, "collections", "collections", "", (int64_t)gc->collections);
    report_add_number(report, "visited", "objects they visited", "", (int64_t)gc->visited_total);
    report_add_number(report, "instructions", "VM instructions", "", (int64_t)gc->instructions);
    report_add_text(report, "model", "cost model", text_of(gc->model.title));
    report_add_real(report, "visit_clocks", "a visit, with its byte loads, modelled", "clocks", 0,
                    gc_visit_clocks(gc));
    report_add_real(report, "gc_clocks", "collections, modelled", "clocks", 0, clocks);
    report_add_real(report, "gc_percent", "collections, share of VM and collector", "%", 1,
                    percent(clocks, gc_run_clocks(gc)));
    report_add_real(report, "pause_median_us", "median pause, modelled", "us", 0,
                    pause_us(gc, histogram_quantile(&gc->visited, 0.5)));
    report_add_real(report, "pause_max_us", "longest pause, modelled", "us", 0,
                    pause_us(gc, gc->visited.max));
    report_add_real(report, "host_ms", "collections, real time of the host with probes", "ms", 1,
                    (double)gc->real_ns.sum / 1e6);
}

static void add_heap_totals(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct report *report = filler->report;
    struct gc_births all = {0};
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        all.count += gc->kinds[k].count;
        all.bytes += gc->kinds[k].bytes;
        all.short_count += gc->kinds[k].short_count;
    }
    report_add_number(report, "allocations", "allocations", "", (int64_t)all.count);
    report_add_number(report, "allocated_bytes", "allocated", "bytes", (int64_t)all.bytes);
    report_add_real(report, "short_lived_percent", "dead within the short-lived threshold", "%", 1,
                    percent((double)all.short_count, (double)all.count));
    report_add_number(report, "short_lived_collections", "the threshold", "collections",
                      (int64_t)gc->settings.short_lived);
    report_add_number(report, "request_max_bytes", "largest block requested", "bytes",
                      (int64_t)gc->request_max);
    report_add_number(report, "peak_bytes", "RAM at the highest point", "bytes",
                      (int64_t)gc->peak_bytes);
    report_add_number(report, "peak_clock", "which came after", "instructions",
                      (int64_t)gc->peak_clock);
    report_add_number(report, "end_bytes", "RAM at the end of the last run", "bytes",
                      (int64_t)gc->runs[gc->run_count - 1].end_bytes);
}

// ---- modes ----

struct mode_row {
    const char *mode;
    struct report_value limit;
    const char *basis;
    struct gc_mode_cost cost;
    double percent;
    const char *room;
};

static const struct report_column mode_columns[] = {
    {"mode", "mode", "", REPORT_KEY, REPORT_AT(mode_row, mode)},
    {"limit_bytes", "limit", "bytes", REPORT_KEY, REPORT_AT(mode_row, limit)},
    {"basis", "basis", "", 0, REPORT_AT(mode_row, basis)},
    {"collections", "collections", "", 0, REPORT_AT(mode_row, cost.collections)},
    {"visited", "visited", "objects", 0, REPORT_AT(mode_row, cost.visited)},
    {"cycle_percent", "one cycle %", "", 0, REPORT_AT(mode_row, cost.cycle_percent), .decimals = 1},
    {"clocks", "clocks", "clocks", 0, REPORT_AT(mode_row, cost.clocks)},
    {"percent", "% of the run", "", 0, REPORT_AT(mode_row, percent), .decimals = 1},
    {"peak_bytes", "highest", "bytes", 0, REPORT_AT(mode_row, cost.lua_bytes_max)},
    {"heap_bytes", "in the heap", "bytes", 0, REPORT_AT(mode_row, cost.heap_bytes_max)},
    {"failures", "failures", "", 0, REPORT_AT(mode_row, cost.failures)},
    {"room", "memory", "", 0, REPORT_AT(mode_row, room)},
};

#define EXPLAINED(visits)                                                                          \
    "collections: steps and full ones; modelled: births and deaths replayed; visits" visits        \
    "; memory: enough if the largest request fits even where free memory is split most; "          \
    "frost gc --advise runs an application in each mode"
#define USUAL_ERROR                                                                                \
    " and highest point: within 6 %, and visits one cycle more or less, which near the end of "    \
    "memory a few bytes decide"
#define ERROR_WITHOUT_PLACES                                                                       \
    ": a third off, since the trace does not tell when marking reaches objects and "               \
    "when steps may come (an older version or the chip recorded it)"

static void add_modes(const struct filler *filler)
{
    static const char *const rooms[] = {"no", "tight", "enough"};
    const struct gc *gc = filler->gc;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "modes",
                                                  "What each mode of node.egc costs", mode_columns);
    table->explanation = gc->lacks_places ? EXPLAINED(ERROR_WITHOUT_PLACES)
                                          : EXPLAINED(USUAL_ERROR);
    for (unsigned m = 0; m < gc->mode_count; m++) {
        struct mode_row row = {gc_mode_name(gc->modes[m].mode), .cost = gc_mode_cost(gc, m)};
        if (gc->modes[m].limit_bytes)
            row.limit = report_number(gc_mode_limit(&gc->modes[m]));
        row.basis = row.cost.is_measured ? "recorded" : "modelled";
        row.percent = percent(row.cost.clocks, row.cost.run_clocks);
        row.room = rooms[row.cost.room];
        report_add_row(table, NULL, &row);
    }
}

// ---- sites ----

struct site_row {
    uint32_t idx;
    struct text line;
    struct gc_births births;
    double short_percent, clocks, percent;
};

static const struct report_column site_columns[] = {
    {"site", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(site_row, line)},
    {"bytes", "allocated", "bytes", REPORT_SUMMED, REPORT_AT(site_row, births.bytes)},
    {"allocations", "allocations", "", REPORT_SUMMED, REPORT_AT(site_row, births.count)},
    {"short_percent", "short %", "", 0, REPORT_AT(site_row, short_percent)},
    {"short_bytes", "short bytes", "", REPORT_DETAIL, REPORT_AT(site_row, births.short_bytes)},
    {"collections", "collections", "", REPORT_SUMMED, REPORT_AT(site_row, births.collections)},
    {"visited", "visited", "objects", REPORT_SUMMED | REPORT_DETAIL,
     REPORT_AT(site_row, births.visited)},
    {"clocks", "clocks", "clocks", 0, REPORT_AT(site_row, clocks)},
    {"percent", "% of the run", "", 0, REPORT_AT(site_row, percent), .decimals = 2},
    {"end_bytes", "at the end", "bytes", REPORT_SUMMED, REPORT_AT(site_row, births.end_bytes)},
};

static int compare_sites(const void *a, const void *b)
{
    const struct site_row *x = a, *y = b;
    if (x->births.visited != y->births.visited)
        return x->births.visited > y->births.visited ? -1 : 1;
    if (x->births.bytes != y->births.bytes)
        return x->births.bytes > y->births.bytes ? -1 : 1;
    return (x->idx > y->idx) - (x->idx < y->idx);
}

static double short_percent(const struct gc_births *births)
{
    return births->count ? percent((double)births->short_count, (double)births->count) : NAN;
}

static void add_sites(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct site_row *rows = ARENA_NEW_ARRAY(filler->arena, struct site_row, gc->sites.count);
    size_t count = 0;
    for (uint32_t i = 0; i < gc->sites.count; i++) {
        struct gc_births births = *gc_site_births(gc, i);
        double clocks = (double)births.visited * gc_visit_clocks(gc);
        if (births.bytes || births.collections)
            rows[count++] = (struct site_row){i,      site_name(filler->arena, &gc->sites.items[i]),
                                              births, short_percent(&births),
                                              clocks, percent(clocks, gc_run_clocks(gc))};
    }
    qsort(rows, count, sizeof *rows, compare_sites);
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "sites",
                                                  "Where memory is allocated", site_columns);
    table->explanation = "short: dead within the threshold; collections: those that ran before "
                         "these allocations, and what they cost";
    report_add_rows(table, NULL, rows, count, sizeof *rows, GC_ROWS_MAX, NULL);
}

struct peak_row {
    uint32_t idx;
    struct text line;
    uint64_t bytes;
    struct report_value blocks, end_bytes;
};

static const struct report_column peak_columns[] = {
    {"site", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(peak_row, line)},
    {"peak_bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(peak_row, bytes)},
    {"peak_blocks", "blocks", "", REPORT_SUMMED, REPORT_AT(peak_row, blocks)},
    {"end_bytes", "at the end", "bytes", REPORT_DETAIL, REPORT_AT(peak_row, end_bytes)},
};

static int compare_peaks(const void *a, const void *b)
{
    const struct peak_row *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return (x->idx > y->idx) - (x->idx < y->idx);
}

static void add_peak_sites(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct peak_row *rows = ARENA_NEW_ARRAY(filler->arena, struct peak_row, gc->sites.count + 1);
    size_t first = gc->peak_state_bytes > 0, count = first;
    rows[0] = (struct peak_row){.line = text_of("(main thread, global state)"),
                                .bytes = gc->peak_state_bytes};
    for (uint32_t i = 0; i < gc->sites.count; i++) {
        const struct gc_births *births = gc_site_births(gc, i);
        struct gc_amount peak = gc_amount_at_peak(gc, &births->peak);
        if (peak.bytes)
            rows[count++] = (struct peak_row){i, site_name(filler->arena, &gc->sites.items[i]),
                                              peak.bytes, report_number((int64_t)peak.blocks),
                                              report_number((int64_t)births->end_bytes)};
    }
    qsort(rows + first, count - first, sizeof *rows, compare_peaks);
    struct report_table *table = REPORT_ADD_TABLE(
        filler->report, "peak_sites", "RAM at the highest point, by the line that allocated it",
        peak_columns);
    report_add_rows(table, NULL, rows, count, sizeof *rows, GC_ROWS_MAX, NULL);
}

// ---- kinds and ages ----

struct kind_row {
    const char *kind;
    struct gc_births births;
    uint64_t peak_bytes, peak_blocks;
    double short_percent;
};

static const struct report_column kind_columns[] = {
    {"kind", "kind", "", REPORT_KEY, REPORT_AT(kind_row, kind)},
    {"peak_bytes", "at the peak", "bytes", REPORT_SUMMED, REPORT_AT(kind_row, peak_bytes)},
    {"peak_blocks", "blocks", "", REPORT_SUMMED, REPORT_AT(kind_row, peak_blocks)},
    {"bytes", "allocated", "bytes", REPORT_SUMMED, REPORT_AT(kind_row, births.bytes)},
    {"allocations", "allocations", "", REPORT_SUMMED, REPORT_AT(kind_row, births.count)},
    {"short_percent", "short %", "", 0, REPORT_AT(kind_row, short_percent)},
    {"end_bytes", "at the end", "bytes", REPORT_SUMMED, REPORT_AT(kind_row, births.end_bytes)},
};

static void add_kinds(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct report_table *table = REPORT_ADD_TABLE(
        filler->report, "kinds", "What was allocated, and what lived at the highest point",
        kind_columns);
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        struct gc_amount peak = gc_amount_at_peak(gc, &gc->kinds[k].peak);
        uint64_t state_bytes = k == KIND_STATE ? gc->peak_state_bytes : 0;
        struct kind_row row = {trace_kind_name(k), gc->kinds[k], peak.bytes + state_bytes,
                               peak.blocks, short_percent(&gc->kinds[k])};
        if (row.births.bytes || row.peak_bytes)
            report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

static const char *age_name(const struct filler *filler, unsigned age)
{
    uint64_t first = age ? (uint64_t)1 << (age - 1) : 0;
    if (age < 2)
        return age ? "1" : "0";
    if (age == GC_AGES - 1)
        return arena_format(filler->arena, "%" PRIu64 " and more", first);
    return arena_format(filler->arena, "%" PRIu64 " to %" PRIu64, first, first * 2 - 1);
}

struct age_row {
    const char *collections;
    struct gc_age age;
    double percent;
};

static const struct report_column age_columns[] = {
    {"collections", "collections", "", REPORT_KEY, REPORT_AT(age_row, collections)},
    {"blocks", "blocks", "", REPORT_SUMMED, REPORT_AT(age_row, age.count)},
    {"percent", "%", "", 0, REPORT_AT(age_row, percent), .decimals = 1},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(age_row, age.bytes)},
};

static void add_ages(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "ages",
                                                  "Collections that blocks survived", age_columns);
    uint64_t total = gc->survivors.count;
    unsigned used = 0; // ages that occur
    for (unsigned i = 0; i < GC_AGES; i++) {
        total += gc->ages[i].count;
        used = gc->ages[i].count ? i + 1 : used;
    }
    for (unsigned i = 0; i <= used; i++) {
        struct age_row row = {"to the end of the run", gc->survivors, 0};
        if (i < used)
            row = (struct age_row){age_name(filler, i), gc->ages[i], 0};
        row.percent = percent((double)row.age.count, (double)total);
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

// ---- collections ----

struct reason_row {
    const char *reason;
    struct gc_reason_counts counts;
    double pause_max_us, host_ms, host_max_us;
};

static const struct report_column reason_columns[] = {
    {"reason", "reason", "", REPORT_KEY, REPORT_AT(reason_row, reason)},
    {"collections", "collections", "", REPORT_SUMMED, REPORT_AT(reason_row, counts.count)},
    {"visited", "visited", "objects", REPORT_SUMMED, REPORT_AT(reason_row, counts.visited)},
    {"freed", "freed", "objects", REPORT_SUMMED, REPORT_AT(reason_row, counts.freed)},
    {"freed_bytes", "freed bytes", "", REPORT_SUMMED, REPORT_AT(reason_row, counts.freed_bytes)},
    {"instructions", "instructions", "", REPORT_SUMMED, REPORT_AT(reason_row, counts.instructions)},
    {"visited_max", "most visited", "objects", 0, REPORT_AT(reason_row, counts.visited_max)},
    {"pause_max_us", "longest, modelled us", "", 0, REPORT_AT(reason_row, pause_max_us)},
    {"host_ms", "host ms", "", 0, REPORT_AT(reason_row, host_ms), .decimals = 1},
    {"host_max_us", "host longest us", "", REPORT_DETAIL, REPORT_AT(reason_row, host_max_us)},
};

static void add_reasons(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "reasons", "Collections",
                                                  reason_columns);
    table->explanation = "an incremental collection counts each step; instructions are those "
                         "of finalizers; real time is the host's, with the probes' own cost";
    for (unsigned r = 0; r < GC_REASON_COUNT; r++) {
        const struct gc_reason_counts *counts = &gc->reasons[r];
        struct reason_row row = {trace_gc_reason_name(r), *counts,
                                 pause_us(gc, counts->visited_max), (double)counts->real_ns / 1e6,
                                 (double)counts->real_ns_max / 1e3};
        if (counts->count)
            report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

struct pause_row {
    double share_percent;
    uint64_t visited;
    double pause_us, host_us;
};

static const struct report_column pause_columns[] = {
    {"share_percent", "% of them", "", REPORT_KEY, REPORT_AT(pause_row, share_percent)},
    {"visited", "visited", "objects", 0, REPORT_AT(pause_row, visited)},
    {"pause_us", "modelled us", "", 0, REPORT_AT(pause_row, pause_us)},
    {"host_us", "host us", "", 0, REPORT_AT(pause_row, host_us)},
};

static void add_pauses(const struct filler *filler)
{
    static const double shares[] = {0.5, 0.9, 0.99, 1};
    const struct gc *gc = filler->gc;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "pauses", "Pauses",
                                                  pause_columns);
    table->explanation = "at most this long, for a share of the collections (rounded up by at most "
                         "a 32nd)";
    for (size_t i = 0; gc->visited.count && i < sizeof shares / sizeof *shares; i++) {
        uint64_t visited = histogram_quantile(&gc->visited, shares[i]);
        struct pause_row row = {shares[i] * 100, visited, pause_us(gc, visited),
                                (double)histogram_quantile(&gc->real_ns, shares[i]) / 1e3};
        report_add_row(table, NULL, &row);
    }
}

struct phase_row {
    const char *phase;
    struct gc_phase_counts counts;
};

static const struct report_column phase_columns[] = {
    {"phase", "phase", "", REPORT_KEY, REPORT_AT(phase_row, phase)},
    {"entered", "entered", "", 0, REPORT_AT(phase_row, counts.entered)},
    {"instructions", "instructions", "", 0, REPORT_AT(phase_row, counts.instructions)},
    {"freed_bytes", "freed", "bytes", 0, REPORT_AT(phase_row, counts.freed_bytes)},
};

static void add_phases(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    if (!gc->phases[GC_PHASE_PAUSE].entered)
        return;
    struct report_table *table = REPORT_ADD_TABLE(
        filler->report, "phases", "Phases of incremental collections", phase_columns);
    for (unsigned p = 0; p < GC_PHASE_COUNT; p++)
        report_add_row(table, NULL, &(struct phase_row){trace_gc_phase_name(p), gc->phases[p]});
}

// ---- the heap ----

struct heap_row {
    const char *when;
    struct gc_heap_state state;
    double overhead_percent, split_percent;
};

static const struct report_column heap_columns[] = {
    {"when", "when", "", REPORT_KEY, REPORT_AT(heap_row, when)},
    {"clock", "instructions", "", 0, REPORT_AT(heap_row, state.clock)},
    {"lua_bytes", "ledger", "bytes", 0, REPORT_AT(heap_row, state.lua_bytes)},
    {"used_bytes", "used", "bytes", 0, REPORT_AT(heap_row, state.used_bytes)},
    {"firmware_bytes", "firmware's", "bytes", 0, REPORT_AT(heap_row, state.firmware_bytes)},
    {"overhead_percent", "overhead %", "", 0, REPORT_AT(heap_row, overhead_percent), .decimals = 1},
    {"free_bytes", "free", "bytes", 0, REPORT_AT(heap_row, state.free_bytes)},
    {"free_largest_bytes", "largest free", "bytes", 0, REPORT_AT(heap_row, state.largest_bytes)},
    {"free_blocks", "free blocks", "", 0, REPORT_AT(heap_row, state.blocks)},
    {"split_percent", "split %", "", 0, REPORT_AT(heap_row, split_percent), .decimals = 1},
};

static void add_heap_row(struct report_table *table, const char *when,
                         const struct gc_heap_state *state)
{
    double lua = (double)state->lua_bytes, used = (double)state->used_bytes;
    used -= (double)state->firmware_bytes;
    double free = (double)state->free_bytes, largest = (double)state->largest_bytes;
    struct heap_row row = {when, *state, percent(used - lua, lua),
                           free > 0 ? 100 - percent(largest, free) : NAN};
    report_add_row(table, NULL, &row);
}

static void add_heap(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "heap", "Fragmentation",
                                                  heap_columns);
    bool is_sampled = gc->heap.is_sampled;
    table->explanation = is_sampled
                             ? "samples of the modelled allocator, after a collection, once a "
                               "packet; split: share of the free bytes outside the largest block"
                             : "the modelled allocator at every step; split: share of the free "
                               "bytes outside the largest block; last: at the end";
    if (!gc->heap.has_states)
        return;
    add_heap_row(table, is_sampled ? "sample most in use" : "highest point", &gc->heap.peak);
    add_heap_row(table, is_sampled ? "sample most split" : "most split", &gc->heap.split_most);
    add_heap_row(table, is_sampled ? "last sample" : "last", &gc->heap.last);
}

// ---- curves ----

enum curve_figure { CURVE_MAX, CURVE_MIN, CURVE_SUM };

static void add_curve(const struct filler *filler, const struct curve *curve, const char *name,
                      const char *title, const char *unit, enum curve_figure figure)
{
    struct report_series *series = report_add_series(filler->report, name, title, "instructions",
                                                     unit);
    for (uint32_t i = 0; i < curve->used; i++) {
        const struct curve_bucket *bucket = &curve->buckets[i];
        uint64_t y = figure == CURVE_SUM   ? bucket->sum
                     : figure == CURVE_MIN ? bucket->min
                                           : bucket->max;
        if (bucket->is_set || figure == CURVE_SUM)
            report_add_point(series, (double)((uint64_t)i * curve->width), (double)y);
    }
}

static void add_curves(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    const char *each = arena_format(filler->arena, "in %" PRIu64 " instructions",
                                    gc->collection_curve.width);
    add_curve(filler, &gc->heap_curve, "heap_bytes", "Live heap", "bytes", CURVE_MAX);
    add_curve(filler, &gc->collection_curve, "collections", "Collections", each, CURVE_SUM);
    add_curve(filler, &gc->string_curve, "string_count", "Strings in RAM", "", CURVE_MAX);
    add_curve(filler, &gc->heap.used_curve, "heap_used_bytes", "Heap in use, with block overhead",
              "bytes", CURVE_MAX);
    add_curve(filler, &gc->heap.largest_curve, "free_largest_bytes", "Largest free block", "bytes",
              CURVE_MIN);
}

// ---- the whole ----

static void add_spaces(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    gc_spaces_report(&gc->spaces, gc->heap.has_states ? (int64_t)gc->heap.last.largest_bytes : -1,
                     filler->report);
}

static void add_notes(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    report_add_note(filler->report, REPORT_NOTE,
                    "no VM instruction runs in a collection but those of finalizers; its length is "
                    "modelled from the objects visited, real time is the host's");
    if (!gc->is_recorded_always && gc->collections)
        report_add_note(filler->report, REPORT_NOTE,
                        "not recorded in mode ALWAYS: objects count as live until a collection "
                        "frees them, so modelled modes are upper bounds");
}

struct report *gc_report(const struct gc *gc, struct arena *arena)
{
    static void (*const parts[])(const struct filler *filler) = {
        add_inputs, add_costs,   add_heap_totals, add_modes,  add_sites, add_kinds,  add_peak_sites,
        add_ages,   add_reasons, add_pauses,      add_phases, add_heap,  add_spaces,
    };
    struct filler filler = {gc, report_create(arena, "gc", 1, "What the collector does, and why"),
                            arena};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        parts[i](&filler);
    gc_fill_strings(gc, filler.report);
    gc_freezer_report(&gc->freezer, filler.report);
    gc_fill_findings(gc, filler.report);
    add_curves(&filler);
    add_notes(&filler);
    return filler.report;
}
