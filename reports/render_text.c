// render_text.c: a report for the terminal: losses first, then totals, tables and notes.
//
// Numbers are right-aligned with separators; a table that was cut says how many rows are missing;
// columns that may be cut are shortened until a row fits the line.

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/lua_literal.h"
#include "analyzer/base/safe_text.h"
#include "analyzer/base/wrap.h"
#include "reports/renderer.h"
#include "reports/value_text.h"

#define ROWS_DEFAULT 20u
#define COLUMNS_DEFAULT 132u
#define CUT_WIDTH_MIN 12u
#define CELL_BYTES_MAX 400u // a longer text is cut before it is laid out

struct page {
    FILE *out;
    const struct render_settings *settings;
    unsigned columns;
};

static const char *style(const struct page *page, enum terminal_style which)
{
    return page->settings->terminal ? terminal_style(page->settings->terminal, which) : "";
}

// A sentence, on a terminal in lines that fit it, and the end of its line.
static void put_prose(const struct page *page, struct text text, unsigned column, unsigned indent)
{
    const struct terminal *terminal = page->settings->terminal;
    wrap_print(page->out, text, terminal && terminal->is_terminal ? page->columns : WRAP_NEVER,
               column, indent);
    fputc('\n', page->out);
}

// The same in a style that covers all of it.
static void put_styled(const struct page *page, enum terminal_style which, struct text text)
{
    fputs(style(page, which), page->out);
    put_prose(page, text, 0, 0);
    fputs(style(page, STYLE_PLAIN), page->out);
}

// ---- cells ----

static char *format_number(struct arena *arena, int64_t number)
{
    char digits[24];
    char *out = arena_alloc(arena, 32);
    int count = snprintf(digits, sizeof digits, "%" PRIu64,
                         number < 0 ? (uint64_t)0 - (uint64_t)number : (uint64_t)number);
    int used = 0;
    if (number < 0)
        out[used++] = '-';
    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    return out;
}

static char *format_size(const struct render_settings *settings, int64_t number, const char *unit)
{
    if (settings->has_human_sizes && !strcmp(unit, "bytes") && llabs((long long)number) >= 1024)
        return arena_format(settings->scratch, "%.1f KiB", (double)number / 1024.0);
    return format_number(settings->scratch, number);
}

static struct text cut(struct arena *arena, struct text text, size_t width)
{
    if (text.bytes <= width)
        return text;
    size_t kept = width - 3;
    while (kept > 0 && ((unsigned char)text.data[kept] & 0xC0) == 0x80) // whole characters
        kept--;
    return text_of(arena_format(arena, "%.*s...", (int)kept, text.data));
}

static const char *format_value(const struct render_settings *settings, enum report_kind kind,
                                unsigned decimals, const char *unit, struct report_value value)
{
    struct arena *arena = settings->scratch;
    if (!value.is_present)
        return "";
    switch (kind) {
    case REPORT_NUMBER:
        return format_size(settings, value.number, unit);
    case REPORT_REAL:
        if (decimals == 0 && value.real > -9e15 && value.real < 9e15)
            return format_number(arena,
                                 (int64_t)(value.real < 0 ? value.real - 0.5 : value.real + 0.5));
        return arena_format(arena, "%.*f", (int)decimals, value.real);
    case REPORT_TEXT:
        return arena_copy_text(arena, cut(arena, safe_text(arena, value.text), CELL_BYTES_MAX))
            .data;
    case REPORT_STRING: {
        struct text head = {value.text.data,
                            value.text.bytes > CELL_BYTES_MAX ? CELL_BYTES_MAX : value.text.bytes};
        return lua_literal_quote(arena, head).data;
    }
    case REPORT_FLAG:
        return value.flag ? "yes" : "";
    case REPORT_HEX:
        return arena_format(arena, "0x%" PRIx64, value.hex);
    }
    return "";
}

static bool is_left_aligned(enum report_kind kind)
{
    return kind == REPORT_TEXT || kind == REPORT_STRING || kind == REPORT_FLAG;
}

// ---- tables ----

struct layout {
    size_t columns[REPORT_COLUMNS_MAX]; // indices of the columns that are shown
    size_t width[REPORT_COLUMNS_MAX];
    size_t count;
    const char **cells; // of the shown rows and the sum row
    size_t row_count;   // without the sum row
};

