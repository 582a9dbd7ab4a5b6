// page.c: the HTML form of reports.
//
// Reads: report models; templates/report.css and report.js, embedded when built. The page forbids
// itself every request (Content-Security-Policy).

#include "reports/page.h"

#include <inttypes.h>
#include <string.h>

#include "reports/page_parts.h"
#include "runtime/format/version.h"

extern const char template_report_css[];
extern const char template_report_js[];

#define CARDS_MAX 6u           // figures of the first report that are shown large
#define FINDING_HEAD_BYTES 72u // a finding's words up to ": " are its head, if no longer

// ---- figures ----

static void put_unit(const struct page *page, const struct report_total *total)
{
    if (!total->unit || !*total->unit)
        return;
    fputs(" <small>", page->out);
    page_put_text(page, text_of(total->unit));
    fputs("</small>", page->out);
}

// Figures, and in words how the program ended.
static bool is_card(const struct report_total *total)
{
    return value_is_number(total->kind) || !strcmp(total->name, "ending");
}

static void put_cards(const struct page *page, const struct report *report)
{
    unsigned count = 0;
    fputs("<div class=\"figures\">\n", page->out);
    for (const struct report_total *total = report->totals; total; total = total->next) {
        if (!is_card(total) || count == CARDS_MAX)
            continue;
        count++;
        fputs(value_is_number(total->kind) ? "<div class=\"figure\"><b>"
                                           : "<div class=\"figure words\"><b>",
              page->out);
        page_put_value(page, total->kind, total->decimals, &total->value, false);
        put_unit(page, total);
        fputs("</b><span>", page->out);
        page_put_text(page, text_of(total->title));
        fputs("</span></div>\n", page->out);
    }
    fputs("</div>\n", page->out);
}

// Figures as lines: of the first report those that have no card.
static void put_lines(const struct page *page, const struct report *report, unsigned skipped)
{
    bool is_open = false;
    for (const struct report_total *total = report->totals; total; total = total->next) {
        if (is_card(total) && skipped > 0) {
            skipped--;
            continue;
        }
        if (!is_open)
            fputs("<dl>\n", page->out);
        is_open = true;
        fputs("<div><dt>", page->out);
        page_put_text(page, text_of(total->title));
        fputs("</dt><dd>", page->out);
        page_put_value(page, total->kind, total->decimals, &total->value, false);
        put_unit(page, total);
        fputs("</dd></div>\n", page->out);
    }
    if (is_open)
        fputs("</dl>\n", page->out);
}

// ---- notes ----

// A sentence begins with a capital letter; a name of a file or function stays as it is.
static struct text put_capital(const struct page *page, struct text text)
{
    size_t letters = 0;
    while (letters < text.bytes && text.data[letters] >= 'a' && text.data[letters] <= 'z')
        letters++;
    if (letters == 0 || letters == text.bytes || text.data[letters] != ' ')
        return text;
    fputc(text.data[0] - 'a' + 'A', page->out);
    return (struct text){text.data + 1, text.bytes - 1};
}

static void put_finding(const struct page *page, struct text text, struct text command)
{
    size_t head = 0;
    for (size_t i = 0; head == 0 && i + 1 < text.bytes && i < FINDING_HEAD_BYTES; i++)
        if (text.data[i] == ':' && text.data[i + 1] == ' ')
            head = i;
    fputs(head > 0 ? "<li><b>" : "<li>", page->out);
    struct text rest = {text.data + head, text.bytes - head};
    struct text begin = put_capital(page, head > 0 ? (struct text){text.data, head} : rest);
    page_put_text(page, begin);
    if (head > 0) {
        fputs("</b>", page->out);
        page_put_text(page, rest);
    }
    if (command.bytes) {
        fputs("<br><code>", page->out);
        page_put_text(page, command);
        fputs("</code>", page->out);
    }
    fputs("</li>\n", page->out);
}

