// area_open.c: what is found in flash at a start: its check and repair; making an empty area.
//
// Reads and writes: the area. Memory: none.
//
// Damage is kept to its block. Where no header stands, the search goes on at the next place where
// one could, up to the last word that is not erased. A block whose payload does not have its CRC,
// or refers to one that is not there, is dropped; so is, in turn, what refers to it, since
// references lead back.

#include <assert.h>
#include <stddef.h>

#include "runtime/flash/inflate.h"
#include "runtime/freezer/area.h"
#include "runtime/freezer/area_parts.h"

#define IDENTITY_OFF offsetof(struct freezer_header, layout)
#define IDENTITY_BYTES (offsetof(struct freezer_header, crc) - IDENTITY_OFF)

struct freezer_header area_header(const struct freezer_area *area)
{
    struct freezer_header header = {
        .magic = FREEZER_MAGIC,
        .flags = FREEZER_FLAGS_ERASED,
        .layout = FREEZER_LAYOUT_BUILD,
        .build = area->identity.build,
        .area_addr = area->addr,
        .area_bytes = area->bytes,
        .linked_crc = area->identity.linked_crc,
    };
    header.crc = inflate_crc(0, &header.layout, IDENTITY_BYTES);
    return header;
}

// ---- making ----

int freezer_area_format(struct freezer_area *area)
{
    const uint32_t nothing = 0;
    uint32_t magic;
    area->is_open = 0;
    area->grown = 0;
    // No cut in an erase may leave a header that counts.
    int status = flash_read(area->device, area->off, &magic, 4);
    if (status == STATUS_OK && magic != UINT32_MAX)
        status = area_program(area, 0, &nothing, 4);
    if (status == STATUS_OK)
        status = area_forget_journal(area);
    if (status == STATUS_OK)
        status = area_grow(area, freezer_first_block(area->bytes));
    if (status == STATUS_OK)
        status = area_clean_reserve(area);
    struct freezer_header header = area_header(area);
    header.flags &= ~area_units(area, area->grown);
    if (status == STATUS_OK)
        status = area_program(area, 4, &header.flags, HEADER_BYTES - 4);
    if (status == STATUS_OK)
        status = area_program(area, 0, &header.magic, 4);
    if (status != STATUS_OK)
        return status;
    area->flags = header.flags;
    area->end = freezer_first_block(area->bytes);
    area->slots_used = area->bad_blocks = area->given_up = 0;
    area->is_open = 1;
    return STATUS_OK;
}

int freezer_area_clear_flags(struct freezer_area *area, uint32_t flags)
{
    uint32_t cleared = area->flags & ~flags;
    if (cleared == area->flags)
        return STATUS_OK;
    int status = area_program(area, offsetof(struct freezer_header, flags), &cleared, 4);
    if (status == STATUS_OK)
        area->flags = cleared;
    return status;
}

// ---- blocks ----

// Behind the last word that is not erased, rounded up to a place for a block.
static uint32_t used_end(const struct freezer_area *area)
{
    uint32_t words = area->grown / 4, first = freezer_first_block(area->bytes) / 4;
    while (words > first && area->base[words - 1] == UINT32_MAX)
        words--;
    return freezer_fill(4 * words);
}

static int is_good(const struct freezer_area *area, const struct block_head *head, uint32_t off,
                   freezer_check_block check)
{
    uint32_t bytes = freezer_body_bytes(head->first >> 8 & 0xFF, head->bytes);
    if (area_crc(area, off + BLOCK_BYTES, bytes) != head->crc)
        return 0;
    return check == NULL || check(area, off + BLOCK_BYTES);
}

