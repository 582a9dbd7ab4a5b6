// lfs_numbers.h: sound LFS images of any size for tests: an index function with numbers as
// constants.
//
// No check of structure sees damage in a number, so whoever mounts a damaged one is found out only
// by comparing. Memory: the caller's.

#ifndef FROST_TESTS_LFS_NUMBERS_H
#define FROST_TESTS_LFS_NUMBERS_H

#include <string.h>

#include "runtime/format/address_map.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/opcode.h"
#include "runtime/format/string_hash.h"

struct lfs_numbers {
    uint32_t constants;      // 0: no image
    uint32_t first;          // what the numbers are made from
    uint32_t signature_bits; // more than the signature of a float build
};

#define LFS_NUMBERS_BYTES_MAX 0x12000u

static inline uint32_t *lfs_numbers_put(uint32_t *at, uint32_t word)
{
    *at = word;
    return at + 1;
}

// Writes the image for offset `off` of the flash, with one string, "@t". Result: its bytes.
static inline uint32_t lfs_numbers_make(const struct lfs_numbers *image, uint32_t off,
                                        uint32_t *words)
{
    enum { SLOTS = 32, STRING = SLOTS + 8, CONSTANTS = STRING + 20 };
    uint32_t base_addr = WINDOW_ADDR + off;
    uint32_t code = CONSTANTS + image->constants * LFS_VALUE_BYTES_PACKED, proto = code + 4;
    struct lfs_header header = {
        .signature = LFS_SIGNATURE_FLOAT | image->signature_bits,
        .image_bytes = proto + (uint32_t)sizeof(struct lfs_proto),
        .main_proto = base_addr + proto,
        .string_slots = base_addr + SLOTS,
        .string_count = 1,
        .slot_count = 2,
    };
    struct lfs_string string = {0, LFS_STRING_TAG, LFS_STRING_MARKED, 0, string_hash("@t", 2), 2};
    struct lfs_proto function = {
        .constants = base_addr + CONSTANTS,
        .code = base_addr + code,
        .source = base_addr + STRING,
        .constant_count = image->constants,
        .code_count = 1,
        .stack_size = 2,
    };
    memset(words, 0, header.image_bytes);
    memcpy(words, &header, sizeof header);
    lfs_numbers_put(words + (SLOTS + 4 * (string.hash & 1)) / 4, base_addr + STRING);
    memcpy(words + STRING / 4, &string, sizeof string);
    memcpy(words + (STRING + sizeof string) / 4, "@t", 3);
    uint32_t *at = words + CONSTANTS / 4;
    for (uint32_t i = 0; i < image->constants; i++) {
        at = lfs_numbers_put(at, (image->first + i) * 0x9E3779B9u);
        at = lfs_numbers_put(at, 0x3FF00000u | ((image->first + i) & 0xFFFFF));
        at = lfs_numbers_put(at, LFS_TAG_NUMBER);
    }
    lfs_numbers_put(at, OP_RETURN | 1u << 23); // RETURN 0 1
    memcpy(words + proto / 4, &function, sizeof function);
    return header.image_bytes;
}

// Does exactly this image lie at `off` of these cells? (Whether relocated or absolute from the
// start is all that may differ.)
static inline int lfs_numbers_lie(const struct lfs_numbers *image, uint32_t off,
                                  const uint8_t *cells)
{
    static uint32_t wanted[LFS_NUMBERS_BYTES_MAX / 4];
    if (image->constants == 0)
        return 0;
    uint32_t first, bytes = lfs_numbers_make(image, off, wanted);
    memcpy(&first, cells + off, 4);
    return ((first ^ wanted[0]) & ~LFS_ABSOLUTE) == 0 &&
           memcmp(cells + off + 4, wanted + 1, bytes - 4) == 0;
}

#endif
