// cursor.h: reads little-endian values from bytes that came from outside, never beyond their end.
//
// Errors stick: after the first failure every read gives 0 (or NULL) and the position stays, so a
// loop tests cursor->status once per record. What failed and where is kept for the message.
// Memory: none; points into the caller's bytes.

#ifndef FROST_BASE_CURSOR_H
#define FROST_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "analyzer/base/text.h"
#include "runtime/format/status.h"

struct cursor {
    const uint8_t *begin;
    const uint8_t *at;
    const uint8_t *end;
    uint64_t base_off;     // offset of `begin` in the file
    int status;            // STATUS_OK, or the first failure
    uint64_t fail_off;     // offset in the file of the read that failed
    const char *fail_what; // what was being read there; static storage
};

static inline void cursor_init(struct cursor *cursor, const void *bytes, size_t count,
                               uint64_t base_off)
{
    const uint8_t *at = bytes;
    *cursor = (struct cursor){
        .begin = at, .at = at, .end = at ? at + count : at, .base_off = base_off};
}

// Offset in the file of the next byte.
static inline uint64_t cursor_off(const struct cursor *cursor)
{
    return cursor->base_off + (uint64_t)(cursor->at - cursor->begin);
}

// Bytes that are left; 0 after a failure.
static inline size_t cursor_left(const struct cursor *cursor)
{
    return cursor->status ? 0 : (size_t)(cursor->end - cursor->at);
}

// Records a failure at the present position, unless there is one already.
static inline void cursor_fail(struct cursor *cursor, int status, const char *what)
{
    if (cursor->status)
        return;
    cursor->status = status;
    cursor->fail_off = cursor_off(cursor);
    cursor->fail_what = what;
}

// The next `count` bytes in place, or NULL (STATUS_CUT_OFF) if fewer are left.
static inline const uint8_t *cursor_bytes(struct cursor *cursor, size_t count, const char *what)
{
    if (cursor->status || (size_t)(cursor->end - cursor->at) < count) {
        cursor_fail(cursor, STATUS_CUT_OFF, what);
        return NULL;
    }
    const uint8_t *bytes = cursor->at;
    cursor->at += count;
    return bytes;
}

static inline uint8_t cursor_u8(struct cursor *cursor, const char *what)
{
    const uint8_t *at = cursor_bytes(cursor, 1, what);
    return at ? at[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *cursor, const char *what)
{
    const uint8_t *at = cursor_bytes(cursor, 2, what);
    return at ? (uint16_t)(at[0] | at[1] << 8) : 0;
}

static inline uint32_t cursor_u32(struct cursor *cursor, const char *what)
{
    const uint8_t *at = cursor_bytes(cursor, 4, what);
    return at ? at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24 : 0;
}

static inline uint64_t cursor_u64(struct cursor *cursor, const char *what)
{
    uint64_t low = cursor_u32(cursor, what);
    return low | (uint64_t)cursor_u32(cursor, what) << 32;
}

// The next `count` bytes as a text; empty after a failure.
static inline struct text cursor_text(struct cursor *cursor, size_t count, const char *what)
{
    const uint8_t *at = cursor_bytes(cursor, count, what);
    return (struct text){(const char *)at, at ? count : 0};
}

// Skips to the next multiple of `alignment` (a power of 2), counted from the start of the file.
static inline void cursor_align(struct cursor *cursor, size_t alignment, const char *what)
{
    (void)cursor_bytes(cursor, (size_t)(-cursor_off(cursor) & (alignment - 1)), what);
}

#endif
