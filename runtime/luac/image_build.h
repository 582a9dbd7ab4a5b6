// image_build.h: an LFS image from functions.
//
// Reads: functions and strings of a state. Writes: struct image_layout, given by the caller.
// Memory: 6 MB of the state's heap while it works; the texts of line tables become strings of the
// state, so collection must be stopped by the caller.
// Layout: runtime/format/lfs_image.h; the build's numbers decide about float or integer images.
//
// All functions have one list of constants (constants.h). Equal code, vectors and functions stand
// in the image once, also when one is a part of another. Code that cannot be reached is left out
// (trim.h). Texts stand in it once by the format. The same functions always give the same image.

#ifndef FROST_LUAC_IMAGE_BUILD_H
#define FROST_LUAC_IMAGE_BUILD_H

#include "runtime/core/state.h"
#include "runtime/format/lfs_image.h"

#define IMAGE_WORDS_MAX (2 * LFS_IMAGE_BYTES_MAX / 4) // so that one that is too large has a size

struct image_layout {
    uint32_t word_count;             // of the image, without bitmap
    uint32_t words[IMAGE_WORDS_MAX]; // pointers as word offsets until image_relocate
    uint32_t is_pointer[LFS_BITMAP_WORDS(IMAGE_WORDS_MAX)]; // the relocation bitmap
};

enum image_detail {
    IMAGE_PLAIN, // everything as often as it is used, nothing left out: what luac.cross lays out
    IMAGE_SMALL, // what is equal once
};

// Lays out the index function `index` with all that it needs, but for texts that the core image has
// (core_image.h), if one was read. `slot_count`: of the string table, a power of two; 0: as
// luac.cross makes it for so many strings. Raises "Out of Flash memory", with its size, for more
// than LFS_IMAGE_BYTES_MAX.
void image_build(lua_State *L, const struct proto *index, enum image_detail form,
                 uint32_t slot_count, struct image_layout *image);

// Makes the pointers final for `base_addr` (a multiple of 4) and the image an absolute one.
void image_relocate(struct image_layout *image, uint32_t base_addr);

#endif
