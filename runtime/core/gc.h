// gc.h: the collector: incremental mark and sweep as Lua 5.1's, the firmware's emergency modes.
//
// Invariant: while marking, no black object refers to a white one; the barriers keep it. Objects
// in the flash window have no white bit and are never marked, gray, linked or freed.
// Order and size of the steps decide when memory is given back, so they follow Lua 5.1:
// allocation policy of NodeMCU 3.0; a full collection sweeps strings and traverses threads twice.
//
// Any allocation may collect (emergency modes), so it may free every object that cannot be reached
// from a root, shrink any stack whose state is not marked fixed (global_state.stack_fixed), halve
// the shared buffer unless its `used` is not 0, and halve the string table.
// Finalizers run only in gc_step and in collections on request, never inside an allocation: an
// emergency collection leaves them for the next GC_CHECK, which it makes due.

#ifndef FROST_CORE_GC_H
#define FROST_CORE_GC_H

#include "runtime/core/state.h"
#include "runtime/format/trace_events.h"

#define GC_STEP_BYTES 1024u

#define GC_IS_WHITE(o) (OBJECT_MARKED(o) & MARK_WHITES)
#define GC_IS_BLACK(o) (OBJECT_MARKED(o) & MARK_BLACK)
#define GC_OTHER_WHITE(g) ((g)->white ^ MARK_WHITES)
#define GC_IS_DEAD(g, o) (OBJECT_MARKED(o) & GC_OTHER_WHITE(g) & MARK_WHITES)
#define GC_CURRENT_WHITE(g) ((uint8_t)((g)->white & MARK_WHITES))

#ifdef FROST_PROBED
extern uint32_t gc_checks, gc_checks_kept; // since a collection began; of them, before the block
#define GC_COUNT_CHECK() ((void)++gc_checks)
#else
#define GC_COUNT_CHECK() ((void)0)
#endif

// A step is due when the ledger has reached the threshold. Where Lua 5.1 checks, the VM checks.
#define GC_CHECK(L)                                                                                \
    do {                                                                                           \
        GC_COUNT_CHECK();                                                                          \
        if (__builtin_expect(GLOBAL(L)->total_bytes >= GLOBAL(L)->threshold, 0))                   \
            gc_step(L);                                                                            \
    } while (0)

// Write barriers: after storing `value` (a struct value *) or object into `owner`.
#define GC_BARRIER_VALUE(L, owner, value)                                                          \
    do {                                                                                           \
        if (VALUE_IS_OBJECT(value) && GC_IS_WHITE(VALUE_OBJECT(value)) &&                          \
            GC_IS_BLACK((struct object *)(owner)))                                                 \
            gc_barrier(L, (struct object *)(owner), VALUE_OBJECT(value));                          \
    } while (0)
#define GC_BARRIER_TABLE(L, t, value)                                                              \
    do {                                                                                           \
        if (VALUE_IS_OBJECT(value) && GC_IS_WHITE(VALUE_OBJECT(value)) && GC_IS_BLACK(t))          \
            gc_barrier_back(L, t);                                                                 \
    } while (0)
#define GC_BARRIER_OBJECT(L, owner, stored)                                                        \
    do {                                                                                           \
        if (GC_IS_WHITE((struct object *)(stored)) && GC_IS_BLACK((struct object *)(owner)))       \
            gc_barrier(L, (struct object *)(owner), (struct object *)(stored));                    \
    } while (0)

void gc_barrier(lua_State *L, struct object *owner, struct object *stored);
void gc_barrier_back(lua_State *L, struct table *t);

// Links a new object (white) into the list of all objects; `tag` is its type.
static inline void gc_link(lua_State *L, struct object *o, int tag)
{
    struct global_state *g = GLOBAL(L);
    o->tag_ = (uint8_t)tag;
    o->marked_ = GC_CURRENT_WHITE(g);
    REF_COPY(o->next, g->objects);
    REF_SET(g->objects, o);
}

// A userdata joins the list after the main thread, where the collector looks for finalizers.
void gc_link_userdata(lua_State *L, struct userdata *u);
// An upvalue that is being closed joins the list of all objects.
void gc_link_upvalue(lua_State *L, struct upvalue *u);

// What lua_gc(LUA_GCSTEP) and GC_CHECK run: up to GC_STEP_BYTES * step_multiplier / 100 of work.
// Nothing while collection is blocked.
void gc_step(lua_State *L);
// The same inside an allocation: no finalizers.
void gc_step_emergency(lua_State *L);
// One full cycle. `reason` is an enum trace_gc_reason; GC_REASON_REQUEST calls finalizers. Nothing
// while collection is blocked.
void gc_full(lua_State *L, int reason);
// Frees all objects; lua_close only.
void gc_free_all(lua_State *L);
// Calls all pending finalizers (lua_close).
void gc_call_finalizers(lua_State *L);
// Moves dead userdata with finalizers to the finalizable list; all != 0: also living ones. Returns
// their bytes.
size_t gc_separate_userdata(lua_State *L, int all);

// Runs when marking is about to end, before weak tables are cleared and the white changes; it may
// mark strings and free parts of functions, and must not allocate. NULL: nothing to do.
extern void (*gc_marking_ends)(lua_State *L);

// Blocks collection: full, step and emergency alike. One flag (global_state.gc_blocked), not a
// count, as in the firmware: unblocking after compile or load also ends collectgarbage"stop", and
// so does any error that is thrown (call_throw clears it). Code that must keep an outer block saves
// the flag and puts it back.
// A chunk's reader may run Lua code, which may load, fail or restart the collector; all that leaves
// collection blocked, since the compiler holds what nothing refers to (gc_loading: how many chunks
// are being loaded).
extern int gc_loading;

static inline void gc_block(lua_State *L)
{
#ifdef FROST_PROBED
    if (!GLOBAL(L)->gc_blocked)
        gc_checks_kept = gc_checks;
#endif
    GLOBAL(L)->gc_blocked = 1;
}

static inline void gc_unblock(lua_State *L)
{
#ifdef FROST_PROBED
    if (GLOBAL(L)->gc_blocked)
        gc_checks = gc_checks_kept; // none of those since then had an effect
#endif
    GLOBAL(L)->gc_blocked = gc_loading > 0;
}

#endif
