// page.c: the HTML form of reports.
//
// Reads: report models; templates/report.css and report.js, embedded when built. Everything that
// comes from a trace is escaped; bytes that are not printable ASCII are written as Lua escapes.

#include "reports/page.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analyzer/base/lua_literal.h"

extern const char template_report_css[];
extern const char template_report_js[];

#define CHART_WIDTH 900.0
#define CHART_HEIGHT 260.0
#define CHART_LEFT 70.0
#define CHART_BOTTOM 24.0
#define CHART_POINTS_MAX 600u

struct page_out {
    FILE *out;
    const struct render_settings *settings;
};

static void put_escaped(FILE *out, struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c < 32 && c != '\n')
            fputc('?', out);
        else
            fputc(c, out);
    }
}

static void put_number(FILE *out, int64_t number)
{
    char digits[24];
    uint64_t size = number < 0 ? (uint64_t)0 - (uint64_t)number : (uint64_t)number;
    int count = snprintf(digits, sizeof digits, "%" PRIu64, size);
    if (number < 0)
        fputc('-', out);
    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0)
            fputc(',', out);
        fputc(digits[i], out);
    }
}

static void put_value(const struct page_out *page, enum report_kind kind, unsigned decimals,
                      const struct report_value *value)
{
    if (!value->is_present)
        return;
    switch (kind) {
    case REPORT_NUMBER:
        put_number(page->out, value->number);
        break;
    case REPORT_REAL:
        fprintf(page->out, "%.*f", (int)decimals, value->real);
        break;
    case REPORT_TEXT:
        put_escaped(page->out, value->text);
        break;
    case REPORT_STRING:
        put_escaped(page->out, lua_literal_quote(page->settings->scratch, value->text));
        break;
    case REPORT_FLAG:
        fputs(value->flag ? "yes" : "", page->out);
        break;
    case REPORT_HEX:
        fprintf(page->out, "0x%" PRIx64, value->hex);
        break;
    }
}

static bool is_figure(enum report_kind kind)
{
    return kind == REPORT_NUMBER || kind == REPORT_REAL;
}

static const char *cell_class(enum report_kind kind)
{
    return is_figure(kind) ? "n" : kind == REPORT_STRING || kind == REPORT_HEX ? "s" : "t";
}

// ---- parts of a report ----

static void put_loss(const struct page_out *page, const struct report *report)
{
    const struct report_loss *loss = &report->loss;
    if (!loss->events_discarded && !loss->packets_lost && !loss->bytes_cut && !loss->blocks_lost &&
        !loss->runs_unfinished)
        return;
    fprintf(page->out,
            "<p class=\"loss\">Not everything was recorded: %" PRIu64 " events discarded, %" PRIu64
            " packets and %" PRIu64 " allocations lost, %" PRIu64 " bytes cut off, %" PRIu64
            " runs without an end.</p>\n",
            loss->events_discarded, loss->packets_lost, loss->blocks_lost, loss->bytes_cut,
            loss->runs_unfinished);
}

static void put_totals(const struct page_out *page, const struct report *report)
{
    if (!report->totals)
        return;
    fputs("<div class=\"figures\">\n", page->out);
    for (const struct report_total *total = report->totals; total; total = total->next) {
        fputs("<div class=\"figure\"><b>", page->out);
        put_value(page, total->kind, total->decimals, &total->value);
        fprintf(page->out, "</b><span>%s%s%s</span></div>\n", total->title,
                total->unit && *total->unit ? ", " : "", total->unit ? total->unit : "");
    }
    fputs("</div>\n", page->out);
}

static void put_notes(const struct page_out *page, const struct report *report, bool is_finding)
{
    bool is_open = false;
    for (const struct report_note *note = report->notes; note; note = note->next) {
        if ((note->kind == REPORT_FINDING) != is_finding)
            continue;
        if (!is_open)
            fputs(is_finding ? "<ol class=\"findings\">\n" : "<ul class=\"soft\">\n", page->out);
        is_open = true;
        fputs(note->kind == REPORT_WARNING ? "<li class=\"warning\">" : "<li>", page->out);
        put_escaped(page->out, note->text);
        fputs("</li>\n", page->out);
    }
    if (is_open)
        fputs(is_finding ? "</ol>\n" : "</ul>\n", page->out);
}

