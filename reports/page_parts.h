// page_parts.h: the parts of an HTML page, for the files page*.c.
//
// Everything that comes from a report is escaped, and what is no UTF-8 is replaced, so that no
// content can leave its place.

#ifndef FROST_REPORTS_PAGE_PARTS_H
#define FROST_REPORTS_PAGE_PARTS_H

#include "reports/figure.h"
#include "reports/renderer.h"

struct page {
    FILE *out;
    const struct render_settings *settings;
    const struct report *first; // its curves are not shown again further down
    const char *report_name; // of the report that is being written, for ids
    unsigned id_count;       // ids given out so far
};

// Text as HTML.
void page_put_text(const struct page *page, struct text text);

// A value as HTML; `is_label`: a word in a place of strings.
void page_put_value(const struct page *page, enum report_kind kind, unsigned decimals,
                    const struct report_value *value, bool is_label);

// A table: the first rows, the others behind a switch that needs no script, and so the columns of
// detail.
void page_put_table(struct page *page, const struct report_table *table);

// A curve as inline SVG with its axes in HTML, so that they stay readable at any width.
void page_put_series(const struct page *page, const struct report_series *series);

#endif
