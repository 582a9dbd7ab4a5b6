// store_compact.c: going around the ring: the oldest entries that still count are written again at
// the end of the log, and its beginning moves on.
//
// Power: an entry that is moved counts at its new place before its old one is left behind; both
// hold the same. A marker that comes to be the oldest entry is dropped: what it deleted lay before
// it.

#include <assert.h>

#include "runtime/flash/flash_events.h"
#include <string.h>

#include "runtime/flash/store/store_parts.h"

// ---- what a file may take ----

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t minus(uint32_t a, uint32_t b)
{
    return a > b ? a - b : 0;
}

uint32_t store_entry_bytes_now(const struct store *store)
{
    uint32_t room = least(store_gap(store), minus(store_ring_bytes(store), store->live_bytes));
    uint32_t most = store_end(store) - store->head;
    uint32_t bytes = least(most, minus(room, store_kept_writing(store, 0)));
    if (bytes > store->entry_max) { // what is kept free grows with it, twice
        uint32_t others = store_kept_writing(store, 0) - 2 * store->entry_max;
        bytes = least(most, minus(room, others) / 3);
        if (bytes < store->entry_max)
            bytes = store->entry_max;
    }
    return bytes - bytes % STORE_UNIT_BYTES;
}

// entry_max is not less than it was when entries went; this takes the time to look.
int store_measure(struct store *store)
{
    store->entry_max = 0;
    for (uint32_t i = 0; i < store->file_count; i++) {
        uint32_t off = store->index[i] * STORE_UNIT_BYTES;
        struct store_head head;
        struct store_entry entry;
        enum store_found found;
        int status = store_read(store, off, &head, sizeof head);
        if (status == STATUS_OK && !store_word_is_sound(head.word)) { // a bit of it has changed
            status = store_entry_read(store, off, &found, &entry);
            head.word = entry.word;
        }
        if (status != STATUS_OK)
            return status;
        uint32_t bytes = store_entry_bytes(head.word & STORE_SIZE_MASK);
        if (bytes > store->entry_max)
            store->entry_max = bytes;
    }
    for (const struct store_file *file = store->files; file; file = file->next) {
        uint32_t bytes = file->base.bytes > file->draft.bytes ? file->base.bytes
                                                              : file->draft.bytes;
        if (store_entry_bytes_most(bytes) > store->entry_max)
            store->entry_max = store_entry_bytes_most(bytes);
    }
    return STATUS_OK;
}

// ---- moving ----

static uint32_t dead_bytes(const struct store *store)
{
    return minus(store_distance(store, store->next, store->head), store->live_bytes);
}

static int is_file(const struct store *store, const struct store_entry *entry, int *is_live)
{
    uint32_t at;
    int status = store_index_find(store, entry->name, &at, is_live);
    if (*is_live)
        *is_live = store->index[at] * STORE_UNIT_BYTES == entry->off;
    return status;
}

// Bytes from an entry's payload that an open file still reads, or 0.
static uint32_t open_bytes(const struct store *store, uint32_t off)
{
    uint32_t bytes = 0;
    for (const struct store_file *file = store->files; file; file = file->next) {
        if (file->base.off == off && file->base.bytes > bytes)
            bytes = file->base.bytes;
        if (file->draft.off == off && file->draft.bytes > bytes)
            bytes = file->draft.bytes;
    }
    return bytes;
}

static void lead_files(struct store *store, uint32_t from, uint32_t to)
{
    for (struct store_file *file = store->files; file; file = file->next) {
        if (file->base.off == from)
            file->base.off = to;
        if (file->draft.off == from)
            file->draft.off = to;
    }
}

// Room for an entry that moves; a hole at the end of the ring may come before it.
static int place_moved(struct store *store, uint32_t bytes)
{
    uint32_t left = store_end(store) - store->head, kept = store_kept_moving(store);
    if (bytes <= left)
        return store_gap(store) >= bytes + kept ? STATUS_OK : STATUS_NO_SPACE;
    if (store_gap(store) < left + bytes + kept)
        return STATUS_NO_SPACE;
    return store_log_wrap(store);
}

