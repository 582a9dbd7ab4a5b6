// gc.c: the collector's order of work: steps, full cycles, barriers, finalizers.
//
// Reads and writes: the collector's fields of the global state. Memory: gives back, takes none.
// Source: step sizes, costs and thresholds are Lua 5.1's; blocking and emergency collections are
// the firmware's (allocation policy of NodeMCU 3.0).
//
// A cycle: pause -> propagate (one gray object a step; the last step cannot be divided) -> sweep
// strings (one chain a step) -> sweep (SWEEP_OBJECTS a step) -> finalize (one call a step) ->
// pause.

#include "runtime/core/gc.h"

#include <assert.h>

#include "runtime/core/call.h"
#include "runtime/core/check.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/gc_parts.h"
#include "runtime/core/heap_parts.h"
#include "runtime/core/meta.h"
#include "runtime/core/spaces.h"
#include "runtime/core/str.h"
#include "runtime/core/stream.h"
#include "runtime/core/table.h"

#define SWEEP_OBJECTS 40u  // per step
#define SWEEP_COST 10      // of an object or of a chain of strings
#define FINALIZE_COST 100u // of a finalizer

int gc_loading;

#ifdef FROST_PROBED
struct gc_tally gc_tally;
uint32_t gc_checks, gc_checks_kept;
#endif

static void begin(lua_State *L, int reason)
{
    (void)reason;
#ifdef FROST_PROBED
    gc_tally.L = L;
#endif
    spaces_look();
    spaces.checks++;
    GLOBAL(L)->gc_blocked = 1;
#ifdef PROBE_HAS_PLACES
    PROBE_GC_CHECKS(gc_checks);
    gc_checks = 0;
    gc_tally.is_always = reason == GC_REASON_ALWAYS;
#endif
    PROBE_GC_BEGIN(L, reason, GLOBAL(L)->total_bytes);
}

static void end(lua_State *L, int reason)
{
    (void)reason;
#if HEAP_SANITIZED
    int is_step = reason == GC_REASON_STEP || reason == GC_REASON_LIMIT;
    check_collection(L, is_step ? 2 * GC_STEP_BYTES : GLOBAL(L)->total_bytes,
                     reason == GC_REASON_STEP || reason == GC_REASON_REQUEST);
#endif
    GLOBAL(L)->gc_blocked = 0;
    PROBE_GC_END(L, reason, GLOBAL(L)->total_bytes, gc_tally.visited, gc_tally.freed);
#ifdef FROST_PROBED
#ifdef PROBE_HAS_PLACES
    gc_tally.is_always = gc_tally.is_placing = gc_tally.is_counting = 0;
#endif
    gc_tally.visited = gc_tally.freed = 0; // from here on barriers may visit, for the next step
#endif
}

static void make_white(const struct global_state *g, struct object *o)
{
    o->marked_ = (uint8_t)((o->marked_ & ~(MARK_BLACK | MARK_WHITES)) | GC_CURRENT_WHITE(g));
}

uint32_t gc_first_link(struct global_state *g)
{
    return ADDR32(&g->objects);
}

// ---- barriers and lists ----

void gc_barrier(lua_State *L, struct object *owner, struct object *stored)
{
    struct global_state *g = GLOBAL(L);
    assert(GC_IS_BLACK(owner));
    assert(GC_IS_WHITE(stored));
    assert(!GC_IS_DEAD(g, stored));
    assert(!IN_WINDOW(owner)); // what lies in flash is never written
#ifdef FROST_PROBED
    gc_tally.L = L;
#endif
    if (g->gc_phase == GC_PROPAGATE)
        gc_mark_object(g, stored);
    else
        make_white(g, owner); // while sweeping that spares further barriers
}

