// deflate.h: packs data as small as it can within the limits of the firmware's inflater.
//
// Reads and writes: memory of the caller. Memory: about 60 bytes per byte of data from malloc while
// it works.
// Format: RFC 1951; dynamic blocks. Matches reach LFS_GZIP_WINDOW_BYTES back and never read byte 0
// of the data (runtime/format/lfs_image.h).
// How: of all ways to write the data as literals and matches the one with the fewest bits, by the
// costs that the codes of the round before give; blocks end where codes of their own pay.

#ifndef FROST_LUAC_DEFLATE_H
#define FROST_LUAC_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

// Packs `bytes` bytes (at least 1). Result: bytes in `out`, or 0 if they are more than out_bytes or
// memory ran out. The same input always gives the same output.
size_t deflate_pack(const uint8_t *data, size_t bytes, uint8_t *out, size_t out_bytes);

#endif
