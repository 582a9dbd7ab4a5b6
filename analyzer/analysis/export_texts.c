// export_texts.c: an open-addressed table of texts that only grows, up to its limits.

#include "analyzer/analysis/export_texts.h"

#include "analyzer/analysis/export_fill.h"

#define SLOT_BITS_START 12u
#define ROOM_START 1024u

void export_texts_init(struct export_texts *texts, struct arena *arena)
{
    *texts = (struct export_texts){.arena = arena, .room = ROOM_START,
                                   .slot_bits = SLOT_BITS_START};
    texts->items = ARENA_NEW_ARRAY(arena, struct export_text_item, ROOM_START);
    texts->slots = ARENA_NEW_ARRAY(arena, uint32_t, 1u << SLOT_BITS_START);
}

// The slot of the text, or the empty one where it would go.
static uint32_t *find_slot(const struct export_texts *texts, uint64_t hash, uint32_t bytes)
{
    uint32_t mask = (1u << texts->slot_bits) - 1;
    uint32_t slot = (uint32_t)(((hash ^ bytes) * 0x9e3779b97f4a7c15u) >> (64 - texts->slot_bits));
    for (; texts->slots[slot]; slot = (slot + 1) & mask) {
        const struct export_text *text = &texts->items[texts->slots[slot] - 1].text;
        if (text->hash == hash && text->bytes == bytes)
            break;
    }
    return &texts->slots[slot];
}

static void make_room(struct export_texts *texts)
{
    if (texts->count < texts->room)
        return;
    texts->items = arena_grow_array(texts->arena, texts->items, texts->count, texts->room * 2,
                                    sizeof *texts->items);
    texts->room *= 2;
    texts->slot_bits++;
    texts->slots = ARENA_NEW_ARRAY(texts->arena, uint32_t, 1u << texts->slot_bits);
    for (uint32_t i = 0; i < texts->count; i++)
        *find_slot(texts, texts->items[i].text.hash, texts->items[i].text.bytes) = i + 1;
}

uint32_t export_texts_get(struct export_texts *texts, const struct trace_dict_text *named,
                          uint32_t site_idx)
{
    bool is_in_flash = named->flash_addr != 0;
    uint32_t *slot = find_slot(texts, named->hash, named->bytes);
    if (*slot) {
        texts->items[*slot - 1].text.is_in_flash |= is_in_flash;
        return *slot - 1;
    }
    if (!is_in_flash && texts->ram_count == EXPORT_RAM_TEXTS_MAX)
        return EXPORT_NO_TEXT;
    make_room(texts);
    slot = find_slot(texts, named->hash, named->bytes);
    texts->items[texts->count] = (struct export_text_item){
        .text = {.content = arena_copy_text(texts->arena, named->text), .hash = named->hash,
                 .bytes = named->bytes, .is_in_flash = is_in_flash, .site_idx = site_idx}};
    texts->ram_count += !is_in_flash;
    *slot = ++texts->count;
    return texts->count - 1;
}

void export_texts_count_read(struct export_texts *texts, uint32_t idx, uint32_t first,
                             uint32_t bytes, uint32_t times)
{
    struct export_text *text = &texts->items[idx].text;
    if (first > text->bytes)
        first = text->bytes;
    if (bytes > text->bytes - first)
        bytes = text->bytes - first;
    text->reads += (uint64_t)bytes * times;
    if (!text->access && texts->access_bytes + text->bytes <= EXPORT_ACCESS_BYTES_MAX) {
        texts->access_bytes += text->bytes;
        text->access = ARENA_NEW_ARRAY(texts->arena, uint32_t, text->bytes);
    }
    for (uint32_t i = first; text->access && i < first + bytes; i++)
        text->access[i] = text->access[i] > UINT32_MAX - times ? UINT32_MAX
                                                               : text->access[i] + times;
}
