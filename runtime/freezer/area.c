// area.c: finding and appending blocks.
//
// Reads and writes: the area. Memory: a sink on the stack (200 bytes).

#include "runtime/freezer/area.h"

#include <assert.h>

#include "runtime/flash/inflate.h"
#include "runtime/freezer/area_parts.h"

#define TRIES 2           // places for one block
#define LOOKS 3           // at what was written, before it counts as not seen
#define CACHE_STEP 0x8000 // of the chip's flash cache

// ---- pieces ----

uint32_t area_crc(const struct freezer_area *area, uint32_t off, uint32_t bytes)
{
    uint32_t crc = 0;
    for (uint32_t at = off; at < off + bytes; at += 4) {
        uint32_t word = area->base[at / 4]; // the chip's flash gives whole words
        crc = inflate_crc(crc, &word, 4);
    }
    return crc;
}

int block_head_is_sound(const struct block_head *head, uint32_t off, uint32_t end)
{
    uint32_t kind = head->first >> 8 & 0xFF;
    return kind > 0 && kind < FREEZER_KIND_END && head->bytes > 0 &&
           head->bytes <= end - off - BLOCK_BYTES &&
           freezer_body_bytes(kind, head->bytes) <= end - off - BLOCK_BYTES &&
           head->first >> 16 == freezer_check(kind, head->bytes, head->hash, head->crc);
}

int block_set_state(struct freezer_area *area, uint32_t off, uint32_t state)
{
    uint32_t old; // the window may show what was there before
    int status = flash_read(area->device, area->off + off, &old, 4);
    if (status != STATUS_OK)
        return status;
    uint32_t word = old & (state | ~0xFFu);
    uint32_t given_up = old & (state | ~(uint32_t)(FREEZER_COMMITTED & ~FREEZER_DROPPED));
    // The bit that a committed block has and no other: first, so that a cut in what is given up
    // does not look like one.
    if (given_up != old && given_up != word)
        status = area_program(area, off, &given_up, 4);
    return word == old || status != STATUS_OK ? status : area_program(area, off, &word, 4);
}

// ---- the window ----

// Reads lines that push those of a block out of a cache as the chip has it. `tries` before it: what
// the device itself knows to do, which reads far more.
void area_push_out_of_cache(const struct freezer_area *area, uint32_t off, uint32_t bytes,
                            int tries)
{
    if (!area->device->is_window_cached)
        return;
    if (tries > 0 && area->device->evict) {
        area->device->evict(area->device, area->off + off, bytes);
        return;
    }
    for (uint32_t at = off & ~31u; at < off + bytes; at += 32)
        for (uint32_t more = CACHE_STEP; more <= 3 * CACHE_STEP; more += CACHE_STEP) {
            uint32_t there = (area->off + at + more) % area->device->window_bytes;
            (void)*(const volatile uint32_t *)(const void *)(area->device->window + there);
        }
}

// Does the VM see a word that was programmed?
static int is_word_seen(const struct freezer_area *area, uint32_t off, uint32_t word)
{
    const volatile uint32_t *at = area->base + off / 4;
    for (int tries = 0; tries < LOOKS; tries++) {
        if (*at == word)
            return 1;
        area_push_out_of_cache(area, off, 4, tries);
    }
    return 0;
}

// ---- the index ----

// A slot as the flash has it: the window may show what was there before.
static uint32_t slot_at(const struct freezer_area *area, uint32_t i)
{
    uint32_t slot;
    if (!area->device->is_window_cached)
        return area_slots(area)[i];
    if (flash_read(area->device, area->off + HEADER_BYTES + 4 * i, &slot, 4) != STATUS_OK)
        return FREEZER_SLOT_SPOILT;
    return slot;
}

// The slot after `i`, with the search's first one at `i` = hash.
static uint32_t slot_of(const struct freezer_area *area, uint32_t i)
{
    return i & (freezer_slot_count(area->bytes) - 1);
}

int index_has(const struct freezer_area *area, uint32_t off, uint32_t hash)
{
    uint32_t wanted = freezer_slot(off, hash), count = freezer_slot_count(area->bytes);
    for (uint32_t i = hash; i - hash < count; i++) {
        uint32_t slot = slot_at(area, slot_of(area, i));
        if (slot == wanted)
            return 1;
        if (slot == FREEZER_SLOT_FREE)
            return 0;
    }
    return 0;
}

// Some slots stay free, since they end searches.
static uint32_t slots_left(const struct freezer_area *area)
{
    uint32_t count = freezer_slot_count(area->bytes), most = count - count / 8;
    return area->slots_used < most ? most - area->slots_used : 0;
}

