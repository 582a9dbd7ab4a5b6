// unload.h: an image goes from flash, and another one comes, while the program runs.
//
// Nothing may refer to what goes. Functions that are held by something keep the image, and the way
// to one of them is told. Strings do not: those that are still in use (values, keys, removed keys,
// names of metamethods, arguments of C functions) become those of the new image that have the same
// text, or strings in RAM. Strings in RAM of which the new image has the text go, so that one text
// stays one string.
//
// Reads and writes: the heap, the list of regions. Memory: strings that come into RAM.
// Context: the interpreter's thread, from a C function that has nothing on its own stack.

#ifndef FROST_FREEZER_UNLOAD_H
#define FROST_FREEZER_UNLOAD_H

#include <stddef.h>

#include "runtime/core/state.h"
#include "runtime/flash/regions.h"

#define UNLOAD_WHY_BYTES 160

struct unload_result {
    char why[UNLOAD_WHY_BYTES]; // what holds the image, "" if nothing does
    uint32_t to_ram, to_flash;  // strings that came into RAM, and that left it
    uint32_t c_strings;         // of the old image, that C functions may be looking at
};

// What holds a function of the region; "" in result->why: nothing. Collects all garbage first, so
// finalizers may run.
void unload_find_holder(lua_State *L, const struct flash_region *region,
                        struct unload_result *result);

// Changes the list of regions: takes the image off and mounts the new one, if there is one (go), or
// puts the list back as it was (else). go: 0, or -1: nothing has changed.
typedef int (*unload_exchange)(int go);

// Exchanges the image that is mounted as `id`, if one is, by `exchange`; `id` is the last region
// that is mounted but for an empty freezer, and nothing holds a function of it (asked just before).
//
// Result: STATUS_OK; STATUS_NO_MEMORY (all is as it was); STATUS_USAGE: `exchange` has refused, or
// a
//         chunk is being loaded.
int unload_region(lua_State *L, enum flash_region_id id, unload_exchange exchange,
                  struct unload_result *result) __attribute__((warn_unused_result));

#endif
