// lfs_link.c: see lfs_link.h.

#include "runtime/flash/lfs_link.h"

#include <assert.h>
#include <stddef.h>

#include "runtime/flash/inflate.h"

static uint32_t crc_words(uint32_t crc, const struct lfs_image *image, uint32_t off, uint32_t words)
{
    for (; words > 0; words--, off += 4) {
        uint32_t word = lfs_word(image, off);
        crc = inflate_crc(crc, &word, 4);
    }
    return crc;
}

static uint32_t crc_field(uint32_t crc, const struct lfs_image *image, size_t off)
{
    return crc_words(crc, image, (uint32_t)off, 1);
}

// The words of the build time: the last constant of the index function without its tag.
static uint32_t crc_build_time(uint32_t crc, const struct lfs_image *image)
{
    uint32_t index = lfs_word(image, offsetof(struct lfs_header, main_proto)) - image->base_addr;
    const struct lfs_proto *p = lfs_proto_at(image, index);
    if (p->constant_count == 0)
        return crc;
    uint32_t last = p->constants - image->base_addr + (p->constant_count - 1) * image->value_bytes;
    return crc_words(crc, image, last, image->tag_off / 4);
}

static uint32_t crc_string(uint32_t crc, const struct lfs_image *image, uint32_t off)
{
    uint32_t bytes = lfs_word(image, off + offsetof(struct lfs_string, bytes));
    crc = inflate_crc(crc, &off, 4);
    return crc_words(crc, image, off + (uint32_t)offsetof(struct lfs_string, hash),
                     2 + bytes / 4 + 1);
}

uint32_t lfs_link_name(const struct lfs_image *image)
{
    uint32_t slots = lfs_word(image, offsetof(struct lfs_header, string_slots)) - image->base_addr;
    uint32_t slot_count = lfs_word(image, offsetof(struct lfs_header, slot_count));
    uint32_t crc = crc_field(0, image, offsetof(struct lfs_header, image_bytes));
    crc = crc_field(crc, image, offsetof(struct lfs_header, string_count));
    crc = crc_field(crc, image, offsetof(struct lfs_header, slot_count));
    crc = crc_build_time(crc, image);
    for (uint32_t i = 0; i < slot_count; i++)
        for (uint32_t at = lfs_word(image, slots + 4 * i); at != 0;) {
            crc = crc_string(crc, image, at - image->base_addr);
            at = lfs_word(image, at - image->base_addr);
        }
    return crc != 0 ? crc : 1;
}

uint32_t lfs_link_name_below(const struct lfs_below *below)
{
    return below->count > 0 ? lfs_link_name(&below->images[0]) : 0;
}

uint32_t lfs_link_addr(uint32_t pointer, uint32_t words, uint32_t base_addr,
                       const struct lfs_below *below)
{
    assert(words <= LFS_BELOW_WORDS);
    if (pointer < words)
        return base_addr + 4 * pointer;
    if (pointer < LFS_BELOW_WORDS || below->count == 0)
        return 0;
    pointer -= LFS_BELOW_WORDS;
    return pointer < below->images[0].bytes / 4 ? below->images[0].base_addr + 4 * pointer : 0;
}