static bool has_value(const struct report_table *table, size_t column)
{
    for (size_t r = 0; r < table->row_count; r++)
        if (table->cells[r * table->column_count + column].is_present)
            return true;
    return false;
}

static const struct report_value *row_of(const struct report_table *table,
                                         const struct layout *layout, size_t row)
{
    return row == layout->row_count ? table->sum : &table->cells[row * table->column_count];
}

static void lay_out(const struct page *page, const struct report_table *table,
                    struct layout *layout)
{
    uint64_t rows_max = page->settings->rows_max ? page->settings->rows_max
                        : table->is_tree         ? table->row_count
                                                 : ROWS_DEFAULT;
    *layout = (struct layout){.row_count = table->row_count < rows_max ? table->row_count
                                                                       : (size_t)rows_max};
    for (size_t c = 0; c < table->column_count; c++) {
        bool is_detail = table->columns[c].flags & REPORT_DETAIL;
        if ((!is_detail || page->settings->is_verbose) && (has_value(table, c) || !is_detail))
            layout->columns[layout->count++] = c;
    }
    size_t rows = layout->row_count + (table->sum != NULL);
    layout->cells = ARENA_NEW_ARRAY(page->settings->scratch, const char *, rows * layout->count);
    for (size_t i = 0; i < layout->count; i++) {
        const struct report_column *column = &table->columns[layout->columns[i]];
        layout->width[i] = strlen(column->title);
        for (size_t r = 0; r < rows; r++) {
            struct report_value value = row_of(table, layout, r)[layout->columns[i]];
            bool is_label = table->sum && r == layout->row_count && column->kind == REPORT_STRING;
            const char *cell = format_value(page->settings, is_label ? REPORT_TEXT : column->kind,
                                            column->decimals, column->unit, value);
            layout->cells[r * layout->count + i] = cell;
            if (strlen(cell) > layout->width[i])
                layout->width[i] = strlen(cell);
        }
    }
}

// Takes width from the columns that may be cut, the widest first, until the row fits.
static void shrink(const struct page *page, const struct report_table *table, struct layout *layout)
{
    size_t total = 0;
    for (size_t i = 0; i < layout->count; i++)
        total += layout->width[i] + 2;
    while (total > page->columns) {
        size_t widest = SIZE_MAX;
        for (size_t i = 0; i < layout->count; i++)
            if ((table->columns[layout->columns[i]].flags & REPORT_MAY_CUT) &&
                layout->width[i] > CUT_WIDTH_MIN &&
                (widest == SIZE_MAX || layout->width[i] > layout->width[widest]))
                widest = i;
        if (widest == SIZE_MAX)
            return;
        layout->width[widest]--;
        total--;
    }
}

static void put_line(const struct page *page, const struct report_table *table,
                     const struct layout *layout, const char *const *cells)
{
    size_t pending = 0; // spaces that are written only when something follows
    for (size_t i = 0; i < layout->count; i++) {
        const struct report_column *column = &table->columns[layout->columns[i]];
        struct text cell = cut(page->settings->scratch, text_of(cells[i]), layout->width[i]);
        size_t space = layout->width[i] - cell.bytes;
        pending += 2;
        if (!is_left_aligned(column->kind)) {
            pending += space;
            space = 0;
        }
        if (cell.bytes) {
            fprintf(page->out, "%*s%.*s", (int)pending, "", TEXT_ARGS(cell));
            pending = 0;
        } else {
            pending += cell.bytes;
        }
        pending += space;
    }
    fputc('\n', page->out);
}

