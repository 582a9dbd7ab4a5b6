// renderer.h: a way to write a report: a struct of functions, one file per renderer.
//
// Memory: renderers allocate in the arena of their settings and leave nothing else behind.

#ifndef FROST_REPORTS_RENDERER_H
#define FROST_REPORTS_RENDERER_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/problem.h"
#include "analyzer/base/terminal.h"
#include "reports/report.h"

struct render_settings {
    uint64_t rows_max;               // --top; 0: the renderer's own default
    bool is_verbose;                 // shows REPORT_DETAIL columns
    bool has_human_sizes;            // -H: KiB in the text form
    const struct terminal *terminal; // for colour and width; NULL: neither
    struct arena *scratch;
};

struct renderer {
    const char *name;   // word of --format
    const char *suffix; // of file names, ".json"
    // Writes the report. Errors of the stream show when it is closed; STATUS_NO_MEMORY.
    int (*render)(const struct report *report, const struct render_settings *settings, FILE *out,
                  struct problem *problem);
};

extern const struct renderer renderer_text;
extern const struct renderer renderer_json;

// Renderers in the order of renderer_words, NULL at the end.
extern const struct renderer *const renderer_list[];
// Words for an option table.
extern const char *const renderer_words[];

// Writes a report to `path` ("-": standard output) beside and renamed.
int report_write(const struct report *report, const struct renderer *renderer,
                 const struct render_settings *settings, const char *path, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
