// freezer_source.h: what freezer.load and freezer.data read: a file, a string, or pieces that a Lua
// function gives; counted and summed while it is read.
//
// Private to runtime/nodemcu/system/freezer*.c. Memory: struct freezer_source, the caller's.

#ifndef FROST_NODEMCU_SYSTEM_FREEZER_SOURCE_H
#define FROST_NODEMCU_SYSTEM_FREEZER_SOURCE_H

#include "runtime/core/api/lauxlib.h"

struct fs_file;

struct freezer_source {
    const char *name;     // of the file
    struct fs_file *file; // NULL: it is none, or not open
    int slot;             // of the string or function; the piece lies behind it
    int is_over;
    uint32_t crc, bytes;
    char buffer[256];
};

// The source is the string or function at stack position `slot` (below which nothing moves while it
// is read; slot + 1 is used), or, if there is nil, the file. Result: 0, or the file system's error.
int freezer_source_open(lua_State *L, struct freezer_source *source, const char *name, int slot)
    __attribute__((warn_unused_result));
void freezer_source_close(struct freezer_source *source);

// For lua_load. Raises what the function raises, and "cannot read FILE".
const char *freezer_source_read(lua_State *L, void *source, size_t *bytes);

// Reads a whole file for its CRC-32 and length. Result: 0, or the file system's error.
int freezer_source_sum(const char *name, uint32_t *crc, uint32_t *bytes)
    __attribute__((warn_unused_result));

#endif
