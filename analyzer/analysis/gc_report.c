// gc_report.c: totals, tables and curves of the analysis of the collector.

#include "analyzer/analysis/gc_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

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
        report_input_sum(report_add_input(filler->report, gc->runs[i].path, "trace",
                                          gc->runs[i].event_bytes, gc->runs[i].is_complete),
                         gc->settings.traces[i]);
    filler->report->loss = gc->loss;
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
    report_add_number(report, "request_max_bytes", "largest block asked for", "bytes",
                      (int64_t)gc->request_max);
    report_add_number(report, "peak_bytes", "RAM at the highest point", "bytes",
                      (int64_t)gc->peak_bytes);
    report_add_number(report, "peak_clock", "which came after", "instructions",
                      (int64_t)gc->peak_clock);
    report_add_number(report, "end_bytes", "RAM at the end of the last run", "bytes",
                      (int64_t)gc->runs[gc->run_count - 1].end_bytes);
}

// ---- modes ----

const char *gc_mode_name(enum gc_mode mode)
{
    static const char *const names[] = {"NOT_ACTIVE", "ON_ALLOC_FAILURE", "ON_MEM_LIMIT",
                                        "ON_MEM_LIMIT", "ALWAYS"};
    return names[mode];
}

int64_t gc_mode_limit(const struct gc_mode_sim *sim)
{
    return sim->mode == GC_MODE_RESERVE ? -(int64_t)sim->limit_bytes : (int64_t)sim->limit_bytes;
}

// Share of the free bytes that the largest free block has at the worst moment: the recorded one,
// or if that is less what the examples had when they were run in these modes (12 to 15 % where the
// heap was let run full, 24 to 36 % where some of it was kept free).
#define LARGEST_SHARE_FULL 0.125
#define LARGEST_SHARE_KEPT 0.333

static double largest_share(const struct gc *gc, enum gc_mode mode)
{
    const struct gc_heap_state *state = &gc->heap_split_most;
    double share =
        state->free_bytes ? (double)state->largest_bytes / (double)state->free_bytes : 1;
    double usual = mode == GC_MODE_ALWAYS    ? 1
                   : mode == GC_MODE_RESERVE ? LARGEST_SHARE_KEPT
                                             : LARGEST_SHARE_FULL;
    return share < usual ? share : usual;
}

static enum gc_room room_of(const struct gc *gc, const struct gc_mode_sim *sim)
{
    double heap = (double)sim->heap_room_bytes, used = (double)gc->live_heap_max;
    double request = (double)gc->request_max;
    bool fits = true;
    if (sim->failures)
        return GC_ROOM_NONE;
    if (sim->heap_room_bytes == 0)
        return GC_ROOM_ENOUGH;
    if (sim->mode == GC_MODE_LIMIT) // a cycle by steps frees what died before it, and no more
        fits = (double)gc->peak_bytes + 2 * request <= (double)sim->limit_bytes;
    if (sim->mode == GC_MODE_LIMIT || sim->mode == GC_MODE_OFF)
        used = (double)sim->heap_bytes_max;
    double free = heap - used;
    if (sim->mode == GC_MODE_RESERVE) {
        if (gc->is_recorded_always && (double)sim->limit_bytes >= free)
            return GC_ROOM_ENOUGH; // collects before each allocation, as the recorded run did
        free = fmax((double)sim->limit_bytes, heap - (double)sim->heap_bytes_max);
    }
    return fits && free * largest_share(gc, sim->mode) >= request ? GC_ROOM_ENOUGH : GC_ROOM_TIGHT;
}

struct gc_mode_cost gc_mode_cost(const struct gc *gc, unsigned idx)
{
    const struct gc_mode_sim *sim = &gc->modes[idx];
    struct gc_mode_cost cost = {
        .collections = sim->collections,
        .visited = sim->visited,
        .lua_bytes_max = sim->lua_bytes_max,
        .heap_bytes_max = sim->heap_bytes_max,
        .failures = sim->failures,
        .room = room_of(gc, sim),
    };
    if (sim->mode == GC_MODE_ALWAYS && gc->is_recorded_always) {
        cost.is_measured = true;
        cost.collections = gc->collections;
        cost.visited = gc->visited_total;
        cost.lua_bytes_max = gc->peak_bytes;
        cost.heap_bytes_max = gc->live_heap_max;
        cost.failures = 0;
        cost.room = GC_ROOM_ENOUGH; // it ran
    }
    cost.clocks = (double)cost.visited * gc_visit_clocks(gc);
    cost.run_clocks = (double)gc->instructions * gc->model.vm_instruction_clocks + cost.clocks;
    return cost;
}

