// gc_findings.c: the tables about strings, and what to change.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/analysis/words.h"
#include "analyzer/analysis/gc_report.h"

#define FINDING_SHARE_MIN 0.01  // of the run's clocks
#define SITE_FINDINGS_MAX 8u
#define SPLIT_SHARE_MAX 0.25    // of the free bytes outside the largest block
#define CHAIN_MAX_GOOD 6u

// ---- strings ----

static const char *const lookup_names[GC_LOOKUP_COUNT] = {"found in RAM", "found in flash",
                                                          "new string"};

static void add_lookups(const struct gc *gc, struct report *report)
{
    static const int sums[] = {1, 3, -1};
    uint64_t total = 0;
    struct report_table *table = report_add_table(report, "lookups", "Look-ups of strings");
    report_add_column(table, "result", "result", "", REPORT_TEXT, 0);
    report_add_column(table, "lookups", "look-ups", "", REPORT_NUMBER, 0);
    report_add_column(table, "percent", "%", "", REPORT_REAL, 0);
    report_add_column(table, "probes", "compared", "entries", REPORT_NUMBER, 0);
    report_add_column(table, "probes_mean", "mean", "entries", REPORT_REAL, 0)->decimals = 2;
    report_add_column(table, "probes_max", "most", "entries", REPORT_NUMBER, 0);
    for (unsigned i = 0; i < GC_LOOKUP_COUNT; i++)
        total += gc->strings.lookups[i].count;
    for (unsigned i = 0; i < GC_LOOKUP_COUNT; i++) {
        const struct gc_lookup_counts *lookups = &gc->strings.lookups[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(lookup_names[i]));
        row[1] = report_number((int64_t)lookups->count);
        row[2] = report_real(total ? (double)lookups->count / (double)total * 100 : 0);
        row[3] = report_number((int64_t)lookups->probes);
        if (lookups->count)
            row[4] = report_real((double)lookups->probes / (double)lookups->count);
        row[5] = report_number((int64_t)lookups->probes_max);
    }
    report_add_sum(table, sums);
}

static struct text count_name(struct arena *arena, unsigned count, unsigned last)
{
    return text_of(arena_format(arena, count < last ? "%u" : "%u and more", count));
}

static void add_probes(const struct gc *gc, struct report *report)
{
    static const int sums[] = {1, 2, 3, -1};
    struct report_table *table =
        report_add_table(report, "probes", "Entries compared in a look-up");
    report_add_column(table, "probes", "compared", "", REPORT_TEXT, 0);
    report_add_column(table, "found_in_ram", lookup_names[GC_LOOKUP_RAM], "", REPORT_NUMBER, 0);
    report_add_column(table, "found_in_flash", lookup_names[GC_LOOKUP_FLASH], "", REPORT_NUMBER,
                      0);
    report_add_column(table, "new_strings", lookup_names[GC_LOOKUP_NEW], "", REPORT_NUMBER, 0);
    for (unsigned p = 0; p < GC_PROBES; p++) {
        const struct gc_lookup_counts *lookups = gc->strings.lookups;
        if (!lookups[0].by_probes[p] && !lookups[1].by_probes[p] && !lookups[2].by_probes[p])
            continue;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(count_name(report->arena, p, GC_PROBES - 1));
        for (unsigned i = 0; i < GC_LOOKUP_COUNT; i++)
            row[1 + i] = report_number((int64_t)lookups[i].by_probes[p]);
    }
    report_add_sum(table, sums);
}

static void add_chains(const struct gc *gc, struct report *report)
{
    static const int sums[] = {1, 2, -1};
    const struct gc_chains *ram = &gc->strings.ram, *flash = &gc->strings.flash;
    struct report_table *table = report_add_table(
        report, "chains", "Chains of the string tables, at the end of the last run");
    report_add_column(table, "length", "strings", "", REPORT_TEXT, 0);
    report_add_column(table, "ram_slots", "slots in RAM", "", REPORT_NUMBER, 0);
    report_add_column(table, "flash_slots", "slots in flash", "", REPORT_NUMBER, 0);
    for (unsigned i = 0; i < GC_CHAINS; i++) {
        if (!ram->by_length[i] && !flash->by_length[i])
            continue;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(count_name(report->arena, i, GC_CHAINS - 1));
        row[1] = report_number(ram->by_length[i]);
        if (gc->strings.has_flash)
            row[2] = report_number(flash->by_length[i]);
    }
    report_add_sum(table, sums);
    if (ram->unknown)
        report_add_note(report, REPORT_NOTE,
                        "%" PRIu32 " strings are in no chain: their texts are not in the trace",
                        ram->unknown);
}

