// strings_report.c: totals of the strings analysis, its runs and verdicts, and notes.

#include "analyzer/analysis/strings/strings_report.h"
#include "analyzer/analysis/strings/strings_choose.h"
#include "analyzer/analysis/strings/strings_report_parts.h"

#include <inttypes.h>
#include <math.h>

// ---- totals ----

static void add_prediction(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    const struct strings_list *chosen = &strings->chosen;
    struct report *report = filler->report;
    report_add_number(report, "peak_bytes",
                      strings->profile->is_stock ? "strings in RAM and their table, at most"
                                                 : "RAM at the highest point",
                      "bytes", (int64_t)strings->profile->moment_bytes[HEAP_MOMENT_PEAK]);
    report_add_number(report, "saved_bytes", "saved by the list, predicted", "bytes",
                      chosen->saved_bytes);
    report_add_number(report, "flash_bytes", "flash that the list takes", "bytes",
                      (int64_t)chosen->flash_bytes);
    report_add_number(report, "stock_flash_bytes", "the same, image made by luac.cross", "bytes",
                      (int64_t)chosen->stock_flash_bytes);
    report_add_number(report, "chosen_strings", "strings in the list", "", chosen->count);
    report_add_real(report, "return_ratio", "RAM saved per byte of flash", "", 3,
                    strings_return(chosen));
    report_add_number(report, "vector_bytes", "of the flash, for a larger hash vector", "bytes",
                      strings_flash_wanted_growth(&strings->flash, chosen->count));
    report_add_number(report, "saved_all_bytes", "saved if every candidate moved", "bytes",
                      strings->all.saved_bytes);
    report_add_number(report, "flash_all_bytes", "flash for every candidate", "bytes",
                      (int64_t)strings->all.flash_bytes);
    report_add_number(report, "bound_bytes", "most that any list of this size can save", "bytes",
                      (int64_t)strings->bound_bytes);
    report_add_number(report, "table_slots", "slots of the RAM string table at the highest point",
                      "", strings->table_slots);
    report_add_number(report, "table_slots_after", "slots with the list in flash", "",
                      chosen->table_slots);
}

static void add_comparison(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    const struct strings_list *dump = &strings->dump;
    struct report *report = filler->report;
    double own = strings_return(&strings->chosen), other = strings_return(dump);
    report_add_number(report, "dump_strings", "plain dump of debug.getstrings'RAM': strings", "",
                      dump->count);
    report_add_number(report, "dump_saved_bytes", "plain dump: saved, predicted", "bytes",
                      dump->saved_bytes);
    report_add_number(report, "dump_flash_bytes", "plain dump: flash", "bytes",
                      (int64_t)dump->flash_bytes);
    struct strings_list taken = strings->dump_taken;
    taken.is_plain = true;
    strings_list_measure(strings, &taken);
    report_add_number(report, "dump_taken_saved_bytes",
                      "plain dump of what may be taken: saved, predicted", "bytes",
                      taken.saved_bytes);
    report_add_number(report, "dump_taken_flash_bytes", "plain dump of what may be taken: flash",
                      "bytes", (int64_t)taken.flash_bytes);
    report_add_real(report, "vs_dump_ratio", "saved per byte of flash, list against plain dump", "",
                    2, other > 0 ? own / other : NAN);
    report_add_number(report, "stock_list_saved_bytes",
                      "list that comes with the firmware: saved, predicted", "bytes",
                      strings->stock.saved_bytes);
    report_add_number(report, "stock_list_flash_bytes", "list that comes with the firmware: flash",
                      "bytes", (int64_t)strings->stock.flash_bytes);
    if (other <= 0 && own > 0)
        report_add_note(report, REPORT_NOTE, "the plain dump saves nothing at the highest point");
}