static void put_findings(const struct page *page, const struct report *report)
{
    bool is_open = false;
    for (const struct report_note *note = report->notes; note; note = note->next) {
        if (note->kind != REPORT_FINDING)
            continue;
        if (!is_open)
            fputs("<ol class=\"findings\">\n", page->out);
        is_open = true;
        put_finding(page, note->text, note->command);
    }
    if (is_open)
        fputs("</ol>\n", page->out);
}

static void put_remarks(const struct page *page, const struct report *report,
                        enum report_note_kind kind)
{
    for (const struct report_note *note = report->notes; note; note = note->next) {
        if (note->kind != kind)
            continue;
        fputs(kind == REPORT_WARNING ? "<p class=\"warning\">Warning: " : "<p class=\"soft\">",
              page->out);
        page_put_text(page, note->text);
        fputs("</p>\n", page->out);
    }
}

static void put_loss(const struct page *page, const struct report *report)
{
    if (!report_has_loss(&report->loss))
        return;
    fputs("<p class=\"loss\">", page->out);
    page_put_text(page, report_loss_text(page->settings->scratch, &report->loss));
    fputs("</p>\n", page->out);
}

// ---- the page ----

static void put_head(const struct page *page, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          page->out);
    page_put_text(page, text_of(title));
    fprintf(page->out, "</title>\n<style>\n%s</style></head>\n<body>\n<h1>", template_report_css);
    page_put_text(page, text_of(title));
    fputs("</h1>\n", page->out);
}

static void put_inputs(const struct page *page, const struct report *report)
{
    if (!report->inputs)
        return;
    fputs("<p class=\"soft\">From", page->out);
    for (const struct report_input *input = report->inputs; input; input = input->next) {
        fprintf(page->out, " %s ", input->kind);
        page_put_text(page, input->path);
        fputs(" (", page->out);
        value_put_number(page->out, (int64_t)input->bytes);
        fprintf(page->out, " bytes%s)%s", input->is_complete ? "" : ", incomplete",
                input->next ? "," : "");
    }
    fputs(".</p>\n", page->out);
}

// True if the report shows the same curve.
static bool has_series(const struct report *report, const struct report_series *wanted)
{
    for (const struct report_series *series = report->series; series; series = series->next)
        if (series->points == wanted->points)
            return true;
    return false;
}

static void put_body(struct page *page, const struct report *report)
{
    page->report_name = report->name;
    put_remarks(page, report, REPORT_WARNING);
    for (const struct report_series *series = report->series; series; series = series->next)
        if (report == page->first || !has_series(page->first, series))
            page_put_series(page, series);
    for (const struct report_table *table = report->tables; table; table = table->next)
        page_put_table(page, table);
    put_remarks(page, report, REPORT_NOTE);
}

static void put_contents(const struct page *page, const struct report *const *reports, size_t count)
{
    fputs("<nav>", page->out);
    for (size_t i = 1; i < count; i++) {
        fprintf(page->out, "<a href=\"#%s\">", reports[i]->name);
        page_put_text(page, text_of(reports[i]->title));
        fputs("</a>", page->out);
    }
    fputs("</nav>\n", page->out);
}

void page_render(const char *title, const struct report *const *reports, size_t count,
                 const struct render_settings *settings, FILE *out)
{
    struct page page = {.out = out, .settings = settings, .first = reports[0]};
    put_head(&page, report_heading(reports[0], title));
    put_inputs(&page, reports[0]);
    put_loss(&page, reports[0]);
    put_cards(&page, reports[0]);
    put_findings(&page, reports[0]);
    put_body(&page, reports[0]);
    put_lines(&page, reports[0], CARDS_MAX);
    if (count > 1)
        put_contents(&page, reports, count);
    for (size_t i = 1; i < count; i++) {
        fprintf(out, "<section id=\"%s\"><h2>", reports[i]->name);
        page_put_text(&page, text_of(reports[i]->title));
        fputs("</h2>\n", out);
        put_lines(&page, reports[i], 0);
        put_findings(&page, reports[i]);
        put_body(&page, reports[i]);
        fputs("</section>\n", out);
    }
    fprintf(out,
            "<footer class=\"soft\">Frostline %s</footer>\n<script>\n%s</script>\n"
            "</body></html>\n",
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
