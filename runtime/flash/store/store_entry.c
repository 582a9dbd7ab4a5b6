// store_entry.c: entries of a store as they lie in flash: what is sound, names, CRC.
//
// Reads: flash. Layout: runtime/format/store.h.

#include <assert.h>
#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/flash/store/store_parts.h"

// A head whose programming was cut has all the bits that it was to have, or more.
static enum store_found found_head(const struct store_head *head)
{
    if (head->magic == STORE_WORD_ERASED && head->word == STORE_WORD_ERASED)
        return FOUND_END;
    if ((head->magic & STORE_MAGIC) != STORE_MAGIC)
        return FOUND_FOREIGN;
    if (head->magic != STORE_MAGIC)
        return FOUND_TORN;
    if (store_word_is_dead(head->word))
        return FOUND_DEAD;
    return store_word_is_sound(head->word) ? FOUND_ENTRY : FOUND_TORN;
}

static uint32_t more_bytes(uint32_t word)
{
    return (word & STORE_IS_SHORT ? 0 : STORE_NAME_MORE_BYTES) +
           (store_word_kind(word) == STORE_RENAMED ? STORE_OLD_NAME_BYTES : 0);
}

// A name as it lies in flash: characters, then zeros alone.
static int is_name(const char *name, uint32_t bytes)
{
    uint32_t length = (uint32_t)strnlen(name, bytes);
    for (uint32_t i = length; i < bytes; i++)
        if (name[i] != 0)
            return 0;
    return length > 0 && length < bytes;
}

// Reads name, time and CRC; *is_sound: they are such.
static int read_tail(const struct store *store, struct store_entry *entry, int *is_sound)
{
    struct store_tail tail;
    uint32_t end = entry->off + store_entry_bytes(entry->size);
    int status = store_read(store, end - STORE_TAIL_BYTES, &tail, sizeof tail);
    memset(entry->name, 0, sizeof entry->name);
    memcpy(entry->name, tail.name, sizeof tail.name);
    entry->time = tail.time;
    entry->crc = tail.crc;
    uint32_t name_bytes = sizeof tail.name;
    if (status == STATUS_OK && !(entry->word & STORE_IS_SHORT)) {
        uint32_t off = entry->off + STORE_HEAD_BYTES + entry->size - STORE_NAME_MORE_BYTES;
        status = store_read(store, off, entry->name + STORE_NAME_SHORT, STORE_NAME_MORE_BYTES);
        name_bytes = sizeof entry->name;
    }
    *is_sound = is_name(entry->name, name_bytes) &&
                (entry->word & STORE_IS_SHORT || strlen(entry->name) > STORE_NAME_SHORT);
    return status;
}

static int read_old_name(const struct store *store, struct store_entry *entry, int *is_sound)
{
    uint32_t off = entry->off + STORE_HEAD_BYTES + entry->content_bytes;
    int status = store_read(store, off, entry->old_name, STORE_OLD_NAME_BYTES);
    *is_sound &= is_name(entry->old_name, sizeof entry->old_name);
    return status;
}

// What stands at `off` behind a head with that word; *is_sound: an entry.
static int read_behind(const struct store *store, uint32_t off, uint32_t word,
                       struct store_entry *entry, int *is_entry)
{
    int status = STATUS_OK;
    *entry = (struct store_entry){
        .off = off,
        .size = word & STORE_SIZE_MASK,
        .word = word,
        .kind = store_word_kind(word),
    };
    uint32_t more = more_bytes(word);
    int is_sound = entry->kind != 0 && entry->size >= more &&
                   store_entry_bytes(entry->size) <= store_end(store) - off;
    entry->content_bytes = is_sound ? entry->size - more : 0;
    if (is_sound && entry->kind != STORE_HOLE)
        status = read_tail(store, entry, &is_sound);
    if (is_sound && status == STATUS_OK && entry->kind == STORE_RENAMED)
        status = read_old_name(store, entry, &is_sound);
    *is_entry = is_sound;
    return status;
}

// One bit of a head word has changed, or a cut has left one: with which word does the entry have
// its CRC? *is_found; then *entry is it.
static int mend_word(const struct store *store, uint32_t off, uint32_t word,
                     struct store_entry *entry, int *is_found)
{
    int status = STATUS_OK;
    *is_found = 0;
    for (uint32_t bit = 1; bit != 0 && !*is_found && status == STATUS_OK; bit <<= 1) {
        uint32_t mended = word ^ bit, crc;
        int is_entry;
        if (!store_word_is_sound(mended) || store_word_is_dead(mended))
            continue;
        status = read_behind(store, off, mended, entry, &is_entry);
        if (status != STATUS_OK || !is_entry || entry->kind == STORE_HOLE)
            continue;
        status = store_entry_crc(store, off, mended, &crc);
        *is_found = status == STATUS_OK && crc == entry->crc;
    }
    entry->is_mended = *is_found;
    return status;
}

int store_entry_read(const struct store *store, uint32_t off, enum store_found *found,
                     struct store_entry *entry)
{
    struct store_head head;
    int is_entry;
    assert(off % STORE_UNIT_BYTES == 0 && off >= store_ring_begin(store));
    assert(off < store_end(store));
    int status = store_read(store, off, &head, sizeof head);
    *found = found_head(&head);
    if (status != STATUS_OK)
        return status;
    if (*found == FOUND_TORN && head.magic == STORE_MAGIC && head.word != STORE_WORD_ERASED) {
        status = mend_word(store, off, head.word, entry, &is_entry);
        *found = is_entry ? FOUND_ENTRY : FOUND_TORN;
    } else if (*found == FOUND_ENTRY) {
        status = read_behind(store, off, head.word, entry, &is_entry);
        *found = is_entry ? FOUND_ENTRY : FOUND_FOREIGN;
    }
    return status;
}

int store_entry_name(const struct store *store, uint32_t off, char *name)
{
    struct store_entry entry;
    enum store_found found;
    int status = store_entry_read(store, off, &found, &entry);
    if (status != STATUS_OK)
        return status;
    if (found != FOUND_ENTRY)
        return STATUS_IO; // it was sound when it was put into the index
    memcpy(name, entry.name, sizeof entry.name);
    return STATUS_OK;
}

int store_entry_crc(const struct store *store, uint32_t off, uint32_t word, uint32_t *crc)
{
    uint8_t buffer[STORE_COPY_BYTES];
    struct store_head head = {STORE_MAGIC, word};
    uint32_t end = off + store_entry_bytes(word & STORE_SIZE_MASK) - sizeof *crc;
    *crc = inflate_crc(0, &head, sizeof head);
    for (uint32_t at = off + sizeof head, part; at < end; at += part) {
        part = end - at < sizeof buffer ? end - at : (uint32_t)sizeof buffer;
        int status = store_read(store, at, buffer, part);
        if (status != STATUS_OK)
            return status;
        *crc = inflate_crc(*crc, buffer, part);
    }
    return STATUS_OK;
}

int store_is_erased(const struct store *store, uint32_t off, uint32_t end, int *is_blank)
{
    uint32_t words[STORE_COPY_BYTES / 4];
    for (uint32_t part; off < end && *is_blank; off += part) {
        part = end - off < sizeof words ? end - off : (uint32_t)sizeof words;
        int status = store_read(store, off, words, part);
        if (status != STATUS_OK)
            return status;
        for (uint32_t i = 0; i < part / 4; i++)
            *is_blank &= words[i] == STORE_WORD_ERASED;
    }
    return STATUS_OK;
}