static void add_modes(const struct filler *filler)
{
    static const char *const rooms[] = {"no", "tight", "enough"};
    const struct gc *gc = filler->gc;
    struct report_table *table =
        report_add_table(filler->report, "modes", "What each mode of node.egc costs");
    table->explanation = "modelled: births and deaths replayed, pause 110; memory: enough if the "
                         "largest request fits even where free memory is split most";
    report_add_column(table, "mode", "mode", "", REPORT_TEXT, 0);
    report_add_column(table, "limit_bytes", "limit", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "basis", "basis", "", REPORT_TEXT, 0);
    report_add_column(table, "collections", "collections", "", REPORT_NUMBER, 0);
    report_add_column(table, "visited", "visited", "objects", REPORT_NUMBER, 0);
    report_add_column(table, "clocks", "clocks", "clocks", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "percent", "% of the run", "", REPORT_REAL, 0);
    report_add_column(table, "peak_bytes", "highest", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "heap_bytes", "in the heap", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "failures", "failures", "", REPORT_NUMBER, 0);
    report_add_column(table, "room", "memory", "", REPORT_TEXT, 0);
    for (unsigned m = 0; m < gc->mode_count; m++) {
        struct gc_mode_cost cost = gc_mode_cost(gc, m);
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(gc_mode_name(gc->modes[m].mode)));
        if (gc->modes[m].limit_bytes)
            row[1] = report_number(gc_mode_limit(&gc->modes[m]));
        row[2] = report_text(text_of(cost.is_measured ? "recorded" : "modelled"));
        row[3] = report_number((int64_t)cost.collections);
        row[4] = report_number((int64_t)cost.visited);
        row[5] = report_real(cost.clocks);
        row[6] = report_real(percent(cost.clocks, cost.run_clocks));
        row[7] = report_number((int64_t)cost.lua_bytes_max);
        row[8] = report_number((int64_t)cost.heap_bytes_max);
        row[9] = report_number((int64_t)cost.failures);
        row[10] = report_text(text_of(rooms[cost.room]));
    }
}

// ---- sites ----

static const struct gc *ranking; // for qsort, which hands no context on

static int compare_sites(const void *a, const void *b)
{
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct gc_births *x = gc_site_births(ranking, i), *y = gc_site_births(ranking, j);
    if (x->visited != y->visited)
        return x->visited > y->visited ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return (i > j) - (i < j);
}

static int compare_peaks(const void *a, const void *b)
{
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    uint64_t x = gc_amount_at_peak(ranking, &gc_site_births(ranking, i)->peak).bytes;
    uint64_t y = gc_amount_at_peak(ranking, &gc_site_births(ranking, j)->peak).bytes;
    if (x != y)
        return x > y ? -1 : 1;
    return (i > j) - (i < j);
}

static uint32_t *order_sites(const struct filler *filler, bool by_peak, uint32_t *count)
{
    const struct gc *gc = filler->gc;
    uint32_t *order = ARENA_NEW_ARRAY(filler->arena, uint32_t, gc->sites.count);
    *count = 0;
    for (uint32_t i = 0; i < gc->sites.count; i++) {
        const struct gc_births *births = gc_site_births(gc, i);
        if (by_peak ? gc_amount_at_peak(gc, &births->peak).bytes > 0 : births->bytes > 0)
            order[(*count)++] = i;
    }
    ranking = gc;
    qsort(order, *count, sizeof *order, by_peak ? compare_peaks : compare_sites);
    return order;
}

static void omit(struct report_table *table, uint32_t count)
{
    if (count <= GC_ROWS_MAX)
        return;
    table->omitted_count = count - GC_ROWS_MAX;
    table->omitted_why = "a report holds 5,000 rows of a table";
}

