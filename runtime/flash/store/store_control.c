// store_control.c: the two control sectors: where the log begins, and how often it went around.
//
// A record takes the sector that does not count; then each move of the log's beginning is one word
// behind it. Power: a record counts with its CRC, a word with its count of zeros.

#include <assert.h>
#include <stddef.h>

#include "runtime/flash/inflate.h"
#include "runtime/flash/store/store_parts.h"

#define WORD_FLAGS 0xE0000000u

static uint32_t words_max(const struct store *store)
{
    return (store->sector_bytes - sizeof(struct store_control)) / 4;
}

static int is_record(const struct store_control *record)
{
    return record->magic == STORE_CONTROL_MAGIC &&
           record->crc == inflate_crc(0, record, offsetof(struct store_control, crc));
}

// Could an entry of the log begin there?
static int is_place(const struct store *store, uint32_t units)
{
    return units >= store_ring_begin(store) / STORE_UNIT_BYTES &&
           units < store_end(store) / STORE_UNIT_BYTES;
}

static int take_record(struct store *store, uint32_t sector, const struct store_control *record)
{
    if (record->sector_bytes != store->sector_bytes ||
        record->sector_count != store->sector_count || !is_place(store, record->first))
        return STATUS_VERSION;
    store->control_sector = sector;
    store->sequence = record->sequence;
    store->turns = record->turns;
    store->first = record->first * STORE_UNIT_BYTES;
    return STATUS_OK;
}

// Follows the words behind the record.
static int read_words(struct store *store)
{
    uint32_t off = store->control_sector * store->sector_bytes + sizeof(struct store_control);
    for (store->control_words = 0; store->control_words < words_max(store);
         store->control_words++) {
        uint32_t word;
        int status = store_read(store, off + 4 * store->control_words, &word, sizeof word);
        if (status != STATUS_OK)
            return status;
        if (word == STORE_WORD_ERASED)
            break;
        uint32_t units = word & STORE_SIZE_MASK;
        if (!store_word_is_sound(word) || !is_place(store, units))
            continue; // its programming was cut
        store->turns += units * STORE_UNIT_BYTES < store->first;
        store->first = units * STORE_UNIT_BYTES;
    }
    // No cut leaves anything behind the words. The next one would make it count.
    int is_blank = 1;
    uint32_t end = (store->control_sector + 1) * store->sector_bytes;
    int status = store_is_erased(store, off + 4 * store->control_words, end, &is_blank);
    if (!is_blank)
        store->control_words = words_max(store);
    return status;
}

int store_control_read(struct store *store)
{
    int found = STATUS_NOT_FOUND;
    for (uint32_t sector = 0; sector < STORE_CONTROL_SECTORS; sector++) {
        struct store_control record;
        int status = store_read(store, sector * store->sector_bytes, &record, sizeof record);
        if (status != STATUS_OK)
            return status;
        if (!is_record(&record) || (found == STATUS_OK && record.sequence <= store->sequence))
            continue;
        found = take_record(store, sector, &record);
        if (found != STATUS_OK)
            return found;
    }
    return found == STATUS_OK ? read_words(store) : found;
}

// ---- an erased range ----

// The first record of a store is written while all is erased. A cut may leave a part of it; then
// the other sector gets one, and only if that is cut, too, is there anything to erase. So one of
// the two has an erased first word, or one that may become the magic.
int store_control_is_blank(const struct store *store, int *is_blank)
{
    int may_be = 0;
    for (uint32_t sector = 0; sector < STORE_CONTROL_SECTORS; sector++) {
        uint32_t word;
        int status = store_read(store, sector * store->sector_bytes, &word, sizeof word);
        if (status != STATUS_OK)
            return status;
        may_be |= (word & STORE_CONTROL_MAGIC) == STORE_CONTROL_MAGIC;
    }
    *is_blank = may_be;
    return store_is_erased(store, store_ring_begin(store), store_end(store), is_blank);
}

// ---- writing ----

int store_control_begin(struct store *store, uint32_t first)
{
    uint32_t sector = store->sequence == 0 ? 0 : 1 - store->control_sector;
    uint32_t off = sector * store->sector_bytes;
    int is_blank = 1;
    int status = store_is_erased(store, off, off + store->sector_bytes, &is_blank);
    if (status == STATUS_OK && !is_blank && store->sequence == 0) {
        sector = 1, off = store->sector_bytes, is_blank = 1;
        status = store_is_erased(store, off, off + store->sector_bytes, &is_blank);
        if (!is_blank)
            sector = 0, off = 0;
    }
    if (status == STATUS_OK && !is_blank)
        status = store_erase(store, off);
    if (status != STATUS_OK)
        return status;
    struct store_control record = {
        .magic = STORE_CONTROL_MAGIC,
        .sequence = store->sequence + 1,
        .first = first / STORE_UNIT_BYTES,
        .turns = store->turns,
        .sector_bytes = store->sector_bytes,
        .sector_count = store->sector_count,
        .reserved = STORE_WORD_ERASED,
    };
    record.crc = inflate_crc(0, &record, offsetof(struct store_control, crc));
    status = store_program(store, off, &record, sizeof record);
    if (status != STATUS_OK)
        return status;
    store->control_sector = sector;
    store->control_words = 0;
    store->sequence++;
    store->first = first;
    return STATUS_OK;
}

int store_control_advance(struct store *store, uint32_t first)
{
    uint32_t units = first / STORE_UNIT_BYTES, word = store_word(units | WORD_FLAGS);
    assert(is_place(store, units));
    uint32_t turns = store->turns + (first < store->first);
    if (store->control_words == words_max(store)) {
        store->turns = turns;
        int begun = store_control_begin(store, first);
        if (begun != STATUS_OK)
            store->turns -= first < store->first;
        return begun;
    }
    uint32_t off = store->control_sector * store->sector_bytes + sizeof(struct store_control) +
                   4 * store->control_words;
    store->control_words++; // used, whatever becomes of it
    int status = store_program(store, off, &word, sizeof word);
    if (status != STATUS_OK)
        return status;
    store->turns = turns;
    store->first = first;
    return STATUS_OK;
}
