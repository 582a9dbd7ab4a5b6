// image_file.h: image files for tests: a gzip member of stored blocks, read from memory.
//
// Memory: the caller's.

#ifndef FROST_TESTS_IMAGE_FILE_H
#define FROST_TESTS_IMAGE_FILE_H

#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/flash/lfs_reload.h"
#include "tests/support/lfs_numbers.h"

#define IMAGE_FILE_BLOCK_BYTES 0xFFFFu
#define IMAGE_FILE_BYTES_MAX (LFS_NUMBERS_BYTES_MAX + LFS_NUMBERS_BYTES_MAX / 32 + 64)

static inline uint8_t *image_file_word(uint8_t *at, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(word >> 8 * i);
    return at;
}

// Packs `bytes` bytes without making them fewer. Result: bytes of the member, up to 5 for each
// block and 18 more.
static inline uint32_t image_file_pack(const void *data, uint32_t bytes, uint8_t *out)
{
    static const uint8_t head[10] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 3};
    const uint8_t *from = data;
    memcpy(out, head, sizeof head);
    uint8_t *at = out + sizeof head;
    for (uint32_t left = bytes, part; left > 0 || from == data; left -= part, from += part) {
        part = left < IMAGE_FILE_BLOCK_BYTES ? left : IMAGE_FILE_BLOCK_BYTES;
        *at++ = part == left;
        at = image_file_word(at, part | (part ^ 0xFFFF) << 16);
        memcpy(at, from, part);
        at += part;
        if (part == left)
            break;
    }
    at = image_file_word(at, inflate_crc(0, data, bytes));
    return (uint32_t)(image_file_word(at, bytes) - out);
}

// The relocatable file of an image of numbers.
static inline uint32_t image_file_numbers(const struct lfs_numbers *image, uint8_t *out)
{
    static uint32_t words[LFS_NUMBERS_BYTES_MAX / 4 * 33 / 32 + 1],
        moved[LFS_NUMBERS_BYTES_MAX / 4];
    uint32_t count = lfs_numbers_make(image, 0, words) / 4;
    (void)lfs_numbers_make(image, 0x1000, moved);
    uint32_t *bitmap = words + count;
    memset(bitmap, 0, 4 * LFS_BITMAP_WORDS(count));
    for (uint32_t i = 0; i < count; i++)
        if (words[i] != moved[i]) {
            bitmap[i / 32] |= 1u << i % 32;
            words[i] = (words[i] - WINDOW_ADDR) / 4;
        }
    return image_file_pack(words, 4 * (count + LFS_BITMAP_WORDS(count)), out);
}

// ---- a file in memory ----

struct image_file {
    const uint8_t *bytes;
    uint32_t count, at;
    uint32_t reads_left; // before one fails; 0: none does
};

static inline long image_file_read(void *context, void *data, uint32_t bytes)
{
    struct image_file *file = context;
    uint32_t left = file->count - file->at, part = bytes < left ? bytes : left;
    if (file->reads_left > 0 && --file->reads_left == 0)
        return -1;
    memcpy(data, file->bytes + file->at, part);
    file->at += part;
    return (long)part;
}

static inline int image_file_rewind(void *context)
{
    ((struct image_file *)context)->at = 0;
    return 0;
}

static inline struct lfs_file image_file_open(struct image_file *file)
{
    file->at = 0;
    return (struct lfs_file){image_file_read, image_file_rewind, file, file->count};
}

// Pages of a reload, in an order in which a heap may give them.
static inline const struct lfs_room *image_file_room(void)
{
    static uint8_t pages[INFLATE_PAGES + LFS_BITMAP_PAGES][INFLATE_PAGE_BYTES];
    static struct lfs_room room;
    for (uint32_t i = 0; i < INFLATE_PAGES; i++)
        room.window[i] = pages[INFLATE_PAGES - 1 - i];
    for (uint32_t i = 0; i < LFS_BITMAP_PAGES; i++)
        room.bitmap[i] = pages[INFLATE_PAGES + LFS_BITMAP_PAGES - 1 - i];
    memset(pages, 0xA5, sizeof pages); // of whoever had them before
    return &room;
}

#endif
