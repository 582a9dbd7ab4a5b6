// ow_search.h: the search of the 1-Wire bus, bit by bit, among devices whose codes are known.
//
// Memory: none. Context: the interpreter's thread. Nothing here raises a Lua error.

#ifndef FROST_NODEMCU_IO_OW_SEARCH_H
#define FROST_NODEMCU_IO_OW_SEARCH_H

#include <stdint.h>

#define OW_CODE_BYTES 8u
#define OW_CODE_BITS (8u * OW_CODE_BYTES)
#define OW_DEVICES_MAX 32u

// Where a search of a pin stands; zeros: at the first device.
struct ow_search {
    uint8_t code[OW_CODE_BYTES]; // found last
    uint8_t branch;              // the bit, from 1 on, at which the next one goes the other way
    uint8_t is_over;             // that was the last one
};

// Finds the next one of `count` devices (at most OW_DEVICES_MAX) whose codes stand at `codes`, into
// search->code. False: there is none; the search begins anew.
int ow_search_next(struct ow_search *search, const uint8_t *codes, unsigned count);

#endif
