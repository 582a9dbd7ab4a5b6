// size.h: where RAM and flash go: every byte of an image, and the heap of a run at its highest
// point. The analysis behind `frost size`, report "frost/size/1".
//
// Every table ends with a sum that equals the size of its inputs; what belongs to nobody has a row
// of its own ("unknown", "not attributed").
// Memory: the images given, and that of a heap profile.

#ifndef FROST_ANALYSIS_SIZE_H
#define FROST_ANALYSIS_SIZE_H

#include "analyzer/analysis/heap_profile.h"
#include "analyzer/image/image_reader.h"
#include "reports/report.h"

#define SIZE_IMAGES_MAX 16u
#define SIZE_ROWS_MAX 2000u // of the tables of functions and sites; the rest is one row

struct size_input {
    const struct image *images[SIZE_IMAGES_MAX];
    uint32_t image_count;
    const struct heap_profile *profile; // NULL: no run
};

// Adds the images that were mounted in the runs of the profile and are not there yet. What cannot
// be read becomes a note of the report.
void size_add_mounted(struct size_input *input, struct arena *arena, struct report *report);

// Single figures: bytes, modules, functions and strings of the images; the highest point.
void size_fill_totals(const struct size_input *input, struct report *report);

// Tables: `places` (RAM against flash); `labels`, `modules`, `functions` if there is an image;
// `kinds`, `sites` if there is a run.
void size_fill_tables(const struct size_input *input, struct report *report);

#endif
