// freezer_read.c: from the bytes of an area to its view (freezer_view.h). What a block holds is
// checked in freezer_content.c.

#include <string.h>

#include "analyzer/flash/freezer_content.h"
#include "analyzer/flash/freezer_view.h"
#include "runtime/flash/inflate.h"

#define SECTOR_BYTES 4096u
#define HEADER_BYTES ((uint32_t)sizeof(struct freezer_header))
#define BLOCK_BYTES ((uint32_t)sizeof(struct freezer_block))
#define IDENTITY_OFF offsetof(struct freezer_header, layout)
#define IDENTITY_BYTES (offsetof(struct freezer_header, crc) - IDENTITY_OFF)

bool freezer_view_is_area(const void *data, size_t bytes)
{
    uint32_t magic = 0;
    if (bytes < HEADER_BYTES)
        return false;
    memcpy(&magic, data, sizeof magic);
    return magic == FREEZER_MAGIC;
}

// ---- the header ----

static const char *refusal(struct arena *arena, const struct freezer_view *view)
{
    const struct freezer_header *header = &view->header;
    const struct freezer_place *place = &view->place;
    uint32_t layout = header->layout & ~FREEZER_LAYOUT_INTEGER;
    if (layout != FREEZER_LAYOUT)
        return arena_format(arena, "it has layout %u, this firmware %u", (unsigned)layout,
                            (unsigned)FREEZER_LAYOUT);
    if (!(header->flags & FREEZER_KEEP))
        return "it is to be erased at the next start";
    if (!place->is_known)
        return NULL;
    if (header->area_addr != place->addr || header->area_bytes != place->bytes)
        return arena_format(arena, "it was made for %u bytes at 0x%08x, here are %u at 0x%08x",
                            (unsigned)header->area_bytes, (unsigned)header->area_addr,
                            (unsigned)place->bytes, (unsigned)place->addr);
    if (header->linked_crc != place->linked_crc)
        return arena_format(arena, "it was made with LFS images of CRC 0x%08x, here is 0x%08x",
                            (unsigned)header->linked_crc, (unsigned)place->linked_crc);
    return NULL;
}

static bool is_possible(const struct freezer_header *header)
{
    return header->area_bytes >= FREEZER_AREA_BYTES_MIN &&
           header->area_bytes <= FREEZER_AREA_BYTES_MAX && header->area_bytes % SECTOR_BYTES == 0;
}

// ---- the index ----

// As the next start repairs it.
struct index {
    uint32_t *slots;
    uint32_t count, used;
};

static void read_index(struct arena *arena, const struct freezer_view *view, struct index *index)
{
    index->count = freezer_slot_count(view->header.area_bytes);
    index->slots = ARENA_NEW_ARRAY(arena, uint32_t, index->count);
    index->used = 0;
    for (uint32_t i = 0; i < index->count; i++) {
        index->slots[i] = freezer_view_word(view, HEADER_BYTES + 4 * i);
        index->used += index->slots[i] != FREEZER_SLOT_FREE;
    }
}

// The slot that leads to a block, or where it would be entered. NULL: all are used by others.
static uint32_t *find_slot(const struct index *index, uint32_t slot, uint32_t hash)
{
    for (uint32_t i = 0; i < index->count; i++) {
        uint32_t *at = &index->slots[(hash + i) & (index->count - 1)];
        if (*at == slot || *at == FREEZER_SLOT_FREE)
            return at;
    }
    return NULL;
}

// A committed block without a slot gets one. False: there is no room for it, so nobody finds it.
static bool enter_block(struct index *index, uint32_t off, uint32_t hash, bool *is_lost)
{
    uint32_t slot = freezer_slot(off, hash), *at = find_slot(index, slot, hash);
    *is_lost = at == NULL || *at != slot;
    if (!*is_lost)
        return true;
    if (at == NULL || index->used >= index->count - index->count / 8)
        return false;
    *at = slot;
    index->used++;
    return true;
}

// ---- blocks ----

static bool read_head(const struct freezer_view *view, uint32_t off, uint32_t head[4])
{
    for (uint32_t i = 0; i < 4; i++)
        head[i] = freezer_view_word(view, off + 4 * i);
    uint32_t kind = head[0] >> 8 & 0xFF, bytes = head[1];
    return kind > 0 && kind < FREEZER_KIND_END && bytes > 0 && bytes <= FREEZER_AREA_BYTES_MAX &&
           freezer_body_bytes(kind, bytes) <= view->grown - off - BLOCK_BYTES &&
           head[0] >> 16 == freezer_check(kind, bytes, head[2], head[3]);
}

