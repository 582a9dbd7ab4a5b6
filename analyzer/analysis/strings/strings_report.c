// strings_report.c: tables and totals of the strings analysis.

#include "analyzer/analysis/strings/strings_report.h"
#include "analyzer/analysis/strings/strings_choose.h"
#include "analyzer/analysis/strings/strings_groups.h"
#include "analyzer/analysis/strings/strings_stock.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct filler {
    const struct strings *strings;
    const struct strings_settings *settings;
    bool hides_text;
    struct report *report;
};

static const struct heap_text *text_at(const struct strings *strings, uint32_t idx)
{
    return &strings->profile->texts.items[idx];
}

// Bytes that the text took at the highest point, 0 if it was not in RAM then.
static int64_t peak_bytes_of(const struct strings *strings, uint32_t idx)
{
    const struct heap_text *text = text_at(strings, idx);
    return heap_lives_at(strings->profile, text, HEAP_MOMENT_PEAK)
               ? (int64_t)heap_string_bytes(text->bytes)
               : 0;
}

// ---- totals ----

static void add_prediction(const struct filler *filler)
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

static void add_comparison(const struct filler *filler)
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

static void add_costs(const struct filler *filler)
{
    const struct strings *strings = filler->strings;
    struct report *report = filler->report;
    double clocks = 0, visits = 0;
    for (uint32_t i = 0; i < strings->chosen.count; i++) {
        clocks += strings->read_clocks[strings->chosen.texts[i]];
        visits += (double)text_at(strings, strings->chosen.texts[i])->collections;
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
static void add_chains(const struct filler *filler)
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
static void add_stock_notes(const struct filler *filler)
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

static void add_notes(const struct filler *filler)
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

// ---- the curve ----

struct curve_row {
    const char *mark;
    int64_t strings, flash_bytes, saved_bytes;
    double return_ratio;
};

static const struct report_column curve_columns[] = {
    {"mark", "", "", REPORT_KEY, REPORT_AT(curve_row, mark)},
    {"strings", "strings", "", 0, REPORT_AT(curve_row, strings)},
    {"flash_bytes", "flash", "bytes", 0, REPORT_AT(curve_row, flash_bytes)},
    {"saved_bytes", "saved", "bytes", 0, REPORT_AT(curve_row, saved_bytes)},
    {"return_ratio", "saved per byte", "", 0, REPORT_AT(curve_row, return_ratio), .decimals = 3},
};

static void add_curve_row(struct report_table *table, const char *mark, uint32_t count,
                          uint64_t flash_bytes, int64_t saved_bytes)
{
    struct curve_row row = {.mark = mark,
                            .strings = count,
                            .flash_bytes = (int64_t)flash_bytes,
                            .saved_bytes = saved_bytes,
                            .return_ratio = flash_bytes ? (double)saved_bytes / (double)flash_bytes
                                                        : 0};
    report_add_row(table, NULL, &row);
}

static const char *mark_of(const struct strings *strings, const struct strings_point *point)
{
    bool is_chosen = point->flash_bytes == strings->chosen.flash_bytes &&
                     point->saved_bytes == strings->chosen.saved_bytes;
    if (is_chosen)
        return point->is_knee ? "chosen, knee" : "chosen";
    return point->is_knee ? "knee" : point->is_all ? "every candidate" : "";
}

// What longer chains cost: ", and a look-up meets ...".
static const char *words_of_chains(const struct filler *filler)
{
    const struct strings *strings = filler->strings;
    const struct strings_vector *vector = &strings->vector;
    if (vector->look_ups == 0)
        return "; look-ups then take longer, how much the lists do not tell";
    double allowed = filler->settings->clocks_percent_max / 100 * strings->run_clocks;
    double per_run = strings->profile->run_count * strings->model.clock_mhz * 1000;
    return arena_format(filler->report->arena,
                        "; a look-up then meets %.2f strings in flash instead of %.2f, at most "
                        "%.1f ms in a run of %.0f, modelled%s",
                        vector->met / vector->look_ups, vector->met_grown / vector->look_ups,
                        vector->kept_clocks_more / per_run, strings->run_clocks / per_run,
                        vector->kept_clocks_more > allowed ? ", more than one string may cost by "
                                                             "--max-read-cost"
                                                           : "");
}

// The hash vector of the image grows, or is kept.
static void note_vector(const struct filler *filler)
{
    const struct strings_flash *flash = &filler->strings->flash;
    const struct strings_vector *vector = &filler->strings->vector;
    if (filler->settings->keeps_slots && !flash->image)
        report_add_note(filler->report, REPORT_WARNING,
                        "there is no image whose hash vector could be kept: it counts as "
                        "luac.cross makes it");
    if (vector->growth_bytes == 0 || !flash->image)
        return;
    if (flash->keeps_slots)
        report_add_note(
            filler->report, REPORT_NOTE,
            "counted on an image with its hash vector as it is: made by frost luac "
            "--hash-slots=%" PRIu32 ", which stock firmware takes; luac.cross makes %" PRIu32
            " slots, %" PRIu32 " bytes more%s",
            vector->slots, vector->slots_grown, vector->growth_bytes, words_of_chains(filler));
    else
        report_add_note(filler->report, REPORT_NOTE,
                        "with the list the hash vector of the image has %" PRIu32
                        " slots, not %" PRIu32 ", which takes %" PRIu32
                        " bytes of its flash; %" PRIu32 " strings fewer would fit the old one, or "
                        "--hash-slots=keep keeps it (frost luac --hash-slots=%" PRIu32
                        "; stock firmware takes it, luac.cross does not make it)%s",
                        vector->slots_grown, vector->slots, vector->growth_bytes, vector->surplus,
                        vector->slots, words_of_chains(filler));
}

// RAM saved against flash spent: what a budget or another price would give.
static void add_curve(const struct filler *filler)
{
    const struct strings *strings = filler->strings;
    if (strings->point_count == 0)
        return;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "curve",
                                                  "RAM saved against flash spent", curve_columns);
    table->explanation = "each row can be had with its flash as --budget; knee: from there on "
                         "flash saves less than on the average";
    struct report_series *series = report_add_series(
        filler->report, "strings_curve", "RAM saved against flash spent", "bytes", "bytes");
    report_add_point(series, 0, 0);
    for (uint32_t i = 0; i < strings->point_count; i++) {
        const struct strings_point *point = &strings->points[i];
        add_curve_row(table, mark_of(strings, point), point->count, point->flash_bytes,
                      point->saved_bytes);
        report_add_point(series, (double)point->flash_bytes, (double)point->saved_bytes);
        if (*mark_of(strings, point))
            report_add_mark(series, (double)point->flash_bytes, (double)point->saved_bytes,
                            mark_of(strings, point));
    }
    add_curve_row(table, "firmware's own list", STRINGS_STOCK_COUNT, strings->stock.flash_bytes,
                  strings->stock.saved_bytes);
    report_add_mark(series, (double)strings->stock.flash_bytes, (double)strings->stock.saved_bytes,
                    "firmware's own list");
    report_add_mark(series, (double)strings->dump.flash_bytes, (double)strings->dump.saved_bytes,
                    "plain dump");
    add_curve_row(table, "plain dump", strings->dump.count, strings->dump.flash_bytes,
                  strings->dump.saved_bytes);
    note_vector(filler);
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

static void add_runs(const struct filler *filler)
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

static void add_verdicts(const struct filler *filler)
{
    const struct strings *strings = filler->strings;
    struct verdict_row rows[STRINGS_VERDICT_COUNT] = {{0}};
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "verdicts",
                                                  "What became of the texts", verdict_columns);
    for (uint32_t i = 0; i < strings->profile->texts.count; i++) {
        const struct heap_text *text = text_at(strings, i);
        struct verdict_row *row = &rows[strings->verdicts[i]];
        if (text->is_dropped)
            continue;
        row->texts++;
        row->births += (int64_t)text->births;
        row->peak_bytes += peak_bytes_of(strings, i);
    }
    for (unsigned v = 0; v < STRINGS_VERDICT_COUNT; v++) {
        rows[v].verdict = strings_verdict_name(v);
        if (rows[v].texts)
            report_add_row(table, NULL, &rows[v]);
    }
    report_add_sum(table);
}

struct string_row {
    const char *verdict;
    struct heap_text text;
    struct report_value content, flash_bytes;
    int64_t peak_bytes;
    uint64_t byte_kiloinstructions, characters, sites;
    struct text site; // that made it most often
    struct text sources;
    double read_percent, snapshot_percent;
    bool is_constant, is_input;
};

static const struct report_column string_columns[] = {
    {"verdict", "verdict", "", 0, REPORT_AT(string_row, verdict)},
    {"peak_bytes", "peak", "bytes", 0, REPORT_AT(string_row, peak_bytes)},
    {"flash_bytes", "flash", "bytes", 0, REPORT_AT(string_row, flash_bytes)},
    {"births", "allocated", "", REPORT_OPTIONAL | REPORT_WIDE, REPORT_AT(string_row, text.births)},
    {"retained_runs", "retained", "runs", REPORT_WIDE, REPORT_AT(string_row, text.runs_retained)},
    {"byte_kiloinstructions", "bytes x ki", "bytes x 1000 instructions",
     REPORT_OPTIONAL | REPORT_WIDE, REPORT_AT(string_row, byte_kiloinstructions)},
    {"found_in_ram", "found", "", REPORT_OPTIONAL | REPORT_DETAIL,
     REPORT_AT(string_row, text.found_ram)},
    {"characters_read", "reads", "", REPORT_OPTIONAL | REPORT_WIDE,
     REPORT_AT(string_row, characters)},
    {"read_percent", "reads %", "% of the clocks", REPORT_OPTIONAL | REPORT_WIDE,
     REPORT_AT(string_row, read_percent), .decimals = 2},
    {"sources", "sources", "", REPORT_OPTIONAL | REPORT_MAY_CUT | REPORT_WIDE,
     REPORT_AT(string_row, sources)},
    {"site", "most from", "", REPORT_OPTIONAL | REPORT_MAY_CUT | REPORT_WIDE,
     REPORT_AT(string_row, site)},
    {"sites", "sites", "", REPORT_OPTIONAL | REPORT_DETAIL, REPORT_AT(string_row, sites)},
    {"text", "text", "", REPORT_KEY | REPORT_MAY_CUT,
     REPORT_AS(REPORT_STRING, string_row, content)},
    {"length_bytes", "length", "bytes", REPORT_KEY | REPORT_DETAIL,
     REPORT_AT(string_row, text.bytes)},
    {"hash", "hash", "", REPORT_KEY | REPORT_DETAIL, REPORT_AS(REPORT_HEX, string_row, text.hash)},
    {"found_in_flash", "found in flash", "", REPORT_OPTIONAL | REPORT_DETAIL,
     REPORT_AT(string_row, text.found_flash)},
    {"collections", "collections", "", REPORT_OPTIONAL | REPORT_DETAIL,
     REPORT_AT(string_row, text.collections)},
    {"is_constant", "constant", "", REPORT_OPTIONAL | REPORT_DETAIL,
     REPORT_AT(string_row, is_constant)},
    {"is_input", "input", "", REPORT_OPTIONAL | REPORT_DETAIL, REPORT_AT(string_row, is_input)},
    {"runs", "runs", "", REPORT_DETAIL, REPORT_AT(string_row, text.runs_ram)},
};

static const struct report_column stock_string_columns[] = {
    {"snapshots", "lists", "", 0, REPORT_AT(string_row, text.snapshots)},
    {"snapshot_percent", "% of them", "", 0, REPORT_AT(string_row, snapshot_percent)},
};

static struct report_table *add_string_table(const struct filler *filler)
{
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "strings", "Strings",
                                                  string_columns);
    table->explanation = "peak: bytes at the highest point; reads: characters that C "
                         "code read one by one";
    table->place = REPORT_PLACE_ASIDE;
    if (!filler->strings->profile->is_stock)
        return table;
    table->explanation = "peak: bytes in the list of strings in RAM that was longest";
    report_leave_out(table);
    report_add_columns(table, stock_string_columns, 2);
    return table;
}