// Finds the end, by the heads of blocks alone.
static void find_end(struct freezer_area *area)
{
    area->end = used_end(area);
    for (uint32_t off = freezer_first_block(area->bytes); off + BLOCK_BYTES <= area->end;) {
        const struct block_head head = block_head_at(area, off);
        if (!block_head_is_sound(&head, off, area->grown)) {
            off += 8;
            continue;
        }
        off += freezer_block_bytes(head.first >> 8 & 0xFF, head.bytes);
        if (off > area->end) // its tail is erased: a cut, or ones at its end
            area->end = off;
    }
}

static int drop_bad(struct freezer_area *area, uint32_t off)
{
    area->bad_blocks++;
    area->given_up++;
    return block_set_state(area, off, FREEZER_DROPPED);
}

// Where damage has taken the flag of a unit, a block may lead out of the area. It must not be taken
// for one again when the area has grown.
static int drop_cut_off(struct freezer_area *area, const struct block_head *head, uint32_t off)
{
    int is_cut = (head->first & 0xFF) == FREEZER_COMMITTED &&
                 block_head_is_sound(head, off, area->limit);
    return is_cut ? drop_bad(area, off) : STATUS_OK;
}

// What blocks refer to is looked for in the index, which has been repaired.
static int check_blocks(struct freezer_area *area, freezer_check_block check)
{
    area->bad_blocks = area->given_up = 0;
    for (uint32_t off = freezer_first_block(area->bytes); off + BLOCK_BYTES <= area->end;) {
        const struct block_head head = block_head_at(area, off);
        if (!block_head_is_sound(&head, off, area->grown)) {
            int status = drop_cut_off(area, &head, off);
            if (status != STATUS_OK)
                return status;
            off += 8;
            continue;
        }
        uint32_t state = head.first & 0xFF;
        uint32_t bytes = freezer_block_bytes(head.first >> 8 & 0xFF, head.bytes);
        area->given_up += state != FREEZER_COMMITTED;
        if (state == FREEZER_COMMITTED && !is_good(area, &head, off, check)) {
            int status = drop_bad(area, off);
            if (status != STATUS_OK)
                return status;
        } else if (state != FREEZER_COMMITTED && state != FREEZER_DROPPED) {
            int status = block_set_state(area, off, 0); // no later loss of bits commits it
            if (status != STATUS_OK)
                return status;
        }
        off += bytes;
    }
    return STATUS_OK;
}

// ---- the index ----

static int leads_to_block(const struct freezer_area *area, uint32_t slot)
{
    uint32_t off = FREEZER_SLOT_OFF(slot);
    if (off % 8 != 0 || off < freezer_first_block(area->bytes) || off + BLOCK_BYTES > area->end)
        return 0;
    const struct block_head head = block_head_at(area, off);
    return (head.first & 0xFF) == FREEZER_COMMITTED && block_head_is_sound(&head, off, area->end) &&
           freezer_slot(off, head.hash) == slot;
}

static int is_block(const struct freezer_area *area, uint32_t wanted)
{
    uint32_t at = 0;
    while ((at = freezer_area_next(area, at)) != 0 && at - BLOCK_BYTES < wanted)
        continue;
    return at != 0 && at - BLOCK_BYTES == wanted;
}

