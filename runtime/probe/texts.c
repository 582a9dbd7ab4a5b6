// texts.c: ids of texts, and which text lives where in the heap.
//
// A text is known by the 64-bit hash of its content and its length. The table has a fixed size:
// when it is full, the id of a text of which no string lives (and to which no counter refers) is
// given to the new one, so that a program that makes ever new strings can run for ever.
// Memory: that of probe_start.

#include "runtime/probe/writer.h"

#include <assert.h>
#include <string.h>

#include "runtime/format/address_map.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/sources.h"

#define TEXTS_ROOM_MORE 8192u
#define TEXTS_ROOM_MAX TRACE_TEXT_ID_MAX
#define STRING_BLOCK_BYTES_MIN 32u // block header and the shortest string

static uint32_t room_for(size_t heap_bytes)
{
    size_t room = heap_bytes / STRING_BLOCK_BYTES_MIN + TEXTS_ROOM_MORE;
    return room < TEXTS_ROOM_MAX ? (uint32_t)room : TEXTS_ROOM_MAX;
}

static uint32_t heads_for(uint32_t room)
{
    uint32_t heads = 16;
    while (heads < room)
        heads *= 2;
    return heads;
}

size_t texts_bytes(size_t heap_bytes)
{
    uint32_t room = room_for(heap_bytes);
    return room * sizeof(struct text_entry) + heads_for(room) * sizeof(uint32_t) +
           (heap_bytes / GRANULE_BYTES + 1) * sizeof(uint32_t) +
           probe_sizes_usual.flash_ids * sizeof(uint32_t) + places_bytes(heap_bytes) + 64;
}

// Room for texts in what the pool has left when the other tables are taken.
static uint32_t room_in(const struct probe_pool *pool)
{
    const size_t alignment_bytes = 32;
    size_t entry_bytes = sizeof(struct text_entry) + 2 * sizeof(uint32_t); // heads are rounded up
    if (pool->bytes < alignment_bytes)
        return 0;
    return (uint32_t)((pool->bytes - alignment_bytes) / entry_bytes);
}

int texts_init(struct probe_pool *words, size_t heap_bytes)
{
    struct text_table *t = &probe_writer.texts;
    uint32_t flash_ids = probe_writer.sizes.flash_ids;
    t->granule_count = (uint32_t)(heap_bytes / GRANULE_BYTES + 1);
    t->granules = probe_take(words, t->granule_count * sizeof *t->granules);
    t->flash_ids = probe_take(words, flash_ids * sizeof *t->flash_ids);
    t->entry_room = probe_writer.sizes.text_room;
    if (t->entry_room == 0)
        t->entry_room = room_for(heap_bytes);
    else if (t->entry_room == PROBE_TEXTS_FILL)
        t->entry_room = room_in(words);
    if (t->entry_room < 2)
        return 0;
    t->entry_count = 1;
    t->hand = 1;
    t->epoch = 1;
    uint32_t heads = heads_for(t->entry_room);
    t->head_mask = heads - 1;
    t->entries = probe_take(words, t->entry_room * sizeof *t->entries);
    t->heads = probe_take(words, heads * sizeof *t->heads);
    return t->entries && t->heads && t->granules && t->flash_ids && places_init(words, heap_bytes);
}

void texts_boot(uint32_t heap_addr, uint32_t heap_bytes)
{
    struct text_table *t = &probe_writer.texts;
    assert(heap_bytes / GRANULE_BYTES <= t->granule_count);
    t->heap_addr = heap_addr;
    places_boot(heap_addr);
    for (uint32_t i = 0; i < t->granule_end; i++)
        if (t->granules[i])
            t->granules[i] = 0;
    t->granule_end = 0;
    memset(t->flash_ids, 0, probe_writer.sizes.flash_ids * sizeof *t->flash_ids);
    for (uint32_t id = 1; id < t->entry_count; id++) {
        t->entries[id].live_count = 0;
        t->entries[id].flash_addr = 0;
        t->entries[id].flags &= TEXT_IS_TOLD;
    }
}

// ---- ids ----

