// libc_loads.h: which loads narrower than a word the chip's C library copies and compares with.
//
// From flash each of them is an exception on stock firmware (analyzer/models/nodemcu-3.0.json).
// Source: newlib for the lx106: libc/machine/xtensa/memcpy.S, and memcmp.c, which goes by words
//         only where both texts begin at a multiple of 4.

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

#endif
