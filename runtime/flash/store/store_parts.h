// store_parts.h: what the files of the store tell each other, and what looks into a store may use.
//
// Places are offsets from the start of the range. Memory: struct store, buffers on the stack.

#ifndef FROST_FLASH_STORE_PARTS_H
#define FROST_FLASH_STORE_PARTS_H

#include "runtime/flash/store/store.h"

#define STORE_COPY_BYTES 128u // of a buffer on the stack

// What stands at a place of the log.
enum store_found {
    FOUND_ENTRY, // with a sound head
    FOUND_DEAD,  // nothing up to the next sector
    FOUND_END,   // erased
    FOUND_TORN,  // a head whose programming was cut
    FOUND_FOREIGN
};

struct store_entry {
    uint32_t off;
    uint32_t size; // of the payload
    uint32_t word; // of its head
    enum store_kind kind;
    int is_mended;          // a bit of the word in flash is another one
    uint32_t content_bytes; // without names
    uint32_t time, crc;     // not of a hole
    char name[STORE_NAME_BYTES_MAX + 1];
    char old_name[STORE_NAME_BYTES_MAX + 1]; // that it deletes, or ""
};

static inline uint32_t store_ring_begin(const struct store *store)
{
    return STORE_CONTROL_SECTORS * store->sector_bytes;
}

static inline uint32_t store_end(const struct store *store)
{
    return store->sector_count * store->sector_bytes;
}

static inline uint32_t store_ring_bytes(const struct store *store)
{
    return store_end(store) - store_ring_begin(store);
}

static inline uint32_t store_sector_of(const struct store *store, uint32_t off)
{
    return off - off % store->sector_bytes;
}

// The place after `off` in the ring, if that is its end.
static inline uint32_t store_around(const struct store *store, uint32_t off)
{
    return off == store_end(store) ? store_ring_begin(store) : off;
}

// Bytes from `from` to `to` in the ring; 0 if they are the same.
static inline uint32_t store_distance(const struct store *store, uint32_t from, uint32_t to)
{
    return to >= from ? to - from : to + store_ring_bytes(store) - from;
}

static inline int store_read(const struct store *store, uint32_t off, void *data, uint32_t bytes)
{
    return flash_read(store->device, store->off + off, data, bytes);
}

static inline int store_program(struct store *store, uint32_t off, const void *data, uint32_t bytes)
{
    return flash_program(store->device, store->off + off, data, bytes);
}

static inline int store_erase(struct store *store, uint32_t off)
{
    return flash_erase(store->device, store->off + off, store->sector_bytes);
}

// ---- store.c: the log ----

// Called for each entry in the order of the log; ends the walk by a status that is not STATUS_OK.
typedef int (*store_visit)(struct store *store, const struct store_entry *entry, void *context);
int store_walk(struct store *store, store_visit visit, void *context)
    __attribute__((warn_unused_result));

// ---- store_entry.c: entries as they lie in flash ----

// What stands at `off`. *found and, of an entry, all of it but its payload. Errors: STATUS_IO.
int store_entry_read(const struct store *store, uint32_t off, enum store_found *found,
                     struct store_entry *entry) __attribute__((warn_unused_result));
// Its name alone, of one that is known to be sound.
int store_entry_name(const struct store *store, uint32_t off, char *name)
    __attribute__((warn_unused_result));
// CRC-32 of an entry's bytes up to its last word; the head has `word`.
int store_entry_crc(const struct store *store, uint32_t off, uint32_t word, uint32_t *crc)
    __attribute__((warn_unused_result));

// *is_blank becomes 0 if not all of [off, end) is erased.
int store_is_erased(const struct store *store, uint32_t off, uint32_t end, int *is_blank)
    __attribute__((warn_unused_result));

// ---- store_index.c: which entry is the file of a name ----

// Where in the index the name is, or would be; *is_there.
int store_index_find(const struct store *store, const char *name, uint32_t *at, int *is_there)
    __attribute__((warn_unused_result));
// The entry is the file of its name from now on.
int store_index_set(struct store *store, const struct store_entry *entry)
    __attribute__((warn_unused_result));
