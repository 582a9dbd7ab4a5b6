// later.h: what will arrive at a known time of the device.
//
// For fillings. Memory: static, LATER_MAX entries of LATER_BYTES_MAX.
// Context: the interpreter's thread.

#ifndef FROST_WORLD_LATER_H
#define FROST_WORLD_LATER_H

#include "runtime/world/world.h"

#ifdef FROST_CHIP // where RAM is short
#define LATER_MAX 6
#define LATER_BYTES_MAX 104
#else
#define LATER_MAX 64
#define LATER_BYTES_MAX 1024
#endif

// Before a boot: nothing will.
void later_reset(void);
// Arrives at that time, after what was to arrive then already. 0, or -1 if there is no room.
int later_add(uint64_t at_us, int kind, uint32_t object, const void *data, size_t bytes);
// What is due of a kind will not arrive.
void later_remove(int kind, uint32_t object);
// Takes the first that is due; false: none is.
int later_take(uint64_t now_us, struct world_arrival *arrival);
uint64_t later_next_us(void);

#endif
