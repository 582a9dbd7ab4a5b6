// page_table.c: tables of an HTML page.
//
// A table shows its first rows and its main columns; two checkboxes above it, read by the style
// sheet alone, show the rest. The column of bytes or clocks by which the rows are sorted gets bars.

#include <inttypes.h>
#include <string.h>

#include "reports/page.h"
#include "reports/page_parts.h"

#define ROWS_FIRST 10u
#define ROWS_FEW 15u // a table of so many is shown whole
#define NO_COLUMN SIZE_MAX

struct layout {
    size_t columns[REPORT_COLUMNS_MAX]; // indices in the order in which they are shown
    size_t count;
    size_t detail_count, wide_count;
    size_t bar;     // index of the column with bars, NO_COLUMN for none
    double bar_max; // value of a full bar
    size_t row_count;
};

static bool has_value(const struct report_table *table, size_t column)
{
    for (size_t r = 0; r < table->row_count; r++)
        if (table->cells[r * table->column_count + column].is_present)
            return true;
    return false;
}

static double number_of(const struct report_column *column, const struct report_value *value)
{
    if (!value->is_present)
        return 0;
    return column->kind == REPORT_NUMBER ? (double)value->number : value->real;
}

// True if the column holds bytes or clocks, most first. Its first value is that of a full bar.
static bool is_bar_column(const struct report_table *table, size_t c)
{
    const struct report_column *column = &table->columns[c];
    if (!value_is_number(column->kind) || !column->unit || column->flags & REPORT_DETAIL ||
        (strcmp(column->unit, "bytes") != 0 && strcmp(column->unit, "clocks") != 0))
        return false;
    for (size_t r = 1; r < table->row_count; r++)
        if (number_of(column, &table->cells[r * table->column_count + c]) >
            number_of(column, &table->cells[(r - 1) * table->column_count + c]))
            return false;
    return table->row_count > 1 && number_of(column, &table->cells[c]) > 0;
}

// Strings say what a row is about, so they come first, unless a user has put columns in order.
static void lay_out(const struct page *page, const struct report_table *table,
                    struct layout *layout)
{
    size_t limit = page->settings->rows_max ? page->settings->rows_max : PAGE_ROWS_DEFAULT;
    *layout = (struct layout){.bar = NO_COLUMN, .row_count = table->row_count};
    if (layout->row_count > limit)
        layout->row_count = limit;
    int passes = table->has_chosen_columns ? 1 : 2;
    for (int pass = 0; pass < passes; pass++)
        for (size_t c = 0; c < table->column_count; c++) {
            const struct report_column *column = &table->columns[c];
            bool is_detail = column->flags & REPORT_DETAIL;
            if ((passes == 2 && (column->kind == REPORT_STRING) != (pass == 0)) ||
                (is_detail && !has_value(table, c)))
                continue;
            layout->columns[layout->count++] = c;
            layout->detail_count += is_detail;
            layout->wide_count += !is_detail && column->flags & REPORT_WIDE;
            if (layout->bar == NO_COLUMN && is_bar_column(table, c)) {
                layout->bar = c;
                layout->bar_max = number_of(column, &table->cells[c]);
            }
        }
}

// n number, s string, t text; d detail, o not on a narrow screen.
static const char *class_of(const struct report_column *column)
{
    static const char *const classes[3][3] = {
        {"n", "n o", "n d"}, {"s", "s o", "s d"}, {"t", "t o", "t d"}};
    unsigned rank = column->flags & REPORT_DETAIL ? 2 : column->flags & REPORT_WIDE ? 1 : 0;
    bool is_string = column->kind == REPORT_STRING || column->kind == REPORT_HEX;
    return classes[value_is_number(column->kind) ? 0 : is_string ? 1 : 2][rank];
}

static void put_row(const struct page *page, const struct report_table *table,
                    const struct layout *layout, const struct report_value *cells,
                    const char *row_class)
{
    fprintf(page->out, "<tr%s>", row_class);
    for (size_t i = 0; i < layout->count; i++) {
        size_t c = layout->columns[i];
        const struct report_column *column = &table->columns[c];
        double value = c == layout->bar && cells != table->sum ? number_of(column, &cells[c]) : 0;
        if (value > 0)
            fprintf(page->out, "<td class=\"%s b\" style=\"--w:%.1f%%\">", class_of(column),
                    value / layout->bar_max * 100);
        else
            fprintf(page->out, "<td class=\"%s\">", class_of(column));
        page_put_value(page, column->kind, column->decimals, &cells[c],
                       value_is_label(table, cells, c));
        fputs("</td>", page->out);
    }
    fputs("</tr>\n", page->out);
}

