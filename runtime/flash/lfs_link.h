// lfs_link.h: linked images on their way from a file to flash: the name of the image below, and
// pointers that lead there.
//
// Reads: images, by words. Memory: none of its own. Context: as lfs_check.
// Layout: runtime/format/lfs_image.h, "Linked images".

#ifndef FROST_FLASH_LFS_LINK_H
#define FROST_FLASH_LFS_LINK_H

#include "runtime/flash/lfs_below.h"
#include "runtime/flash/lfs_image_view.h"

// The name by which linked files know an image that was checked; never 0.
// Cost: every word of its strings once.
uint32_t lfs_link_name(const struct lfs_image *image);

// Name of the image that linked files of the region after `below` are made for: core's; 0: none.
uint32_t lfs_link_name_below(const struct lfs_below *below);

// Address to which a pointer word of a relocatable image leads, which has `words` words and is to
// lie at `base_addr`; 0: nowhere. What lies below is not looked at (lfs_check does).
uint32_t lfs_link_addr(uint32_t pointer, uint32_t words, uint32_t base_addr,
                       const struct lfs_below *below);

#endif
