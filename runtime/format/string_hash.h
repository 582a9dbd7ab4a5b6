// string_hash.h: the hash of a string, the same in RAM, in images and on the device.
//
// At most 31 or 32 characters are sampled, from the end. 32-bit arithmetic, no seed.

#ifndef FROST_FORMAT_STRING_HASH_H
#define FROST_FORMAT_STRING_HASH_H

#include <stdint.h>

static inline uint32_t string_hash(const char *text, uint32_t bytes)
{
    uint32_t h = bytes;
    uint32_t step = (bytes >> 5) + 1;
    for (uint32_t at = bytes; at >= step; at -= step)
        h ^= (h << 5) + (h >> 2) + (uint8_t)text[at - 1];
    return h;
}

#endif