static void put_switch(struct page *page, const char *what, const char *words)
{
    fprintf(page->out,
            "<input type=\"checkbox\" class=\"%s\" id=\"%s-%u\">"
            "<label class=\"%s\" for=\"%s-%u\">%s</label>\n",
            what, page->report_name, page->id_count, strstr(what, "narrow") ? "narrow" : "",
            page->report_name, page->id_count, words);
    page->id_count++;
}

static void put_switches(struct page *page, const struct layout *layout, bool hides_rows)
{
    struct arena *arena = page->settings->scratch;
    if (hides_rows)
        put_switch(page, "rows", arena_format(arena, "show %zu rows", layout->row_count));
    if (layout->detail_count > 0)
        put_switch(page, "columns",
                   arena_format(arena, "show %zu more column%s", layout->detail_count,
                                layout->detail_count == 1 ? "" : "s"));
    else if (layout->wide_count > 0) // a wide screen has them
        put_switch(page, "columns narrow", "show all columns");
}

static void put_heads(const struct page *page, const struct report_table *table,
                      const struct layout *layout)
{
    fputs("<thead><tr>", page->out);
    for (size_t i = 0; i < layout->count; i++) {
        const struct report_column *column = &table->columns[layout->columns[i]];
        fprintf(page->out, "<th scope=\"col\" class=\"%s\">", class_of(column));
        page_put_text(page, text_of(column->title));
        if (column->unit && *column->unit && !strstr(column->title, column->unit)) {
            fputs(" <small>", page->out);
            page_put_text(page, text_of(column->unit));
            fputs("</small>", page->out);
        }
        fputs("</th>", page->out);
    }
    fputs("</tr></thead>\n", page->out);
}

static void put_title(const struct page *page, const struct report_table *table, bool is_aside)
{
    fputs(is_aside ? "<section class=\"table\"><details><summary>"
                   : "<section class=\"table\"><h3>",
          page->out);
    page_put_text(page, text_of(table->title));
    if (is_aside) {
        fputs(": all ", page->out);
        value_put_number(page->out, (int64_t)(table->row_count + table->omitted_count));
    }
    fputs(is_aside ? "</summary>\n" : "</h3>\n", page->out);
}

void page_put_table(struct page *page, const struct report_table *table)
{
    struct layout layout;
    if (table->row_count == 0)
        return;
    lay_out(page, table, &layout);
    bool hides_rows = layout.row_count > ROWS_FEW && table->place != REPORT_PLACE_PAGE;
    bool is_aside = table->place == REPORT_PLACE_ASIDE;
    put_title(page, table, is_aside);
    if (table->explanation) {
        fputs("<p class=\"soft\">", page->out);
        page_put_text(page, text_of(table->explanation));
        fputs("</p>\n", page->out);
    }
    if (table->is_tree)
        page_put_tree(page, table);
    put_switches(page, &layout, hides_rows);
    fprintf(page->out, "<div class=\"scroll\"><table%s>", table->is_tree ? " class=\"tree\"" : "");
    put_heads(page, table, &layout);
    fputs("<tbody>\n", page->out);
    for (size_t r = 0; r < layout.row_count; r++)
        put_row(page, table, &layout, &table->cells[r * table->column_count],
                hides_rows && r >= ROWS_FIRST ? " class=\"r\"" : "");
    fputs("</tbody>\n", page->out);
    if (table->sum) {
        fputs("<tfoot>", page->out);
        put_row(page, table, &layout, table->sum, " class=\"sum\"");
        fputs("</tfoot>", page->out);
    }
    fputs("</table></div>\n", page->out);
    uint64_t missing = table->row_count - layout.row_count + table->omitted_count;
    if (missing > 0) {
        fputs("<p class=\"soft\">and ", page->out);
        value_put_number(page->out, (int64_t)missing);
        fputs(" more rows: ", page->out);
        page_put_text(page, text_of(table->omitted_why ? table->omitted_why : "in the JSON form"));
        fputs("</p>\n", page->out);
    }
    fputs(is_aside ? "</details></section>\n" : "</section>\n", page->out);
}
