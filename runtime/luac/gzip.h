// gzip.h: a gzip member that the firmware's inflater accepts.
//
// Reads and writes: memory of the caller. Memory: deflate.h's while it works; zlib's if that fails.
// Limits: window of LFS_GZIP_WINDOW_BYTES, no match reads output byte 0, more than
// LFS_FILE_BYTES_MIN bytes (runtime/format/lfs_image.h). The result is unpacked again with our
// copy of those limits (runtime/flash/inflate.h) before it is used.

#ifndef FROST_LUAC_GZIP_H
#define FROST_LUAC_GZIP_H

#include <stddef.h>
#include <stdint.h>

// Most bytes that `bytes` bytes can need.
#define GZIP_BYTES_MAX(bytes) ((bytes) + (bytes) / 16 + 128)

// Packs `bytes` bytes, as small as it can. `scratch` has `bytes` bytes and is overwritten.
// Result: size in `out` (out_bytes: at least GZIP_BYTES_MAX(bytes)); 0 if memory ran out. The same
// input gives the same output.
size_t gzip_pack(const void *data, size_t bytes, void *out, size_t out_bytes, void *scratch);

// The same with the fixed codes that luac.cross uses, to compare with.
size_t gzip_pack_plain(const void *data, size_t bytes, void *out, size_t out_bytes, void *scratch);

#endif
