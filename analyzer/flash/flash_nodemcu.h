// flash_nodemcu.h: what a device with stock NodeMCU 3.0 is flashed with: LFS image and file system
// at the addresses of its partitions, and the command that does it.
//
// Memory: the caller's arena. Facts: runtime/format/spiffs.h, the firmware's partition table.

#ifndef FROST_FLASH_FLASH_NODEMCU_H
#define FROST_FLASH_FLASH_NODEMCU_H

#include "analyzer/flash/flash_build.h"

struct flash_nodemcu {
    uint64_t lfs_off;      // where its partitions begin
    uint32_t lfs_bytes;    // at most; less where the file system or the first megabyte ends it
    uint64_t spiffs_off;   // a multiple of SPIFFS_ALIGN_BYTES
    uint64_t spiffs_bytes; // 0: up to the SDK's data
};

// Makes a directory with a file for each part, named by its address, and flash.sh, which writes
// them. *command: its line.
//
// parts  without raw ones. Errors: as flash_build(); STATUS_LIMIT for parts that overlap or files
//        that do not fit.
int flash_nodemcu_build(struct arena *arena, const struct flash_nodemcu *where,
                        uint32_t flash_bytes, const struct flash_parts *parts,
                        const char *directory, const char **command, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
