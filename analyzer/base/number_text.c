// number_text.c: digits in groups of three.

#include "analyzer/base/number_text.h"

#include <inttypes.h>
#include <stdio.h>

// Writes a number, which may have a sign, in groups. Result: the bytes without the NUL.
static size_t group(const char *number, size_t bytes, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (i && (bytes - i) % 3 == 0 && number[i - 1] != '-')
            out[used++] = ',';
        out[used++] = number[i];
    }
    out[used] = '\0';
    return used;
}

size_t number_text(int64_t number, char out[NUMBER_TEXT_BYTES])
{
    char digits[24];
    int bytes = snprintf(digits, sizeof digits, "%" PRId64, number);
    return group(digits, (size_t)bytes, out);
}

const char *number_text_rounded(double number, struct arena *arena)
{
    const char *digits = arena_format(arena, "%.0f", number);
    size_t bytes = strlen(digits);
    char *out = arena_alloc(arena, bytes + bytes / 3 + 1);
    group(digits, bytes, out);
    return out;
}