static void find_site(const struct filler *filler, struct string_row *row)
{
    const struct heap_text_site *most = heap_text_main_site(&row->text);
    row->sites = row->text.site_births_other > 0;
    for (int i = 0; i < HEAP_TEXT_SITES; i++)
        row->sites += row->text.sites[i].births > 0;
    if (most)
        row->site = site_name(filler->report->arena,
                              &filler->strings->profile->names.items[most->site]);
}

static void add_string(const struct filler *filler, uint32_t idx, struct report_table *table)
{
    const struct strings *strings = filler->strings;
    const struct heap_text *text = text_at(strings, idx);
    struct string_row row = {
        .verdict = strings_verdict_name(strings->verdicts[idx]),
        .text = *text,
        .peak_bytes = peak_bytes_of(strings, idx),
        .byte_kiloinstructions = text->byte_time / 1000,
        .sources = strings_sources_text(filler->report->arena,
                                        strings_sources(strings->profile, text)),
        .is_constant = text->sources.was_constant,
        .is_input = text->sources.was_input,
        .snapshot_percent = text->snapshots / (double)strings->profile->snapshots * 100,
    };
    if (strings->verdicts[idx] != STRINGS_IN_FLASH)
        row.flash_bytes = report_number(strings_flash_item(text->bytes));
    if (!filler->hides_text && (text->content.bytes > 0 || text->bytes == 0))
        row.content = report_text(text->content);
    for (unsigned i = 0; text->characters && i < CONTENT_COUNT; i++)
        row.characters += text->characters[i];
    if (strings->run_clocks > 0)
        row.read_percent = strings->read_clocks[idx] / strings->run_clocks * 100;
    if (!strings->profile->is_stock)
        find_site(filler, &row);
    report_add_row(table, NULL, &row);
}

