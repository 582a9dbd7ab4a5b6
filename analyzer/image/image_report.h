// image_report.h: what `frost lfs` says of images, as report models.
//
// Memory: the report's arena.

#ifndef FROST_IMAGE_REPORT_H
#define FROST_IMAGE_REPORT_H

#include "analyzer/image/image_device.h"
#include "analyzer/image/image_reader.h"
#include "reports/report.h"

// Words for a form ("relocatable"). Static storage.
const char *image_form_name(enum image_form form);

// Contents of an image: totals, table `modules` (with index and shared strings, sum = image),
// table `labels`.
void image_report_contents(const struct image *image, struct report *report);

// Adds findings: what is wrong for the device although its loader takes the file (another address)
// or without an answer of a loader (no packed image), and what is dead in it. Notes: what costs
// bytes for nothing, and what the image needs. Result: number of findings.
uint32_t image_report_findings(const struct image *image, const struct image_device *device,
                               struct report *report);

// Differences between two images: tables `modules`, `strings`, `labels`, and a finding if their
// numbers differ. Result: number of modules and strings that differ, and 1 more for the numbers;
// the build time does not count.
uint32_t image_report_differences(const struct image *base, const struct image *image,
                                  struct report *report);

#endif