static void put_table(const struct page *page, const struct report_table *table)
{
    struct layout layout;
    struct arena_mark mark = arena_mark(page->settings->scratch);
    const char *titles[REPORT_COLUMNS_MAX];
    struct text title = safe_text(page->settings->scratch, text_of(table->title));
    fputc('\n', page->out);
    put_styled(page, STYLE_HEAD, title);
    if (table->explanation)
        put_prose(page, text_of(table->explanation), 0, 0);
    lay_out(page, table, &layout);
    shrink(page, table, &layout);
    for (size_t i = 0; i < layout.count; i++)
        titles[i] = table->columns[layout.columns[i]].title;
    fputs(style(page, STYLE_DIM), page->out);
    put_line(page, table, &layout, titles);
    fputs(style(page, STYLE_PLAIN), page->out);
    for (size_t r = 0; r < layout.row_count; r++)
        put_line(page, table, &layout, &layout.cells[r * layout.count]);
    if (table->row_count == 0)
        fputs("  (none)\n", page->out);
    if (layout.row_count < table->row_count)
        fprintf(
            page->out, "  ... %s more\n",
            format_number(page->settings->scratch, (int64_t)(table->row_count - layout.row_count)));
    if (table->omitted_count)
        fprintf(page->out, "  ... %s left out: %s\n",
                format_number(page->settings->scratch, (int64_t)table->omitted_count),
                table->omitted_why ? table->omitted_why : "limit of the analysis");
    if (table->sum) {
        fputs(style(page, STYLE_HEAD), page->out);
        if (!report_has_sum_label(table))
            fputs("  total\n", page->out);
        put_line(page, table, &layout, &layout.cells[layout.row_count * layout.count]);
        fputs(style(page, STYLE_PLAIN), page->out);
    }
    arena_rewind(page->settings->scratch, mark);
}

// ---- the rest ----

static void put_loss(const struct page *page, const struct report *report)
{
    if (report_has_loss(&report->loss))
        put_styled(page, STYLE_BAD, report_loss_text(page->settings->scratch, &report->loss));
}

static void put_inputs(const struct page *page, const struct report *report)
{
    for (const struct report_input *input = report->inputs; input; input = input->next) {
        struct text path = safe_text(page->settings->scratch, input->path);
        put_prose(page,
                  text_of(arena_format(
                      page->settings->scratch, "%s %.*s: %s bytes%s", input->kind, TEXT_ARGS(path),
                      format_number(page->settings->scratch, (int64_t)input->bytes),
                      input->is_complete ? "" : ", incomplete")),
                  0, 2);
    }
}

static void put_totals(const struct page *page, const struct report *report)
{
    size_t width = 0, value_width = 0;
    for (const struct report_total *total = report->totals; total; total = total->next) {
        const char *value = format_value(page->settings, total->kind, total->decimals, total->unit,
                                         total->value);
        width = strlen(total->title) > width ? strlen(total->title) : width;
        if (total->kind != REPORT_TEXT && strlen(value) > value_width)
            value_width = strlen(value);
    }
    if (report->totals)
        fputc('\n', page->out);
    for (const struct report_total *total = report->totals; total; total = total->next) {
        const char *value = format_value(page->settings, total->kind, total->decimals, total->unit,
                                         total->value);
        const char *unit = total->value.is_present ? total->unit : "";
        if (!total->value.is_present)
            value = "-";
        fprintf(page->out, "  %s%*s", total->title, (int)(width - strlen(total->title)), "");
        if (total->kind == REPORT_TEXT)
            fprintf(page->out, "  %s\n", value);
        else
            fprintf(page->out, "  %*s%s%s\n", (int)value_width, value, *unit ? " " : "", unit);
    }
}

static void put_notes(const struct page *page, const struct report *report)
{
    static const char *const heads[] = {"note", "warning", "finding"};
    if (report->notes)
        fputc('\n', page->out);
    for (const struct report_note *note = report->notes; note; note = note->next) {
        enum terminal_style head = note->kind == REPORT_NOTE ? STYLE_DIM : STYLE_BAD;
        struct text text = safe_text(page->settings->scratch, note->text);
        fprintf(page->out, "%s%s:%s ", style(page, head), heads[note->kind],
                style(page, STYLE_PLAIN));
        put_prose(page, text, (unsigned)strlen(heads[note->kind]) + 2, 2);
    }
}

static int render(const struct report *report, const struct render_settings *settings, FILE *out,
                  struct problem *problem)
{
    struct page page = {out, settings, COLUMNS_DEFAULT};
    struct arena_mark mark = arena_mark(settings->scratch);
    (void)problem;
    if (settings->terminal && settings->terminal->is_terminal)
        page.columns = settings->terminal->columns;
    struct text title = safe_text(settings->scratch, text_of(report_heading(report, NULL)));
    put_styled(&page, STYLE_HEAD, title);
    put_loss(&page, report);
    put_inputs(&page, report);
    put_totals(&page, report);
    for (const struct report_table *table = report->tables; table; table = table->next)
        if (table->place != REPORT_PLACE_PAGE)
            put_table(&page, table);
    put_notes(&page, report);
    arena_rewind(settings->scratch, mark);
    return STATUS_OK;
}

const struct renderer renderer_text = {"text", ".txt", render};
