// libc_loads.h: which loads narrower than a word the chip's C library does: copies, comparisons,
// searches, numbers.
//
// From flash each of them is an exception on stock firmware (analyzer/models/nodemcu-3.0.json).
// Source: newlib for the lx106: libc/machine/xtensa/memcpy.S; memcmp.c, which goes by words only if
//         both texts begin at a multiple of 4; memchr.c, which does from the first such place on.

#ifndef FROST_FORMAT_LIBC_LOADS_H
#define FROST_FORMAT_LIBC_LOADS_H

#include <stddef.h>

// memcpy of `bytes` bytes to and from addresses of which the low two bits are looked at.
static inline size_t libc_copy_loads(size_t to, size_t from, size_t bytes)
{
    size_t loads = 0, tail;
    if (to & 1) {
        if (bytes < 7)
            return bytes;
        loads = 1;
        to++;
        from++;
        bytes--;
    }
    if (to & 2) {
        if (bytes < 6)
            return loads + bytes;
        loads += 2;
        from += 2;
        bytes -= 2;
    }
    tail = bytes & 3;
    return loads + tail - (from % 4 == 0 && tail > 1); // two bytes at once if they are aligned
}

// memchr in `bytes` bytes at an address of which the low two bits are looked at, which finds what
// it looks for at index `found`; `bytes` if it is not there.
static inline size_t libc_scan_loads(size_t from, size_t found, size_t bytes)
{
    size_t head = -from & 3, looked_at = found < bytes ? found + 1 : bytes, passed;
    if (looked_at <= head)
        return looked_at;
    passed = (found < bytes ? found : bytes) - head;
    return looked_at - passed / 4 * 4; // the word that has it is gone through
}

// memcmp of two equal texts of `bytes` bytes, as far as one of them is concerned.
static inline size_t libc_compare_loads(int are_aligned, size_t bytes)
{
    return are_aligned ? bytes & 3 : bytes;
}

// memcmp of two texts of `bytes` bytes that differ at index `at` first; as far as one is concerned.
static inline size_t libc_differ_loads(int are_aligned, size_t bytes, size_t at)
{
    return (are_aligned && bytes >= 4 ? at & 3 : at) + 1;
}

static inline int libc_is_digit(char c, int is_hexadecimal)
{
    char small = (char)(c | 32);
    return (c >= '0' && c <= '9') || (is_hexadecimal && small >= 'a' && small <= 'f');
}

static inline size_t libc_skip_blanks(const char *text, size_t at)
{
    while (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))
        at++;
    return at;
}

static inline size_t libc_skip_exponent(const char *text, size_t at)
{
    if ((text[at] | 32) != 'e') // it may be the end
        return at;
    size_t digits = at + 1 + (text[at + 1] == '-' || text[at + 1] == '+');
    if (!libc_is_digit(text[digits], 0))
        return at;
    while (libc_is_digit(text[digits], 0))
        digits++;
    return digits;
}

static inline size_t libc_skip_number(const char *text, size_t at)
{
    size_t begin = at;
    int is_hexadecimal = text[at] == '0' && (text[at + 1] | 32) == 'x';
    if (is_hexadecimal)
        at += 2;
    while (libc_is_digit(text[at], is_hexadecimal) || (!is_hexadecimal && text[at] == '.'))
        at++;
    return at == begin || is_hexadecimal ? at : libc_skip_exponent(text, at);
}

// strtod of a text that ends with NUL: the index of the first character that is no part of a
// number, the last one that it reads. *behind: how many its caller reads from there on, blanks and
// what follows them; 0 if there is no number.
static inline size_t libc_number_end(const char *text, size_t *behind)
{
    size_t begin = libc_skip_blanks(text, 0), end;
    begin += text[begin] == '-' || text[begin] == '+';
    end = libc_skip_number(text, begin);
    *behind = end == begin ? 0 : libc_skip_blanks(text, end) - end + 1;
    return end;
}

#endif
