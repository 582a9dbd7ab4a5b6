// page_parts.h: the parts of an HTML page, for the files page*.c.
//
// Everything that comes from a report is escaped, and bytes that are not UTF-8 are replaced, so
// that content cannot break out of its place.

#ifndef FROST_REPORTS_PAGE_PARTS_H
#define FROST_REPORTS_PAGE_PARTS_H

#include "analyzer/base/safe_text.h"
#include "reports/renderer.h"
#include "reports/value_text.h"

struct page {
    FILE *out;
    const struct render_settings *settings;
    const struct report *first; // its curves are not shown again further down
    const char *report_name;    // of the report that is being written, for ids
    unsigned id_count;          // ids given out so far
};

// Text as HTML.
void page_put_text(const struct page *page, struct text text);

// A value as HTML; `is_label`: a word in a place of strings.
void page_put_value(const struct page *page, enum report_kind kind, unsigned decimals,
                    const struct report_value *value, bool is_label);

// A table: the first rows, the others behind a switch that needs no script, and so the columns of
// detail.
void page_put_table(struct page *page, const struct report_table *table);

// A table that is a tree as boxes, those of a call below the one of its caller.
void page_put_tree(const struct page *page, const struct report_table *table);

// A curve as inline SVG with its axes in HTML, so that they stay readable at any width.
void page_put_series(const struct page *page, const struct report_series *series);

#endif
