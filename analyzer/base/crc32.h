// crc32.h: CRC-32, that of gzip and zlib, of many bytes: traces are summed up as they are read.
//
// Where the processor multiplies without carries (x86-64) this is about eight times as fast as
// zlib's, elsewhere it is zlib's.

#ifndef FROST_BASE_CRC32_H
#define FROST_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

// The sum of what `crc` is the sum of (0: of nothing) followed by `bytes` at `data`.
uint32_t crc32_more(uint32_t crc, const void *data, size_t bytes);

#endif