void gc_barrier_back(lua_State *L, struct table *t)
{
    struct global_state *g = GLOBAL(L);
    assert(GC_IS_BLACK(t));
    assert(!IN_WINDOW(t));
    assert(g->gc_phase != GC_PAUSE);
    assert(g->gc_phase != GC_FINALIZE);
    t->marked_ &= (uint8_t)~MARK_BLACK;
    REF_COPY(t->gray, g->gray_again);
    REF_SET(g->gray_again, (struct object *)t);
}

void gc_link_userdata(lua_State *L, struct userdata *u)
{
    struct global_state *g = GLOBAL(L);
    struct lua_State *main_thread = DEREF(g->main_thread);
    u->tag_ = LUA_TUSERDATA;
    u->marked_ = GC_CURRENT_WHITE(g);
    REF_COPY(u->next, main_thread->next);
    REF_SET(main_thread->next, (struct object *)u);
}

#ifdef PROBE_HAS_PLACES
static void tell_held(const struct global_state *g, const struct value *v)
{
    if (!(g->egc_mode & EGC_ALWAYS) || !VALUE_IS_OBJECT(v) || IN_WINDOW(VALUE_OBJECT(v)))
        return;
    const struct table *t = VALUE_IS_TABLE(v) ? VALUE_TABLE(v) : NULL;
    probe_gc_held(VALUE_OBJECT(v), t ? DEREF(t->array) : NULL,
                  t && TABLE_HAS_NODES(t) ? DEREF(t->nodes) : NULL);
}
#endif

void gc_link_upvalue(lua_State *L, struct upvalue *u)
{
    struct global_state *g = GLOBAL(L);
#ifdef PROBE_HAS_PLACES
    tell_held(g, &u->u.closed);
#endif
    REF_COPY(u->next, g->objects);
    REF_SET(g->objects, (struct object *)u);
    if (u->marked_ & (MARK_WHITES | MARK_BLACK))
        return;
    if (g->gc_phase == GC_PROPAGATE) { // its value is closed now: nothing will change it unseen
        u->marked_ |= MARK_BLACK;
        GC_BARRIER_VALUE(L, u, &u->u.closed);
    } else {
        make_white(g, (struct object *)u);
    }
}

// ---- finalizers ----

static void append_finalizable(struct global_state *g, struct userdata *u)
{
    struct userdata *last = DEREF(g->finalizable);
    if (last == NULL) {
        REF_SET(u->next, (struct object *)u);
    } else {
        REF_COPY(u->next, last->next);
        REF_SET(last->next, (struct object *)u);
    }
    REF_SET(g->finalizable, u);
}

size_t gc_separate_userdata(lua_State *L, int all)
{
    struct global_state *g = GLOBAL(L);
    struct object *before = (struct object *)DEREF(g->main_thread);
    struct value storage;
    size_t bytes = 0;
    while (!REF_IS_NULL(before->next)) {
        struct userdata *u = (struct userdata *)DEREF(before->next);
        if ((!GC_IS_WHITE(u) && !all) || (u->marked_ & MARK_FINALIZED)) {
            before = (struct object *)u;
            continue;
        }
        u->marked_ |= MARK_FINALIZED;
        if (meta_get(L, DEREF(u->metatable), META_GC, &storage) == NULL) {
            before = (struct object *)u;
            continue;
        }
        PROBE_GC_FINALIZER(u);
        bytes += sizeof *u + u->bytes;
        REF_COPY(before->next, u->next);
        append_finalizable(g, u);
    }
    return bytes;
}

