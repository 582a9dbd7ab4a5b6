// regions.h: the regions of flash that are mounted: LFS core, LFS devs, freezer.
//
// A region holds an image (runtime/format/lfs_image.h) that was checked whole where it lies. The
// list is in the order in which strings are looked for; strings of a region may be those of the
// regions before it, so a region goes together with those after it.
//
// Written by runtime/flash/lfs.c; read by interning (runtime/core/str.c) and by what speaks of LFS.
// Memory: one static list, in no ledger: the state has the firmware's size, which knows one region.
// Context: main loop; changes only while nothing refers to what is unmounted.

#ifndef FROST_FLASH_REGIONS_H
#define FROST_FLASH_REGIONS_H

#include <stdint.h>

// region, name of its image where a trace keeps a copy
#define FLASH_REGIONS(X)                                                                           \
    X(REGION_LFS, "lfs.img")                                                                       \
    X(REGION_DEVS, "lfs-devs.img")                                                                 \
    X(REGION_FREEZER, "freezer.img")

#define REGION_ITEM(name, file) name,
enum flash_region_id { FLASH_REGIONS(REGION_ITEM) REGION_COUNT };
#undef REGION_ITEM

struct flash_region {
    enum flash_region_id id;
    uint32_t begin;      // address of the image
    uint32_t end;        // address after it
    uint32_t slots_addr; // its string slots
    uint32_t slot_count; // a power of two
    uint32_t string_count;
    uint32_t index_addr; // Proto of its index function, 0: none
    uint32_t linked_crc; // of the images before it whose strings it uses, 0: it stands alone
};

struct flash_region_list {
    uint32_t count;
    struct flash_region items[REGION_COUNT]; // in the order of their ids
};

extern struct flash_region_list flash_regions;

// The region with that id, or NULL: not mounted.
const struct flash_region *flash_region_find(enum flash_region_id id);
// The region in whose bounds an address lies, or NULL.
const struct flash_region *flash_region_at(uint32_t addr);
// Name of a region's image in a trace.
const char *flash_region_file(enum flash_region_id id);

// Puts a region after those with lower ids; nothing with its id or a higher one is mounted.
void flash_regions_mount(const struct flash_region *region);
// Takes region `first` and all after it off the list.
void flash_regions_unmount(enum flash_region_id first);

// Checks order and bounds: regions lie in the window, apart from each other, with their slots and
// index function inside. NULL if the list is sound, else what is not.
const char *flash_regions_check(void);

#endif
