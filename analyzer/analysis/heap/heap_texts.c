// heap_texts.c: a table of texts whose size follows what must stay.
//
// Dropping keeps the indices of the texts that stay: their places in `items` do not move, the
// places of the dropped ones are used again.

#include "analyzer/analysis/heap/heap_texts.h"

#include <assert.h>
#include <stdlib.h>

#include "analyzer/analysis/heap/heap_replay.h"

#define ROOM_START 1024u

void heap_texts_init(struct heap_texts *texts, struct arena *arena)
{
    *texts = (struct heap_texts){.arena = arena,
                                 .room = ROOM_START,
                                 .limit = HEAP_TEXTS_MAX,
                                 .contents_limit = HEAP_CONTENTS_MAX};
    arena_init(&texts->contents);
    hash_table_init(&texts->index, arena, ROOM_START);
    texts->items = ARENA_NEW_ARRAY(arena, struct heap_text, ROOM_START);
}

void heap_texts_deinit(struct heap_texts *texts)
{
    arena_deinit(&texts->contents);
    texts->count = 0;
}

static uint32_t key_of(uint64_t hash, uint32_t bytes)
{
    return hash_u64(hash ^ bytes);
}

uint32_t heap_texts_find(const struct heap_texts *texts, uint64_t hash, uint32_t bytes)
{
    uint32_t idx;
    HASH_TABLE_EACH (&texts->index, key_of(hash, bytes), idx)
        if (heap_texts_is(texts, idx, hash, bytes))
            return idx;
    return HEAP_NO_TEXT;
}

static void enter(struct heap_texts *texts, uint32_t idx)
{
    const struct heap_text *text = &texts->items[idx];
    hash_table_add(&texts->index, key_of(text->hash, text->bytes), idx);
}

// ---- dropping ----

static bool must_stay(const struct heap_text *text, const uint64_t *moments)
{
    if (text->live_count > 0)
        return true;
    for (int m = 0; m < HEAP_MOMENT_COUNT; m++)
        if (text->live_at[m] && text->live_at[m] == moments[m])
            return true;
    return false;
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// The bytes x time below which a text is dropped, so that about half of the table becomes free.
static uint64_t find_threshold(const struct heap_texts *texts, const uint64_t *moments)
{
    struct arena scratch;
    uint32_t count = 0;
    arena_init(&scratch);
    uint64_t *values = ARENA_NEW_ARRAY(&scratch, uint64_t, texts->count);
    for (uint32_t i = 0; i < texts->count; i++)
        if (!must_stay(&texts->items[i], moments))
            values[count++] = texts->items[i].byte_time;
    qsort(values, count, sizeof *values, compare_u64);
    uint32_t half = texts->count / 2;
    uint64_t threshold = count == 0 ? 0 : values[count <= half ? count - 1 : half];
    arena_deinit(&scratch);
    return threshold;
}

static void copy_content(struct arena *to, struct heap_text *text)
{
    text->content = arena_copy_text(to, text->content);
    if (text->characters)
        text->characters = arena_grow_array(to, text->characters, CONTENT_COUNT, CONTENT_COUNT,
                                            sizeof *text->characters);
}

static void drop(struct heap_texts *texts, const uint64_t *moments)
{
    uint64_t threshold = find_threshold(texts, moments);
    struct arena packed;
    arena_init(&packed);
    hash_table_clear(&texts->index);
    for (uint32_t i = 0; i < texts->count; i++) {
        struct heap_text *text = &texts->items[i];
        if (text->is_dropped)
            continue;
        if (!must_stay(text, moments) && text->byte_time <= threshold) {
            texts->dropped_count++;
            texts->dropped_births += text->births;
            texts->dropped_bytes += text->births * (HEAP_STRING_HEADER_BYTES + text->bytes + 1);
            *text = (struct heap_text){.is_dropped = true};
            texts->free_count++;
            continue;
        }
        copy_content(&packed, text);
        enter(texts, i);
    }
    arena_deinit(&texts->contents);
    texts->contents = packed;
    texts->free_next = 0;
}

// Drops texts when there are too many. Where so many must stay that the next time would come soon,
// the limits rise: the cost of a drop is spread over as many new texts as a quarter of the table.
static void keep_limits(struct heap_texts *texts, const uint64_t *moments)
{
    bool is_full = texts->free_count == 0 && texts->count == texts->limit;
    if (!is_full && texts->contents.used_bytes < texts->contents_limit)
        return;
    drop(texts, moments);
    uint32_t used = texts->count - texts->free_count;
    while (used > texts->limit / 4 * 3)
        texts->limit *= 2;
    while (texts->contents.used_bytes > texts->contents_limit / 4 * 3)
        texts->contents_limit *= 2;
}

static uint32_t find_place(struct heap_texts *texts, const uint64_t *moments)
{
    keep_limits(texts, moments);
    while (texts->free_count > 0) {
        uint32_t idx = texts->free_next++;
        assert(idx < texts->count);
        if (texts->items[idx].is_dropped) {
            texts->free_count--;
            return idx;
        }
    }
    if (texts->count == texts->room) {
        texts->items = arena_regrow_array(texts->arena, texts->items, texts->count, texts->room * 2,
                                          sizeof *texts->items);
        texts->room *= 2;
    }
    return texts->count++;
}

uint32_t heap_texts_get(struct heap_texts *texts, uint64_t hash, uint32_t bytes,
                        struct text content, const uint64_t *moments)
{
    uint32_t idx = heap_texts_find(texts, hash, bytes);
    if (idx != HEAP_NO_TEXT)
        return idx;
    idx = find_place(texts, moments);
    texts->items[idx] = (struct heap_text){
        .hash = hash, .bytes = bytes, .content = arena_copy_text(&texts->contents, content)};
    enter(texts, idx);
    return idx;
}

void heap_texts_count_read(struct heap_texts *texts, uint32_t idx, unsigned function,
                           uint64_t characters)
{
    struct heap_text *text = &texts->items[idx];
    assert(function < CONTENT_COUNT);
    if (!text->characters)
        text->characters = ARENA_NEW_ARRAY(&texts->contents, uint64_t, CONTENT_COUNT);
    text->characters[function] += characters;
}

void heap_text_count_site(struct heap_text *text, uint32_t site)
{
    for (int i = 0; i < HEAP_TEXT_SITES; i++) {
        struct heap_text_site *own = &text->sites[i];
        if (own->births == 0 || own->site == site) {
            own->site = site;
            own->births++;
            return;
        }
    }
    text->site_births_other++;
}