// Takes the first userdata off the finalizable list, back to the living until the next cycle, and
// calls its finalizer. Errors pass through.
static void call_finalizer(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    struct userdata *last = DEREF(g->finalizable), *u = (struct userdata *)DEREF(last->next);
    struct value storage;
    if (u == last)
        REF_NULL(g->finalizable);
    else
        REF_COPY(last->next, u->next);
    REF_COPY(u->next, DEREF(g->main_thread)->next);
    REF_SET(DEREF(g->main_thread)->next, (struct object *)u);
    make_white(g, (struct object *)u);
    const struct value *finalizer = meta_get(L, DEREF(u->metatable), META_GC, &storage);
    if (finalizer == NULL)
        return;
    uint8_t hook_allowed = L->hook_allowed;
    uint32_t threshold = g->threshold;
    L->hook_allowed = 0;
    g->threshold = 2 * g->total_bytes; // no steps meanwhile
    TOP(L)[0] = *finalizer;
    value_set_pointer(&TOP(L)[1], u, LUA_TUSERDATA);
    TOP_SET(L, TOP(L) + 2);
    call_function(L, TOP(L) - 2, 0);
    L->hook_allowed = hook_allowed;
    g->threshold = threshold;
}

void gc_call_finalizers(lua_State *L)
{
    while (!REF_IS_NULL(GLOBAL(L)->finalizable))
        call_finalizer(L);
}

// ---- steps ----

static void set_phase(lua_State *L, enum gc_phase phase)
{
    GLOBAL(L)->gc_phase = (uint8_t)phase;
    PROBE_GC_PHASE(L, (int)phase, GLOBAL(L)->total_bytes);
}

_Static_assert((int)GC_PHASE_PAUSE == (int)GC_PAUSE, "phases of the trace");
_Static_assert((int)GC_PHASE_SWEEP_STRINGS == (int)GC_SWEEP_STRINGS, "phases of the trace");
_Static_assert((int)GC_PHASE_FINALIZE == (int)GC_FINALIZE, "phases of the trace");

static void set_threshold(struct global_state *g)
{
    uint64_t threshold = (uint64_t)(g->estimate / 100) * (uint32_t)g->pause;
    g->threshold = threshold < UINT32_MAX ? (uint32_t)threshold : UINT32_MAX;
}

// After each sweep: the string table and the shared buffer are halved if they are too large.
static void check_sizes(lua_State *L)
{
    struct text_buffer *b = &GLOBAL(L)->buffer;
    str_table_check_shrink(L);
    if (b->used == 0 && b->bytes > 2 * BUFFER_BYTES_MIN)
        buffer_resize(L, b, b->bytes / 2);
}

static void start_marking(lua_State *L)
{
    set_phase(L, GC_PROPAGATE);
    gc_mark_roots(GLOBAL(L));
}

static int step_propagate(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    if (!REF_IS_NULL(g->gray))
        return (int)gc_propagate(g);
    gc_mark_rest(L);
    set_phase(L, GC_SWEEP_STRINGS);
    return 0;
}

static int step_sweep_strings(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    uint32_t before = g->total_bytes;
    gc_sweep_slot(L, g->sweep_slot++);
    if (g->sweep_slot >= g->strings.slot_count)
        set_phase(L, GC_SWEEP);
    g->estimate -= before - g->total_bytes;
    return SWEEP_COST;
}

static int step_sweep(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    uint32_t before = g->total_bytes;
    g->sweep_link = gc_sweep_objects(L, g->sweep_link, SWEEP_OBJECTS);
    if (*(const uint32_t *)(uintptr_t)g->sweep_link == 0) {
        check_sizes(L);
        set_phase(L, GC_FINALIZE);
    }
    g->estimate -= before - g->total_bytes;
    return (int)SWEEP_OBJECTS * SWEEP_COST;
}

static int step_finalize(lua_State *L, int may_finalize)
{
    struct global_state *g = GLOBAL(L);
    if (may_finalize && !REF_IS_NULL(g->finalizable)) {
        call_finalizer(L);
        if (g->estimate > FINALIZE_COST)
            g->estimate -= FINALIZE_COST;
        return FINALIZE_COST;
    }
    set_phase(L, GC_PAUSE);
    g->debt = 0;
    return 0;
}

