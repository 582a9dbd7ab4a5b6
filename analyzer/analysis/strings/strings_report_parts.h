// strings_report_parts.h: what the files share that make the report of the strings analysis.

#ifndef FROST_ANALYSIS_STRINGS_REPORT_PARTS_H
#define FROST_ANALYSIS_STRINGS_REPORT_PARTS_H

#include "analyzer/analysis/strings/strings.h"
#include "reports/report.h"

struct strings_filler {
    const struct strings *strings;
    const struct strings_settings *settings;
    bool hides_text;
    struct report *report;
};

static inline const struct heap_text *strings_text_at(const struct strings *strings, uint32_t idx)
{
    return &strings->profile->texts.items[idx];
}

// Bytes that the text took at the highest point, 0 if it was not in RAM then.
static inline int64_t strings_peak_bytes(const struct strings *strings, uint32_t idx)
{
    const struct heap_text *text = strings_text_at(strings, idx);
    return heap_lives_at(strings->profile, text, HEAP_MOMENT_PEAK)
               ? (int64_t)heap_string_bytes(text->bytes)
               : 0;
}

// RAM saved against flash spent: what a budget or another price would give, and what becomes of the
// hash vector of the image (strings_curve.c). Nothing where there are no points.
void strings_add_curve(const struct strings_filler *filler);

// The list, in the order of the file, unless texts are hidden (strings_rows.c).
void strings_add_chosen(const struct strings_filler *filler);

// Each text that may be shown, with its figures and what became of it (strings_rows.c).
void strings_add_rows(const struct strings_filler *filler);

#endif
