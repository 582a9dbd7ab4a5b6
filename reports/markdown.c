// markdown.c: reports as GitHub-flavoured Markdown.
//
// Whatever comes from a report is escaped: as code where it is a string of a program, else with
// backslashes, so that no content changes the page around it.

#include "reports/markdown.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/safe_text.h"
#include "reports/value_text.h"

#define CELL_BYTES_MAX 100u
#define NOTES_MAX 30u

struct sheet {
    FILE *out;
    const struct render_settings *settings;
    uint64_t rows_max;
};

// ---- text ----

static void put_text(FILE *out, struct text text)
{
    while (text.bytes > 0) {
        size_t bytes = utf8_character_bytes(text);
        if (bytes == 1 && strchr("\\`*_{}[]<>#|~&$@!", *text.data))
            fputc('\\', out);
        if (bytes == 0)
            fputc(*text.data == '\n' ? ' ' : '?', out);
        else
            fwrite(text.data, 1, bytes, out);
        bytes += bytes == 0;
        text = (struct text){text.data + bytes, text.bytes - bytes};
    }
}

// Code: the fence is longer than any run of backquotes inside; a bar is escaped even there.
static void put_code(FILE *out, struct text text)
{
    size_t run = 0, longest = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        run = text.data[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (size_t i = 0; i <= longest; i++)
        fputc('`', out);
    if (longest)
        fputc(' ', out);
    for (size_t i = 0; i < text.bytes; i++) {
        if (text.data[i] == '|')
            fputc('\\', out);
        fputc(text.data[i], out);
    }
    if (longest)
        fputc(' ', out);
    for (size_t i = 0; i <= longest; i++)
        fputc('`', out);
}

static void put_value(const struct sheet *sheet, enum report_kind kind, unsigned decimals,
                      const struct report_value *value, bool is_label)
{
    struct text text = value_text(sheet->settings->scratch, is_label ? REPORT_TEXT : kind, decimals,
                                  value, CELL_BYTES_MAX);
    if (kind == REPORT_STRING && !is_label && text.bytes)
        put_code(sheet->out, text);
    else
        put_text(sheet->out, text);
}

// ---- parts of a report ----

static void put_totals(const struct sheet *sheet, const struct report *report)
{
    if (!report->totals)
        return;
    fputs("| | |\n| :-- | --: |\n", sheet->out);
    for (const struct report_total *total = report->totals; total; total = total->next) {
        fputs("| ", sheet->out);
        put_text(sheet->out, text_of(total->title));
        fputs(" | ", sheet->out);
        put_value(sheet, total->kind, total->decimals, &total->value, false);
        if (total->unit && *total->unit) {
            fputc(' ', sheet->out);
            put_text(sheet->out, text_of(total->unit));
        }
        fputs(" |\n", sheet->out);
    }
    fputc('\n', sheet->out);
}

static void put_findings(const struct sheet *sheet, const struct report *report)
{
    unsigned number = 0;
    for (const struct report_note *note = report->notes; note; note = note->next) {
        if (note->kind != REPORT_FINDING || number == NOTES_MAX)
            continue;
        fprintf(sheet->out, "%u. ", ++number);
        put_text(sheet->out, note->text);
        if (note->command.bytes)
            fprintf(sheet->out, ": `%.*s`", TEXT_ARGS(note->command));
        fputc('\n', sheet->out);
    }
    if (number)
        fputc('\n', sheet->out);
}

static void put_remarks(const struct sheet *sheet, const struct report *report)
{
    unsigned count = 0;
    for (const struct report_note *note = report->notes; note; note = note->next) {
        if (note->kind == REPORT_FINDING || count == NOTES_MAX)
            continue;
        count++;
        fputs(note->kind == REPORT_WARNING ? "**Warning:** " : "Note: ", sheet->out);
        put_text(sheet->out, note->text);
        fputs("\n\n", sheet->out);
    }
}

static void put_row(const struct sheet *sheet, const struct report_table *table,
                    const struct report_value *cells)
{
    const char *mark = cells == table->sum && !report_has_sum_label(table) ? "**" : "";
    for (size_t c = 0; c < table->column_count; c++) {
        const struct report_column *column = &table->columns[c];
        if (column->flags & REPORT_DETAIL && !sheet->settings->is_verbose)
            continue;
        fprintf(sheet->out, "| %s", cells[c].is_present ? mark : "");
        put_value(sheet, column->kind, column->decimals, &cells[c],
                  value_is_label(table, cells, c));
        fprintf(sheet->out, "%s ", cells[c].is_present ? mark : "");
    }
    fputs("|\n", sheet->out);
}

static void put_heads(const struct sheet *sheet, const struct report_table *table)
{
    for (int is_rule = 0; is_rule < 2; is_rule++) {
        for (size_t c = 0; c < table->column_count; c++) {
            const struct report_column *column = &table->columns[c];
            if (column->flags & REPORT_DETAIL && !sheet->settings->is_verbose)
                continue;
            fputs("| ", sheet->out);
            if (is_rule)
                fputs(value_is_number(column->kind) ? "--:" : ":--", sheet->out);
            else
                put_text(sheet->out, text_of(column->title));
            fputc(' ', sheet->out);
        }
        fputs("|\n", sheet->out);
    }
}

// Tables of the first report stand open, those of the others are folded.
static void put_table(const struct sheet *sheet, const struct report_table *table, bool is_folded)
{
    size_t shown = table->row_count < sheet->rows_max ? table->row_count : (size_t)sheet->rows_max;
    uint64_t missing = table->row_count - shown + table->omitted_count;
    if (table->row_count == 0)
        return;
    fputs(is_folded ? "<details><summary><b>" : "#### ", sheet->out);
    put_text(sheet->out, text_of(table->title));
    fputs(is_folded ? "</b></summary>\n\n" : "\n\n", sheet->out);
    if (table->explanation) {
        put_text(sheet->out, text_of(table->explanation));
        fputs("\n\n", sheet->out);
    }
    put_heads(sheet, table);
    for (size_t r = 0; r < shown; r++)
        put_row(sheet, table, &table->cells[r * table->column_count]);
    if (table->sum)
        put_row(sheet, table, table->sum);
    fputc('\n', sheet->out);
    if (missing) {
        fputs("... ", sheet->out);
        value_put_number(sheet->out, (int64_t)missing);
        fputs(" more rows\n\n", sheet->out);
    }
    if (is_folded)
        fputs("</details>\n\n", sheet->out);
}

static void put_report(const struct sheet *sheet, const struct report *report, bool is_first)
{
    put_totals(sheet, report);
    put_findings(sheet, report);
    for (const struct report_table *table = report->tables; table; table = table->next)
        put_table(sheet, table, !is_first);
    put_remarks(sheet, report);
}

// ---- the whole, as long as it may be ----

static void put_all(const struct sheet *sheet, const char *title,
                    const struct report *const *reports, size_t count)
{
    fputs(MARKDOWN_MARKER "\n## ", sheet->out);
    put_text(sheet->out, text_of(report_heading(reports[0], title)));
    fputs("\n\n", sheet->out);
    if (report_has_loss(&reports[0]->loss)) {
        fputs("**", sheet->out);
        put_text(sheet->out, report_loss_text(sheet->settings->scratch, &reports[0]->loss));
        fputs("**\n\n", sheet->out);
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            fputs("### ", sheet->out);
            put_text(sheet->out, text_of(reports[i]->title));
            fputs("\n\n", sheet->out);
        }
        put_report(sheet, reports[i], i == 0);
    }
}

