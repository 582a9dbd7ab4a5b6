// closure.h: closures as parts of groups, and the check of such groups.
//
// Reads: closures in RAM, blocks in place. Memory: none.

#ifndef FROST_FREEZER_CLOSURE_H
#define FROST_FREEZER_CLOSURE_H

#include "runtime/core/object.h"
#include "runtime/freezer/area.h"
#include "runtime/freezer/table.h"

// Bytes of a payload that a closure takes, with its upvalues, not filled up.
uint32_t frozen_closure_bytes(const struct lua_closure *c);

// Gives the words of a closure at its place.
void frozen_put_closure(struct frozen_sink *sink, const struct frozen_object *closure);

// Does a function, or one inside it, assign upvalue `idx`?
int frozen_assigns_upvalue(const struct proto *p, int idx);

// Is a committed payload a sound group? NULL, or what is wrong.
const char *frozen_group_fault(const struct freezer_area *area, uint32_t payload_off);

#endif