static void add_sites(const struct filler *filler)
{
    static const int sums[] = {1, 2, 5, 6, 9, -1};
    const struct gc *gc = filler->gc;
    double run_clocks = gc_run_clocks(gc), visit_clocks = gc_visit_clocks(gc);
    uint32_t count;
    const uint32_t *order = order_sites(filler, false, &count);
    struct report_table *table =
        report_add_table(filler->report, "sites", "Where memory is allocated");
    table->explanation = "short: dead within the threshold; collections: those that ran before "
                         "these allocations, and what they cost";
    report_add_column(table, "site", "line", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "bytes", "allocated", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "allocations", "allocations", "", REPORT_NUMBER, 0);
    report_add_column(table, "short_percent", "short %", "", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "short_bytes", "short bytes", "", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "collections", "collections", "", REPORT_NUMBER, 0);
    report_add_column(table, "visited", "visited", "objects", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "clocks", "clocks", "clocks", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "percent", "% of the run", "", REPORT_REAL, 0)
        ->decimals = 2;
    report_add_column(table, "end_bytes", "at the end", "bytes", REPORT_NUMBER, 0);
    for (uint32_t i = 0; i < count; i++) {
        const struct gc_births *births = gc_site_births(gc, order[i]);
        double clocks = (double)births->visited * visit_clocks;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(site_name(filler->arena, &gc->sites.items[order[i]]));
        row[1] = report_number((int64_t)births->bytes);
        row[2] = report_number((int64_t)births->count);
        if (births->count)
            row[3] = report_real(percent((double)births->short_count, (double)births->count));
        row[4] = report_number((int64_t)births->short_bytes);
        row[5] = report_number((int64_t)births->collections);
        row[6] = report_number((int64_t)births->visited);
        row[7] = report_real(clocks);
        row[8] = report_real(percent(clocks, run_clocks));
        row[9] = report_number((int64_t)births->end_bytes);
    }
    report_add_sum(table, sums);
    if (count > GC_ROWS_MAX) {
        table->row_count = GC_ROWS_MAX; // the sum has them all
        omit(table, count);
    }
}

static void add_peak_sites(const struct filler *filler)
{
    static const int sums[] = {1, 2, -1};
    const struct gc *gc = filler->gc;
    uint32_t count;
    const uint32_t *order = order_sites(filler, true, &count);
    struct report_table *table = report_add_table(
        filler->report, "peak_sites", "RAM at the highest point, by the line that took it");
    report_add_column(table, "site", "line", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "peak_bytes", "bytes", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "peak_blocks", "blocks", "", REPORT_NUMBER, 0);
    report_add_column(table, "end_bytes", "at the end", "bytes", REPORT_NUMBER, REPORT_DETAIL);
    if (gc->peak_state_bytes) {
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of("(main thread, global state)"));
        row[1] = report_number((int64_t)gc->peak_state_bytes);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct gc_births *births = gc_site_births(gc, order[i]);
        struct gc_amount peak = gc_amount_at_peak(gc, &births->peak);
        struct report_value *row = report_add_row(table);
        row[0] = report_text(site_name(filler->arena, &gc->sites.items[order[i]]));
        row[1] = report_number((int64_t)peak.bytes);
        row[2] = report_number((int64_t)peak.blocks);
        row[3] = report_number((int64_t)births->end_bytes);
    }
    report_add_sum(table, sums);
    if (table->row_count > GC_ROWS_MAX) {
        omit(table, (uint32_t)table->row_count);
        table->row_count = GC_ROWS_MAX;
    }
}

// ---- kinds and ages ----

static void add_kinds(const struct filler *filler)
{
    static const int sums[] = {1, 2, 3, 4, 6, -1};
    const struct gc *gc = filler->gc;
    struct report_table *table = report_add_table(
        filler->report, "kinds", "What was allocated, and what lived at the highest point");
    report_add_column(table, "kind", "kind", "", REPORT_TEXT, 0);
    report_add_column(table, "peak_bytes", "at the peak", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "peak_blocks", "blocks", "", REPORT_NUMBER, 0);
    report_add_column(table, "bytes", "allocated", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "allocations", "allocations", "", REPORT_NUMBER, 0);
    report_add_column(table, "short_percent", "short %", "", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "end_bytes", "at the end", "bytes", REPORT_NUMBER, 0);
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        const struct gc_births *births = &gc->kinds[k];
        struct gc_amount peak = gc_amount_at_peak(gc, &births->peak);
        uint64_t state_bytes = k == KIND_STATE ? gc->peak_state_bytes : 0;
        if (!births->bytes && !peak.bytes && !state_bytes)
            continue;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(trace_kind_name(k)));
        row[1] = report_number((int64_t)(peak.bytes + state_bytes));
        row[2] = report_number((int64_t)peak.blocks);
        row[3] = report_number((int64_t)births->bytes);
        row[4] = report_number((int64_t)births->count);
        if (births->count)
            row[5] = report_real(percent((double)births->short_count, (double)births->count));
        row[6] = report_number((int64_t)births->end_bytes);
    }
    report_add_sum(table, sums);
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