static void put_row(const struct page_out *page, const struct report_table *table,
                    const struct report_value *cells, const char *row_class)
{
    fprintf(page->out, "<tr%s>", row_class);
    for (size_t c = 0; c < table->column_count; c++) {
        fprintf(page->out, "<td class=\"%s\">", cell_class(table->columns[c].kind));
        put_value(page, table->columns[c].kind, table->columns[c].decimals, &cells[c]);
        fputs("</td>", page->out);
    }
    fputs("</tr>\n", page->out);
}

static void put_table(const struct page_out *page, const struct report_table *table)
{
    size_t limit = page->settings->rows_max ? page->settings->rows_max : PAGE_ROWS_DEFAULT;
    size_t shown = table->row_count < limit ? table->row_count : limit;
    fprintf(page->out, "<h3>%s</h3>\n", table->title);
    if (table->explanation)
        fprintf(page->out, "<p class=\"soft\">%s</p>\n", table->explanation);
    fputs("<div class=\"scroll\"><table><thead><tr>", page->out);
    for (size_t c = 0; c < table->column_count; c++) {
        const struct report_column *column = &table->columns[c];
        bool has_unit = column->unit && *column->unit;
        fprintf(page->out, "<th class=\"%s\">%s%s%s%s</th>", cell_class(column->kind),
                column->title, has_unit ? " <small>" : "", has_unit ? column->unit : "",
                has_unit ? "</small>" : "");
    }
    fputs("</tr></thead><tbody>\n", page->out);
    for (size_t r = 0; r < shown; r++)
        put_row(page, table, &table->cells[r * table->column_count], "");
    fputs("</tbody>\n", page->out);
    if (table->sum) {
        fputs("<tfoot>", page->out);
        put_row(page, table, table->sum, " class=\"sum\"");
        fputs("</tfoot>", page->out);
    }
    fputs("</table></div>\n", page->out);
    uint64_t hidden = table->row_count - shown + table->omitted_count;
    if (hidden)
        fprintf(page->out, "<p class=\"soft\">and %" PRIu64 " more rows</p>\n", hidden);
}

// ---- curves ----

struct scale {
    double x_min, x_max, y_max;
};

static double to_x(const struct scale *scale, double x)
{
    double span = scale->x_max > scale->x_min ? scale->x_max - scale->x_min : 1;
    return CHART_LEFT + (x - scale->x_min) / span * (CHART_WIDTH - CHART_LEFT - 8);
}

static double to_y(const struct scale *scale, double y)
{
    double span = scale->y_max > 0 ? scale->y_max : 1;
    return CHART_HEIGHT - CHART_BOTTOM - y / span * (CHART_HEIGHT - CHART_BOTTOM - 14);
}

// A round number at or above y, so that the axis ends on one.
static double round_up(double y)
{
    if (y <= 0)
        return 1;
    double power = pow(10, floor(log10(y)));
    static const double steps[] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= y)
            return steps[i] * power;
    return 10 * power;
}

static void put_axes(const struct page_out *page, const struct report_series *series,
                     const struct scale *scale)
{
    for (int i = 0; i <= 4; i++) {
        double y = scale->y_max * i / 4;
        fprintf(page->out,
                "<line class=\"grid\" x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">",
                CHART_LEFT, CHART_WIDTH - 8, to_y(scale, y), to_y(scale, y), CHART_LEFT - 6,
                to_y(scale, y) + 4);
        put_number(page->out, (int64_t)y);
        fputs("</text>\n", page->out);
    }
    fprintf(page->out, "<text x=\"%.0f\" y=\"%.0f\">", CHART_LEFT, CHART_HEIGHT - 6);
    put_number(page->out, (int64_t)scale->x_min);
    fprintf(page->out, "</text><text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">", CHART_WIDTH - 8,
            CHART_HEIGHT - 6);
    put_number(page->out, (int64_t)scale->x_max);
    fprintf(page->out, " %s</text>\n", series->x_unit);
}

