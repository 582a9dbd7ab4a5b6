// gzip.c: a gzip member that the firmware's inflater accepts; see gzip.h.

#include "runtime/luac/gzip.h"

#include <string.h>
#include <zlib.h>

#include "runtime/flash/inflate.h"
#include "runtime/format/lfs_image.h"
#include "runtime/luac/deflate.h"

#define WINDOW_BITS 14 // log2(LFS_GZIP_WINDOW_BYTES)
#define GZIP_WRAPPER 16
#define OS_UNIX 3
#define GZIP_HEAD_BYTES 10
#define GZIP_TAIL_BYTES 8

_Static_assert(1u << WINDOW_BITS == LFS_GZIP_WINDOW_BYTES, "window of the firmware");

// How zlib is asked.
struct way {
    int level;
    int memory_level; // 1..9: how many symbols make a block
    int strategy;
};

static const struct way plain_ways[] = {{9, 9, Z_FIXED}};
// For images that get too small for the firmware, or where a match breaks a limit.
static const struct way safe_ways[] = {
    {9, 8, Z_HUFFMAN_ONLY},
    {0, 8, Z_DEFAULT_STRATEGY},
};

// Size of the packed data, 0 if it fails.
static size_t pack(const struct way *way, const void *data, size_t bytes, void *out,
                   size_t out_bytes)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data,
                  .avail_in = (uInt)bytes,
                  .next_out = out,
                  .avail_out = (uInt)out_bytes};
    gz_header header = {.os = OS_UNIX}; // no time, no name
    if (deflateInit2(&z, way->level, Z_DEFLATED, WINDOW_BITS + GZIP_WRAPPER, way->memory_level,
                     way->strategy) != Z_OK)
        return 0;
    int result = deflateSetHeader(&z, &header);
    if (result == Z_OK)
        result = deflate(&z, Z_FINISH);
    size_t packed = out_bytes - z.avail_out;
    deflateEnd(&z);
    return result == Z_STREAM_END ? packed : 0;
}

struct input {
    const uint8_t *at;
    size_t left;
};

static long read_input(void *context, void *data, uint32_t bytes)
{
    struct input *in = context;
    size_t n = bytes < in->left ? bytes : in->left;
    memcpy(data, in->at, n);
    in->at += n;
    in->left -= n;
    return (long)n;
}

// True if the firmware unpacks it to the same data.
static int is_accepted(const void *packed, size_t packed_bytes, const void *data, size_t bytes,
                       void *scratch)
{
    struct input in = {packed, packed_bytes};
    uint32_t count = 0;
    return packed_bytes > LFS_FILE_BYTES_MIN &&
           inflate_gzip(read_input, &in, scratch, (uint32_t)bytes, &count) == INFLATE_DONE &&
           count == bytes && memcmp(scratch, data, bytes) == 0;
}

// The first way whose result the firmware accepts; 0 if there is none.
static size_t pack_any(const struct way *ways, int count, const void *data, size_t bytes, void *out,
                       size_t out_bytes, void *scratch)
{
    for (int i = 0; i < count; i++) {
        size_t packed = pack(&ways[i], data, bytes, out, out_bytes);
        if (packed != 0 && is_accepted(out, packed, data, bytes, scratch))
            return packed;
    }
    return 0;
}

#define PACK_ANY(ways, ...) pack_any(ways, (int)(sizeof(ways) / sizeof(*(ways))), __VA_ARGS__)

// ---- our own packing ----

static void put_word(uint8_t *out, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(word >> 8 * i);
}

static size_t pack_small(const void *data, size_t bytes, uint8_t *out, size_t out_bytes)
{
    static const uint8_t head[GZIP_HEAD_BYTES] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, OS_UNIX};
    size_t room = out_bytes - sizeof(head) - GZIP_TAIL_BYTES;
    size_t packed = deflate_pack(data, bytes, out + sizeof(head), room);
    if (packed == 0)
        return 0;
    memcpy(out, head, sizeof(head));
    put_word(out + sizeof(head) + packed, (uint32_t)crc32(0, data, (uInt)bytes));
    put_word(out + sizeof(head) + packed + 4, (uint32_t)bytes);
    return sizeof(head) + packed + GZIP_TAIL_BYTES;
}

size_t gzip_pack(const void *data, size_t bytes, void *out, size_t out_bytes, void *scratch)
{
    size_t packed = pack_small(data, bytes, out, out_bytes);
    if (packed != 0 && is_accepted(out, packed, data, bytes, scratch))
        return packed;
    return PACK_ANY(safe_ways, data, bytes, out, out_bytes, scratch);
}

size_t gzip_pack_plain(const void *data, size_t bytes, void *out, size_t out_bytes, void *scratch)
{
    size_t packed = PACK_ANY(plain_ways, data, bytes, out, out_bytes, scratch);
    return packed ? packed : PACK_ANY(safe_ways, data, bytes, out, out_bytes, scratch);
}
