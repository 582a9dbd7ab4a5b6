// size.h: where RAM and flash go: every byte of a program and of an image, and the heap of a run at
// its highest point. The analysis behind `frost size`, report "frost/size/1".
//
// Every table ends with a sum that equals the size of its inputs; what belongs to nobody has a row
// of its own ("unknown", "not attributed").
// Memory: the images given, and that of a heap profile.

#ifndef FROST_ANALYSIS_SIZE_H
#define FROST_ANALYSIS_SIZE_H

#include "analyzer/analysis/heap/heap_profile.h"
#include "analyzer/analysis/size/size_elf.h"
#include "analyzer/image/image_reader.h"
#include "reports/report.h"

#define SIZE_IMAGES_MAX 16u
#define SIZE_ROWS_MAX 2000u        // of the tables of functions and sites; the rest is one row
#define SIZE_LEVEL_ROWS_MAX 50000u // of a table of levels

struct size_input {
    const struct image *images[SIZE_IMAGES_MAX];
    uint32_t image_count;
    const struct heap_profile *profile; // NULL: no run
    const char *elf_path;               // NULL: no program
    struct size_elf_sum elf;
    uint64_t flash_file_bytes; // used in whole flash files
    bool has_flash_file;
};

// Adds the images that were mounted in the runs of the profile and are not there yet. What cannot
// be read becomes a note of the report.
void size_add_mounted(struct size_input *input, struct arena *arena, struct report *report);

// Adds the tables that a report of sizes can have, without rows, except those of levels; and
// totals.
void size_add_shapes(struct report *report);

// Adds an image to a tree as the region `region` of the file `input`.
void size_add_image_leaves(struct size_tree *tree, const struct image *image, struct text input,
                           const char *region);

// Adds what is in the images and the heap to a tree, each byte once.
void size_add_leaves(const struct size_input *input, struct size_tree *tree);

// Single figures: bytes, modules, functions and strings of the images; the highest point.
void size_fill_totals(const struct size_input *input, struct report *report);

// Tables: `places` (RAM against flash); `labels`, `modules`, `functions` if there is an image;
// `kinds`, `sites` if there is a run.
void size_fill_tables(const struct size_input *input, struct report *report);

#endif
