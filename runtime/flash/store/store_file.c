// store_file.c: open files of a store: reading, and writing as a new entry that counts at the end.
//
// The content of a file that is written: what streams, then the draft, then the file as it was,
// each from its beginning as far as it goes. Who writes behind the stream's end copies up to there;
// who writes before it, or lacks room, ends the stream as a draft, which nobody sees, and begins
// anew.

#include <assert.h>
#include <string.h>

#include "runtime/flash/store/store_parts.h"

static uint32_t time_now(const struct store *store)
{
    uint32_t time = store->time ? store->time() : STORE_TIME_UNKNOWN;
    return time == STORE_TIME_DELETES ? STORE_TIME_UNKNOWN : time;
}

static uint32_t streamed_bytes(const struct store_file *file)
{
    return file->is_streaming ? file->store->stream.bytes : 0;
}

uint32_t store_file_size(const struct store_file *file)
{
    uint32_t bytes = file->base.bytes;
    if (file->draft.bytes > bytes)
        bytes = file->draft.bytes;
    return streamed_bytes(file) > bytes ? streamed_bytes(file) : bytes;
}

// Reads `bytes`, or as many as lie together.
static long read_piece(const struct store_file *file, uint32_t at, void *data, uint32_t bytes)
{
    const struct store_piece *piece = at < file->draft.bytes ? &file->draft : &file->base;
    uint32_t end = at < streamed_bytes(file) ? streamed_bytes(file) : piece->bytes;
    if (at >= end)
        return 0;
    uint32_t part = bytes < end - at ? bytes : end - at;
    int status = at < streamed_bytes(file)
                     ? store_stream_read(file->store, at, data, part)
                     : store_read(file->store, piece->off + STORE_HEAD_BYTES + at, data, part);
    return status == STATUS_OK ? (long)part : status;
}

long store_file_read(struct store_file *file, void *data, uint32_t bytes)
{
    uint32_t done = 0;
    while (done < bytes) {
        long count = read_piece(file, file->pos, (uint8_t *)data + done, bytes - done);
        if (count < 0)
            return count;
        if (count == 0)
            break;
        done += (uint32_t)count;
        file->pos += (uint32_t)count;
    }
    return (long)done;
}

// ---- writing ----

