// store.h: small files in a range of flash sectors that survive loss of power at any time.
//
// Reads and writes: flash only, through struct flash_device; never the window, so what a cache
//         shows does not matter. Layout: runtime/format/store.h.
// Memory: struct store and its index, four bytes a file, are the caller's; nothing is allocated.
// Context: main loop only, never from an interrupt.
// Power:  after a cut a file has its old or its new content
// (tests/powerloss/store_powerloss_test.c).
//
// A file that is written is a new entry behind all others, and counts from store_file_close() or
// store_file_flush() on; until then the old one is seen. One file at a time is open for writing.
// Who reads keeps the version that was opened, whatever happens to the file. Room is made by
// going around the ring: what still counts of the oldest sectors is written again, so every sector
// is erased as often as every other. Kept free is room for the largest file twice, and two sectors.

#ifndef FROST_FLASH_STORE_H
#define FROST_FLASH_STORE_H

#include "runtime/flash/device.h"
#include "runtime/flash/partitions.h"
#include "runtime/format/store.h"

#define STORE_BUFFER_BYTES 64u // that are not programmed yet

enum store_mode {
    STORE_READS = 1,
    STORE_WRITES = 2,
    STORE_CUTS = 4,    // the content is given up
    STORE_APPENDS = 8, // every write goes to the end
};

// Content in flash: `bytes` from the payload of the entry at `off` on; off 0: none.
struct store_piece {
    uint32_t off, bytes;
};

// An open file. Its content: what was written anew, if it is the one that streams; the draft, which
// is such a beginning that had to make way; the file as it was opened.
struct store_file {
    struct store *store; // NULL: not open
    struct store_file *next;
    struct store_piece base, draft;
    uint32_t pos;
    uint8_t mode; // of enum store_mode
    uint8_t is_changed;
    uint8_t is_streaming; // its new entry is being written
    int8_t error;         // it will not count: what has failed, STATUS_NOT_FOUND if it was removed
    char name[STORE_NAME_BYTES_MAX + 1];
};

// The entry that is being written, behind all others.
struct store_stream {
    uint32_t off;       // 0: none
    uint32_t bytes;     // of payload, with those in the buffer
    uint32_t bytes_max; // for which there is room
    uint32_t fill;
    uint8_t buffer[STORE_BUFFER_BYTES];
};

struct store {
    struct flash_device *device;
    uint32_t off; // of the range in the device
    uint32_t sector_bytes, sector_count;
    uint32_t (*time)(void); // YYMMDDHHMM, or NULL
    // index: places of the files in units, in the order of their names
    uint32_t *index;
    uint32_t file_count, file_count_max;
    // control
    uint32_t control_sector; // the one that counts
    uint32_t control_words;  // used behind its record
    uint32_t sequence;
    uint32_t turns; // of `first`
    // log
    uint32_t first;      // as it is kept in flash
    uint32_t next;       // the oldest entry that was not looked at since
    uint32_t head;       // behind the last entry
    uint32_t erased_end; // as far as sectors are erased
    uint32_t live_bytes; // of the entries in the index
    uint32_t entry_max;  // the largest of them, or more
    uint64_t moved_bytes;
    uint8_t is_blank;     // erased: it begins with the first write
    uint8_t is_read_only; // damaged, or opened so
    struct store_stream stream;
    struct store_file *files; // open ones
    struct store_file *writer;
};

// Reads what is in the range, and mends what a cut has left, unless it is only to be read.
//
// range   whole sectors of the device; at least STORE_SECTORS_MIN.
// Result: STATUS_OK, also for an erased range, which becomes a store with the first write.
// Errors: STATUS_LIMIT (too few sectors or too many), STATUS_DAMAGED (something else lies there),
//         STATUS_VERSION (a store for another range or device), STATUS_NO_MEMORY (more files than
//         the index has room for), STATUS_IO. A log that breaks off is STATUS_OK and read-only.
// Cost:   a head and a tail of every entry read, dead ones too; after a cut at most one erase.
int store_mount(struct store *store, struct flash_device *device,
                const struct flash_partition *range, uint32_t *index, uint32_t file_count_max,
                int is_read_only) __attribute__((warn_unused_result));

