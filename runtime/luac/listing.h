// listing.h: bytecode as text, in the well-known form of luac -l.
//
// Reads: a function. Writes: stdout.

#ifndef FROST_LUAC_LISTING_H
#define FROST_LUAC_LISTING_H

#include "runtime/core/state.h"

// Lists p and the functions in it; is_full: also constants, locals and upvalues.
void listing_print(lua_State *L, const struct proto *p, int is_full);

#endif
