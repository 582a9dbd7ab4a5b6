// gc_findings.c: the tables about strings, and what to change.

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/gc/gc_mode_cost.h"
#include "analyzer/analysis/gc/gc_report.h"
#include "analyzer/base/number_text.h"

#define FINDING_SHARE_MIN 0.01 // of the run's clocks
#define SITE_FINDINGS_MAX 8u
#define SPLIT_SHARE_MAX 0.25 // of the free bytes outside the largest block
#define CHAIN_MAX_GOOD 6u

// ---- strings ----

static const char *const lookup_names[GC_LOOKUP_COUNT] = {"found in RAM", "found in flash",
                                                          "new string"};

struct lookup_row {
    const char *result;
    struct gc_lookup_counts counts;
    double percent, probes_mean;
};

static const struct report_column lookup_columns[] = {
    {"result", "result", "", REPORT_KEY, REPORT_AT(lookup_row, result)},
    {"lookups", "look-ups", "", REPORT_SUMMED, REPORT_AT(lookup_row, counts.count)},
    {"percent", "%", "", 0, REPORT_AT(lookup_row, percent), .decimals = 1},
    {"probes", "compared", "entries", REPORT_SUMMED, REPORT_AT(lookup_row, counts.probes)},
    {"probes_mean", "mean", "entries", 0, REPORT_AT(lookup_row, probes_mean), .decimals = 2},
    {"probes_max", "most", "entries", 0, REPORT_AT(lookup_row, counts.probes_max)},
};

