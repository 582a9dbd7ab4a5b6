// store.c: a store as a whole: mount with its repair, format, check, wear.
//
// Reads and writes: flash. Repair: a torn head is completed, after the sector behind it was erased;
// a cut in that leaves the same torn head. What is programmed behind the log's end becomes a hole.

#include "runtime/flash/store/store.h"

#include <assert.h>
#include <string.h>

#include "runtime/flash/store/store_parts.h"

// ---- the log ----

// Walks from the beginning of the log to its end. *end: where that is; *found: what is there.
static int walk(struct store *store, store_visit visit, void *context, uint32_t *end,
                enum store_found *found)
{
    struct store_entry entry;
    uint32_t off = store->first, passed = 0, part;
    int status = STATUS_OK;
    for (; status == STATUS_OK; off = store_around(store, off + part), passed += part) {
        *end = off;
        status = store_entry_read(store, off, found, &entry);
        if (status != STATUS_OK || (*found != FOUND_ENTRY && *found != FOUND_DEAD))
            return status;
        part = store->sector_bytes - off % store->sector_bytes;
        if (*found == FOUND_ENTRY)
            part = store_entry_bytes(entry.size);
        if (passed + part > store_ring_bytes(store) - store->sector_bytes) {
            *found = FOUND_FOREIGN; // it would come to its own beginning
            return STATUS_OK;
        }
        if (*found == FOUND_ENTRY)
            status = visit(store, &entry, context);
    }
    return status;
}

static int apply(struct store *store, const struct store_entry *entry, void *context)
{
    (void)context;
    uint32_t off = entry->off + offsetof(struct store_head, word);
    if (entry->is_mended && !store->is_read_only)
        (void)!store_program(store, off, &entry->word, 4); // where a bit is 0, it cannot be set
    return store_index_apply(store, entry);
}

static int read_log(struct store *store)
{
    enum store_found found;
    int status = walk(store, apply, NULL, &store->head, &found);
    store->erased_end = store_sector_of(store, store->head) + store->sector_bytes;
    store->next = store->first;
    int is_clean = found == FOUND_END;
    if (status == STATUS_OK && is_clean) // no cut leaves it otherwise
        status = store_is_erased(store, store->head, store->erased_end, &is_clean);
    if (status != STATUS_OK || is_clean || (found == FOUND_END && store->is_read_only))
        return status;
    uint32_t rest = store->erased_end - store->head;
    if (found != FOUND_FOREIGN && !store->is_read_only &&
        store_gap(store) >= rest + store->sector_bytes) {
        store->stream.off = store->head;
        return store_stream_kill(store);
    }
    store->is_read_only = 1;
    return STATUS_OK;
}

int store_mount(struct store *store, struct flash_device *device,
                const struct flash_partition *range, uint32_t *index, uint32_t file_count_max,
                int is_read_only)
{
    uint32_t sector_bytes = flash_sector_bytes(device);
    *store = (struct store){
        .device = device,
        .off = range->off,
        .sector_bytes = sector_bytes,
        .sector_count = range->bytes / sector_bytes,
        .index = index,
        .file_count_max = file_count_max,
        .is_read_only = is_read_only != 0,
    };
    if (store->sector_count < STORE_SECTORS_MIN || range->bytes > STORE_BYTES_MAX ||
        range->bytes % sector_bytes || range->off % sector_bytes)
        return STATUS_LIMIT;
    int status = store_control_read(store);
    if (status == STATUS_OK)
        return read_log(store);
    if (status != STATUS_NOT_FOUND)
        return status;
    int is_blank;
    status = store_control_is_blank(store, &is_blank);
    if (status != STATUS_OK)
        return status;
    store->is_blank = 1;
    store->first = store->next = store->head = store_ring_begin(store);
    store->erased_end = store->head + store->sector_bytes;
    return is_blank ? STATUS_OK : STATUS_DAMAGED;
}

