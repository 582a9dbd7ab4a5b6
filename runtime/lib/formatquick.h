// formatquick.h: the usual items of string.format, written without the C library.
//
// Reads and writes: its arguments. Memory: none. Only in the plain build on a computer; the result
// is what snprintf makes, to the byte.
#ifndef RUNTIME_LIB_FORMATQUICK_H
#define RUNTIME_LIB_FORMATQUICK_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_PRECISION_NONE (-1)

// What stands between '%' and the letter; width and precision 0..99.
struct format_item {
    int is_left;   // '-'
    int has_plus;  // '+'
    int has_blank; // ' '
    int has_zero;  // '0'
    int width;
    int precision; // or FORMAT_PRECISION_NONE
};

// Reads `bytes` characters of flags, width and precision. 0: an item for the C library ('#').
int format_item_read(const char *text, size_t bytes, struct format_item *item);

// Write into `to`, which has room for 400 characters; the length.
size_t format_signed(const struct format_item *item, int64_t n, char *to);
size_t format_unsigned(const struct format_item *item, uint64_t n, unsigned base, int is_capital,
                       char *to);
size_t format_text(const struct format_item *item, const char *text, size_t bytes, char *to);
// "%f"; 0: for the C library (not finite, large, very many digits).
size_t format_fixed(const struct format_item *item, double n, char *to);

#endif
