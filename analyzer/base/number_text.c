// number_text.c: digits in groups of three.

#include "analyzer/base/number_text.h"

#include <stdbool.h>
#include <string.h>

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

size_t number_digits(uint64_t number, char out[NUMBER_DIGITS_BYTES])
{
    char digits[NUMBER_DIGITS_BYTES];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(out, digits + at, sizeof digits - at);
    out[sizeof digits - at] = '\0';
    return sizeof digits - at;
}

size_t number_text(int64_t number, char out[NUMBER_TEXT_BYTES])
{
    char digits[NUMBER_DIGITS_BYTES + 1] = "-";
    bool is_negative = number < 0;
    uint64_t amount = is_negative ? 0 - (uint64_t)number : (uint64_t)number;
    return group(digits + !is_negative, number_digits(amount, digits + 1) + is_negative, out);
}

const char *number_text_rounded(double number, struct arena *arena)
{
    const char *digits = arena_format(arena, "%.0f", number);
    size_t bytes = strlen(digits);
    char *out = arena_alloc(arena, bytes + bytes / 3 + 1);
    group(digits, bytes, out);
    return out;
}
