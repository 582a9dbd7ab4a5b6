// strings_report.c: tables and totals of the strings analysis.

#include "analyzer/analysis/strings_report.h"

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
    report_add_number(report, "saved_all_bytes", "saved if every candidate moved", "bytes",
                      strings->all.saved_bytes);
    report_add_number(report, "flash_all_bytes", "flash for every candidate", "bytes",
                      (int64_t)strings->all.flash_bytes);
    report_add_number(report, "bound_bytes", "most that any list of that size saves", "bytes",
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
    report_add_real(report, "vs_dump_ratio", "saved per byte of flash, list against plain dump",
                    "", 2, other > 0 ? own / other : NAN);
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
    report_add_real(report, "run_clocks", "clocks of the runs, modelled", "clocks", 0,
                    whole);
    report_add_real(report, "read_percent", "byte-wise reads of the list from flash, modelled",
                    "% of the clocks", 3,
                    whole > 0 || strings->profile->is_stock ? clocks / whole * 100 : 0);
    report_add_real(report, "visit_percent", "one visit of each by every collection, modelled",
                    "% of the clocks", 3,
                    whole > 0 || strings->profile->is_stock ? visits / whole * 100 : 0);
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
    if (strings->profile->is_stock)
        add_stock_notes(filler);
    if (strings->image_note)
        report_add_note(report, REPORT_NOTE,
                        "%s: the flash cost counts from an empty image", strings->image_note);
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

static void add_runs(const struct filler *filler)
{
    const struct strings *strings = filler->strings;
    bool is_stock = strings->profile->is_stock;
    unsigned not_stock = is_stock ? REPORT_DETAIL : 0;
    struct report_table *table = report_add_table(filler->report, "runs", "Runs");
    report_add_column(table, "path", "run", "", REPORT_TEXT, REPORT_MAY_CUT);
    report_add_column(table, "peak_bytes", "highest", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "saved_bytes", "saved", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "end_bytes", "at the end", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "end_strings", "strings", "", REPORT_NUMBER, 0);
    report_add_column(table, "instructions", "instructions", "", REPORT_NUMBER, not_stock);
    report_add_column(table, "collections", "collections", "", REPORT_NUMBER, not_stock);
    report_add_column(table, "boots", "boots", "", REPORT_NUMBER, is_stock ? 0 : REPORT_DETAIL);
    report_add_column(table, "exit_status", "status", "", REPORT_NUMBER, not_stock);
    if (is_stock)
        report_add_column(table, "snapshots", "lists", "", REPORT_NUMBER, 0);
    for (uint32_t i = 0; i < strings->profile->run_count; i++) {
        const struct heap_run *run = &strings->profile->runs[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_text(run->name);
        row[1] = report_number((int64_t)run->ledger_max);
        row[2] = report_number(strings->run_saved_bytes[i]);
        row[3] = report_number((int64_t)run->ledger_end);
        row[4] = report_number(run->string_count_end);
        row[7] = report_number(run->boots);
        if (is_stock) {
            row[9] = report_number(run->snapshots);
            continue;
        }
        row[5] = report_number((int64_t)run->clocks);
        row[6] = report_number((int64_t)run->gc_count);
        if (run->exit_status >= 0)
            row[8] = report_number(run->exit_status);
    }
}

static void add_verdicts(const struct filler *filler)
{
    const struct strings *strings = filler->strings;
    static const int sums[] = {1, 2, 3, -1};
    int64_t texts[STRINGS_VERDICT_COUNT] = {0}, births[STRINGS_VERDICT_COUNT] = {0};
    int64_t bytes[STRINGS_VERDICT_COUNT] = {0};
    struct report_table *table =
        report_add_table(filler->report, "verdicts", "What became of the texts");
    report_add_column(table, "verdict", "verdict", "", REPORT_TEXT, 0);
    report_add_column(table, "texts", "texts", "", REPORT_NUMBER, 0);
    report_add_column(table, "peak_bytes", "at the peak", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "births", "allocated", "", REPORT_NUMBER, 0);
    for (uint32_t i = 0; i < strings->profile->texts.count; i++) {
        const struct heap_text *text = text_at(strings, i);
        if (text->is_dropped)
            continue;
        texts[strings->verdicts[i]]++;
        births[strings->verdicts[i]] += (int64_t)text->births;
        bytes[strings->verdicts[i]] += peak_bytes_of(strings, i);
    }
    for (unsigned v = 0; v < STRINGS_VERDICT_COUNT; v++) {
        if (texts[v] == 0)
            continue;
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(strings_verdict_name(v)));
        row[1] = report_number(texts[v]);
        row[2] = report_number(bytes[v]);
        row[3] = report_number(births[v]);
    }
    report_add_sum(table, sums);
}

enum string_column {
    COLUMN_VERDICT, COLUMN_PEAK, COLUMN_FLASH, COLUMN_BIRTHS, COLUMN_RETAINED, COLUMN_BYTE_TIME,
    COLUMN_FOUND, COLUMN_READ, COLUMN_READ_PERCENT, COLUMN_SITE, COLUMN_SITES, COLUMN_TEXT,
    COLUMN_LENGTH, COLUMN_HASH, COLUMN_FOUND_FLASH, COLUMN_COLLECTIONS, COLUMN_CONSTANT,
    COLUMN_INPUT, COLUMN_RUNS, COLUMN_SNAPSHOTS, COLUMN_SNAPSHOT_PERCENT,
};

static struct report_table *add_string_columns(const struct filler *filler)
{
    struct report_table *table = report_add_table(filler->report, "strings", "Strings");
    unsigned not_stock = filler->strings->profile->is_stock ? REPORT_DETAIL : 0;
    table->explanation = not_stock ? "peak: bytes in the list of strings in RAM that was longest"
                                   : "peak: bytes at the highest point; reads: characters that C "
                                     "code read one by one";
    report_add_column(table, "verdict", "verdict", "", REPORT_TEXT, 0);
    report_add_column(table, "peak_bytes", "peak", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "flash_bytes", "flash", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "births", "allocated", "", REPORT_NUMBER, not_stock);
    report_add_column(table, "retained_runs", "retained", "runs", REPORT_NUMBER, 0);
    report_add_column(table, "byte_kiloinstructions", "bytes x ki", "bytes x 1000 instructions",
                      REPORT_NUMBER, not_stock);
    report_add_column(table, "found_in_ram", "found", "", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "characters_read", "reads", "", REPORT_NUMBER, not_stock);
    report_add_column(table, "read_percent", "reads %", "% of the clocks", REPORT_REAL, not_stock)
        ->decimals = 2;
    report_add_column(table, "site", "most from", "", REPORT_TEXT, REPORT_MAY_CUT | not_stock);
    report_add_column(table, "sites", "sites", "", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "text", "text", "", REPORT_STRING, REPORT_MAY_CUT);
    report_add_column(table, "length_bytes", "length", "bytes", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "hash", "hash", "", REPORT_HEX, REPORT_DETAIL);
    report_add_column(table, "found_in_flash", "found in flash", "", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "collections", "collections", "", REPORT_NUMBER, REPORT_DETAIL);
    report_add_column(table, "is_constant", "constant", "", REPORT_FLAG, REPORT_DETAIL);
    report_add_column(table, "is_input", "input", "", REPORT_FLAG, REPORT_DETAIL);
    report_add_column(table, "runs", "runs", "", REPORT_NUMBER, REPORT_DETAIL);
    if (not_stock) {
        report_add_column(table, "snapshots", "lists", "", REPORT_NUMBER, 0);
        report_add_column(table, "snapshot_percent", "% of them", "", REPORT_REAL, 0)->decimals = 0;
    }
    return table;
}

static void fill_site(const struct filler *filler, const struct heap_text *text,
                      struct report_value *row)
{
    const struct heap_text_site *most = NULL;
    int64_t sites = text->site_births_other > 0;
    for (int i = 0; i < HEAP_TEXT_SITES; i++) {
        const struct heap_text_site *site = &text->sites[i];
        sites += site->births > 0;
        if (site->births > 0 && (!most || site->births > most->births))
            most = site;
    }
    if (most)
        row[COLUMN_SITE] = report_text(heap_site_name(
            filler->report->arena, &filler->strings->profile->sites[most->site]));
    row[COLUMN_SITES] = report_number(sites);
}

static void fill_string(const struct filler *filler, uint32_t idx, struct report_value *row)
{
    const struct strings *strings = filler->strings;
    const struct heap_text *text = text_at(strings, idx);
    uint64_t characters = 0;
    for (unsigned i = 0; text->characters && i < CONTENT_COUNT; i++)
        characters += text->characters[i];
    row[COLUMN_VERDICT] = report_text(text_of(strings_verdict_name(strings->verdicts[idx])));
    row[COLUMN_PEAK] = report_number(peak_bytes_of(strings, idx));
    if (strings->verdicts[idx] != STRINGS_IN_FLASH)
        row[COLUMN_FLASH] = report_number(strings_flash_item(text->bytes));
    row[COLUMN_RETAINED] = report_number(text->runs_retained);
    row[COLUMN_LENGTH] = report_number(text->bytes);
    row[COLUMN_HASH] = report_hex(text->hash);
    row[COLUMN_RUNS] = report_number(text->runs_ram);
    if (!filler->hides_text && (text->content.bytes > 0 || text->bytes == 0))
        row[COLUMN_TEXT] = report_text(text->content);
    if (strings->profile->is_stock) {
        double lists = strings->profile->snapshots;
        row[COLUMN_SNAPSHOTS] = report_number(text->snapshots);
        row[COLUMN_SNAPSHOT_PERCENT] = report_real(text->snapshots / lists * 100);
        return;
    }
    row[COLUMN_BIRTHS] = report_number((int64_t)text->births);
    row[COLUMN_BYTE_TIME] = report_number((int64_t)(text->byte_time / 1000));
    row[COLUMN_FOUND] = report_number((int64_t)text->found_ram);
    row[COLUMN_READ] = report_number((int64_t)characters);
    row[COLUMN_READ_PERCENT] =
        report_real(strings->run_clocks > 0
                        ? strings->read_clocks[idx] / strings->run_clocks * 100
                        : 0);
    fill_site(filler, text, row);
    row[COLUMN_FOUND_FLASH] = report_number((int64_t)text->found_flash);
    row[COLUMN_COLLECTIONS] = report_number((int64_t)text->collections);
    row[COLUMN_CONSTANT] = report_flag(text->births_constant > 0);
    row[COLUMN_INPUT] = report_flag(text->births_input > 0);
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
    struct report_table *table = add_string_columns(filler);
    uint32_t *order = ARENA_NEW_ARRAY(arena, uint32_t, strings->profile->texts.count);
    uint32_t count = 0, hidden = 0;
    for (uint32_t i = 0; i < strings->profile->texts.count; i++) {
        const struct heap_text *text = text_at(strings, i);
        if (text->is_dropped)
            continue;
        if (strings_may_show(filler->settings, text))
            order[count++] = i;
        else
            hidden++;
    }
    ranking = strings;
    qsort(order, count, sizeof *order, compare_rank);
    for (uint32_t i = 0; i < count && i < STRINGS_ROWS_MAX; i++)
        fill_string(filler, order[i], report_add_row(table));
    if (count > STRINGS_ROWS_MAX) {
        table->omitted_count = count - STRINGS_ROWS_MAX;
        table->omitted_why = "a report holds 5,000 strings";
    }
    if (hidden > 0)
        report_add_note(filler->report, REPORT_NOTE,
                        "%" PRIu32 " texts came from input and are not shown (--include-input)",
                        hidden);
}

void strings_fill_totals(const struct strings *strings, const struct strings_settings *settings,
                         struct report *report)
{
    struct filler filler = {strings, settings, false, report};
    add_prediction(&filler);
    add_comparison(&filler);
    add_costs(&filler);
}

void strings_fill_tables(const struct strings *strings, const struct strings_settings *settings,
                         bool hides_text, struct report *report)
{
    struct filler filler = {strings, settings, hides_text, report};
    add_strings(&filler);
    add_verdicts(&filler);
    add_runs(&filler);
    add_notes(&filler);
}

// ---- a list that somebody wrote ----

static void add_list(const struct strings *strings, const struct strings_check *check,
                     struct report *report)
{
    static const int sums[] = {2, 3, -1};
    struct report_table *table = report_add_table(report, "list", "The list, string by string");
    report_add_column(table, "finding", "finding", "", REPORT_TEXT, 0);
    report_add_column(table, "line", "line", "", REPORT_NUMBER, 0);
    report_add_column(table, "peak_bytes", "peak", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "flash_bytes", "flash", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "text", "text", "", REPORT_STRING, REPORT_MAY_CUT);
    for (uint32_t i = 0; i < check->count; i++) {
        const struct strings_checked *item = &check->items[i];
        struct report_value *row = report_add_row(table);
        row[0] = report_text(text_of(strings_finding_name(item->finding)));
        row[1] = report_number(item->line);
        row[2] = report_number(item->text == HEAP_NO_TEXT ||
                                       item->finding == STRINGS_FINDING_TWICE
                                   ? 0
                                   : peak_bytes_of(strings, item->text));
        row[3] = report_number(item->flash_bytes);
        row[4] = report_text(item->bytes);
    }
    report_add_sum(table, sums);
}

static void add_missing(const struct strings *strings, const struct strings_check *check,
                        struct report *report)
{
    static const int sums[] = {0, 1, -1};
    struct report_table *table = report_add_table(report, "missing", "Good strings that it lacks");
    report_add_column(table, "peak_bytes", "peak", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "flash_bytes", "flash", "bytes", REPORT_NUMBER, 0);
    report_add_column(table, "text", "text", "", REPORT_STRING, REPORT_MAY_CUT);
    for (uint32_t i = 0; i < check->missing_count; i++) {
        const struct heap_text *text = text_at(strings, check->missing[i]);
        struct report_value *row = report_add_row(table);
        row[0] = report_number(peak_bytes_of(strings, check->missing[i]));
        row[1] = report_number(strings_flash_item(text->bytes));
        row[2] = report_text(text->content);
    }
    report_add_sum(table, sums);
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