static void add_costs(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    struct report *report = filler->report;
    double clocks = 0, visits = 0;
    for (uint32_t i = 0; i < strings->chosen.count; i++) {
        clocks += strings->read_clocks[strings->chosen.texts[i]];
        visits += (double)strings_text_at(strings, strings->chosen.texts[i])->collections;
    }
    visits *= strings->model.event_loads[VM_VISIT_STRING] * strings->model.emulated_load_clocks;
    double whole = strings->profile->is_stock ? NAN : strings->run_clocks;
    report_add_text(report, "model", "cost model", text_of(strings->model.title));
    report_add_real(report, "run_clocks", "clocks of the runs, modelled", "clocks", 0, whole);
    report_add_real(report, "read_percent", "byte-wise reads of the list from flash, modelled",
                    "% of the clocks", 3,
                    whole > 0 || strings->profile->is_stock ? clocks / whole * 100 : 0);
    report_add_real(report, "visit_percent", "one visit of each by every collection, modelled",
                    "% of the clocks", 3,
                    whole > 0 || strings->profile->is_stock ? visits / whole * 100 : 0);
}

// What it would cost, or costs, to keep the hash vector as it is.
static void add_chains(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    const struct strings_vector *vector = &strings->vector;
    struct report *report = filler->report;
    if (vector->look_ups == 0)
        return;
    report_add_number(report, "look_ups", "look-ups of strings that reach the image", "",
                      (int64_t)vector->look_ups);
    report_add_number(report, "look_ups_met_kept", "strings met there, hash vector as it is", "",
                      (int64_t)vector->met);
    report_add_number(report, "look_ups_met_grown", "the same, hash vector of luac.cross", "",
                      (int64_t)vector->met_grown);
    report_add_real(
        report, "kept_percent", "what keeping it costs at most, modelled", "% of the clocks", 3,
        strings->run_clocks > 0 ? vector->kept_clocks_more / strings->run_clocks * 100 : 0);
}

// What a list of strings, taken now and then, does not tell.
static void add_stock_notes(const struct strings_filler *filler)
{
    const struct heap_profile *profile = filler->strings->profile;
    uint32_t incomplete = 0;
    for (uint32_t i = 0; i < profile->run_count; i++)
        incomplete += profile->runs[i].snapshots_incomplete;
    report_add_note(filler->report, REPORT_WARNING,
                    "from stock firmware: strings that came from input (passwords) cannot be told "
                    "from others; read the list, and leave texts out with --exclude");
    report_add_note(filler->report, REPORT_NOTE,
                    "from stock firmware: %" PRIu32 " lists of the strings in RAM, and nothing "
                    "of what was between them; no allocation sites, no reads (a pattern or format "
                    "may be slow in flash), the string table is modelled",
                    profile->snapshots);
    report_add_note(filler->report, REPORT_NOTE,
                    "texts in less than %.0f %% of the lists are not stable",
                    STRINGS_LISTED_SHARE_MIN * 100);
    if (incomplete)
        report_add_note(filler->report, REPORT_WARNING,
                        "%" PRIu32 " of the lists are incomplete: strings that were gone may count "
                        "on until the next whole one",
                        incomplete);
}

static void add_notes(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    struct report *report = filler->report;
    const struct heap_texts *texts = &strings->profile->texts;
    if (strings_are_of_failure(strings, filler->settings))
        report_add_note(report, REPORT_WARNING, STRINGS_NO_LIST);
    if (strings->profile->is_stock)
        add_stock_notes(filler);
    else if (strings->profile->lacks_sources)
        report_add_note(report, REPORT_WARNING,
                        "a trace does not tell where its texts come from (recorded by another "
                        "version, or on the chip): all but input counts as the program's own");
    if (strings->image_note)
        report_add_note(report, REPORT_NOTE, "%s: the flash cost counts from an empty image",
                        strings->image_note);
    if (texts->dropped_count > 0)
        report_add_note(report, REPORT_NOTE,
                        "%" PRIu64 " short-lived texts were not kept (%" PRIu64
                        " allocations); figures of the others are exact",
                        texts->dropped_count, strings->profile->births_unknown);
    if (strings->model_error_bytes != 0)
        report_add_note(report, REPORT_NOTE,
                        "the modelled string table differs from the real one by %" PRId64
                        " bytes at the highest point",
                        strings->model_error_bytes);
}

// ---- tables ----

static struct report_value run_name(const void *context, const void *item)
{
    (void)context;
    return report_text(((const struct heap_run *)item)->name);
}

static struct report_value run_saved(const void *context, const void *item)
{
    const struct strings *strings = context;
    return report_number(
        strings->run_saved_bytes[(const struct heap_run *)item - strings->profile->runs]);
}