// Cuts after the last whole line that fits.
static size_t cut_bytes(const char *data, size_t bytes)
{
    static const char note[] = "\nCut off here.\n";
    if (bytes <= MARKDOWN_BYTES_MAX)
        return bytes;
    bytes = MARKDOWN_BYTES_MAX - sizeof note;
    while (bytes > 0 && data[bytes - 1] != '\n')
        bytes--;
    return bytes;
}

int markdown_render(const char *title, const struct report *const *reports, size_t count,
                    const struct render_settings *settings, FILE *out, struct problem *problem)
{
    uint64_t rows = settings->rows_max ? settings->rows_max : MARKDOWN_ROWS_DEFAULT;
    char *data = NULL;
    size_t bytes = 0;
    for (;;) {
        FILE *memory = open_memstream(&data, &bytes);
        if (!memory)
            return problem_set(problem, STATUS_NO_MEMORY, (struct text){0}, PROBLEM_NO_OFF,
                               "cannot allocate a Markdown report");
        struct sheet sheet = {memory, settings, rows};
        put_all(&sheet, title, reports, count);
        if (fclose(memory) != 0) {
            free(data);
            return problem_set(problem, STATUS_NO_MEMORY, (struct text){0}, PROBLEM_NO_OFF,
                               "cannot allocate a Markdown report");
        }
        if (bytes <= MARKDOWN_BYTES_MAX || rows == 0)
            break;
        free(data);
        data = NULL;
        rows /= 2;
    }
    size_t kept = cut_bytes(data, bytes);
    fwrite(data, 1, kept, out);
    if (kept < bytes)
        fputs("\nCut off here.\n", out);
    free(data);
    return STATUS_OK;
}

static int render_markdown(const struct report *report, const struct render_settings *settings,
                           FILE *out, struct problem *problem)
{
    return markdown_render(report->title, &report, 1, settings, out, problem);
}

const struct renderer renderer_markdown = {"markdown", ".md", render_markdown};