int index_enter(struct freezer_area *area, uint32_t off, uint32_t hash, uint32_t *slot_off)
{
    uint32_t slot = freezer_slot(off, hash), i = hash;
    if (slots_left(area) == 0)
        return STATUS_NO_SPACE;
    while (slot_at(area, slot_of(area, i)) != FREEZER_SLOT_FREE)
        i++;
    *slot_off = HEADER_BYTES + 4 * slot_of(area, i);
    area->slots_used++;
    return area_program(area, *slot_off, &slot, 4);
}

int index_add(struct freezer_area *area, uint32_t off, uint32_t hash)
{
    uint32_t slot_off;
    int status = index_enter(area, off, hash, &slot_off);
    if (status == STATUS_OK && !is_word_seen(area, slot_off, freezer_slot(off, hash)))
        return STATUS_IO;
    return status;
}

// ---- finding ----

static int is_same(struct freezer_area *area, const struct frozen_item *item, uint32_t hash,
                   uint32_t off)
{
    const struct block_head head = block_head_at(area, off);
    if ((head.first & FREEZER_HEAD_MASK) != FREEZER_HEAD(FREEZER_COMMITTED, item->kind) ||
        head.hash != hash || head.bytes != item->bytes)
        return 0;
    struct frozen_sink sink = {
        .mode = FROZEN_COMPARE,
        .addr = area->addr + off + BLOCK_BYTES,
        .at = freezer_area_payload(area, off + BLOCK_BYTES),
        .area = area,
    };
    item->emit(&sink, item->object);
    return !sink.differs;
}

static uint32_t find(struct freezer_area *area, const struct frozen_item *item, uint32_t hash)
{
    uint32_t count = freezer_slot_count(area->bytes);
    for (uint32_t i = hash; i - hash < count; i++) {
        uint32_t slot = slot_at(area, slot_of(area, i));
        if (slot == FREEZER_SLOT_FREE)
            return 0;
        if (slot == FREEZER_SLOT_SPOILT || FREEZER_SLOT_HASH(slot) != hash >> FREEZER_SLOT_OFF_BITS)
            continue;
        uint32_t off = FREEZER_SLOT_OFF(slot);
        if (is_same(area, item, hash, off))
            return area->addr + off + BLOCK_BYTES;
    }
    return 0;
}

// Hash and CRC of an item if its payload were to begin at `addr`.
static void measure(struct freezer_area *area, const struct frozen_item *item, uint32_t addr,
                    struct frozen_sink *sink)
{
    *sink = (struct frozen_sink){.mode = FROZEN_MEASURE, .addr = addr, .area = area};
    frozen_run(sink, item);
    if (frozen_has_own_hash(item->kind))
        sink->hash = item->hash;
}

uint32_t freezer_area_find(struct freezer_area *area, const struct frozen_item *item)
{
    struct frozen_sink sink;
    if (!area->is_open)
        return 0;
    uint32_t hash = item->hash;
    if (!frozen_has_own_hash(item->kind)) {
        measure(area, item, 0, &sink);
        hash = sink.hash;
    }
    return find(area, item, hash);
}

uint32_t freezer_area_last(struct freezer_area *area, enum freezer_kind kind, uint32_t hash,
                           uint32_t first)
{
    uint32_t count = freezer_slot_count(area->bytes), last = 0;
    if (!area->is_open)
        return 0;
    for (uint32_t i = hash; i - hash < count; i++) {
        uint32_t slot = slot_at(area, slot_of(area, i)), off = FREEZER_SLOT_OFF(slot);
        if (slot == FREEZER_SLOT_FREE)
            break;
        if (slot == FREEZER_SLOT_SPOILT || off < last ||
            FREEZER_SLOT_HASH(slot) != hash >> FREEZER_SLOT_OFF_BITS)
            continue;
        const struct block_head head = block_head_at(area, off);
        if ((head.first & FREEZER_HEAD_MASK) == FREEZER_HEAD(FREEZER_COMMITTED, kind) &&
            head.hash == hash && *freezer_area_payload(area, off + BLOCK_BYTES) == first)
            last = off + BLOCK_BYTES;
    }
    return last;
}

// ---- appending ----

int freezer_area_has_room(const struct freezer_area *area, uint32_t blocks, uint32_t bytes)
{
    return area->is_open && bytes <= area->limit - area->end && blocks <= slots_left(area);
}

