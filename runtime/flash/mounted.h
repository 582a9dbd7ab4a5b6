// mounted.h: what is mounted, for the state that is about to be made.
//
// Written by lfs_mount() before lua_newstate(); read by lua_newstate() (runtime/core/state.c),
// which copies it into the global state before the first string is made, so that no text that
// stands in the image gets into RAM. Context: set up only, never while a state runs.

#ifndef FROST_FLASH_MOUNTED_H
#define FROST_FLASH_MOUNTED_H

#include <stdint.h>

struct flash_mounted {
    uint32_t slots_addr;  // string slots of the image, in the window
    uint32_t slot_count;  // a power of two; 0: nothing is mounted
    uint32_t string_count;
    uint32_t index_addr;  // Proto of the index function
    uint32_t image_addr;  // header of the image
    uint32_t image_bytes;
};

// Defined in runtime/flash/mounted.c; all zero while nothing is mounted.
extern struct flash_mounted flash_mounted;

#endif