static int copy_entry(struct store *store, struct store_entry *entry, int is_live)
{
    struct store_label label = {.name = entry->name, .time = entry->time};
    uint32_t to;
    if (!is_live) // its names are no part of what is read
        entry->content_bytes = open_bytes(store, entry->off);
    int status = place_moved(store, store_entry_bytes_most(entry->content_bytes));
    if (status != STATUS_OK)
        return status;
    status = store_stream_begin(store, store_entry_bytes_most(entry->content_bytes));
    if (status == STATUS_OK)
        status = store_stream_copy(store, entry, &label.crc_flips);
    if (status == STATUS_OK && is_live) {
        status = store_stream_end(store, &label, &to);
    } else if (status == STATUS_OK) {
        struct store_piece piece;
        status = store_stream_hole(store, &piece);
        to = piece.off;
    }
    if (status == STATUS_OK)
        lead_files(store, entry->off, to);
    else
        (void)!store_stream_kill(store);
    store->moved_bytes += store_entry_bytes(entry->size);
    return status;
}

// Looks at the oldest entry and leaves it behind; *passed grows by its bytes.
static int step(struct store *store, uint32_t *passed)
{
    struct store_entry entry;
    enum store_found found;
    uint32_t off = store->next, end = store_sector_of(store, off) + store->sector_bytes;
    int is_live = 0;
    int status = store_entry_read(store, off, &found, &entry);
    if (status == STATUS_OK && found != FOUND_ENTRY && found != FOUND_DEAD)
        status = STATUS_IO; // it was sound at the mount
    if (status == STATUS_OK && found == FOUND_ENTRY) {
        end = off + store_entry_bytes(entry.size);
        if (entry.kind != STORE_HOLE && entry.time != STORE_TIME_DELETES)
            status = is_file(store, &entry, &is_live);
        if (status == STATUS_OK && (is_live || open_bytes(store, off)))
            status = copy_entry(store, &entry, is_live);
    }
    if (status != STATUS_OK)
        return status;
    *passed += end - off;
    store->next = store_around(store, end);
    if (store_sector_of(store, store->next) == store_sector_of(store, store->first))
        return STATUS_OK;
    return store_control_advance(store, store->next);
}

static int has_room(const struct store *store, uint32_t entry_bytes, uint32_t kept)
{
    return entry_bytes <= store_end(store) - store->head && store_gap(store) >= entry_bytes + kept;
}

static int make_room(struct store *store, uint32_t entry_bytes, uint32_t kept)
{
    uint32_t passed = 0, around = 2 * store_ring_bytes(store);
    assert(!store->stream.off);
    while (!has_room(store, entry_bytes, kept)) {
        uint32_t left = store_end(store) - store->head;
        int status = STATUS_NO_SPACE;
        if (entry_bytes > left && store_gap(store) >= left + entry_bytes + kept)
            status = store_log_wrap(store);
        else if (dead_bytes(store) >= store->sector_bytes && passed < around)
            status = step(store, &passed);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

int store_make_room(struct store *store, uint32_t entry_bytes, uint32_t kept)
{
    struct flash_job job = flash_job_begin(store->device);
    uint64_t moved_bytes = store->moved_bytes;
    int status = make_room(store, entry_bytes, kept);
    flash_job_end(&job, FLASH_JOB_COMPACT, store->off,
                  (uint32_t)(store->moved_bytes - moved_bytes));
    return status;
}

static int compact(struct store *store)
{
    int status = store_file_park(store);
    uint32_t passed = 0, all = store_distance(store, store->next, store->head);
    while (status == STATUS_OK && passed < all && store->next != store->head)
        status = step(store, &passed);
    // Known at the next start, too, though the sector is the same.
    if (status == STATUS_OK && store->next != store->first)
        status = store_control_advance(store, store->next);
    if (status == STATUS_OK)
        status = store_measure(store);
    return status == STATUS_NO_SPACE ? STATUS_OK : status;
}

int store_compact(struct store *store)
{
    if (store->is_read_only)
        return STATUS_USAGE;
    struct flash_job job = flash_job_begin(store->device);
    uint64_t moved_bytes = store->moved_bytes;
    int status = compact(store);
    flash_job_end(&job, FLASH_JOB_COMPACT, store->off,
                  (uint32_t)(store->moved_bytes - moved_bytes));
    return status;
}

struct store_room store_room(const struct store *store)
{
    uint32_t kept = store_kept_writing(store, 0), all = store_ring_bytes(store);
    struct store_room room = {.used_bytes = store->live_bytes};
    if (store->is_blank) {
        room.total_bytes = minus(all, kept);
        return room;
    }
    room.total_bytes = minus(all, kept);
    if (room.total_bytes < room.used_bytes)
        room.total_bytes = room.used_bytes;
    room.dead_bytes = dead_bytes(store);
    return room;
}
