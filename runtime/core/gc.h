// gc.h: the collector: incremental mark and sweep as Lua 5.1's, with the firmware's emergency modes.
//
// Invariant: while marking, no black object refers to a white one; the barriers keep it. Objects
// in the flash window have no white bit and are never marked, gray, linked or freed.
// Order and size of the steps decide when memory is given back, so they follow Lua 5.1:
// facts on allocation policy, (h); a full collection sweeps strings and traverses threads twice.

#ifndef FROST_CORE_GC_H
#define FROST_CORE_GC_H

#include "runtime/core/state.h"

#define GC_STEP_BYTES 1024u

#define GC_IS_WHITE(o) (OBJECT_MARKED(o) & MARK_WHITES)
#define GC_IS_BLACK(o) (OBJECT_MARKED(o) & MARK_BLACK)
#define GC_OTHER_WHITE(g) ((g)->white ^ MARK_WHITES)
#define GC_IS_DEAD(g, o) (OBJECT_MARKED(o) & GC_OTHER_WHITE(g) & MARK_WHITES)
#define GC_CURRENT_WHITE(g) ((uint8_t)((g)->white & MARK_WHITES))

// A step is due when the ledger has reached the threshold. Where Lua 5.1 checks, the VM checks.
#define GC_CHECK(L)                                                                               \
    do {                                                                                          \
        if (GLOBAL(L)->total_bytes >= GLOBAL(L)->threshold)                                       \
            gc_step(L);                                                                           \
    } while (0)

// Write barriers: after storing `value` (a struct value *) or object into `owner`.
#define GC_BARRIER_VALUE(L, owner, value)                                                         \
    do {                                                                                          \
        if (VALUE_IS_OBJECT(value) && GC_IS_WHITE(VALUE_OBJECT(value)) &&                         \
            GC_IS_BLACK((struct object *)(owner)))                                                \
            gc_barrier(L, (struct object *)(owner), VALUE_OBJECT(value));                         \
    } while (0)
#define GC_BARRIER_TABLE(L, t, value)                                                             \
    do {                                                                                          \
        if (VALUE_IS_OBJECT(value) && GC_IS_WHITE(VALUE_OBJECT(value)) && GC_IS_BLACK(t))         \
            gc_barrier_back(L, t);                                                                \
    } while (0)
#define GC_BARRIER_OBJECT(L, owner, stored)                                                       \
    do {                                                                                          \
        if (GC_IS_WHITE((struct object *)(stored)) && GC_IS_BLACK((struct object *)(owner)))      \
            gc_barrier(L, (struct object *)(owner), (struct object *)(stored));                   \
    } while (0)

void gc_barrier(lua_State *L, struct object *owner, struct object *stored);
void gc_barrier_back(lua_State *L, struct table *t);

// Links a new object (white) into the list of all objects; `tag` is its type.
void gc_link(lua_State *L, struct object *o, int tag);
// An upvalue that is being closed joins the list of all objects.
void gc_link_upvalue(lua_State *L, struct upvalue *u);

void gc_step(lua_State *L);
// One full cycle. `reason` is an enum trace_gc_reason.
void gc_full(lua_State *L, int reason);
// Frees all objects; lua_close only.
void gc_free_all(lua_State *L);
// Calls all pending finalizers (lua_close, end of a step's finalize phase).
void gc_call_finalizers(lua_State *L);
// Moves dead userdata with finalizers to the finalizable list; all != 0: also living ones.
size_t gc_separate_userdata(lua_State *L, int all);

// Collection is blocked while the count is not zero (compile, load, library opening); facts (f):
// unblocking also ends collectgarbage"stop".
void gc_block(lua_State *L);
void gc_unblock(lua_State *L);

#endif
