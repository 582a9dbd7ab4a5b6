// strings_rows.c: tables of single strings: every text with its figures, and the list.

#include "analyzer/analysis/strings/strings_groups.h"
#include "analyzer/analysis/strings/strings_report.h"
#include "analyzer/analysis/strings/strings_report_parts.h"

#include <inttypes.h>
#include <stdlib.h>

// ---- every text ----

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

static struct report_table *add_string_table(const struct strings_filler *filler)
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

static void find_site(const struct strings_filler *filler, struct string_row *row)
{
    const struct heap_text_site *most = heap_text_main_site(&row->text);
    row->sites = row->text.site_births_other > 0;
    for (int i = 0; i < HEAP_TEXT_SITES; i++)
        row->sites += row->text.sites[i].births > 0;
    if (most)
        row->site = site_name(filler->report->arena,
                              &filler->strings->profile->names.items[most->site]);
}

static void add_string(const struct strings_filler *filler, uint32_t idx,
                       struct report_table *table)
{
    const struct strings *strings = filler->strings;
    const struct heap_text *text = strings_text_at(strings, idx);
    struct string_row row = {
        .verdict = strings_verdict_name(strings->verdicts[idx]),
        .text = *text,
        .peak_bytes = strings_peak_bytes(strings, idx),
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
    int64_t left = strings_peak_bytes(ranking, x), right = strings_peak_bytes(ranking, y);
    const struct heap_text *s = strings_text_at(ranking, x), *t = strings_text_at(ranking, y);
    if (left != right)
        return left > right ? -1 : 1;
    if (s->byte_time != t->byte_time)
        return s->byte_time > t->byte_time ? -1 : 1;
    if (s->bytes != t->bytes)
        return s->bytes > t->bytes ? -1 : 1;
    int order = text_compare(s->content, t->content);
    return order ? order : (s->hash > t->hash) - (s->hash < t->hash);
}

void strings_add_rows(const struct strings_filler *filler)
{
    const struct strings *strings = filler->strings;
    struct arena *arena = filler->report->arena;
    struct report_table *table = add_string_table(filler);
    uint32_t *order = ARENA_NEW_ARRAY(arena, uint32_t, strings->profile->texts.count);
    uint32_t count = 0, hidden = 0;
    for (uint32_t i = 0; i < strings->profile->texts.count; i++) {
        const struct heap_text *text = strings_text_at(strings, i);
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

void strings_add_chosen(const struct strings_filler *filler)
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
