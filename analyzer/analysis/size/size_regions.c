// size_regions.c: used and free bytes by region.

#include "analyzer/analysis/size/size_regions.h"

struct region_row {
    const char *name;
    const char *memory;
    uint64_t addr;
    int64_t used_bytes;
    struct report_value total_bytes, free_bytes, used_percent;
};

static const struct report_column region_columns[] = {
    {"region", "region", "", REPORT_KEY, REPORT_AT(region_row, name)},
    {"memory", "memory", "", 0, REPORT_AT(region_row, memory)},
    {"addr", "from", "", REPORT_DETAIL, REPORT_AS(REPORT_HEX, region_row, addr)},
    {"used_bytes", "used", "bytes", REPORT_SUMMED, REPORT_AT(region_row, used_bytes)},
    {"free_bytes", "free", "bytes", 0, REPORT_AT(region_row, free_bytes)},
    {"total_bytes", "total", "bytes", 0, REPORT_AT(region_row, total_bytes)},
    {"used_percent", "%", "%", 0, REPORT_AS(REPORT_REAL, region_row, used_percent), .decimals = 1},
};

void size_regions_add(struct report *report, const struct size_region_use *uses, size_t count)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "regions", "Regions of memory",
                                                  region_columns);
    table->explanation =
        "What is free in RAM is what stack and heap have; flash may hold more than "
        "this program.";
    for (size_t i = 0; i < count; i++) {
        const struct size_region_use *use = &uses[i];
        struct region_row row = {use->name, use->memory, use->addr, (int64_t)use->used_bytes,
                                 {0},       {0},         {0}};
        if (use->total_bytes) {
            row.total_bytes = report_number((int64_t)use->total_bytes);
            row.free_bytes = report_number((int64_t)use->total_bytes - row.used_bytes);
            row.used_percent = report_real(100.0 * (double)row.used_bytes /
                                           (double)use->total_bytes);
        }
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}
