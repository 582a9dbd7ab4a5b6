// lfs_image_view.h: an image of known size as words, for the parts of this directory.
//
// Reads: the image, which may lie in the window. Memory: the caller's struct.

#ifndef FROST_FLASH_LFS_IMAGE_VIEW_H
#define FROST_FLASH_LFS_IMAGE_VIEW_H

#include <stdint.h>

#include "runtime/format/lfs_image.h"

struct lfs_image {
    const uint8_t *data; // aligned to 4
    uint32_t bytes;
    uint32_t base_addr;   // for which the pointers are made
    uint32_t value_bytes; // of a constant
    uint32_t tag_off;     // of the tag in a constant
};

static inline void lfs_view_init(struct lfs_image *view, const void *data, uint32_t bytes,
                                 uint32_t base_addr, uint32_t signature)
{
    view->data = data;
    view->bytes = bytes;
    view->base_addr = base_addr;
    view->value_bytes = lfs_value_bytes(signature);
    view->tag_off = signature & LFS_INTEGER ? 4 : 8;
}

// The word at byte offset `off`, a multiple of 4 below `bytes`.
static inline uint32_t lfs_word(const struct lfs_image *view, uint32_t off)
{
    return *(const uint32_t *)(const void *)(view->data + off);
}

static inline const struct lfs_proto *lfs_proto_at(const struct lfs_image *view, uint32_t off)
{
    return (const struct lfs_proto *)(const void *)(view->data + off);
}

#endif