static const struct strings *ranking; // for qsort, which hands no context on

// What takes most at the highest point comes first, then what takes most over time.
static int compare_rank(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int64_t left = peak_bytes_of(ranking, x), right = peak_bytes_of(ranking, y);
    const struct heap_text *s = text_at(ranking, x), *t = text_at(ranking, y);
    if (left != right)
        return left > right ? -1 : 1;
    if (s->byte_time != t->byte_time)
        return s->byte_time > t->byte_time ? -1 : 1;
    if (s->bytes != t->bytes)
        return s->bytes > t->bytes ? -1 : 1;
    int order = text_compare(s->content, t->content);
    return order ? order : (s->hash > t->hash) - (s->hash < t->hash);
}

static void add_strings(const struct filler *filler)
{
    const struct strings *strings = filler->strings;
    struct arena *arena = filler->report->arena;
    struct report_table *table = add_string_table(filler);
    uint32_t *order = ARENA_NEW_ARRAY(arena, uint32_t, strings->profile->texts.count);
    uint32_t count = 0, hidden = 0;
    for (uint32_t i = 0; i < strings->profile->texts.count; i++) {
        const struct heap_text *text = text_at(strings, i);
        if (text->is_dropped)
            continue;
        if (strings_may_show(filler->settings, strings->profile, text))
            order[count++] = i;
        else
            hidden++;
    }
    ranking = strings;
    qsort(order, count, sizeof *order, compare_rank);
    for (uint32_t i = 0; i < count && i < STRINGS_ROWS_MAX; i++)
        add_string(filler, order[i], table);
    if (count > STRINGS_ROWS_MAX)
        report_omit(table, count - STRINGS_ROWS_MAX, "a report holds 5,000 strings");
    if (hidden > 0)
        report_add_note(filler->report, REPORT_NOTE,
                        "%" PRIu32 " texts came from input or are secret, and are not shown "
                        "(--origin, --include-input)",
                        hidden);
}

