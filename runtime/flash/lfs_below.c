// lfs_below.c: see lfs_below.h.
//
// Images below were checked before they were mounted, so their chains are followed blindly.

#include "runtime/flash/lfs_below.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "runtime/flash/inflate.h"

void lfs_below_init(struct lfs_below *below, const struct flash_device *device,
                    enum flash_region_id id)
{
    below->count = 0;
    for (uint32_t i = 0; i < flash_regions.count && flash_regions.items[i].id < id; i++) {
        const struct flash_region *region = &flash_regions.items[i];
        uint32_t bytes = region->end - region->begin;
        const uint8_t *data = flash_in_place(device, region->begin - WINDOW_ADDR, bytes);
        assert(data); // it was mounted from there
        lfs_view_init(&below->images[below->count++], data, bytes, region->begin,
                      LFS_SIGNATURE_BUILD);
    }
}

uint32_t lfs_below_crc(const struct lfs_below *below)
{
    uint32_t crc = 0;
    for (uint32_t i = 0; i < below->count; i++)
        for (uint32_t off = 0; off < below->images[i].bytes; off += 4) {
            uint32_t word = lfs_word(&below->images[i], off);
            crc = inflate_crc(crc, &word, 4);
        }
    return crc;
}

const struct lfs_image *lfs_below_at(const struct lfs_below *below, uint32_t addr, uint32_t *off)
{
    for (uint32_t i = 0; i < below->count; i++) {
        *off = addr - below->images[i].base_addr;
        if (*off < below->images[i].bytes)
            return &below->images[i];
    }
    return NULL;
}

// ---- strings of a checked image ----

static uint32_t field(const struct lfs_image *image, uint32_t off, size_t field_off)
{
    return lfs_word(image, off + (uint32_t)field_off);
}

// Offset of the first string with a hash's slot, 0: the slot is empty.
static uint32_t chain_first(const struct lfs_image *image, uint32_t hash)
{
    uint32_t slots = field(image, 0, offsetof(struct lfs_header, string_slots)) - image->base_addr;
    uint32_t slot_count = field(image, 0, offsetof(struct lfs_header, slot_count));
    uint32_t first = lfs_word(image, slots + 4 * (hash & (slot_count - 1)));
    return first ? first - image->base_addr : 0;
}

static uint32_t chain_next(const struct lfs_image *image, uint32_t off)
{
    uint32_t next = lfs_word(image, off);
    return next ? next - image->base_addr : 0;
}

int lfs_has_string(const struct lfs_image *image, uint32_t off)
{
    if (off % 4 != 0 || off + sizeof(struct lfs_string) > image->bytes)
        return 0;
    uint32_t at = chain_first(image, field(image, off, offsetof(struct lfs_string, hash)));
    while (at != 0 && at != off)
        at = chain_next(image, at);
    return at != 0;
}

int lfs_is_same_text(const struct lfs_image *a, uint32_t a_off, const struct lfs_image *b,
                     uint32_t b_off)
{
    uint32_t bytes = field(a, a_off, offsetof(struct lfs_string, bytes));
    return field(a, a_off, offsetof(struct lfs_string, hash)) ==
               field(b, b_off, offsetof(struct lfs_string, hash)) &&
           field(b, b_off, offsetof(struct lfs_string, bytes)) == bytes &&
           memcmp(a->data + a_off + sizeof(struct lfs_string),
                  b->data + b_off + sizeof(struct lfs_string), bytes) == 0;
}

uint32_t lfs_find_text(const struct lfs_image *image, const struct lfs_image *other,
                       uint32_t other_off)
{
    uint32_t hash = field(other, other_off, offsetof(struct lfs_string, hash));
    uint32_t at = chain_first(image, hash);
    while (at != 0 && !lfs_is_same_text(image, at, other, other_off))
        at = chain_next(image, at);
    return at;
}

uint32_t lfs_find_string(const struct lfs_image *image, const char *text, uint32_t bytes,
                         uint32_t hash)
{
    uint32_t at = chain_first(image, hash);
    while (at != 0 && (field(image, at, offsetof(struct lfs_string, hash)) != hash ||
                       field(image, at, offsetof(struct lfs_string, bytes)) != bytes ||
                       memcmp(image->data + at + sizeof(struct lfs_string), text, bytes) != 0))
        at = chain_next(image, at);
    return at;
}
