// virtual.h: a world without anybody in it, the same in every run; it is behind the gate unless
// another one is, and answers for the others what they have no answer to.
//
// Its random numbers come from a fixed seed, its pins are low, nothing is connected, no name is
// known. What it starts itself (a Wi-Fi that is joined) arrives in the device's time.
// Memory: static. Context: the interpreter's thread.

#ifndef FROST_WORLD_VIRTUAL_H
#define FROST_WORLD_VIRTUAL_H

#include "runtime/world/world.h"

extern const struct world_filling world_virtual;

#endif