// One step of the current phase; its cost.
static int single_step(lua_State *L, int may_finalize)
{
    switch (GLOBAL(L)->gc_phase) {
    case GC_PAUSE:
        start_marking(L);
        return 0;
    case GC_PROPAGATE:
        return step_propagate(L);
    case GC_SWEEP_STRINGS:
        return step_sweep_strings(L);
    case GC_SWEEP:
        return step_sweep(L);
    default:
        return step_finalize(L, may_finalize);
    }
}

// At the end of a cycle: when the next one begins; at once if finalizers had to wait.
static void end_cycle(struct global_state *g)
{
    spaces.sweeps++;
    set_threshold(g);
    if (!REF_IS_NULL(g->finalizable))
        g->threshold = 0;
}

// The work of one step, by cost, and when the next one is due.
static void step(lua_State *L, int may_finalize)
{
    struct global_state *g = GLOBAL(L);
    int64_t left = (int64_t)(GC_STEP_BYTES / 100) * g->step_multiplier;
    if (left == 0)
        left = INT64_MAX; // no limit
    g->debt += g->total_bytes - g->threshold;
    do {
        left -= single_step(L, may_finalize);
    } while (g->gc_phase != GC_PAUSE && left > 0);
    if (g->gc_phase == GC_PAUSE) {
        end_cycle(g);
    } else if (g->debt < GC_STEP_BYTES) {
        g->threshold = g->total_bytes + GC_STEP_BYTES;
    } else {
        g->debt -= GC_STEP_BYTES;
        g->threshold = g->total_bytes;
    }
}

void gc_step(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    if (g->gc_blocked)
        return;
    begin(L, GC_REASON_STEP);
    if (g->gc_phase == GC_PAUSE && !REF_IS_NULL(g->finalizable)) {
        // An emergency collection has left finalizers to be called; its cycle is over.
        gc_call_finalizers(L);
        set_threshold(g);
    } else {
        step(L, 1);
    }
    end(L, GC_REASON_STEP);
}

void gc_step_emergency(lua_State *L)
{
    if (GLOBAL(L)->gc_blocked)
        return;
    begin(L, GC_REASON_LIMIT);
    step(L, 0);
    end(L, GC_REASON_LIMIT);
}

// ---- whole cycles ----

// Ends what a cycle has begun: every object gets the current white; what was found dead is freed.
static void finish_sweep(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    if (g->gc_phase == GC_PAUSE) { // nothing to free, nothing to whiten: only what ends a sweep
        check_sizes(L);
        return;
    }
    if (g->gc_phase == GC_PROPAGATE) {
        g->sweep_slot = 0;
        g->sweep_link = gc_first_link(g);
        REF_NULL(g->gray);
        REF_NULL(g->gray_again);
        REF_NULL(g->weak);
        set_phase(L, GC_SWEEP_STRINGS);
    }
    while (g->gc_phase != GC_FINALIZE)
        single_step(L, 0);
}

void gc_full(lua_State *L, int reason)
{
    struct global_state *g = GLOBAL(L);
    if (g->gc_blocked)
        return;
    begin(L, reason);
    finish_sweep(L);
#ifdef PROBE_HAS_PLACES
    gc_tally.is_placing = gc_tally.is_counting = gc_tally.is_always;
    gc_tally.step_left = gc_tally.step_end = GC_STEP_WORK;
    gc_tally.place = gc_tally.stack_place = 1;
#endif
    start_marking(L);
#ifdef PROBE_HAS_PLACES
    if (gc_tally.is_counting)
        probe_gc_visited(0, gc_tally.visited, NULL);
#endif
    while (g->gc_phase != GC_PAUSE)
        single_step(L, reason == GC_REASON_REQUEST);
    end_cycle(g);
    end(L, reason);
}

void gc_free_all(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    FAST_PATH_NEW_EPOCH();
    g->white = MARK_WHITES | MARK_SUPER_FIXED; // everything but the main thread is dead
    gc_sweep_objects(L, gc_first_link(g), GC_SWEEP_ALL);
    for (int32_t i = 0; i < g->strings.slot_count; i++)
        gc_sweep_slot(L, i);
}