static uint32_t body_crc(const struct freezer_view *view, uint32_t off, uint32_t bytes)
{
    uint32_t crc = 0;
    for (uint32_t at = off; at < off + bytes; at += 4) {
        uint32_t word = freezer_view_word(view, at);
        crc = inflate_crc(crc, &word, 4);
    }
    return crc;
}

static void add_block(struct arena *arena, struct freezer_view *view, struct index *index,
                      uint32_t off, const uint32_t head[4])
{
    bool is_lost = false;
    struct freezer_view_block *block = &view->blocks[view->block_count];
    uint32_t state = head[0] & 0xFF;
    *block = (struct freezer_view_block){.off = off, .bytes = head[1], .kind = head[0] >> 8 & 0xFF};
    if (state == FREEZER_DROPPED) {
        block->state = FREEZER_VIEW_DROPPED;
    } else if (state != FREEZER_COMMITTED) {
        block->state = FREEZER_VIEW_UNFINISHED;
    } else if (!enter_block(index, off, head[2], &is_lost)) {
        block->state = FREEZER_VIEW_DAMAGED;
        block->fault = "the index lacks it and is full";
    } else if (body_crc(view, off + BLOCK_BYTES, freezer_body_bytes(block->kind, head[1])) !=
               head[3]) {
        block->state = FREEZER_VIEW_DAMAGED;
        block->fault = "its CRC-32 is another one";
    } else {
        block->fault = freezer_content_check(arena, view, block, head[2]);
        block->state = block->fault ? FREEZER_VIEW_DAMAGED : FREEZER_VIEW_COUNTS;
    }
    view->slots_lost += is_lost && block->state == FREEZER_VIEW_COUNTS;
    view->block_count++; // from now on others may refer to it
}

// Behind the last byte that is not erased, where a block may begin.
static uint32_t used_end(const struct freezer_view *view)
{
    uint32_t bytes = view->data_bytes < view->grown ? view->data_bytes : view->grown;
    uint32_t first = freezer_first_block(view->header.area_bytes);
    while (bytes > first && view->data[bytes - 1] == 0xFF)
        bytes--;
    return bytes > first ? freezer_fill(bytes) : first;
}

static void read_blocks(struct arena *arena, struct freezer_view *view)
{
    uint32_t off = freezer_first_block(view->header.area_bytes), head[4];
    struct index index;
    read_index(arena, view, &index);
    view->slots_used = index.used;
    view->end = used_end(view);
    view->blocks = ARENA_NEW_ARRAY(arena, struct freezer_view_block,
                                   view->header.area_bytes / (BLOCK_BYTES + 8) + 1);
    while (off + BLOCK_BYTES <= view->end) {
        if (!read_head(view, off, head)) {
            off += 8;
            view->unreadable_bytes += 8;
            continue;
        }
        add_block(arena, view, &index, off, head);
        off += freezer_block_bytes(head[0] >> 8 & 0xFF, head[1]);
        if (off > view->end) // its tail is ones, or was not written
            view->end = off;
    }
}

// ---- the whole ----

int freezer_view_read(struct arena *arena, struct text path, const uint8_t *data, uint32_t bytes,
                      const struct freezer_place *place, struct freezer_view **out,
                      struct problem *problem)
{
    struct freezer_view *view = ARENA_NEW(arena, struct freezer_view);
    *view = (struct freezer_view){.path = path, .data = data, .data_bytes = bytes};
    if (!freezer_view_is_area(data, bytes))
        return problem_set(problem, STATUS_DAMAGED, path, 0, "there is no freezer area");
    memcpy(&view->header, data, sizeof view->header);
    const struct freezer_header *header = &view->header;
    if (header->crc != inflate_crc(0, &header->layout, IDENTITY_BYTES) || !is_possible(header))
        return problem_set(problem, STATUS_DAMAGED, path, 0,
                           "the header of the freezer area is damaged");
    if (place)
        view->place = *place;
    view->refused = refusal(arena, view);
    uint32_t last_sector = header->area_bytes - SECTOR_BYTES;
    view->is_compacting = freezer_view_word(view, last_sector) == FREEZER_JOURNAL_MAGIC;
    view->grown = freezer_grown(header->flags, header->area_bytes, SECTOR_BYTES);
    if (view->refused == NULL && view->grown < freezer_first_block(header->area_bytes))
        view->refused = "it has no sectors";
    if ((header->layout & ~FREEZER_LAYOUT_INTEGER) == FREEZER_LAYOUT && !view->is_compacting &&
        view->grown >= freezer_first_block(header->area_bytes))
        read_blocks(arena, view);
    *out = view;
    return STATUS_OK;
}