int store_index_remove(struct store *store, const char *name) __attribute__((warn_unused_result));
// What an entry of the log says, in the order of the log.
int store_index_apply(struct store *store, const struct store_entry *entry)
    __attribute__((warn_unused_result));

// ---- store_control.c: where the log begins ----

// Errors: STATUS_NOT_FOUND (there is no sound record), STATUS_VERSION, STATUS_IO.
int store_control_read(struct store *store) __attribute__((warn_unused_result));
// The range is erased, or a cut has left it at its first record.
int store_control_is_blank(const struct store *store, int *is_blank)
    __attribute__((warn_unused_result));
// A new record in the sector that does not count, which is erased if it is not.
int store_control_begin(struct store *store, uint32_t first) __attribute__((warn_unused_result));
// The log begins at `first` from now on.
int store_control_advance(struct store *store, uint32_t first) __attribute__((warn_unused_result));

// ---- store_log.c: writing at the end of the log ----

// Free bytes from the end of the log to the sector in which it begins.
uint32_t store_gap(const struct store *store);
// What has to stay free behind an entry: of compaction; of a marker; of a file of that many bytes.
uint32_t store_kept_moving(const struct store *store);
uint32_t store_kept_marking(const struct store *store);
uint32_t store_kept_writing(const struct store *store, uint32_t entry_bytes);

// What an entry takes whose content is that long, whatever its names are.
static inline uint32_t store_entry_bytes_most(uint32_t content_bytes)
{
    return store_entry_bytes(content_bytes + STORE_NAME_MORE_BYTES + STORE_OLD_NAME_BYTES);
}

// Begins an entry at the end of the log, where `entry_bytes` fit.
int store_stream_begin(struct store *store, uint32_t entry_bytes)
    __attribute__((warn_unused_result));
// Errors: STATUS_NO_SPACE (nothing was added), STATUS_IO.
int store_stream_add(struct store *store, const void *data, uint32_t bytes)
    __attribute__((warn_unused_result));
// Reads what was added.
int store_stream_read(const struct store *store, uint32_t at, void *data, uint32_t bytes)
    __attribute__((warn_unused_result));
// What an entry is that ends.
struct store_label {
    const char *name;
    const char *old_name; // that it deletes, or NULL
    uint32_t time;
    uint32_t crc_flips; // put on its CRC: damage of what was copied stays to be seen
};

// Ends it as an entry that counts from now on, also in the index. *off: where it lies.
int store_stream_end(struct store *store, const struct store_label *label, uint32_t *off)
    __attribute__((warn_unused_result));
// Copies the content of a file into it. *crc_flips: its CRC and what it should be, 0 if it is
// sound.
int store_stream_copy(struct store *store, const struct store_entry *from, uint32_t *crc_flips)
    __attribute__((warn_unused_result));
// Ends it as a hole, and gives where its payload lies.
int store_stream_hole(struct store *store, struct store_piece *piece)
    __attribute__((warn_unused_result));
// Gives it up, if there is one; also the repair of a torn head. What was programmed becomes a hole,
// or if its head word cannot, the rest of the sector is dead. Errors: the store is read-only then.
int store_stream_kill(struct store *store) __attribute__((warn_unused_result));
// A hole up to the end of the ring.
int store_log_wrap(struct store *store) __attribute__((warn_unused_result));

// The store begins, if it is erased.
int store_begin(struct store *store) __attribute__((warn_unused_result));

// ---- store_compact.c: going around the ring ----

// The largest entry of a file that the store takes now, without going around.
uint32_t store_entry_bytes_now(const struct store *store);

// Takes the time to look how large the largest entry is: entry_max may be more.
int store_measure(struct store *store) __attribute__((warn_unused_result));

// Makes room at the end of the log for `entry_bytes` with `kept` free behind them. Errors:
// STATUS_NO_SPACE, STATUS_IO. Entries of open files may lie elsewhere then.
int store_make_room(struct store *store, uint32_t entry_bytes, uint32_t kept)
    __attribute__((warn_unused_result));

// ---- store_file.c ----

// The file that streams makes way for another entry.
int store_file_park(struct store *store) __attribute__((warn_unused_result));

#endif
