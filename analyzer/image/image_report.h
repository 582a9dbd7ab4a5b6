// image_report.h: what `frost lfs` says of images, as report models.
//
// Memory: the report's arena.

#ifndef FROST_IMAGE_REPORT_H
#define FROST_IMAGE_REPORT_H

#include "analyzer/image/image_reader.h"
#include "reports/report.h"

// Words for a form ("relocatable"). Static storage.
const char *image_form_name(enum image_form form);

// Contents of an image: totals, table `modules` (with index and shared strings, sum = image),
// table `labels`.
void image_report_contents(const struct image *image, struct report *report);

// What the device must be for an image to be taken.
struct image_device {
    uint32_t partition_bytes;
    uint32_t base_addr; // where the partition is read; 0: any
    int build;          // 0 any, 1 float, 2 integer
};

// Adds findings: what a device would refuse although the image can be read, and what is dead in it.
// Notes: what costs bytes for nothing. Result: number of findings.
uint32_t image_report_findings(const struct image *image, const struct image_device *device,
                               struct report *report);

// Differences between two images: tables `modules`, `strings`, `labels`. Result: number of modules
// and strings that differ; the build time does not count.
uint32_t image_report_differences(const struct image *base, const struct image *image,
                                  struct report *report);

#endif