// Clears slots that lead to no committed block. `is_exact`: also to what only looks like one, since
// it lies inside of another block. Cost: then all blocks are passed for every slot.
static int clear_slots(struct freezer_area *area, int is_exact)
{
    const uint32_t *slots = area_slots(area), nothing = FREEZER_SLOT_SPOILT;
    uint32_t count = freezer_slot_count(area->bytes);
    area->slots_used = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (slots[i] == FREEZER_SLOT_FREE)
            continue;
        area->slots_used++;
        if (slots[i] == FREEZER_SLOT_SPOILT ||
            (leads_to_block(area, slots[i]) &&
             (!is_exact || is_block(area, FREEZER_SLOT_OFF(slots[i])))))
            continue;
        int status = area_program(area, HEADER_BYTES + 4 * i, &nothing, 4);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

// Are there more slots that lead somewhere than blocks that are found?
static int has_stray_slots(const struct freezer_area *area)
{
    const uint32_t *slots = area_slots(area);
    uint32_t count = freezer_slot_count(area->bytes), leading = 0, found = 0;
    for (uint32_t i = 0; i < count; i++)
        leading += slots[i] != FREEZER_SLOT_FREE && slots[i] != FREEZER_SLOT_SPOILT;
    for (uint32_t at = 0; (at = freezer_area_next(area, at)) != 0;)
        found += (uint32_t)index_has(area, at - BLOCK_BYTES,
                                     block_head_at(area, at - BLOCK_BYTES).hash);
    return leading > found;
}

static int repair_index(struct freezer_area *area)
{
    int status = clear_slots(area, 0);
    if (status == STATUS_OK && has_stray_slots(area))
        status = clear_slots(area, 1);
    for (uint32_t at = 0; status == STATUS_OK && (at = freezer_area_next(area, at)) != 0;) {
        uint32_t off = at - BLOCK_BYTES, hash = block_head_at(area, off).hash;
        if (index_has(area, off, hash))
            continue;
        status = index_add(area, off, hash);
        if (status == STATUS_NO_SPACE) // nobody would find it
            status = block_set_state(area, off, FREEZER_DROPPED);
    }
    return status;
}

// ---- opening ----

static int check_header(struct freezer_area *area, const struct freezer_header *header)
{
    const struct freezer_header wanted = area_header(area);
    uint32_t all = header->magic & header->flags & header->layout & header->build &
                   header->area_addr & header->area_bytes & header->linked_crc & header->crc;
    if (all == UINT32_MAX)
        return STATUS_NOT_FOUND;
    if (header->magic != FREEZER_MAGIC ||
        header->crc != inflate_crc(0, &header->layout, IDENTITY_BYTES))
        return STATUS_DAMAGED;
    if (header->layout == wanted.layout && header->area_bytes == area->bytes) {
        area->flags = header->flags;
        area->grown = freezer_grown(area->flags, area->bytes, flash_sector_bytes(area->device));
    }
    if (header->crc != wanted.crc || header->layout != wanted.layout)
        return STATUS_VERSION;
    if (area->grown < freezer_first_block(area->bytes))
        return STATUS_DAMAGED;
    return header->flags & FREEZER_KEEP ? STATUS_OK : STATUS_END;
}

int freezer_area_open(struct freezer_area *area, struct flash_device *device, uint32_t off,
                      uint32_t bytes, const struct freezer_identity *identity,
                      freezer_check_block check)
{
    struct freezer_header header;
    assert(bytes >= FREEZER_AREA_BYTES_MIN && bytes <= FREEZER_AREA_BYTES_MAX);
    assert(off % flash_sector_bytes(device) == 0);
    assert(bytes % flash_sector_bytes(device) == 0);
    *area = (struct freezer_area){
        .device = device,
        .off = off,
        .bytes = bytes,
        .addr = WINDOW_ADDR + off,
        .base = (const uint32_t *)(const void *)flash_in_place(device, off, bytes),
        .identity = *identity,
        .flags = FREEZER_FLAGS_ERASED,
    };
    if (area->base == NULL)
        return STATUS_USAGE;
    area->limit = freezer_limit(bytes, flash_sector_bytes(device));
    int status = area_compact_resume(area);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        status = flash_read(device, off, &header, sizeof header);
    if (status == STATUS_OK)
        status = check_header(area, &header);
    if (status == STATUS_OK)
        status = area_clean_reserve(area);
    if (status == STATUS_OK) {
        find_end(area);
        status = repair_index(area);
    }
    if (status == STATUS_OK)
        status = check_blocks(area, check);
    if (status == STATUS_OK && area->bad_blocks > 0)
        status = repair_index(area);
    if (status == STATUS_OK)
        status = freezer_area_clear_flags(area, FREEZER_FRESH);
    area->is_open = status == STATUS_OK;
    return status;
}
