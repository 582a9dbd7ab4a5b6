// markdown.h: reports as Markdown for a step summary or a comment on a change, under 60 kB.
//
// The first line is a comment with MARKDOWN_MARKER, which no viewer shows: by it a script finds the
// comment that it wrote before and replaces it. Tables lose rows, from the longest on, until
// everything fits; every cut table says how many rows are missing.
// Memory: scratch only.

#ifndef FROST_REPORTS_MARKDOWN_H
#define FROST_REPORTS_MARKDOWN_H

#include <stdio.h>

#include "reports/renderer.h"

#define MARKDOWN_BYTES_MAX 60000u
#define MARKDOWN_MARKER "<!-- frostline-report -->"
#define MARKDOWN_ROWS_DEFAULT 20u // rows of a table without --top

// Writes `count` reports (at least one) under `title`. Errors: STATUS_NO_MEMORY.
int markdown_render(const char *title, const struct report *const *reports, size_t count,
                    const struct render_settings *settings, FILE *out, struct problem *problem)
    __attribute__((warn_unused_result));

extern const struct renderer renderer_markdown; // one report

#endif