static void add_resizes(const struct gc *gc, struct report *report)
{
    struct report_table *table =
        report_add_table(report, "resizes", "Sizes of the string table in RAM");
    report_add_column(table, "clock", "instructions", "", REPORT_NUMBER, 0);
    report_add_column(table, "slots_before", "slots before", "", REPORT_NUMBER, 0);
    report_add_column(table, "slots", "slots", "", REPORT_NUMBER, 0);
    report_add_column(table, "strings", "strings", "", REPORT_NUMBER, 0);
    report_add_column(table, "chain_max", "longest chain", "", REPORT_NUMBER, 0);
    uint64_t count = gc->strings.resize_count;
    for (uint64_t i = 0; i < count && i < GC_RESIZES_MAX; i++) {
        const struct gc_resize *resize = &gc->strings.resizes[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_number((int64_t)resize->clock);
        if (resize->slots_before)
            row[1] = report_number(resize->slots_before);
        row[2] = report_number(resize->slots);
        row[3] = report_number(resize->strings);
        row[4] = report_number(resize->chain_max);
    }
    if (count > GC_RESIZES_MAX) {
        table->omitted_count = count - GC_RESIZES_MAX;
        table->omitted_why = "only the first ones are kept";
    }
}

void gc_fill_strings(const struct gc *gc, struct report *report)
{
    const struct gc_strings *strings = &gc->strings;
    report_add_number(report, "string_slots", "slots of the string table at the end", "",
                      strings->slots);
    report_add_number(report, "strings_max", "most strings in RAM at once", "",
                      strings->strings_max);
    report_add_real(report, "string_load_max", "most strings per slot", "", 2, strings->load_max);
    report_add_number(report, "string_resizes", "resizes of the string table", "",
                      (int64_t)(strings->growths + strings->shrinks));
    report_add_number(report, "string_chain_max", "longest chain at the end", "",
                      strings->ram.chain_max);
    add_lookups(gc, report);
    add_probes(gc, report);
    add_chains(gc, report);
    add_resizes(gc, report);
}

// ---- findings ----

struct finding {
    double clocks;
    uint32_t site;
};

static int compare(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->clocks != y->clocks)
        return x->clocks > y->clocks ? -1 : 1;
    return (x->site > y->site) - (x->site < y->site);
}

// What a mode does to the highest point: a change, if there is one.
static const char *peak_words(const struct gc_mode_cost *now, const struct gc_mode_cost *then,
                              struct arena *arena)
{
    const char *before = words_number((double)now->lua_bytes_max, arena);
    if (then->lua_bytes_max == now->lua_bytes_max)
        return arena_format(arena, "leave the highest point at %s bytes", before);
    return arena_format(arena, "bring the highest point from %s to %s bytes", before,
                        words_number((double)then->lua_bytes_max, arena));
}

// The mode that costs least of those for which the memory is enough.
static void tell_mode(const struct gc *gc, struct report *report)
{
    if (!gc->is_recorded_always)
        return;
    unsigned always = gc->mode_count - 1, best = always;
    struct gc_mode_cost now = gc_mode_cost(gc, always), cost = now;
    for (unsigned m = 1; m < always; m++) { // not NOT_ACTIVE, which gives no second chance
        struct gc_mode_cost other = gc_mode_cost(gc, m);
        if (other.room != GC_ROOM_ENOUGH || other.clocks >= cost.clocks)
            continue;
        best = m;
        cost = other;
    }
    if (now.clocks - cost.clocks < now.run_clocks * FINDING_SHARE_MIN)
        return;
    char limit[32] = "";
    if (gc->modes[best].limit_bytes)
        snprintf(limit, sizeof limit, ", %" PRId64, gc_mode_limit(&gc->modes[best]));
    report_add_note(report, REPORT_FINDING,
                    "mode ALWAYS costs %s clocks, %.1f %% of what VM and collector take. "
                    "node.egc.setmode(node.egc.%s%s) would cost %s (modelled), and %s, %s in the "
                    "heap of %s",
                    words_number(now.clocks, report->arena), now.clocks / now.run_clocks * 100,
                    gc_mode_name(gc->modes[best].mode), limit,
                    words_number(cost.clocks, report->arena),
                    peak_words(&now, &cost, report->arena),
                    words_number((double)cost.heap_bytes_max, report->arena),
                    words_number((double)gc->runs[gc->run_count - 1].heap_bytes, report->arena));
}

static void tell_sites(const struct gc *gc, struct report *report)
{
    struct finding *findings = ARENA_NEW_ARRAY(report->arena, struct finding, gc->sites.count);
    uint32_t count = 0;
    double run_clocks = gc_run_clocks(gc);
    for (uint32_t i = 0; i < gc->sites.count; i++) {
        const struct gc_births *births = gc_site_births(gc, i);
        double share = births->count ? (double)births->short_count / (double)births->count : 0;
        double clocks = (double)births->visited * gc_visit_clocks(gc) * share;
        if (clocks > 0 && clocks >= run_clocks * FINDING_SHARE_MIN)
            findings[count++] = (struct finding){clocks, i};
    }
    qsort(findings, count, sizeof *findings, compare);
    for (uint32_t i = 0; i < count && i < SITE_FINDINGS_MAX; i++) {
        const struct gc_births *births = gc_site_births(gc, findings[i].site);
        struct text name = site_name(report->arena, &gc->sites.items[findings[i].site]);
        report_add_note(report, REPORT_FINDING,
                        "%.*s: %s of %s allocations are short-lived, and each is a collection: %s "
                        "clocks, %.1f %% of what VM and collector take",
                        TEXT_ARGS(name), words_number((double)births->short_count, report->arena),
                        words_number((double)births->count, report->arena),
                        words_number(findings[i].clocks, report->arena),
                        findings[i].clocks / run_clocks * 100);
    }
}

static void tell_heap(const struct gc *gc, struct report *report)
{
    const struct gc_heap_state *state = &gc->heap_split_most;
    if (state->free_bytes &&
        (double)state->largest_bytes < (1 - SPLIT_SHARE_MAX) * (double)state->free_bytes)
        report_add_note(report, REPORT_FINDING,
                        "the heap is split after %s instructions: of %s free bytes the largest "
                        "block has %s",
                        words_number((double)state->clock, report->arena),
                        words_number((double)state->free_bytes, report->arena),
                        words_number((double)state->largest_bytes, report->arena));
    if (gc->strings.ram.chain_max > CHAIN_MAX_GOOD)
        report_add_note(report, REPORT_FINDING,
                        "the longest chain of the string table has %" PRIu32 " strings: long "
                        "strings that differ in few characters share a hash",
                        gc->strings.ram.chain_max);
}

void gc_fill_findings(const struct gc *gc, struct report *report)
{
    tell_mode(gc, report);
    tell_sites(gc, report);
    tell_heap(gc, report);
}