// ---- the list ----

struct chosen_row {
    struct text sources, module;
    struct report_value text, line;
    int64_t peak_bytes, flash_bytes;
};

static const struct report_column chosen_columns[] = {
    {"text", "text", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, chosen_row, text)},
    {"peak_bytes", "peak", "bytes", REPORT_SUMMED, REPORT_AT(chosen_row, peak_bytes)},
    {"flash_bytes", "flash", "bytes", REPORT_SUMMED, REPORT_AT(chosen_row, flash_bytes)},
    {"sources", "source", "", REPORT_KEY | REPORT_MAY_CUT | REPORT_WIDE,
     REPORT_AT(chosen_row, sources)},
    {"module", "most from", "", REPORT_MAY_CUT | REPORT_WIDE, REPORT_AT(chosen_row, module)},
    {"line", "line", "", REPORT_WIDE, REPORT_AS(REPORT_NUMBER, chosen_row, line)},
};

// In the order of the file.
static void add_chosen(const struct filler *filler)
{
    const struct strings *strings = filler->strings;
    struct arena *arena = filler->report->arena;
    uint32_t count;
    if (strings->chosen.count == 0 || filler->hides_text)
        return;
    struct report_table *table = REPORT_ADD_TABLE(filler->report, "chosen", "The list, by source",
                                                  chosen_columns);
    table->explanation = "as in dummy_strings.lua";
    table->place = REPORT_PLACE_PAGE;
    const struct strings_entry *entries = strings_entries(strings, &strings->chosen, false, arena,
                                                          &count);
    for (uint32_t i = 0; i < count; i++) {
        const struct strings_entry *entry = &entries[i];
        struct chosen_row row = {
            .sources = strings_sources_text(arena, entry->sources),
            .module = strings_entry_module(entry),
            .text = report_text(entry->text->content),
            .flash_bytes = strings_flash_item(entry->text->bytes),
        };
        if (heap_lives_at(strings->profile, entry->text, HEAP_MOMENT_PEAK))
            row.peak_bytes = (int64_t)heap_string_bytes(entry->text->bytes);
        if (entry->site && entry->site->line)
            row.line = report_number(entry->site->line);
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

void strings_fill_totals(const struct strings *strings, const struct strings_settings *settings,
                         struct report *report)
{
    struct filler filler = {strings, settings, false, report};
    add_prediction(&filler);
    add_comparison(&filler);
    add_costs(&filler);
    add_chains(&filler);
}

void strings_fill_tables(const struct strings *strings, const struct strings_settings *settings,
                         bool hides_text, struct report *report)
{
    struct filler filler = {strings, settings, hides_text, report};
    add_chosen(&filler);
    add_strings(&filler);
    add_verdicts(&filler);
    add_curve(&filler);
    add_runs(&filler);
    add_notes(&filler);
}

// ---- a list that somebody wrote ----

struct list_row {
    const char *finding;
    int64_t line, peak_bytes, flash_bytes;
    struct report_value text;
};

static const struct report_column list_columns[] = {
    {"finding", "finding", "", 0, REPORT_AT(list_row, finding)},
    {"line", "line", "", 0, REPORT_AT(list_row, line)},
    {"peak_bytes", "peak", "bytes", REPORT_SUMMED, REPORT_AT(list_row, peak_bytes)},
    {"flash_bytes", "flash", "bytes", REPORT_SUMMED, REPORT_AT(list_row, flash_bytes)},
    {"text", "text", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, list_row, text)},
};

static void add_list(const struct strings *strings, const struct strings_check *check,
                     struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "list", "The list, string by string",
                                                  list_columns);
    for (uint32_t i = 0; i < check->count; i++) {
        const struct strings_checked *item = &check->items[i];
        bool is_counted = item->text != HEAP_NO_TEXT && item->finding != STRINGS_FINDING_TWICE;
        struct list_row row = {strings_finding_name(item->finding), item->line,
                               is_counted ? peak_bytes_of(strings, item->text) : 0,
                               item->flash_bytes, report_text(item->bytes)};
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

// The columns that a string has which is not in the list.
static const struct report_column missing_columns[] = {
    {"peak_bytes", "peak", "bytes", REPORT_SUMMED, REPORT_AT(list_row, peak_bytes)},
    {"flash_bytes", "flash", "bytes", REPORT_SUMMED, REPORT_AT(list_row, flash_bytes)},
    {"text", "text", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, list_row, text)},
};

static void add_missing(const struct strings *strings, const struct strings_check *check,
                        struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "missing", "Good strings that it lacks",
                                                  missing_columns);
    for (uint32_t i = 0; i < check->missing_count; i++) {
        const struct heap_text *text = text_at(strings, check->missing[i]);
        struct list_row row = {.peak_bytes = peak_bytes_of(strings, check->missing[i]),
                               .flash_bytes = strings_flash_item(text->bytes),
                               .text = report_text(text->content)};
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

void strings_check_fill_report(const struct strings *strings, const struct strings_check *check,
                               struct report *report)
{
    report_add_number(report, "peak_bytes", "RAM at the highest point", "bytes",
                      (int64_t)strings->profile->moment_bytes[HEAP_MOMENT_PEAK]);
    report_add_number(report, "list_strings", "strings in the list", "", check->count);
    report_add_number(report, "good_strings", "of them good", "",
                      check->by_finding[STRINGS_FINDING_GOOD]);
    report_add_number(report, "saved_bytes", "saved by the list, predicted", "bytes",
                      check->list.saved_bytes);
    report_add_number(report, "best_saved_bytes", "saved by frost's own choice", "bytes",
                      strings->chosen.saved_bytes);
    report_add_number(report, "wasted_flash_bytes", "flash for strings that save nothing", "bytes",
                      (int64_t)check->wasted_flash_bytes);
    report_add_number(report, "missing_strings", "good strings that it lacks", "",
                      check->missing_count);
    add_list(strings, check, report);
    add_missing(strings, check, report);
}
