// area_parts.h: what the files of the area share.
//
// Private to area*.c and sink.c. Memory: none.

#ifndef FROST_FREEZER_AREA_PARTS_H
#define FROST_FREEZER_AREA_PARTS_H

#include "runtime/freezer/area.h"

#define HEADER_BYTES ((uint32_t)sizeof(struct freezer_header))
#define BLOCK_BYTES ((uint32_t)sizeof(struct freezer_block))

// Gives all words of an item to the sink, and what fills it up.
void frozen_run(struct frozen_sink *sink, const struct frozen_item *item);

// Programs words at an offset of the area.
static inline int area_program(struct freezer_area *area, uint32_t off, const void *words,
                               uint32_t bytes)
{
    return flash_program(area->device, area->off + off, words, bytes);
}

// The header of a block as words read in place.
struct block_head {
    uint32_t first, bytes, hash, crc;
};

static inline struct block_head block_head_at(const struct freezer_area *area, uint32_t off)
{
    const uint32_t *at = area->base + off / 4;
    return (struct block_head){at[0], at[1], at[2], at[3]};
}

// Does a block's header stand at `off`, whole, and does its payload fit in front of `end`?
int block_head_is_sound(const struct block_head *head, uint32_t off, uint32_t end);

// The block at `off` (of its header) gets another state, which may only clear bits.
int block_set_state(struct freezer_area *area, uint32_t off, uint32_t state);

// Enters the block at `off` with that hash into the index. Errors: STATUS_NO_SPACE, STATUS_IO.
int index_add(struct freezer_area *area, uint32_t off, uint32_t hash);

// Is the block at `off` in the index?
int index_has(const struct freezer_area *area, uint32_t off, uint32_t hash);

// CRC-32 of `bytes` of the area from `off` on, as they are seen in the window.
uint32_t area_crc(const struct freezer_area *area, uint32_t off, uint32_t bytes);

static inline const uint32_t *area_slots(const struct freezer_area *area)
{
    return area->base + HEADER_BYTES / 4;
}

#endif
