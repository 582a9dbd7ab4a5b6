// store_log.c: the end of the log: entries are written there, word after word, and count at once.
//
// A sector is erased when the log comes to it. The unit behind the last entry is always erased, so
// the sector behind an entry that fills its own is erased before that entry counts.

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "runtime/flash/store/store_parts.h"

#define KEPT_SECTORS 2u // behind every entry: the rest of one, and one that a repair erases
#define SPARE_SHARE 16u // of the ring: bounds how much is moved for what is written

// ---- room ----

uint32_t store_gap(const struct store *store)
{
    uint32_t gap = store_distance(store, store->head, store_sector_of(store, store->first));
    return gap ? gap : store_ring_bytes(store); // an empty log
}

uint32_t store_kept_moving(const struct store *store)
{
    return KEPT_SECTORS * store->sector_bytes;
}

// A move takes an entry, and before it as much at the end of the ring; until the log's first sector
// is left behind, another sector.
uint32_t store_kept_marking(const struct store *store)
{
    return store_kept_moving(store) + store->sector_bytes + 2 * store->entry_max;
}

uint32_t store_kept_writing(const struct store *store, uint32_t entry_bytes)
{
    uint32_t more = entry_bytes > store->entry_max ? entry_bytes - store->entry_max : 0;
    return store_kept_marking(store) + 2 * more + store->sector_bytes +
           store_ring_bytes(store) / SPARE_SHARE;
}

// ---- sectors ----

// Erases the sectors up to `end`.
static int reach(struct store *store, uint32_t end)
{
    while (store->erased_end < end) {
        int status = store_erase(store, store->erased_end);
        if (status != STATUS_OK)
            return status;
        store->erased_end += store->sector_bytes;
    }
    return STATUS_OK;
}

// The entry from the end of the log to `end` counts with the word that is programmed here.
static int commit(struct store *store, uint32_t end, uint32_t word)
{
    assert(end > store->head && end <= store_end(store) && end % STORE_UNIT_BYTES == 0);
    int is_around = end == store_end(store);
    int status = is_around ? store_erase(store, store_ring_begin(store)) : reach(store, end + 1);
    if (status == STATUS_OK)
        status = store_program(store, store->head + offsetof(struct store_head, word), &word,
                               sizeof word);
    if (status != STATUS_OK)
        return status;
    store->head = store_around(store, end);
    if (is_around)
        store->erased_end = store->head + store->sector_bytes;
    return STATUS_OK;
}

static int program_magic(struct store *store)
{
    const uint32_t magic = STORE_MAGIC;
    assert(store->head < store->erased_end);
    return store_program(store, store->head, &magic, sizeof magic);
}

static uint32_t hole_word(uint32_t entry_bytes)
{
    assert(entry_bytes >= STORE_UNIT_BYTES && entry_bytes % STORE_UNIT_BYTES == 0);
    return store_word((entry_bytes - STORE_UNIT_BYTES) | STORE_IS_SHORT |
                      (uint32_t)STORE_HOLE << 30);
}

int store_begin(struct store *store)
{
    uint32_t begin = store_ring_begin(store);
    if (!store->is_blank)
        return STATUS_OK;
    int status = store_control_begin(store, begin);
    if (status != STATUS_OK)
        return status;
    store->is_blank = 0;
    store->next = store->head = begin;
    store->erased_end = begin + store->sector_bytes;
    return STATUS_OK;
}

int store_log_wrap(struct store *store)
{
    uint32_t bytes = store_end(store) - store->head;
    assert(!store->stream.off);
    int status = program_magic(store);
    return status == STATUS_OK ? commit(store, store_end(store), hole_word(bytes)) : status;
}

// ---- the entry that is written ----

int store_stream_begin(struct store *store, uint32_t entry_bytes)
{
    assert(!store->stream.off && entry_bytes >= STORE_UNIT_BYTES);
    assert(entry_bytes <= store_end(store) - store->head);
    store->stream = (struct store_stream){
        .off = store->head,
        .bytes_max = entry_bytes - STORE_UNIT_BYTES,
    };
    return program_magic(store);
}

