// inflate.h: unpacks one gzip member, with the limits of the firmware's own inflater.
//
// Reads: the caller's input function. Writes: the caller's buffer, or its output function.
// Memory: about 2.5 KB of the caller's stack; for a stream also its window, given in pages so that
// a
//         heap in small pieces has room for it.
// Limits, so that what the device refuses is refused here: matches reach back at most
//         LFS_GZIP_WINDOW_BYTES, and none may read output byte 0.
// Source: RFC 1951, RFC 1952; limits: runtime/format/lfs_image.h.

#ifndef FROST_FLASH_INFLATE_H
#define FROST_FLASH_INFLATE_H

#include <stdint.h>

#include "runtime/format/lfs_image.h"

enum inflate_result {
    INFLATE_DONE,
    INFLATE_DATA,       // not gzip, or a stream that breaks the format, or ends too early
    INFLATE_DICTIONARY, // a match beyond the firmware's limits
    INFLATE_CHECKSUM,   // CRC or length at the end is wrong
    INFLATE_FULL,       // more output than the buffer holds
    INFLATE_READ,       // the input function failed
    INFLATE_STOPPED,    // by the output function
};

// Gives the next up to `bytes` bytes of input: the count, 0 at the end, negative on failure.
typedef long (*inflate_read)(void *context, void *data, uint32_t bytes);

// Unpacks into `out`; *out_count is the number of bytes written, also after a failure.
enum inflate_result inflate_gzip(inflate_read read, void *context, uint8_t *out, uint32_t out_bytes,
                                 uint32_t *out_count);

#define INFLATE_PAGE_BYTES 2048u
#define INFLATE_PAGES (LFS_GZIP_WINDOW_BYTES / INFLATE_PAGE_BYTES)

// Takes the next `bytes` bytes of output, a page at a time, the last one shorter. 0: stop.
typedef int (*inflate_put)(void *context, const uint8_t *data, uint32_t bytes);

// Where a stream goes.
struct inflate_stream {
    uint8_t *pages[INFLATE_PAGES]; // the window, INFLATE_PAGE_BYTES each
    uint32_t bytes_max;            // of output; more are INFLATE_FULL
    inflate_put put;
    void *context;
};

// Unpacks without a buffer for the whole. After a failure, too, all that was unpacked has been put.
enum inflate_result inflate_gzip_stream(inflate_read read, void *context,
                                        const struct inflate_stream *stream, uint32_t *out_count);

// CRC-32 as gzip's; start with crc 0, feed pieces in order.
uint32_t inflate_crc(uint32_t crc, const void *data, uint32_t bytes);

#endif