static void define_text(uint32_t id, const char *text)
{
    struct text_entry *entry = &probe_writer.texts.entries[id];
    uint32_t most = probe_writer.sizes.tail_bytes_max;
    uint32_t tail = entry->bytes < most ? entry->bytes : most;
    if (probe_writer.flags & PROBE_START_NO_TEXT)
        tail = 0;
    struct trace_wire_text *event = packet_event(TRACE_ID_text, sizeof *event + tail);
    event->id = id;
    event->hash = entry->hash;
    event->bytes = entry->bytes;
    event->flash_addr = entry->flash_addr;
    event->text_bytes = (uint16_t)tail;
    memcpy(event + 1, text, tail);
    entry->flags |= TEXT_IS_TOLD;
    probe_writer.definition_count++;
}

static int is_free_to_go(const struct text_entry *entry)
{
    int is_kept = entry->flags & TEXT_IS_SECRET && entry->flash_addr; // as long as it lives
    return entry->live_count == 0 && entry->epoch != probe_writer.texts.epoch && !is_kept;
}

static void unlink_entry(uint32_t id)
{
    struct text_table *t = &probe_writer.texts;
    uint32_t *link = &t->heads[t->entries[id].hash & t->head_mask];
    while (*link != id) {
        assert(*link != 0);
        link = &t->entries[*link].next;
    }
    *link = t->entries[id].next;
}

// Goes once around the table for a text that can be given up. Result: its id, or 0.
static uint32_t give_up_one(void)
{
    struct text_table *t = &probe_writer.texts;
    for (uint32_t i = 1; i < t->entry_room; i++) {
        uint32_t id = t->hand;
        t->hand = id + 1 < t->entry_room ? id + 1 : 1;
        if (is_free_to_go(&t->entries[id])) {
            unlink_entry(id);
            probe_writer.texts_redefined++;
            return id;
        }
    }
    return 0;
}

static uint32_t new_id(void)
{
    struct text_table *t = &probe_writer.texts;
    if (t->entry_count < t->entry_room)
        return t->entry_count++;
    uint32_t id = give_up_one();
    if (id == 0 && probe_writer.counters.count) {
        packet_end(); // counters hold on to texts
        id = give_up_one();
    }
    return id;
}

// The text is a constant of an image if it stands in one, whatever else makes it.
static void note_image(struct text_entry *entry)
{
    if (!sources_is_in_image(entry->flash_addr))
        return;
    text_set_least(entry, trace_origin_least(text_least(entry), TRACE_ORIGIN_IMAGE));
    if (text_last(entry) == 0)
        text_set_last(entry, TRACE_ORIGIN_IMAGE);
}

uint32_t texts_quiet_id(const char *text, uint32_t bytes, uint32_t flash_addr)
{
    struct text_table *t = &probe_writer.texts;
    uint64_t hash = trace_text_hash(text, bytes);
    uint32_t id = t->heads[hash & t->head_mask];
    while (id && (t->entries[id].hash != hash || t->entries[id].bytes != bytes))
        id = t->entries[id].next;
    if (id) {
        struct text_entry *entry = &t->entries[id];
        if (flash_addr && entry->flash_addr != flash_addr) {
            entry->flash_addr = flash_addr;
            entry->flags &= ~TEXT_IS_TOLD;
            note_image(entry);
        }
        return id;
    }
    id = new_id();
    if (id == 0)
        return 0;
    uint32_t *head = &t->heads[hash & t->head_mask];
    t->entries[id] = (struct text_entry){
        .hash = hash,
        .bytes = bytes,
        .flash_addr = flash_addr,
        .next = *head,
    };
    *head = id;
    if (flash_addr)
        note_image(&t->entries[id]);
    return id;
}

// Writes the definition unless it has been.
static void tell(uint32_t id, const char *text)
{
    if (id && !(probe_writer.texts.entries[id].flags & TEXT_IS_TOLD))
        define_text(id, text);
}

uint32_t texts_id(const char *text, uint32_t bytes, uint32_t flash_addr)
{
    uint32_t id = texts_quiet_id(text, bytes, flash_addr);
    tell(id, text);
    return id;
}

void texts_forget(void)
{
    struct text_table *t = &probe_writer.texts;
    for (uint32_t id = 1; id < t->entry_count; id++)
        t->entries[id].flags &= ~TEXT_IS_TOLD;
}