// Programs what is in the buffer, filled up to whole words.
static int drain(struct store *store)
{
    struct store_stream *stream = &store->stream;
    uint32_t off = stream->off + STORE_HEAD_BYTES + stream->bytes - stream->fill;
    uint32_t bytes = (stream->fill + 3) & ~3u;
    if (bytes == 0)
        return STATUS_OK;
    assert(off % 4 == 0);
    memset(stream->buffer + stream->fill, 0xFF, bytes - stream->fill);
    int status = reach(store, off + bytes);
    if (status == STATUS_OK)
        status = store_program(store, off, stream->buffer, bytes);
    if (status == STATUS_OK)
        stream->fill = 0;
    return status;
}

int store_stream_add(struct store *store, const void *data, uint32_t bytes)
{
    struct store_stream *stream = &store->stream;
    const uint8_t *from = data;
    assert(stream->off);
    if (bytes > stream->bytes_max - stream->bytes)
        return STATUS_NO_SPACE;
    for (uint32_t part; bytes > 0; bytes -= part, from += part) {
        uint32_t room = STORE_BUFFER_BYTES - stream->fill;
        part = bytes < room ? bytes : room;
        memcpy(stream->buffer + stream->fill, from, part);
        stream->fill += part;
        stream->bytes += part;
        int status = stream->fill == STORE_BUFFER_BYTES ? drain(store) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

int store_stream_read(const struct store *store, uint32_t at, void *data, uint32_t bytes)
{
    const struct store_stream *stream = &store->stream;
    uint32_t drained = stream->bytes - stream->fill, part = 0;
    assert(at <= stream->bytes && bytes <= stream->bytes - at);
    if (at < drained) {
        part = bytes < drained - at ? bytes : drained - at;
        int status = store_read(store, stream->off + STORE_HEAD_BYTES + at, data, part);
        if (status != STATUS_OK)
            return status;
    }
    if (bytes > part)
        memcpy((uint8_t *)data + part, stream->buffer + (at + part - drained), bytes - part);
    return STATUS_OK;
}

int store_stream_copy(struct store *store, const struct store_entry *from, uint32_t *crc_flips)
{
    uint8_t buffer[STORE_COPY_BYTES];
    uint32_t crc;
    int status = store_entry_crc(store, from->off, from->word, &crc);
    *crc_flips = crc ^ from->crc;
    for (uint32_t at = 0, part; status == STATUS_OK && at < from->content_bytes; at += part) {
        part = from->content_bytes - at < sizeof buffer ? from->content_bytes - at
                                                        : (uint32_t)sizeof buffer;
        status = store_read(store, from->off + STORE_HEAD_BYTES + at, buffer, part);
        if (status == STATUS_OK)
            status = store_stream_add(store, buffer, part);
    }
    return status;
}

// Adds what of the names the last bytes have no room for; *word: the head word.
static int add_names(struct store *store, const struct store_label *label, uint32_t *word)
{
    char old_name[STORE_OLD_NAME_BYTES] = "", more[STORE_NAME_MORE_BYTES] = "";
    size_t length = strlen(label->name);
    int is_short = length <= STORE_NAME_SHORT, status = STATUS_OK;
    if (label->old_name) {
        memcpy(old_name, label->old_name, strlen(label->old_name));
        status = store_stream_add(store, old_name, sizeof old_name);
    }
    if (status == STATUS_OK && !is_short) {
        memcpy(more, label->name + STORE_NAME_SHORT, length - STORE_NAME_SHORT);
        status = store_stream_add(store, more, sizeof more);
    }
    uint32_t kind = label->old_name ? STORE_RENAMED : STORE_FILE;
    *word = store_word(store->stream.bytes | (is_short ? STORE_IS_SHORT : 0) | kind << 30);
    return status;
}

static int program_tail(struct store *store, const struct store_label *label, uint32_t word)
{
    struct store_tail tail = {.time = label->time};
    size_t length = strlen(label->name);
    uint32_t end = store->head + store_entry_bytes(store->stream.bytes);
    uint32_t off = end - STORE_TAIL_BYTES;
    memcpy(tail.name, label->name, length < STORE_NAME_SHORT ? length : STORE_NAME_SHORT);
    int status = reach(store, end);
    if (status == STATUS_OK)
        status = store_program(store, off, &tail, offsetof(struct store_tail, crc));
    if (status == STATUS_OK)
        status = store_entry_crc(store, store->head, word, &tail.crc);
    tail.crc ^= label->crc_flips;
    if (status == STATUS_OK)
        status = store_program(store, end - sizeof tail.crc, &tail.crc, sizeof tail.crc);
    return status;
}

int store_stream_end(struct store *store, const struct store_label *label, uint32_t *off)
{
    struct store_entry entry;
    enum store_found found;
    uint32_t word;
    assert(store->stream.off == store->head);
    *off = store->head;
    int status = add_names(store, label, &word);
    if (status == STATUS_OK)
        status = drain(store);
    if (status == STATUS_OK)
        status = program_tail(store, label, word);
    if (status == STATUS_OK)
        status = commit(store, store->head + store_entry_bytes(store->stream.bytes), word);
    if (status != STATUS_OK)
        return status;
    store->stream.off = 0;
    status = store_entry_read(store, *off, &found, &entry);
    if (status == STATUS_OK)
        status = found == FOUND_ENTRY ? store_index_apply(store, &entry) : STATUS_IO;
    return status;
}

int store_stream_hole(struct store *store, struct store_piece *piece)
{
    uint32_t bytes = STORE_HEAD_BYTES + store->stream.bytes;
    bytes = (bytes + STORE_UNIT_BYTES - 1) & ~(STORE_UNIT_BYTES - 1);
    assert(store->stream.off == store->head);
    *piece = (struct store_piece){store->head, store->stream.bytes};
    int status = drain(store);
    if (status == STATUS_OK)
        status = commit(store, store->head + bytes, hole_word(bytes));
    if (status == STATUS_OK)
        store->stream.off = 0;
    return status;
}

// How far the sector of the log's end was programmed, in whole units.
static int programmed_end(const struct store *store, uint32_t *end)
{
    uint8_t unit[STORE_UNIT_BYTES];
    uint32_t border = store_sector_of(store, store->head) + store->sector_bytes;
    *end = store->head + STORE_UNIT_BYTES;
    for (uint32_t off = *end; off < border; off += sizeof unit) {
        int status = store_read(store, off, unit, sizeof unit);
        if (status != STATUS_OK)
            return status;
        for (uint32_t i = 0; i < sizeof unit; i++)
            if (unit[i] != 0xFF)
                *end = off + (uint32_t)sizeof unit;
    }
    return STATUS_OK;
}

// The bit of the count that is cleared next on the way to a dead word.
static uint32_t next_bit(uint32_t word)
{
    uint32_t zeros = store_word(word) & STORE_COUNT_MASK, left = word & STORE_COUNT_MASK;
    uint32_t bit = left & -left;
    for (uint32_t rest = left; rest; rest &= rest - 1)
        if ((left & ~(rest & -rest)) != zeros) // it would be an entry's
            bit = rest & -rest;
    return bit;
}

// Makes the head word at the end of the log 0. One bit is cleared or it is not, so no cut leaves a
// word that is taken for an entry's.
static int clear_word(struct store *store, uint32_t word)
{
    uint32_t off = store->head + offsetof(struct store_head, word);
    int status = STATUS_OK;
    while (status == STATUS_OK && !store_word_is_dead(word)) {
        word &= ~next_bit(word);
        status = store_program(store, off, &word, sizeof word);
    }
    word = 0;
    return status == STATUS_OK ? store_program(store, off, &word, sizeof word) : status;
}

// The sector behind may hold a part of the entry; it is erased before anybody looks there.
static int commit_dead(struct store *store, uint32_t word)
{
    uint32_t next = store_around(store, store_sector_of(store, store->head) + store->sector_bytes);
    int status = store_erase(store, next);
    if (status == STATUS_OK)
        status = clear_word(store, word);
    if (status != STATUS_OK)
        return status;
    store->head = next;
    store->erased_end = next + store->sector_bytes;
    return STATUS_OK;
}

int store_stream_kill(struct store *store)
{
    uint32_t word, end;
    if (!store->stream.off)
        return STATUS_OK;
    store->stream.off = 0;
    store->erased_end = store_sector_of(store, store->head) + store->sector_bytes;
    int status = program_magic(store);
    if (status == STATUS_OK)
        status = store_read(store, store->head + offsetof(struct store_head, word), &word,
                            sizeof word);
    if (status == STATUS_OK)
        status = programmed_end(store, &end);
    if (status == STATUS_OK)
        status = word == STORE_WORD_ERASED ? commit(store, end, hole_word(end - store->head))
                                           : commit_dead(store, word);
    if (status != STATUS_OK)
        store->is_read_only = 1; // until the next mount
    return status;
}
