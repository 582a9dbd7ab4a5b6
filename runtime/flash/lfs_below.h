// lfs_below.h: the images below the one that is looked at: those of the regions before it, whose
// strings it may use.
//
// An image that was linked against others carries the CRC-32 of all of them, in the order of their
// regions, so that it is never used with another one. Of the images below only strings are shared:
// they are listed in their tables, functions are not; and it is strings that must not stand twice.
//
// Reads: flash, by words. Memory: the caller's struct. Context: as lfs_check.

#ifndef FROST_FLASH_LFS_BELOW_H
#define FROST_FLASH_LFS_BELOW_H

#include "runtime/flash/device.h"
#include "runtime/flash/lfs_image_view.h"
#include "runtime/flash/regions.h"

struct lfs_below {
    uint32_t count;
    struct lfs_image images[REGION_COUNT];
};

// The images that are mounted before region `id`, read in place on `device`.
void lfs_below_init(struct lfs_below *below, const struct flash_device *device,
                    enum flash_region_id id);

// Identity of the images: CRC-32 of all of them, one after the other; 0 if there is none.
uint32_t lfs_below_crc(const struct lfs_below *below);

// The image in whose bounds `addr` lies, and the offset there; NULL: in none.
const struct lfs_image *lfs_below_at(const struct lfs_below *below, uint32_t addr, uint32_t *off);

// Is there a string of the image's table at `off`? Cost: one chain.
int lfs_has_string(const struct lfs_image *image, uint32_t off);

// Offset of the string of the image's table with the text of the string at `other_off` of `other`;
// 0: there is none.
uint32_t lfs_find_text(const struct lfs_image *image, const struct lfs_image *other,
                       uint32_t other_off);

// Offset of the image's string of `bytes` characters with that hash; 0: there is none.
uint32_t lfs_find_string(const struct lfs_image *image, const char *text, uint32_t bytes,
                         uint32_t hash);

// Have two strings the same text?
int lfs_is_same_text(const struct lfs_image *a, uint32_t a_off, const struct lfs_image *b,
                     uint32_t b_off);

#endif
