// strings_flash.h: what a preload list costs in an LFS image.
//
// A string costs its header, text and padding; in a list whose code can be reached also a constant
// and an instruction of its function. The code of the lists made here cannot be reached
// (strings_list.h), and frost luac leaves such code and its constants out of an image, but not the
// strings; luac.cross keeps all of it. The list as a whole costs its function, its entry in the
// index function, and what the hash vector grows by: the vector has 2 << floor(log2(strings)) slots
// of 4 bytes, so it doubles whenever the number of strings reaches the number of slots. The
// firmware takes any power of two: frost luac --hash-slots can keep the vector as it is, luac.cross
// cannot. Source: runtime/format/lfs_image.h.

#ifndef FROST_ANALYSIS_STRINGS_FLASH_H
#define FROST_ANALYSIS_STRINGS_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/image/image_reader.h"

// The image that the list will be added to.
struct strings_flash {
    const struct image *image; // NULL: none was mounted
    uint32_t string_count;
    uint32_t slot_count;
    uint32_t value_bytes; // of a constant
    bool keeps_slots;     // images are made with as many slots as this one has
};

// Describes an image; NULL stands for an empty one of a float build, which has no slots to keep.
struct strings_flash strings_flash_of(const struct image *image, bool is_integer, bool keeps_slots);

// Flash that one string of `length` bytes takes by itself, a multiple of 4.
uint32_t strings_flash_item(uint32_t length);

// What a list costs besides its strings and the growth of the hash vector.
uint32_t strings_flash_fixed(const struct strings_flash *flash);

// What a list that is compiled as it stands costs in addition: each string's constant and
// instruction, and the line table of `lines` lines.
uint64_t strings_flash_code(const struct strings_flash *flash, uint32_t count, uint32_t lines);
// Lines of a source that packs literals of `literal_bytes` in all into them.
uint32_t strings_flash_packed_lines(uint64_t literal_bytes);

// Bytes that the hash vector grows by when `count` strings are added with the list's own names, by
// the rule of luac.cross.
uint32_t strings_flash_growth(const struct strings_flash *flash, uint32_t count);

// The same as the images are to be made: 0 where they keep their slots.
static inline uint32_t strings_flash_wanted_growth(const struct strings_flash *flash,
                                                   uint32_t count)
{
    return flash->keeps_slots ? 0 : strings_flash_growth(flash, count);
}

// Slots of the vector with `count` strings and the list's own names more, by that rule.
uint32_t strings_flash_slots(const struct strings_flash *flash, uint32_t count);

// How many strings can be added so that the hash vector is doubled at most `doublings` times by the
// rule.
uint32_t strings_flash_rule_room(const struct strings_flash *flash, unsigned doublings);

// The same as the images are to be made: any number where they keep their slots.
static inline uint32_t strings_flash_room(const struct strings_flash *flash, unsigned doublings)
{
    return flash->keeps_slots ? UINT32_MAX : strings_flash_rule_room(flash, doublings);
}

#endif