// ---- strings ----

// Index of the granule at a heap address; granule_count if it lies outside. Asked for several times
// an event.
static inline __attribute__((always_inline)) uint32_t granule_of(uint32_t addr)
{
    const struct text_table *t = &probe_writer.texts;
    uint32_t idx = (addr - t->heap_addr) / GRANULE_BYTES;
    return addr >= t->heap_addr && idx < t->granule_count ? idx : t->granule_count;
}

static void set_granule(uint32_t granule, uint32_t what)
{
    struct text_table *t = &probe_writer.texts;
    t->granules[granule] = what;
    if (granule >= t->granule_end)
        t->granule_end = granule + 1;
}

uint32_t texts_quiet_id_of_string(const char *text)
{
    struct text_table *t = &probe_writer.texts;
    uint32_t addr = (uint32_t)(uintptr_t)text;
    if (IN_WINDOW(addr)) {
        uint32_t *cached = &t->flash_ids[(addr >> 2) & (probe_writer.sizes.flash_ids - 1)];
        if (*cached == 0 || t->entries[*cached].flash_addr != addr)
            *cached = texts_quiet_id(text, probe_string_bytes(text), addr);
        return *cached;
    }
    uint32_t granule = granule_of(addr - 16);
    if (granule == t->granule_count)
        return 0;
    uint32_t id = t->granules[granule];
    return id & GRANULE_PROTO ? 0 : id & ~GRANULE_QUIET;
}

uint32_t texts_id_of_string(const char *text)
{
    uint32_t id = texts_quiet_id_of_string(text);
    tell(id, text);
    return id;
}

void texts_note_string(uint32_t block_addr, uint32_t id)
{
    struct text_table *t = &probe_writer.texts;
    uint32_t granule = granule_of(block_addr);
    if (granule == t->granule_count)
        return;
    texts_note_free(block_addr); // should its end have been missed
    set_granule(granule, id);
    t->entries[id].live_count += id != 0;
}

void texts_note_proto(uint32_t block_addr)
{
    struct text_table *t = &probe_writer.texts;
    uint32_t granule = granule_of(block_addr);
    if (granule == t->granule_count)
        return;
    set_granule(granule, GRANULE_PROTO | (++t->proto_number & ~(GRANULE_PROTO | GRANULE_QUIET)));
    texts_note_nth(block_addr, 0);
}

void texts_note_nth(uint32_t proto_addr, unsigned nth)
{
    uint32_t granule = granule_of(proto_addr + GRANULE_BYTES);
    if (granule < probe_writer.texts.granule_count)
        set_granule(granule, nth ? GRANULE_PROTO | nth : 0);
}

unsigned texts_nth(uint32_t proto_addr)
{
    const struct text_table *t = &probe_writer.texts;
    uint32_t granule = granule_of(proto_addr + GRANULE_BYTES);
    return granule < t->granule_count ? t->granules[granule] & TRACE_NTH_MAX : 0;
}

int texts_note_free(uint32_t block_addr)
{
    struct text_table *t = &probe_writer.texts;
    uint32_t granule = granule_of(block_addr);
    if (granule == t->granule_count)
        return 0;
    uint32_t id = t->granules[granule];
    int is_quiet = (id & GRANULE_QUIET) != 0;
    t->granules[granule] = 0;
    id &= ~GRANULE_QUIET;
    if (id && !(id & GRANULE_PROTO)) {
        assert(t->entries[id].live_count > 0);
        t->entries[id].live_count--;
    }
    return is_quiet;
}

void texts_note_quiet(uint32_t block_addr)
{
    struct text_table *t = &probe_writer.texts;
    uint32_t granule = granule_of(block_addr);
    if (granule < t->granule_count)
        set_granule(granule, t->granules[granule] | GRANULE_QUIET);
}

uint32_t texts_proto_number(uint32_t proto_addr)
{
    const struct text_table *t = &probe_writer.texts;
    uint32_t granule = granule_of(proto_addr);
    uint32_t number = granule < t->granule_count ? t->granules[granule] : 0;
    return number & GRANULE_PROTO ? number : proto_addr;
}