static void add_ages(const struct filler *filler)
{
    static const int sums[] = {1, 3, -1};
    const struct gc *gc = filler->gc;
    uint64_t total = gc->survivors.count;
    struct report_table *table =
        report_add_table(filler->report, "ages", "Collections that blocks lived through");
    report_add_column(table, "collections", "collections", "", REPORT_TEXT, 0);
    report_add_column(table, "blocks", "blocks", "", REPORT_NUMBER, 0);
    report_add_column(table, "percent", "%", "", REPORT_REAL, 0);
    report_add_column(table, "bytes", "bytes", "bytes", REPORT_NUMBER, 0);
    unsigned used = 0; // ages that occur
    for (unsigned i = 0; i < GC_AGES; i++) {
        total += gc->ages[i].count;
        used = gc->ages[i].count ? i + 1 : used;
    }
    for (unsigned i = 0; i <= GC_AGES; i++) {
        if (i >= used && i < GC_AGES)
            continue;
        const struct gc_age *age = i < GC_AGES ? &gc->ages[i] : &gc->survivors;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(
            text_of(i < GC_AGES ? age_name(filler, i) : "to the end of the run"));
        row[1] = report_number((int64_t)age->count);
        row[2] = report_real(percent((double)age->count, (double)total));
        row[3] = report_number((int64_t)age->bytes);
    }
    report_add_sum(table, sums);
}

// ---- collections ----

static void add_reasons(const struct filler *filler)
{
    static const int sums[] = {1, 2, 3, 4, 5, -1};
    const struct gc *gc = filler->gc;
    struct report_table *table = report_add_table(filler->report, "reasons", "Collections");
    table->explanation = "a collection that goes by steps counts each step; instructions are those "
                         "of finalizers; real time is the host's, with the probes' own cost";
    report_add_column(table, "reason", "reason", "", REPORT_TEXT, 0);
    report_add_column(table, "collections", "collections", "", REPORT_NUMBER, 0);
    report_add_column(table, "visited", "visited", "objects", REPORT_NUMBER, 0);
    report_add_column(table, "freed", "freed", "objects", REPORT_NUMBER, 0);
    report_add_column(table, "freed_bytes", "freed bytes", "", REPORT_NUMBER, 0);
    report_add_column(table, "instructions", "instructions", "", REPORT_NUMBER, 0);
    report_add_column(table, "visited_max", "most visited", "objects", REPORT_NUMBER, 0);
    report_add_column(table, "pause_max_us", "longest, modelled us", "", REPORT_REAL, 0)
        ->decimals = 0;
    report_add_column(table, "host_ms", "host ms", "", REPORT_REAL, 0);
    report_add_column(table, "host_max_us", "host longest us", "", REPORT_REAL, REPORT_DETAIL)
        ->decimals = 0;
    for (unsigned r = 0; r < GC_REASON_COUNT; r++) {
        const struct gc_reason_counts *reason = &gc->reasons[r];
        if (!reason->count)
            continue;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(trace_gc_reason_name(r)));
        row[1] = report_number((int64_t)reason->count);
        row[2] = report_number((int64_t)reason->visited);
        row[3] = report_number((int64_t)reason->freed);
        row[4] = report_number((int64_t)reason->freed_bytes);
        row[5] = report_number((int64_t)reason->instructions);
        row[6] = report_number((int64_t)reason->visited_max);
        row[7] = report_real(pause_us(gc, reason->visited_max));
        row[8] = report_real((double)reason->real_ns / 1e6);
        row[9] = report_real((double)reason->real_ns_max / 1e3);
    }
    report_add_sum(table, sums);
}

static void add_pauses(const struct filler *filler)
{
    static const double shares[] = {0.5, 0.9, 0.99, 1};
    const struct gc *gc = filler->gc;
    struct report_table *table = report_add_table(filler->report, "pauses", "Pauses");
    table->explanation = "at most this long, for a share of the collections (rounded up by at most "
                         "a 32nd)";
    report_add_column(table, "share_percent", "% of them", "", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "visited", "visited", "objects", REPORT_NUMBER, 0);
    report_add_column(table, "pause_us", "modelled us", "", REPORT_REAL, 0)->decimals = 0;
    report_add_column(table, "host_us", "host us", "", REPORT_REAL, 0)->decimals = 0;
    for (size_t i = 0; gc->visited.count && i < sizeof shares / sizeof *shares; i++) {
        uint64_t visited = histogram_quantile(&gc->visited, shares[i]);
        struct report_value *row = report_add_row(table);
        row[0] = report_real(shares[i] * 100);
        row[1] = report_number((int64_t)visited);
        row[2] = report_real(pause_us(gc, visited));
        row[3] = report_real((double)histogram_quantile(&gc->real_ns, shares[i]) / 1e3);
    }
}