// Streams what was there from the stream's end on, up to `end`.
static int copy_old(struct store_file *file, uint32_t end)
{
    uint8_t buffer[STORE_COPY_BYTES];
    struct store *store = file->store;
    while (store->stream.bytes < end) {
        uint32_t at = store->stream.bytes;
        uint32_t part = end - at < sizeof buffer ? end - at : (uint32_t)sizeof buffer;
        long count = read_piece(file, at, buffer, part);
        if (count <= 0)
            return count < 0 ? (int)count : STATUS_IO;
        int status = store_stream_add(store, buffer, (uint32_t)count);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

int store_file_park(struct store *store)
{
    struct store_file *file = store->writer;
    if (!file || !file->is_streaming)
        return STATUS_OK;
    struct store_piece piece;
    int status = file->error == STATUS_OK ? copy_old(file, file->draft.bytes) : STATUS_OK;
    if (status == STATUS_OK)
        status = store_stream_hole(store, &piece);
    file->is_streaming = 0;
    if (status == STATUS_OK) {
        uint32_t bytes = store_entry_bytes_most(piece.bytes);
        store->entry_max = bytes > store->entry_max ? bytes : store->entry_max;
        file->draft = piece;
        return STATUS_OK;
    }
    file->error = (int8_t)status;
    (void)!store_stream_kill(store);
    return status;
}

static int make_room(struct store *store, uint32_t entry_bytes)
{
    uint32_t kept = store_kept_writing(store, entry_bytes);
    if (store_entry_bytes_now(store) >= entry_bytes)
        return STATUS_OK;
    if (store->live_bytes + entry_bytes + kept > store_ring_bytes(store))
        return STATUS_NO_SPACE;
    return store_make_room(store, entry_bytes, kept);
}

// Room for an entry of a file.
static int make_room_measured(struct store *store, uint32_t entry_bytes)
{
    uint32_t entry_max = store->entry_max;
    int status = make_room(store, entry_bytes);
    if (status != STATUS_NO_SPACE)
        return status;
    status = store_measure(store);
    if (status != STATUS_OK)
        return status;
    return store->entry_max < entry_max ? make_room(store, entry_bytes) : STATUS_NO_SPACE;
}

// Begins an entry of at least `entry_bytes`; it may get more.
static int begin(struct store *store, uint32_t entry_bytes)
{
    int status = store_begin(store);
    if (status == STATUS_OK)
        status = make_room_measured(store, entry_bytes);
    if (status != STATUS_OK)
        return status;
    uint32_t most = store_entry_bytes_now(store);
    status = store_stream_begin(store, most > entry_bytes ? most : entry_bytes);
    if (status != STATUS_OK)
        (void)!store_stream_kill(store);
    return status;
}

static int has_room(const struct store_file *file, uint32_t end)
{
    uint32_t names = STORE_NAME_MORE_BYTES + STORE_OLD_NAME_BYTES;
    return file->is_streaming && end + names <= file->store->stream.bytes_max;
}

// The stream can take a content of `end` bytes from now on, and has what it had.
static int ensure(struct store_file *file, uint32_t end)
{
    struct store *store = file->store;
    if (has_room(file, end))
        return STATUS_OK;
    if (end > STORE_SIZE_MASK / 2)
        return STATUS_NO_SPACE;
    uint32_t had = streamed_bytes(file);
    int status = store_file_park(store);
    if (end < file->draft.bytes)
        end = file->draft.bytes;
    // Twice as much, so that the next time is far.
    if (status == STATUS_OK && had > 0) {
        status = begin(store, store_entry_bytes_most(end + had));
        file->is_streaming = status == STATUS_OK;
        if (status == STATUS_NO_SPACE)
            status = STATUS_OK;
    }
    if (status == STATUS_OK && !file->is_streaming) {
        status = begin(store, store_entry_bytes_most(end));
        file->is_streaming = status == STATUS_OK;
    }
    return status == STATUS_OK ? copy_old(file, had) : status;
}

// Everything before `pos` streams, and nothing else does.
static int stream_up_to(struct store_file *file, uint32_t pos)
{
    if (file->is_streaming && file->store->stream.bytes > pos) {
        int status = store_file_park(file->store);
        if (status != STATUS_OK)
            return status;
        status = ensure(file, store_file_size(file));
        if (status != STATUS_OK)
            return status;
    }
    int status = ensure(file, pos);
    return status == STATUS_OK ? copy_old(file, pos) : status;
}

static int give_up(struct store_file *file, int status)
{
    file->error = (int8_t)status;
    if (file->is_streaming)
        (void)!store_stream_kill(file->store);
    file->is_streaming = 0;
    file->draft = (struct store_piece){0, 0};
    return status;
}

int store_file_write(struct store_file *file, const void *data, uint32_t bytes)
{
    assert(file->mode & STORE_WRITES);
    if (file->error != STATUS_OK)
        return file->error;
    if (file->mode & STORE_APPENDS)
        file->pos = store_file_size(file);
    if (bytes > STORE_SIZE_MASK)
        return give_up(file, STATUS_NO_SPACE);
    file->is_changed = 1;
    uint32_t end = file->pos + bytes, all = store_file_size(file);
    int status = stream_up_to(file, file->pos);
    if (status == STATUS_OK) // what lies behind will have to be copied
        status = ensure(file, end > all ? end : all);
    if (status == STATUS_OK)
        status = store_stream_add(file->store, data, bytes);
    if (status != STATUS_OK)
        return give_up(file, status);
    file->pos += bytes;
    return STATUS_OK;
}

int store_file_flush(struct store_file *file)
{
    struct store_label label = {.name = file->name, .time = time_now(file->store)};
    uint32_t bytes = store_file_size(file), off;
    if (file->error != STATUS_OK || !file->is_changed)
        return file->error;
    int status = ensure(file, bytes);
    if (status == STATUS_OK)
        status = copy_old(file, bytes);
    if (status == STATUS_OK)
        status = store_stream_end(file->store, &label, &off);
    if (status != STATUS_OK)
        return give_up(file, status);
    file->is_streaming = 0;
    file->is_changed = 0;
    file->base = (struct store_piece){off, bytes};
    file->draft = (struct store_piece){0, 0};
    return STATUS_OK;
}

// ---- opening and closing ----

static int is_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= STORE_NAME_BYTES_MAX;
}

int store_file_open(struct store *store, struct store_file *file, const char *name, unsigned mode)
{
    struct store_about about = {0, 0, 0};
    if (!is_name(name) || ((mode & STORE_WRITES) && store->is_read_only))
        return STATUS_USAGE;
    if ((mode & STORE_WRITES) && store->writer)
        return STATUS_LIMIT;
    int status = store_find(store, name, &about);
    if (status == STATUS_NOT_FOUND && !(mode & STORE_WRITES))
        return STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND && store->file_count == store->file_count_max)
        return STATUS_NO_SPACE;
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *file = (struct store_file){.store = store, .next = store->files, .mode = (uint8_t)mode};
    file->is_changed = status == STATUS_NOT_FOUND || (mode & STORE_CUTS);
    if (!(mode & STORE_CUTS))
        file->base = (struct store_piece){about.off, about.bytes};
    memcpy(file->name, name, strlen(name) + 1);
    store->files = file;
    if (mode & STORE_WRITES)
        store->writer = file;
    return STATUS_OK;
}

