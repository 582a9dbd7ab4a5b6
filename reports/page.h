// page.h: several reports as one HTML file that needs nothing else: no network, no script.
//
// Order: inputs and what was lost, the figures and findings of the first report, its curves and
// tables, then the other reports. Tables show their first rows and main columns; switches that need
// no script show the rest. Light and dark follow the reader's settings; a click on a column's head
// sorts, where scripts are allowed.
// Memory: scratch only.

#ifndef FROST_REPORTS_PAGE_H
#define FROST_REPORTS_PAGE_H

#include <stdio.h>

#include "reports/renderer.h"

#define PAGE_ROWS_DEFAULT 100u // rows of a table without --top

// Writes `count` reports (at least one) under `title`; the first one's figures come first.
// Errors of the stream show when it is closed.
void page_render(const char *title, const struct report *const *reports, size_t count,
                 const struct render_settings *settings, FILE *out);

extern const struct renderer renderer_html; // one report as a page

#endif
