// size_regions.h: the table of a report of sizes with what is used and free in each region.

#ifndef FROST_ANALYSIS_SIZE_REGIONS_H
#define FROST_ANALYSIS_SIZE_REGIONS_H

#include "reports/report.h"

struct size_region_use {
    const char *name, *memory; // "RAM", "flash", "unknown"
    uint64_t addr, used_bytes;
    uint64_t total_bytes; // 0: not known
};

// The table `regions`; what is free can be negative.
void size_regions_add(struct report *report, const struct size_region_use *uses, size_t count);

#endif