// Makes an empty store of the mounted range, whatever lies there; no file is open.
// Power: after a cut all files are there, or none.
int store_format(struct store *store) __attribute__((warn_unused_result));

// ---- files by name: 1 to STORE_NAME_BYTES_MAX characters, ended by 0 ----

struct store_about {
    uint32_t off; // of the entry in the range; its payload lies at + STORE_HEAD_BYTES
    uint32_t bytes;
    uint32_t time;
};

// Errors: STATUS_NOT_FOUND, STATUS_IO.
int store_find(struct store *store, const char *name, struct store_about *about)
    __attribute__((warn_unused_result));

// The first file whose name comes after `name` ("": any), which it then is.
// Errors: STATUS_END, STATUS_IO.
int store_next(struct store *store, char name[STORE_NAME_BYTES_MAX + 1], struct store_about *about)
    __attribute__((warn_unused_result));

// Errors: STATUS_NOT_FOUND, STATUS_NO_SPACE, STATUS_IO, STATUS_USAGE (read-only). One that is open
//         for writing will not count.
int store_remove(struct store *store, const char *name) __attribute__((warn_unused_result));

// The new name, which must be free, and the old one change in one step. The content is copied.
// Errors: as store_remove, STATUS_LIMIT (there is a file of that name).
int store_rename(struct store *store, const char *from, const char *to)
    __attribute__((warn_unused_result));

// Compares a file's CRC. Errors: STATUS_NOT_FOUND, STATUS_DAMAGED, STATUS_IO. Cost: it is read.
int store_verify(struct store *store, const char *name) __attribute__((warn_unused_result));

// ---- open files ----

// Opens a file; `file` is the caller's and stays where it is until it is closed.
//
// mode    STORE_READS, STORE_WRITES; with the latter also the others. A file that is not there is
//         made, empty.
// Errors: STATUS_NOT_FOUND (only read), STATUS_LIMIT (another one is open for writing),
//         STATUS_USAGE (read-only, name), STATUS_NO_SPACE (the index is full), STATUS_IO.
int store_file_open(struct store *store, struct store_file *file, const char *name, unsigned mode)
    __attribute__((warn_unused_result));

// Count of bytes from the position on, 0 at the end. Errors: STATUS_IO.
long store_file_read(struct store_file *file, void *data, uint32_t bytes)
    __attribute__((warn_unused_result));

// Writes all, at the position or the end. Nothing of a file counts after an error: it stays what it
// was. Errors: STATUS_NO_SPACE, STATUS_IO.
// Cost:  appending, and writing on from where the last write ended, costs the bytes written; to
//        begin anywhere else costs a copy of the file.
int store_file_write(struct store_file *file, const void *data, uint32_t bytes)
    __attribute__((warn_unused_result));

uint32_t store_file_size(const struct store_file *file);

// What was written counts from now on. Cost: what lies behind the position is copied; with the next
// write the whole file is.
int store_file_flush(struct store_file *file) __attribute__((warn_unused_result));

// The file is closed, whatever the result; errors as store_file_flush.
int store_file_close(struct store_file *file) __attribute__((warn_unused_result));

// Closes without counting, as a restart does.
void store_file_abandon(struct store_file *file);

// ---- room ----

struct store_room {
    uint32_t total_bytes; // that entries can take
    uint32_t used_bytes;
    uint32_t dead_bytes; // that going around the ring gives back
};

struct store_room store_room(const struct store *store);

// Goes around the ring until nothing of it is dead, but for what does not fit otherwise.
int store_compact(struct store *store) __attribute__((warn_unused_result));

// Erases of a sector of the range since it became a store, from the turns of the ring. Repairs
// after a cut are not among them. The ring's last sectors may have had fewer, since a hole passes
// over them.
uint32_t store_erases(const struct store *store, uint32_t sector);

// ---- every structure ----

// Called for each fault: its offset in the range and what it is.
typedef void (*store_fault)(void *context, uint32_t off, const char *what);

// Reads the mounted store whole: the log, the CRCs of all entries that count. Result: number of
// faults, or STATUS_IO.
int store_check(struct store *store, store_fault fault, void *context)
    __attribute__((warn_unused_result));

#endif