static void unlink_file(struct store_file *file)
{
    struct store *store = file->store;
    struct store_file **at = &store->files;
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    if (store->writer == file)
        store->writer = NULL;
    file->store = NULL;
}

int store_file_close(struct store_file *file)
{
    int status = file->mode & STORE_WRITES ? store_file_flush(file) : STATUS_OK;
    if (file->is_streaming)
        (void)!store_file_park(file->store); // given up: nobody looks there
    unlink_file(file);
    return status;
}

void store_file_abandon(struct store_file *file)
{
    if (file->is_streaming)
        file->store->stream.off = 0;
    unlink_file(file);
}

// ---- files by name ----

// The file that is written is this one no more.
static int forget_writer(struct store *store, const char *name)
{
    struct store_file *writer = store->writer;
    if (!writer || writer->error != STATUS_OK || strcmp(writer->name, name) != 0)
        return 0;
    (void)give_up(writer, STATUS_NOT_FOUND);
    return 1;
}

int store_remove(struct store *store, const char *name)
{
    struct store_label label = {.name = name, .time = STORE_TIME_DELETES};
    uint32_t bytes = store_entry_bytes_most(0), off;
    struct store_about about;
    if (store->is_read_only)
        return STATUS_USAGE;
    int status = store_find(store, name, &about);
    if (forget_writer(store, name) && status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = store_file_park(store);
    if (status == STATUS_OK)
        status = store_make_room(store, bytes, store_kept_marking(store));
    if (status != STATUS_OK)
        return status;
    status = store_stream_begin(store, bytes);
    if (status == STATUS_OK)
        status = store_stream_end(store, &label, &off);
    if (status != STATUS_OK)
        (void)!store_stream_kill(store);
    return status;
}

// Copies the entry of a file to the end of the log under another name.
static int copy_as(struct store *store, const char *from, const char *to)
{
    struct store_label label = {.name = to, .old_name = from};
    struct store_about about;
    struct store_entry entry;
    enum store_found found;
    uint32_t off;
    int status = store_find(store, from, &about); // it may have moved
    if (status == STATUS_OK)
        status = store_entry_read(store, about.off, &found, &entry);
    if (status == STATUS_OK && found != FOUND_ENTRY)
        status = STATUS_IO;
    if (status != STATUS_OK)
        return status;
    label.time = entry.time;
    status = store_stream_begin(store, store_entry_bytes_most(entry.content_bytes));
    if (status == STATUS_OK)
        status = store_stream_copy(store, &entry, &label.crc_flips);
    if (status == STATUS_OK)
        status = store_stream_end(store, &label, &off);
    if (status != STATUS_OK)
        (void)!store_stream_kill(store);
    return status;
}

int store_rename(struct store *store, const char *from, const char *to)
{
    struct store_about about;
    struct store_file *writer = store->writer;
    if (store->is_read_only || !is_name(to))
        return STATUS_USAGE;
    int status = store_find(store, to, &about);
    if (status == STATUS_OK || (writer && strcmp(writer->name, to) == 0))
        return STATUS_LIMIT;
    status = store_find(store, from, &about);
    if (status == STATUS_OK)
        status = store_file_park(store);
    if (status != STATUS_OK)
        return status;
    status = make_room_measured(store, store_entry_bytes_most(about.bytes));
    if (status == STATUS_OK)
        status = copy_as(store, from, to);
    if (status == STATUS_OK && writer && strcmp(writer->name, from) == 0)
        memcpy(writer->name, to, strlen(to) + 1);
    return status;
}
