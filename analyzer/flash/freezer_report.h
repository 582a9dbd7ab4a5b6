// freezer_report.h: what a freezer area holds, as reports.
//
// Reads: areas (freezer_view.h), flash files. Memory: the report's arena.

#ifndef FROST_FLASH_FREEZER_REPORT_H
#define FROST_FLASH_FREEZER_REPORT_H

#include "analyzer/flash/flash_file.h"
#include "analyzer/flash/freezer_view.h"
#include "reports/report.h"

// The area of a flash file, looked at with the images below it. Errors: STATUS_NOT_FOUND: the
// partition is erased, or there is none; those of freezer_view_read().
int freezer_of_flash(struct arena *arena, const struct flash_file *file, struct freezer_view **view,
                     struct problem *problem) __attribute__((warn_unused_result));

// The area of a flash file, or a file that begins with one. Errors: those of reading.
int freezer_of_path(struct arena *arena, const char *path, struct freezer_view **view,
                    struct problem *problem) __attribute__((warn_unused_result));

// Identity, use, blocks by kind, names.
void freezer_report_contents(const struct freezer_view *view, struct report *report);

// Every block in its order.
void freezer_report_blocks(const struct freezer_view *view, struct report *report);

// What is wrong: damage, and that the device refuses it. Result: the number of findings.
uint32_t freezer_report_findings(const struct freezer_view *view, struct report *report);

// Could a file be what freezer_of_path reads, rather than an LFS image? It begins with an area, or
// is as large as a flash. False also if it cannot be read.
bool freezer_is_at_path(struct arena *arena, const char *path);

// The report of what differs between what two paths hold: names that were added, removed or
// changed, and bytes by kind. *differences: how many. Errors: those of freezer_of_path().
int freezer_report_diff(struct arena *arena, const char *base_path, const char *path,
                        struct report **report, uint32_t *differences, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