static void add_lookups(const struct gc *gc, struct report *report)
{
    const struct gc_lookup_counts *lookups = gc->strings.lookups;
    struct report_table *table = REPORT_ADD_TABLE(report, "lookups", "Look-ups of strings",
                                                  lookup_columns);
    double total = 0;
    for (unsigned i = 0; i < GC_LOOKUP_COUNT; i++)
        total += (double)lookups[i].count;
    for (unsigned i = 0; i < GC_LOOKUP_COUNT; i++) {
        double count = (double)lookups[i].count;
        struct lookup_row row = {lookup_names[i], lookups[i], total > 0 ? count / total * 100 : 0,
                                 (double)lookups[i].probes / count};
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

static struct text count_name(struct arena *arena, unsigned count, unsigned last)
{
    return text_of(arena_format(arena, count < last ? "%u" : "%u and more", count));
}

struct probes_row {
    struct text probes;
    uint64_t found_in_ram, found_in_flash, new_strings;
};

static const struct report_column probes_columns[] = {
    {"probes", "compared", "", REPORT_KEY, REPORT_AT(probes_row, probes)},
    {"found_in_ram", "found in RAM", "", REPORT_SUMMED, REPORT_AT(probes_row, found_in_ram)},
    {"found_in_flash", "found in flash", "", REPORT_SUMMED, REPORT_AT(probes_row, found_in_flash)},
    {"new_strings", "new string", "", REPORT_SUMMED, REPORT_AT(probes_row, new_strings)},
};

static void add_probes(const struct gc *gc, struct report *report)
{
    const struct gc_lookup_counts *lookups = gc->strings.lookups;
    struct report_table *table = REPORT_ADD_TABLE(report, "probes", "Entries compared in a look-up",
                                                  probes_columns);
    for (unsigned p = 0; p < GC_PROBES; p++) {
        struct probes_row row = {
            count_name(report->arena, p, GC_PROBES - 1), lookups[GC_LOOKUP_RAM].by_probes[p],
            lookups[GC_LOOKUP_FLASH].by_probes[p], lookups[GC_LOOKUP_NEW].by_probes[p]};
        if (row.found_in_ram || row.found_in_flash || row.new_strings)
            report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

struct chain_row {
    struct text length;
    uint32_t ram_slots;
    struct report_value flash_slots;
};

static const struct report_column chain_columns[] = {
    {"length", "strings", "", REPORT_KEY, REPORT_AT(chain_row, length)},
    {"ram_slots", "slots in RAM", "", REPORT_SUMMED, REPORT_AT(chain_row, ram_slots)},
    {"flash_slots", "slots in flash", "", REPORT_SUMMED, REPORT_AT(chain_row, flash_slots)},
};

static void add_chains(const struct gc *gc, struct report *report)
{
    const struct gc_chains *ram = &gc->strings.ram, *flash = &gc->strings.flash;
    struct report_table *table = REPORT_ADD_TABLE(
        report, "chains", "Chains of the string tables, at the end of the last run", chain_columns);
    for (unsigned i = 0; i < GC_CHAINS; i++) {
        struct chain_row row = {
            count_name(report->arena, i, GC_CHAINS - 1), ram->by_length[i], {0}};
        if (gc->strings.has_flash)
            row.flash_slots = report_number(flash->by_length[i]);
        if (ram->by_length[i] || flash->by_length[i])
            report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
    if (ram->unknown)
        report_add_note(report, REPORT_NOTE,
                        "%" PRIu32 " strings are in no chain: their texts are not in the trace",
                        ram->unknown);
}

static const struct report_column resize_columns[] = {
    {"clock", "instructions", "", 0, REPORT_AT(gc_resize, clock)},
    {"slots_before", "slots before", "", REPORT_BLANK_ZERO, REPORT_AT(gc_resize, slots_before)},
    {"slots", "slots", "", 0, REPORT_AT(gc_resize, slots)},
    {"strings", "strings", "", 0, REPORT_AT(gc_resize, strings)},
    {"chain_max", "longest chain", "", 0, REPORT_AT(gc_resize, chain_max)},
};

static void add_resizes(const struct gc *gc, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(
        report, "resizes", "Sizes of the string table in RAM", resize_columns);
    uint64_t count = gc->strings.resize_count;
    uint64_t kept = count < GC_RESIZES_MAX ? count : GC_RESIZES_MAX;
    REPORT_ADD_ROWS(table, NULL, gc->strings.resizes, kept);
    report_omit(table, count - kept, "only the first ones are kept");
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

static int compare(const void *a, const void *b)
{
    const struct gc_site_finding *x = a, *y = b;
    if (x->clocks != y->clocks)
        return x->clocks > y->clocks ? -1 : 1;
    return (x->site > y->site) - (x->site < y->site);
}

uint32_t gc_find_sites(const struct gc *gc, struct arena *arena, struct gc_site_finding **findings)
{
    uint32_t count = 0;
    double run_clocks = gc_run_clocks(gc);
    *findings = ARENA_NEW_ARRAY(arena, struct gc_site_finding, gc->sites.count);
    for (uint32_t i = 0; i < gc->sites.count; i++) {
        const struct gc_births *births = gc_site_births(gc, i);
        double share = births->count ? (double)births->short_count / (double)births->count : 0;
        double clocks = (double)births->visited * gc_visit_clocks(gc) * share;
        if (clocks > 0 && clocks >= run_clocks * FINDING_SHARE_MIN)
            (*findings)[count++] = (struct gc_site_finding){clocks, i};
    }
    qsort(*findings, count, sizeof **findings, compare);
    return count < SITE_FINDINGS_MAX ? count : SITE_FINDINGS_MAX;
}

// What a mode does to the highest point: a change, if there is one.
static const char *peak_words(const struct gc_mode_cost *now, const struct gc_mode_cost *then,
                              struct arena *arena)
{
    const char *before = number_text_rounded((double)now->lua_bytes_max, arena);
    if (then->lua_bytes_max == now->lua_bytes_max)
        return arena_format(arena, "leave the highest point at %s bytes", before);
    return arena_format(arena, "bring the highest point from %s to %s bytes at most", before,
                        number_text_rounded((double)then->lua_bytes_max, arena));
}

// A mode that collects when Lua's allocation fails leaves nothing for what the firmware allocates.
// Of what a limit keeps free a part is in small pieces.
static bool leaves_room_for_network(const struct gc *gc, const struct gc_mode_sim *mode)
{
    return !gc->has_network ||
           (mode->mode == GC_MODE_RESERVE && mode->limit_bytes > GC_NETWORK_RESERVE_BYTES);
}

unsigned gc_best_mode(const struct gc *gc)
{
    unsigned always = gc->mode_count - 1, best = always;
    if (!gc->is_recorded_always)
        return always;
    struct gc_mode_cost now = gc_mode_cost(gc, always), cost = now;
    for (unsigned m = 1; m < always; m++) { // not NOT_ACTIVE, which gives no second chance
        struct gc_mode_cost other = gc_mode_cost(gc, m);
        if (other.room != GC_ROOM_ENOUGH || other.clocks >= cost.clocks ||
            !leaves_room_for_network(gc, &gc->modes[m]))
            continue;
        best = m;
        cost = other;
    }
    return now.clocks - cost.clocks < now.run_clocks * FINDING_SHARE_MIN ? always : best;
}

const char *gc_mode_call(const struct gc *gc, unsigned idx, struct arena *arena)
{
    const struct gc_mode_sim *mode = &gc->modes[idx];
    return mode->limit_bytes
               ? arena_format(arena, "node.egc.setmode(node.egc.%s, %" PRId64 ")",
                              gc_mode_name(mode->mode), gc_mode_limit(mode))
               : arena_format(arena, "node.egc.setmode(node.egc.%s)", gc_mode_name(mode->mode));
}

static void tell_mode(const struct gc *gc, struct report *report)
{
    unsigned best = gc_best_mode(gc), always = gc->mode_count - 1;
    if (best == always)
        return;
    struct gc_mode_cost now = gc_mode_cost(gc, always), cost = gc_mode_cost(gc, best);
    report_add_note(
        report, REPORT_FINDING,
        "mode ALWAYS costs %s clocks, %.1f %% of what VM and collector take. "
        "%s would cost %s (modelled), and %s, %s in the heap of %s",
        number_text_rounded(now.clocks, report->arena), now.clocks / now.run_clocks * 100,
        gc_mode_call(gc, best, report->arena), number_text_rounded(cost.clocks, report->arena),
        peak_words(&now, &cost, report->arena),
        number_text_rounded((double)cost.heap_bytes_max, report->arena),
        number_text_rounded((double)gc->runs[gc->run_count - 1].heap_bytes, report->arena));
}

static void tell_sites(const struct gc *gc, struct report *report)
{
    struct gc_site_finding *findings;
    uint32_t count = gc_find_sites(gc, report->arena, &findings);
    double run_clocks = gc_run_clocks(gc);
    for (uint32_t i = 0; i < count; i++) {
        const struct gc_births *births = gc_site_births(gc, findings[i].site);
        struct text name = site_name(report->arena, &gc->sites.items[findings[i].site]);
        report_add_note(report, REPORT_FINDING,
                        "%.*s: %s of %s allocations are short-lived, and each is a collection: %s "
                        "clocks, %.1f %% of what VM and collector take",
                        TEXT_ARGS(name),
                        number_text_rounded((double)births->short_count, report->arena),
                        number_text_rounded((double)births->count, report->arena),
                        number_text_rounded(findings[i].clocks, report->arena),
                        findings[i].clocks / run_clocks * 100);
    }
}

static void tell_heap(const struct gc *gc, struct report *report)
{
    const struct gc_heap_state *state = &gc->heap.split_most;
    if (state->free_bytes &&
        (double)state->largest_bytes < (1 - SPLIT_SHARE_MAX) * (double)state->free_bytes)
        report_add_note(report, REPORT_FINDING,
                        "the heap is split after %s instructions: of %s free bytes the largest "
                        "block has %s",
                        number_text_rounded((double)state->clock, report->arena),
                        number_text_rounded((double)state->free_bytes, report->arena),
                        number_text_rounded((double)state->largest_bytes, report->arena));
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
