// heap_texts.c: an open-addressed table of texts of bounded size.
//
// Dropping keeps the indices of the texts that stay: their places in `items` do not move, the
// places of the dropped ones are used again.

#include "analyzer/analysis/heap_texts.h"

#include <assert.h>
#include <stdlib.h>

#include "analyzer/analysis/heap_replay.h"

#define SLOT_BITS 16u // twice HEAP_TEXTS_MAX
#define ROOM_START 1024u

_Static_assert((1u << SLOT_BITS) >= 2 * HEAP_TEXTS_MAX, "at most half of the slots are used");

void heap_texts_init(struct heap_texts *texts, struct arena *arena)
{
    *texts = (struct heap_texts){.arena = arena, .slot_bits = SLOT_BITS, .room = ROOM_START};
    arena_init(&texts->contents);
    texts->slots = ARENA_NEW_ARRAY(arena, struct heap_text_slot, 1u << SLOT_BITS);
    texts->items = ARENA_NEW_ARRAY(arena, struct heap_text, ROOM_START);
}

void heap_texts_deinit(struct heap_texts *texts)
{
    arena_deinit(&texts->contents);
    texts->count = 0;
}

static uint32_t slot_of(const struct heap_texts *texts, uint64_t hash, uint32_t bytes)
{
    return (uint32_t)(((hash ^ bytes) * 0x9e3779b97f4a7c15u) >> (64 - texts->slot_bits));
}

uint32_t heap_texts_find(const struct heap_texts *texts, uint64_t hash, uint32_t bytes)
{
    uint32_t mask = (1u << texts->slot_bits) - 1;
    uint32_t at = slot_of(texts, hash, bytes);
    for (; texts->slots[at].idx; at = (at + 1) & mask) {
        uint32_t idx = texts->slots[at].idx - 1;
        if (texts->slots[at].tag == (uint32_t)hash && texts->items[idx].hash == hash &&
            texts->items[idx].bytes == bytes)
            return idx;
    }
    return HEAP_NO_TEXT;
}

static void enter(struct heap_texts *texts, uint32_t idx)
{
    uint32_t mask = (1u << texts->slot_bits) - 1;
    const struct heap_text *text = &texts->items[idx];
    uint32_t at = slot_of(texts, text->hash, text->bytes);
    while (texts->slots[at].idx)
        at = (at + 1) & mask;
    texts->slots[at] = (struct heap_text_slot){idx + 1, (uint32_t)text->hash};
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
    memset(texts->slots, 0, sizeof *texts->slots << texts->slot_bits);
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

// An empty place, or HEAP_NO_TEXT.
static uint32_t find_place(struct heap_texts *texts, const uint64_t *moments)
{
    if (texts->free_count == 0 && texts->count == HEAP_TEXTS_MAX)
        drop(texts, moments);
    if (texts->free_count == 0 && texts->count < HEAP_TEXTS_MAX) {
        if (texts->count == texts->room) {
            texts->items = arena_grow_array(texts->arena, texts->items, texts->count,
                                            texts->room * 2, sizeof *texts->items);
            texts->room *= 2;
        }
        return texts->count++;
    }
    while (texts->free_count > 0) {
        uint32_t idx = texts->free_next++;
        assert(idx < texts->count);
        if (texts->items[idx].is_dropped) {
            texts->free_count--;
            return idx;
        }
    }
    return HEAP_NO_TEXT;
}

uint32_t heap_texts_get(struct heap_texts *texts, uint64_t hash, uint32_t bytes,
                        struct text content, const uint64_t *moments)
{
    uint32_t idx = heap_texts_find(texts, hash, bytes);
    if (idx != HEAP_NO_TEXT)
        return idx;
    idx = find_place(texts, moments);
    if (idx == HEAP_NO_TEXT)
        return idx;
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
