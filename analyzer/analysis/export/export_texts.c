// export_texts.c: a table of texts that only grows, up to its limits.

#include "analyzer/analysis/export/export_texts.h"

#include "analyzer/analysis/export/export_fill.h"

#define ROOM_START 1024u

void export_texts_init(struct export_texts *texts, struct arena *arena)
{
    *texts = (struct export_texts){.arena = arena, .room = ROOM_START};
    texts->items = ARENA_NEW_ARRAY(arena, struct export_text_item, ROOM_START);
    hash_table_init(&texts->by_hash, arena, ROOM_START);
}

static uint32_t key_of(const struct trace_dict_text *named)
{
    return hash_u64(named->hash ^ named->bytes);
}

// Index of the text, EXPORT_NO_TEXT if it is not there.
static uint32_t find(const struct export_texts *texts, const struct trace_dict_text *named)
{
    uint32_t i;
    HASH_TABLE_EACH (&texts->by_hash, key_of(named), i) {
        const struct export_text *text = &texts->items[i].text;
        if (text->hash == named->hash && text->bytes == named->bytes)
            return i;
    }
    return EXPORT_NO_TEXT;
}

static void make_room(struct export_texts *texts)
{
    if (texts->count < texts->room)
        return;
    texts->items = arena_regrow_array(texts->arena, texts->items, texts->count, texts->room * 2,
                                      sizeof *texts->items);
    texts->room *= 2;
}

uint32_t export_texts_look_up(struct export_texts *texts, struct trace_dict_text *named,
                              uint32_t site_idx)
{
    bool is_in_flash = named->flash_addr != 0;
    uint32_t *known = &named->words[TRACE_DICT_EXPORT];
    uint32_t found = find(texts, named);
    if (found != EXPORT_NO_TEXT) {
        texts->items[found].text.is_in_flash |= is_in_flash;
        return *known = found;
    }
    if (!is_in_flash && texts->ram_count == EXPORT_RAM_TEXTS_MAX)
        return EXPORT_NO_TEXT;
    make_room(texts);
    texts->items[texts->count] = (struct export_text_item){
        .text = {.content = arena_copy_text(texts->arena, named->text),
                 .hash = named->hash,
                 .bytes = named->bytes,
                 .is_in_flash = is_in_flash,
                 .site_idx = site_idx}};
    texts->ram_count += !is_in_flash;
    hash_table_add(&texts->by_hash, key_of(named), texts->count);
    return *known = texts->count++;
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
    uint32_t *access = text->access ? text->access + first : NULL;
    for (uint32_t i = 0; access && i < bytes; i++)
        access[i] = access[i] > UINT32_MAX - times ? UINT32_MAX : access[i] + times;
}