static struct report_value run_left_out(const void *context, const void *item)
{
    const struct strings *strings = context;
    return report_number(
        strings->left_out_bytes[(const struct heap_run *)item - strings->profile->runs]);
}

static struct report_value run_status(const void *context, const void *item)
{
    int status = ((const struct heap_run *)item)->exit_status;
    (void)context;
    return status >= 0 ? report_number(status) : (struct report_value){0};
}

static const struct report_column run_columns[] = {
    {"path", "run", "", REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, run_name)},
    {"peak_bytes", "highest", "bytes", 0, REPORT_AT(heap_run, ledger_max)},
    {"saved_bytes", "saved", "bytes", 0, REPORT_BY(REPORT_NUMBER, run_saved)},
    {"end_bytes", "at the end", "bytes", 0, REPORT_AT(heap_run, ledger_end)},
    {"end_strings", "strings", "", 0, REPORT_AT(heap_run, string_count_end)},
    {"instructions", "instructions", "", REPORT_OPTIONAL, REPORT_AT(heap_run, clocks)},
    {"collections", "collections", "", REPORT_OPTIONAL, REPORT_AT(heap_run, gc_count)},
    {"boots", "boots", "", REPORT_DETAIL, REPORT_AT(heap_run, boots)},
    {"exit_status", "status", "", REPORT_OPTIONAL, REPORT_BY(REPORT_NUMBER, run_status)},
};

static const struct report_column left_out_columns[] = {
    {"left_out_bytes", "saved by the others' list", "bytes", 0,
     REPORT_BY(REPORT_NUMBER, run_left_out)},
};

static const struct report_column stock_run_columns[] = {
    {"snapshots", "lists", "", 0, REPORT_AT(heap_run, snapshots)},
};

static void add_runs(const struct strings_filler *filler)
{
    const struct heap_profile *profile = filler->strings->profile;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "runs", "Runs", run_columns);
    if (profile->is_stock) {
        report_leave_out(table);
        report_set_detail(table, "boots", false);
        report_add_columns(table, stock_run_columns, 1);
    }
    if (filler->strings->has_left_out)
        report_add_columns(table, left_out_columns, 1);
    REPORT_ADD_ROWS(table, filler->strings, profile->runs, profile->run_count);
}

struct verdict_row {
    const char *verdict;
    int64_t texts, peak_bytes, births;
};

static const struct report_column verdict_columns[] = {
    {"verdict", "verdict", "", REPORT_KEY, REPORT_AT(verdict_row, verdict)},
    {"texts", "texts", "", REPORT_SUMMED, REPORT_AT(verdict_row, texts)},
    {"peak_bytes", "at the peak", "bytes", REPORT_SUMMED, REPORT_AT(verdict_row, peak_bytes)},
    {"births", "allocated", "", REPORT_SUMMED, REPORT_AT(verdict_row, births)},
};

static void add_verdicts(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    struct verdict_row rows[STRINGS_VERDICT_COUNT] = {{0}};
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "verdicts",
                                                  "What became of the texts", verdict_columns);
    for (uint32_t i = 0; i < strings->profile->texts.count; i++) {
        const struct heap_text *text = strings_text_at(strings, i);
        struct verdict_row *row = &rows[strings->verdicts[i]];
        if (text->is_dropped)
            continue;
        row->texts++;
        row->births += (int64_t)text->births;
        row->peak_bytes += strings_peak_bytes(strings, i);
    }
    for (unsigned v = 0; v < STRINGS_VERDICT_COUNT; v++) {
        rows[v].verdict = strings_verdict_name(v);
        if (rows[v].texts)
            report_add_row(table, NULL, &rows[v]);
    }
    report_add_sum(table);
}

void strings_fill_totals(const struct strings *strings, const struct strings_settings *settings,
                         struct report *report)
{
    struct strings_filler filler = {strings, settings, false, report};
    add_prediction(&filler);
    add_comparison(&filler);
    add_costs(&filler);
    add_chains(&filler);
}

void strings_fill_tables(const struct strings *strings, const struct strings_settings *settings,
                         bool hides_text, struct report *report)
{
    struct strings_filler filler = {strings, settings, hides_text, report};
    strings_add_chosen(&filler);
    strings_add_rows(&filler);
    add_verdicts(&filler);
    strings_add_curve(&filler);
    add_runs(&filler);
    add_notes(&filler);
}
