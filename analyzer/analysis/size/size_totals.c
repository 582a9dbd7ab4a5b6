// size_totals.c: names, titles and units of the totals of a report of sizes.

#include "analyzer/analysis/size/size_totals.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name, *title, *unit;
} totals[] = {
    {"ram_bytes", "RAM before anything runs", "bytes"},
    {"both_bytes", "of these copied out of flash", "bytes"},
    {"flash_bytes", "flash", "bytes"},
    {"flash_modules", "modules in flash", ""},
    {"flash_functions", "functions in flash", ""},
    {"flash_strings", "strings in flash", ""},
    {"peak_bytes", "RAM at the highest point", "bytes"},
    {"peak_strings", "strings in RAM then", ""},
    {"peak_clock", "instructions executed by then", ""},
    {"heap_bytes", "heap of the device", "bytes"},
};
#define TOTAL_COUNT (sizeof totals / sizeof *totals)

static size_t find(const char *name)
{
    size_t i = 0;
    while (i < TOTAL_COUNT && strcmp(totals[i].name, name) != 0)
        i++;
    return i;
}

void size_add_total(struct report *report, const char *name, int64_t value)
{
    size_t i = find(name);
    assert(i < TOTAL_COUNT);
    report_add_number(report, totals[i].name, totals[i].title, totals[i].unit, value);
}

void size_add_all_totals(struct report *report)
{
    for (size_t i = 0; i < TOTAL_COUNT; i++)
        size_add_total(report, totals[i].name, 0);
}

const char *size_total_title(const char *name)
{
    size_t i = find(name);
    return i < TOTAL_COUNT ? totals[i].title : name;
}
