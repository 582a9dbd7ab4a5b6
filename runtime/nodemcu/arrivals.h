// arrivals.h: which module takes what has arrived from the world.
//
// Context: the event loop.

#ifndef FROST_NODEMCU_ARRIVALS_H
#define FROST_NODEMCU_ARRIVALS_H

#include "runtime/core/api/lua.h"
#include "runtime/world/world.h"

// Gives an arrival to its module, which calls what it has to by callback_call. The stack is as
// before afterwards. What nobody waits for is dropped.
void arrivals_deliver(lua_State *L, const struct world_arrival *arrival);

#endif