// Of many points per pixel the highest is kept: peaks are what the reader looks for.
static void put_steps(const struct page_out *page, const struct report_series *series,
                      const struct scale *scale, bool is_area)
{
    size_t step = series->point_count / CHART_POINTS_MAX + 1;
    fprintf(page->out, "<path class=\"%s\" d=\"", is_area ? "area" : "curve");
    double x_first = to_x(scale, series->points[0]), x = x_first;
    fprintf(page->out, "M%.1f %.1f", x, to_y(scale, is_area ? 0 : series->points[1]));
    for (size_t i = 0; i < series->point_count; i += step) {
        double top = series->points[2 * i + 1];
        for (size_t j = i; j < i + step && j < series->point_count; j++)
            top = fmax(top, series->points[2 * j + 1]);
        x = to_x(scale, series->points[2 * i]);
        fprintf(page->out, "H%.1fV%.1f", x, to_y(scale, top));
    }
    fprintf(page->out, "H%.1f", to_x(scale, scale->x_max));
    if (is_area)
        fprintf(page->out, "V%.1fH%.1fZ", to_y(scale, 0), x_first);
    fputs("\"/>\n", page->out);
}

static void put_series(const struct page_out *page, const struct report_series *series)
{
    if (series->point_count < 2)
        return;
    struct scale scale = {series->points[0], series->points[2 * series->point_count - 2], 0};
    for (size_t i = 0; i < series->point_count; i++)
        scale.y_max = fmax(scale.y_max, series->points[2 * i + 1]);
    scale.y_max = round_up(scale.y_max);
    fprintf(page->out,
            "<figure><figcaption>%s <span class=\"soft\">%s</span></figcaption>\n"
            "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n",
            series->title, series->y_unit, CHART_WIDTH, CHART_HEIGHT, series->title);
    put_axes(page, series, &scale);
    put_steps(page, series, &scale, true);
    put_steps(page, series, &scale, false);
    fputs("</svg></figure>\n", page->out);
}

// ---- the page ----

static void put_head(const struct page_out *page, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          page->out);
    put_escaped(page->out, text_of(title));
    fprintf(page->out, "</title>\n<style>\n%s</style></head><body>\n<h1>", template_report_css);
    put_escaped(page->out, text_of(title));
    fputs("</h1>\n", page->out);
}

static void put_inputs(const struct page_out *page, const struct report *report)
{
    if (!report->inputs)
        return;
    fputs("<p class=\"soft\">From", page->out);
    for (const struct report_input *input = report->inputs; input; input = input->next) {
        fprintf(page->out, " %s ", input->kind);
        put_escaped(page->out, input->path);
        fputs(" (", page->out);
        put_number(page->out, (int64_t)input->bytes);
        fprintf(page->out, " bytes%s)%s", input->is_complete ? "" : ", incomplete",
                input->next ? "," : "");
    }
    fputs(".</p>\n", page->out);
}

static void put_report(const struct page_out *page, const struct report *report, bool is_first)
{
    if (!is_first)
        fprintf(page->out, "<h2 id=\"%s\">%s</h2>\n", report->name, report->title);
    if (!is_first)
        put_totals(page, report);
    put_notes(page, report, true);
    for (const struct report_series *series = report->series; series; series = series->next)
        put_series(page, series);
    for (const struct report_table *table = report->tables; table; table = table->next)
        put_table(page, table);
    put_notes(page, report, false);
    put_inputs(page, report);
}

void page_render(const char *title, const struct report *const *reports, size_t count,
                 const struct render_settings *settings, FILE *out)
{
    struct page_out page = {out, settings};
    put_head(&page, title);
    put_loss(&page, reports[0]);
    put_totals(&page, reports[0]);
    if (count > 1) {
        fputs("<nav>", out);
        for (size_t i = 1; i < count; i++)
            fprintf(out, "<a href=\"#%s\">%s</a>", reports[i]->name, reports[i]->name);
        fputs("</nav>\n", out);
    }
    for (size_t i = 0; i < count; i++)
        put_report(&page, reports[i], i == 0);
    fprintf(out, "<p class=\"soft\">Frostline %s</p>\n<script>\n%s</script></body></html>\n",
            FROST_VERSION, template_report_js);
}

static int render_html(const struct report *report, const struct render_settings *settings,
                       FILE *out, struct problem *problem)
{
    (void)problem;
    page_render(report->title, &report, 1, settings, out);
    return STATUS_OK;
}

const struct renderer renderer_html = {"html", ".html", render_html};
