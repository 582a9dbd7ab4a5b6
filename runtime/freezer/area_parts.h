// area_parts.h: what the files of the area share.
//
// Private to area*.c and sink.c. Memory: none.

#ifndef FROST_FREEZER_AREA_PARTS_H
#define FROST_FREEZER_AREA_PARTS_H

#include "runtime/freezer/area.h"

#define HEADER_BYTES ((uint32_t)sizeof(struct freezer_header))
#define BLOCK_BYTES ((uint32_t)sizeof(struct freezer_block))

// The hash of a payload with one more word.
static inline uint32_t frozen_mix(uint32_t hash, uint32_t word)
{
    uint32_t h = (hash ^ word) * 0x9E3779B1u;
    return h ^ h >> 15;
}

// Have blocks of this kind the hash of a text, not that of their payload?
static inline int frozen_has_own_hash(enum freezer_kind kind)
{
    return kind == FREEZER_STRING || kind == FREEZER_MODULE;
}

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

// Enters the block at `off` with that hash into the index, in the slot at *slot_off.
// Errors: STATUS_NO_SPACE, STATUS_IO.
int index_enter(struct freezer_area *area, uint32_t off, uint32_t hash, uint32_t *slot_off);
// The same, and the window has to show it. Errors: STATUS_NO_SPACE, STATUS_IO.
int index_add(struct freezer_area *area, uint32_t off, uint32_t hash);

// Is the block at `off` in the index?
int index_has(const struct freezer_area *area, uint32_t off, uint32_t hash);

// CRC-32 of `bytes` of the area from `off` on, as they are seen in the window.
uint32_t area_crc(const struct freezer_area *area, uint32_t off, uint32_t bytes);

// Lets the window show what the flash has, if it is behind a cache. tries: how often that was not
// enough.
void area_push_out_of_cache(const struct freezer_area *area, uint32_t off, uint32_t bytes,
                            int tries);

// Header of an empty area of this place and identity.
struct freezer_header area_header(const struct freezer_area *area);

// Goes on with a compaction that was cut. STATUS_NOT_FOUND: none was. STATUS_VERSION: of another
// area. STATUS_DAMAGED, STATUS_IO: the area is lost.
int area_compact_resume(struct freezer_area *area) __attribute__((warn_unused_result));

// Erases the sector at `off` unless it is blank. Errors: STATUS_IO.
int area_erase(const struct freezer_area *area, uint32_t off) __attribute__((warn_unused_result));
// Makes sure that the area's own sectors reach up to `end`, which is at most its limit.
int area_grow(struct freezer_area *area, uint32_t end) __attribute__((warn_unused_result));
// Flags of the units up to `end`.
uint32_t area_units(const struct freezer_area *area, uint32_t end);

// Erases what a cut may have left in the reserve.
int area_clean_reserve(struct freezer_area *area) __attribute__((warn_unused_result));

// No journal counts from now on.
int area_forget_journal(struct freezer_area *area) __attribute__((warn_unused_result));

static inline const uint32_t *area_slots(const struct freezer_area *area)
{
    return area->base + HEADER_BYTES / 4;
}

#endif
