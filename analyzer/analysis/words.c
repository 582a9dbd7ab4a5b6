// words.c: numbers as people read them.

#include "analyzer/analysis/words.h"

#include <stdio.h>

const char *words_number(double figure, struct arena *arena)
{
    char digits[32];
    int count = snprintf(digits, sizeof digits, "%.0f", figure);
    char *out = arena_alloc(arena, sizeof digits * 2);
    int used = 0;
    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0 && digits[i - 1] != '-')
            out[used++] = ',';
        out[used++] = digits[i];
    }
    return out;
}