static void add_phases(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    if (!gc->phases[GC_PHASE_PAUSE].entered)
        return;
    struct report_table *table =
        report_add_table(filler->report, "phases", "Phases of collections that go by steps");
    report_add_column(table, "phase", "phase", "", REPORT_TEXT, 0);
    report_add_column(table, "entered", "entered", "", REPORT_NUMBER, 0);
    report_add_column(table, "instructions", "instructions", "", REPORT_NUMBER, 0);
    report_add_column(table, "freed_bytes", "freed", "bytes", REPORT_NUMBER, 0);
    for (unsigned p = 0; p < GC_PHASE_COUNT; p++) {
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(trace_gc_phase_name(p)));
        row[1] = report_number((int64_t)gc->phases[p].entered);
        row[2] = report_number((int64_t)gc->phases[p].instructions);
        row[3] = report_number((int64_t)gc->phases[p].freed_bytes);
    }
}

// ---- the heap ----

static void add_heap_row(struct report_table *table, const char *when,
                         const struct gc_heap_state *state)
{
    struct report_value *row = report_add_row(table);
    row[0] = report_text(text_of(when));
    row[1] = report_number((int64_t)state->clock);
    row[2] = report_number((int64_t)state->lua_bytes);
    row[3] = report_number((int64_t)state->used_bytes);
    row[4] = report_real(percent((double)state->used_bytes - (double)state->lua_bytes,
                                 (double)state->lua_bytes));
    row[5] = report_number((int64_t)state->free_bytes);
    row[6] = report_number((int64_t)state->largest_bytes);
    row[7] = report_number((int64_t)state->blocks);
    if (state->free_bytes)
        row[8] = report_real(
            100 - percent((double)state->largest_bytes, (double)state->free_bytes));
}

static void add_heap(const struct filler *filler)
{
    const struct gc *gc = filler->gc;
    struct report_table *table = report_add_table(filler->report, "heap", "Fragmentation");
    table->explanation = "the modelled allocator, as the trace tells it after a collection, once "
                         "a packet; split: share of the free bytes outside the largest block";
    report_add_column(table, "when", "when", "", REPORT_TEXT, 0);
    report_add_column(table, "clock", "instructions", "", REPORT_NUMBER, 0);
    report_add_column(table, "lua_bytes", "ledger", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "used_bytes", "used", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "overhead_percent", "overhead %", "", REPORT_REAL, 0);
    report_add_column(table, "free_bytes", "free", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "free_largest_bytes", "largest free", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "free_blocks", "free blocks", "", REPORT_NUMBER, 0);
    report_add_column(table, "split_percent", "split %", "", REPORT_REAL, 0);
    if (!gc->heap_states)
        return;
    add_heap_row(table, "most in use", &gc->heap_used_most);
    add_heap_row(table, "most split", &gc->heap_split_most);
    add_heap_row(table, "last", &gc->heap_last);
}

// ---- curves ----

enum curve_figure { CURVE_MAX, CURVE_MIN, CURVE_SUM };

static void add_curve(const struct filler *filler, const struct curve *curve, const char *name,
                      const char *title, const char *unit, enum curve_figure figure)
{
    struct report_series *series =
        report_add_series(filler->report, name, title, "instructions", unit);
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
    add_curve(filler, &gc->used_curve, "heap_used_bytes", "Heap in use, with block overhead",
              "bytes", CURVE_MAX);
    add_curve(filler, &gc->largest_curve, "free_largest_bytes", "Largest free block", "bytes",
              CURVE_MIN);
}

// ---- the whole ----

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
        add_inputs, add_costs, add_heap_totals, add_modes,  add_sites, add_kinds, add_peak_sites,
        add_ages,   add_reasons, add_pauses,    add_phases, add_heap,
    };
    struct filler filler = {gc, report_create(arena, "gc", 1, "What the collector does, and why"),
                            arena};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        parts[i](&filler);
    gc_fill_strings(gc, filler.report);
    gc_fill_findings(gc, filler.report);
    add_curves(&filler);
    add_notes(&filler);
    return filler.report;
}
