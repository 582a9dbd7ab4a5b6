// flash_report.h: what is in a flash file, as reports: layout, files, structures, wear.
//
// Reads and writes: a flash file in memory; reports. Memory: the report's arena.

#ifndef FROST_FLASH_FLASH_REPORT_H
#define FROST_FLASH_FLASH_REPORT_H

#include "analyzer/flash/flash_file.h"
#include "analyzer/flash/spiffs_image.h"
#include "reports/report.h"

// Files of the mounted store.
int flash_report_files(struct flash_file *file, struct report *report, struct problem *problem)
    __attribute__((warn_unused_result));

// Files of an image of the firmware's file system.
void flash_report_spiffs(const struct spiffs_image *image, struct report *report);

// Every region: address, size, use, in place or copied; the rows add up to the flash.
void flash_report_layout(struct flash_file *file, struct report *report);

// Verifies every structure. Result: the number of findings.
uint32_t flash_report_check(struct flash_file *file, struct report *report);

// The entries of the store in the order of its log; the blocks of the freezer, if there is an area.
int flash_report_entries(struct flash_file *file, struct report *report, struct problem *problem)
    __attribute__((warn_unused_result));

// How often sectors of the store were erased; `days` (0: not known) over how many days, `endurance`
// how many erases a sector bears.
void flash_report_wear(const struct flash_file *file, uint64_t days, uint64_t endurance,
                       struct report *report);

#endif
