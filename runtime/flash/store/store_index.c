// store_index.c: the files of a store in the order of their names: places alone, names are in
// flash.
//
// Memory: the index, four bytes a file. A look-up reads the names that halving the index meets, so
// it does not grow with entries that do not count.

#include <assert.h>
#include <string.h>

#include "runtime/flash/store/store_parts.h"

static uint32_t place(const struct store *store, uint32_t at)
{
    return store->index[at] * STORE_UNIT_BYTES;
}

int store_index_find(const struct store *store, const char *name, uint32_t *at, int *is_there)
{
    uint32_t low = 0, high = store->file_count;
    *is_there = 0;
    while (low < high && !*is_there) {
        uint32_t middle = low + (high - low) / 2;
        char other[STORE_NAME_BYTES_MAX + 1];
        int status = store_entry_name(store, place(store, middle), other);
        if (status != STATUS_OK)
            return status;
        int order = strcmp(other, name);
        *is_there = order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *at = *is_there ? high : low;
    return STATUS_OK;
}

static int entry_bytes_at(const struct store *store, uint32_t at, uint32_t *bytes)
{
    struct store_head head;
    int status = store_read(store, place(store, at), &head, sizeof head);
    *bytes = store_entry_bytes(head.word & STORE_SIZE_MASK);
    return status;
}

// The entry at `at` of the index counts no more.
static int take_away(struct store *store, uint32_t at)
{
    uint32_t bytes = 0;
    int status = entry_bytes_at(store, at, &bytes);
    if (status != STATUS_OK)
        return status;
    assert(store->live_bytes >= bytes);
    store->live_bytes -= bytes;
    return STATUS_OK;
}

int store_index_set(struct store *store, const struct store_entry *entry)
{
    uint32_t at, bytes = store_entry_bytes(entry->size);
    int is_there;
    int status = store_index_find(store, entry->name, &at, &is_there);
    if (status == STATUS_OK && is_there)
        status = take_away(store, at);
    if (status != STATUS_OK)
        return status;
    if (!is_there) {
        if (store->file_count == store->file_count_max)
            return STATUS_NO_MEMORY;
        memmove(store->index + at + 1, store->index + at,
                (store->file_count - at) * sizeof *store->index);
        store->file_count++;
    }
    store->index[at] = entry->off / STORE_UNIT_BYTES;
    store->live_bytes += bytes;
    if (bytes > store->entry_max)
        store->entry_max = bytes;
    return STATUS_OK;
}

int store_index_remove(struct store *store, const char *name)
{
    uint32_t at;
    int is_there;
    int status = store_index_find(store, name, &at, &is_there);
    if (status != STATUS_OK || !is_there)
        return status;
    status = take_away(store, at);
    if (status != STATUS_OK)
        return status;
    store->file_count--;
    memmove(store->index + at, store->index + at + 1,
            (store->file_count - at) * sizeof *store->index);
    return STATUS_OK;
}

int store_index_apply(struct store *store, const struct store_entry *entry)
{
    if (entry->kind == STORE_HOLE)
        return STATUS_OK;
    if (entry->time == STORE_TIME_DELETES)
        return store_index_remove(store, entry->name);
    int status = STATUS_OK;
    if (entry->kind == STORE_RENAMED) // first: the index may be full
        status = store_index_remove(store, entry->old_name);
    return status == STATUS_OK ? store_index_set(store, entry) : status;
}

// ---- for the user ----

static int describe(struct store *store, uint32_t at, char *name, struct store_about *about)
{
    struct store_entry entry;
    enum store_found found;
    int status = store_entry_read(store, place(store, at), &found, &entry);
    if (status != STATUS_OK)
        return status;
    if (found != FOUND_ENTRY)
        return STATUS_IO;
    *about = (struct store_about){entry.off, entry.content_bytes, entry.time};
    if (name)
        memcpy(name, entry.name, sizeof entry.name);
    return STATUS_OK;
}

int store_find(struct store *store, const char *name, struct store_about *about)
{
    uint32_t at;
    int is_there;
    int status = store_index_find(store, name, &at, &is_there);
    if (status != STATUS_OK)
        return status;
    return is_there ? describe(store, at, NULL, about) : STATUS_NOT_FOUND;
}

int store_next(struct store *store, char name[STORE_NAME_BYTES_MAX + 1], struct store_about *about)
{
    uint32_t at;
    int is_there;
    int status = store_index_find(store, name, &at, &is_there);
    if (status != STATUS_OK)
        return status;
    at += (uint32_t)is_there;
    return at < store->file_count ? describe(store, at, name, about) : STATUS_END;
}
