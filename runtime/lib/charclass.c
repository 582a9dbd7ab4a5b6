// charclass.c: the tables of charclass.h.
//
// Reads and writes: static storage, 768 bytes. Source: the C library's locale.
#include "runtime/lib/charclass.h"

#include <locale.h>
#include <string.h>

#ifndef FROST_CHIP

uint8_t char_bits[256];
uint8_t char_small[256];
uint8_t char_capital[256];
int char_point_is_dot;

static unsigned bits_of(int c)
{
    return (isalpha(c) ? CHAR_ALPHA : 0u) | (iscntrl(c) ? CHAR_CONTROL : 0u) |
           (isdigit(c) ? CHAR_DIGIT : 0u) | (islower(c) ? CHAR_LOWER : 0u) |
           (ispunct(c) ? CHAR_PUNCTUATION : 0u) | (isspace(c) ? CHAR_SPACE : 0u) |
           (isupper(c) ? CHAR_UPPER : 0u) | (isxdigit(c) ? CHAR_HEX : 0u);
}

void char_tables_update(void)
{
    char_point_is_dot = strcmp(localeconv()->decimal_point, ".") == 0;
    for (int c = 0; c < 256; c++) {
        char_bits[c] = (uint8_t)bits_of(c);
        char_small[c] = (uint8_t)tolower(c);
        char_capital[c] = (uint8_t)toupper(c);
    }
}

#endif
