// area_words.h: what the two halves of a compaction share: words from the flash itself, since the
// window may be behind a cache; bits for every 8 bytes of an area.
//
// Private to area_needed.c and area_compact.c. Memory: none.

#ifndef FROST_FREEZER_AREA_WORDS_H
#define FROST_FREEZER_AREA_WORDS_H

#include "runtime/freezer/area.h"

static inline uint32_t area_bit_words(const struct freezer_area *area)
{
    return (area->bytes / 8 + 31) / 32;
}

static inline void bits_set(uint32_t *bits, uint32_t idx)
{
    bits[idx / 32] |= 1u << idx % 32;
}

// Bits 0 ... n.
static inline uint32_t bits_up_to(uint32_t n)
{
    return UINT32_MAX >> (31 - n);
}

// A word of the area. What went wrong stays in *status; then 0.
static inline uint32_t area_read_word(const struct freezer_area *area, uint32_t off, int *status)
{
    uint32_t word = 0;
    if (*status == STATUS_OK)
        *status = flash_read(area->device, area->off + off, &word, 4);
    return *status == STATUS_OK ? word : 0;
}

// Bits for every 8 bytes of the area, 1: part of a block that is needed, to the first half of the
// work memory (FREEZER_WORK_BYTES); *kept: how many bytes those are.
int area_find_needed(struct freezer_area *area, uint32_t *work, uint32_t *kept)
    __attribute__((warn_unused_result));

#endif