// Is what the VM will read what was programmed? The device has read it back already, but the window
// may be behind a cache.
static int is_seen(struct freezer_area *area, const struct block_head *head, uint32_t off)
{
    uint32_t bytes = freezer_body_bytes(head->first >> 8 & 0xFF, head->bytes);
    for (int tries = 0; tries < LOOKS; tries++) {
        const struct block_head seen = block_head_at(area, off);
        if (seen.first == head->first && seen.bytes == head->bytes && seen.hash == head->hash &&
            seen.crc == head->crc && area_crc(area, off + BLOCK_BYTES, bytes) == head->crc)
            return 1;
        area_push_out_of_cache(area, off, BLOCK_BYTES + bytes, tries);
    }
    return 0;
}

// Writes an item as the block at `off`, in order: header, payload, read back, commit, index.
static int write_block(struct freezer_area *area, const struct frozen_item *item, uint32_t off)
{
    struct frozen_sink sink;
    measure(area, item, area->addr + off + BLOCK_BYTES, &sink);
    struct block_head head = {FREEZER_HEAD(FREEZER_WRITING, item->kind), item->bytes, sink.hash,
                              sink.crc};
    head.first |= freezer_check(item->kind, head.bytes, head.hash, head.crc) << 16;
    int status = area_program(area, off, &head, sizeof head);
    if (status != STATUS_OK)
        return status;
    sink = (struct frozen_sink){.mode = FROZEN_WRITE,
                                .addr = area->addr + off + BLOCK_BYTES,
                                .area = area,
                                .off = off + BLOCK_BYTES};
    frozen_run(&sink, item);
    if (sink.status != STATUS_OK)
        return sink.status;
    if (!is_seen(area, &head, off))
        return STATUS_IO;
    status = block_set_state(area, off, FREEZER_COMMITTED);
    if (status == STATUS_OK)
        status = index_add(area, off, head.hash);
    uint32_t committed = (head.first & ~0xFFu) | FREEZER_COMMITTED;
    if (status == STATUS_OK && !is_word_seen(area, off, committed))
        status = STATUS_IO;
    if (status != STATUS_OK) // nobody refers to it
        (void)!block_set_state(area, off, FREEZER_DROPPED);
    return status;
}

int freezer_area_put(struct freezer_area *area, const struct frozen_item *item, uint32_t *addr,
                     uint32_t *written)
{
    int status = STATUS_NO_SPACE;
    *written = 0;
    *addr = freezer_area_find(area, item);
    if (*addr != 0)
        return STATUS_OK;
    uint32_t bytes = freezer_block_bytes(item->kind, item->bytes);
    for (int tries = 0; tries < TRIES && status != STATUS_OK; tries++) {
        if (!freezer_area_has_room(area, 1, bytes))
            return tries == 0 ? STATUS_NO_SPACE : status;
        uint32_t off = area->end;
        status = area_grow(area, off + bytes);
        if (status != STATUS_OK)
            return status;
        area->end += bytes; // whatever happens, this place is not tried again
        *written += bytes;
        *addr = area->addr + off + BLOCK_BYTES;
        status = write_block(area, item, off);
        area->given_up += status != STATUS_OK;
        assert(area->end <= area->limit);
    }
    return status;
}

int freezer_area_drop(struct freezer_area *area, uint32_t payload_off)
{
    area->given_up++;
    return block_set_state(area, payload_off - BLOCK_BYTES, FREEZER_DROPPED);
}

// ---- looking at blocks ----

uint32_t freezer_area_next(const struct freezer_area *area, uint32_t payload_off)
{
    uint32_t off = freezer_first_block(area->bytes);
    if (payload_off != 0) {
        const struct block_head last = block_head_at(area, payload_off - BLOCK_BYTES);
        off = payload_off + freezer_body_bytes(last.first >> 8 & 0xFF, last.bytes);
    }
    while (off + BLOCK_BYTES <= area->end) {
        const struct block_head head = block_head_at(area, off);
        if (!block_head_is_sound(&head, off, area->end)) {
            off += 8; // what a cut or damage has left
            continue;
        }
        if ((head.first & 0xFF) == FREEZER_COMMITTED)
            return off + BLOCK_BYTES;
        off += freezer_block_bytes(head.first >> 8 & 0xFF, head.bytes);
    }
    return 0;
}

int freezer_area_has(const struct freezer_area *area, uint32_t addr, enum freezer_kind kind)
{
    uint32_t off = addr - area->addr;
    if (off % 8 != 0 || off < freezer_first_block(area->bytes) + BLOCK_BYTES || off >= area->end)
        return 0;
    const struct block_head head = block_head_at(area, off - BLOCK_BYTES);
    // What the index does not have may lie inside of another block.
    return (head.first & FREEZER_HEAD_MASK) == FREEZER_HEAD(FREEZER_COMMITTED, kind) &&
           block_head_is_sound(&head, off - BLOCK_BYTES, area->end) &&
           index_has(area, off - BLOCK_BYTES, head.hash);
}