// Something else lay in the range.
static int format_foreign(struct store *store)
{
    store->sequence = store->turns = 0;
    for (uint32_t sector = 0; sector < STORE_CONTROL_SECTORS; sector++) {
        int status = store_erase(store, sector * store->sector_bytes);
        if (status != STATUS_OK)
            return status;
    }
    int status = store_erase(store, store_ring_begin(store));
    if (status != STATUS_OK)
        return status;
    store->is_blank = 1;
    return store_begin(store);
}

int store_format(struct store *store)
{
    assert(!store->files);
    int is_sound = store->sequence > 0 && !store->is_blank && !store->is_read_only;
    uint32_t turns = store->turns;
    store->file_count = store->live_bytes = store->entry_max = 0;
    store->is_read_only = 0;
    if (!is_sound)
        return format_foreign(store);
    store->turns += store->head < store->first;
    int status = store_control_begin(store, store->head);
    if (status != STATUS_OK) {
        store->turns = turns;
        store->is_read_only = 1; // which of the two it is, the next mount says
    }
    store->next = store->head;
    return status;
}

int store_walk(struct store *store, store_visit visit, void *context)
{
    enum store_found found;
    uint32_t end;
    return walk(store, visit, context, &end, &found);
}

// ---- check ----

struct check {
    store_fault fault;
    void *context;
    int count;
    uint32_t mended_off; // an entry that is told if it is not the last one, 0: none
};

static void tell(struct check *check, uint32_t off, const char *what)
{
    check->count++;
    check->fault(check->context, off, what);
}

static int check_entry(struct store *store, const struct store_entry *entry, void *context)
{
    uint32_t crc, at;
    int is_there;
    struct check *check = context;
    if (check->mended_off) // behind the last one, it may be a cut
        tell(check, check->mended_off, "a bit in the head of a file, which is known by its CRC");
    check->mended_off = entry->is_mended ? entry->off : 0;
    if (entry->kind == STORE_HOLE)
        return STATUS_OK;
    int status = store_index_find(store, entry->name, &at, &is_there);
    if (status != STATUS_OK || !is_there || store->index[at] * STORE_UNIT_BYTES != entry->off)
        return status;
    status = store_entry_crc(store, entry->off, entry->word, &crc);
    if (status == STATUS_OK && crc != entry->crc)
        tell(context, entry->off, "CRC of a file");
    return status;
}

int store_check(struct store *store, store_fault fault, void *context)
{
    struct check check = {fault, context, 0, 0};
    enum store_found found;
    uint32_t end;
    if (store->is_blank)
        return 0;
    int status = walk(store, check_entry, &check, &end, &found);
    if (status != STATUS_OK)
        return status;
    if (found == FOUND_FOREIGN)
        tell(&check, end, "no entry, and no end of the log");
    return check.count;
}

int store_verify(struct store *store, const char *name)
{
    struct store_about about;
    struct store_entry entry;
    enum store_found found;
    uint32_t crc;
    int status = store_find(store, name, &about);
    if (status == STATUS_OK)
        status = store_entry_read(store, about.off, &found, &entry);
    if (status != STATUS_OK)
        return status;
    status = store_entry_crc(store, entry.off, entry.word, &crc);
    return status == STATUS_OK && crc != entry.crc ? STATUS_DAMAGED : status;
}

// ---- wear ----

uint32_t store_erases(const struct store *store, uint32_t sector)
{
    assert(sector < store->sector_count);
    if (store->sequence == 0)
        return 0;
    if (sector < STORE_CONTROL_SECTORS) // the first record of each found it erased
        return (store->sequence + 1 - sector) / 2 > 0 ? (store->sequence + 1 - sector) / 2 - 1 : 0;
    uint32_t turns = store->turns + (store->head < store->first);
    if (sector == STORE_CONTROL_SECTORS) // found erased when the store began
        return turns;
    return turns + (sector * store->sector_bytes < store->erased_end);
}
