// holder.h: by which references something is held: "package.loaded.blink.timer: a function of
// blink.lua:3".
//
// Reads: the heap, after a full collection, so that what is there is held. Writes: the caller's
// text. Memory: a path on the C stack; nothing is allocated. Context: the interpreter's thread.

#ifndef FROST_CORE_HOLDER_H
#define FROST_CORE_HOLDER_H

#include <stddef.h>

#include "runtime/core/state.h"

// Writes a way from a root to `target`, as short as can be found with little effort; parts that do
// not fit are left out from the root on. Cost: some passes over the heap.
void holder_path(lua_State *L, const struct object *target, char *out, size_t out_bytes);

#endif
