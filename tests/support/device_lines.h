// device_lines.h: lines as frostline.lua writes them, for the length of a test case.

#ifndef FROST_TESTS_DEVICE_LINES_H
#define FROST_TESTS_DEVICE_LINES_H

#include "tests/support/tap.h"

// A line without its end, in static storage; the next but seven overwrites it.
static inline const char *device_line(unsigned sequence, unsigned time_us, const char *rest)
{
    static char lines[8][4096];
    static unsigned next;
    char *line = lines[next++ % 8];
    int bytes = snprintf(line, 4000, "~F1 %u %u %s ", sequence, time_us, rest);
    unsigned sum = 0;
    for (int i = 4; i < bytes; i++)
        sum = (sum * 31 + (unsigned char)line[i]) % 65521;
    snprintf(line + bytes, 96, "%x", 65536 + sum);
    return line;
}

#endif
