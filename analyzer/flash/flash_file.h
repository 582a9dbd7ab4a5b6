// flash_file.h: the content of a whole flash as a file: its layout, and a device over its bytes.
//
// Reads and writes: memory; the file is read whole and written whole or not at all.
// Memory: the caller's arena. What lies where: runtime/flash/partitions.h; the store, the partition
// table and the LFS are read and written by the runtime's own code (runtime/flash).

#ifndef FROST_FLASH_FLASH_FILE_H
#define FROST_FLASH_FLASH_FILE_H

#include <stdbool.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "runtime/flash/device.h"
#include "runtime/flash/partition_table.h"
#include "runtime/flash/store/store.h"

#define FLASH_FILE_BYTES 0x400000u      // of a new one: 4 MiB, the usual module
#define FLASH_FILE_BYTES_MIN 0x100000u  // 1 MiB
#define FLASH_FILE_BYTES_MAX 0x1000000u // 16 MiB, the largest chip that the SDK knows
#define FLASH_FILES_MAX 16384u          // of a store, as in the host's runtime

struct flash_file {
    struct text path;
    uint8_t *bytes;
    struct flash_device device; // over `bytes`; its count of erases is that since it was opened
    struct partition_table table;
    struct flash_layout layout; // that of the table, or the default
    bool has_table;             // it is kept
    struct store store;         // if flash_file_mount() went well
};

// Reads the file at `path`. Errors: STATUS_NOT_FOUND, STATUS_IO, STATUS_DAMAGED for a length that
// no flash has.
int flash_file_read(struct arena *arena, const char *path, struct flash_file **file,
                    struct problem *problem) __attribute__((warn_unused_result));

// What lies in `count` bytes, a length that flash_file_read() would take (asserted). They stay the
// caller's, live as long as the file, and are changed by writes to it.
struct flash_file *flash_file_over(struct arena *arena, const char *path, uint8_t *bytes,
                                   uint32_t count);

// An erased flash of `bytes`, a length that flash_file_read() would take (asserted).
struct flash_file *flash_file_create(struct arena *arena, const char *path, uint32_t bytes);

// Lays its parts out by their sizes and keeps that in its table. Errors: STATUS_NO_SPACE.
int flash_file_plan(struct flash_file *file, const struct flash_sizes *sizes,
                    struct problem *problem) __attribute__((warn_unused_result));

// Mounts its store. Errors: those of store_mount(), with the place.
int flash_file_mount(struct arena *arena, struct flash_file *file, bool is_read_only,
                     struct problem *problem) __attribute__((warn_unused_result));

// Puts the bytes where they came from. Errors: those of output_close().
int flash_file_write(struct arena *arena, const struct flash_file *file, struct problem *problem)
    __attribute__((warn_unused_result));

// Fills a problem with what a function of the store has returned, about one of its files.
int flash_file_fail(const struct flash_file *file, int status, const char *name,
                    struct problem *problem);

// Bytes of [off, off + bytes) up to the last one that is not erased.
uint32_t flash_file_programmed(const struct flash_file *file, uint32_t off, uint32_t bytes);

#endif
