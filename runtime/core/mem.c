// mem.c: allocation, the ledger, the emergency collector modes.
//
// Reads and writes: total_bytes and total_bytes_max of the global state. Memory: the state's
// allocator. Source: allocation policy of NodeMCU 3.0.

#include "runtime/core/mem.h"

#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/compact.h"
#include "runtime/core/debug.h"
#include "runtime/core/gc.h"
#include "runtime/core/heap.h"
#include "runtime/core/profile.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/snapshot.h"

#define VECTOR_COUNT_MIN 4

struct spaces spaces;

static void *allocator_call(struct global_state *g, void *block, size_t old_bytes, size_t new_bytes)
{
    lua_Alloc alloc = (lua_Alloc)(uintptr_t)g->alloc;
    return alloc((void *)(uintptr_t)g->alloc_context, block, old_bytes, new_bytes);
}

_Noreturn void mem_raise(lua_State *L)
{
    GLOBAL(L)->strings_resizing = 0;
#ifdef FROST_PROBED
    probe_snapshot(L, MOMENT_FAILURE, GLOBAL(L)->total_bytes);
#endif
    call_throw(L, LUA_ERRMEM);
}

_Noreturn void mem_raise_too_big(lua_State *L)
{
    debug_run_error(L, "memory allocation error: block too big");
}

// Steps until `growth` more bytes stay below the positive limit, but not through more than one
// whole cycle. 0: the limit stands in the way.
static int make_room_below_limit(lua_State *L, size_t growth)
{
    struct global_state *g = GLOBAL(L);
    if (growth > (size_t)g->memory_limit)
        return 0;
    uint32_t limit = (uint32_t)g->memory_limit - (uint32_t)growth;
    int cycles = 0;
    while (!g->gc_blocked && g->total_bytes >= limit) {
        if (g->gc_phase == GC_PAUSE && ++cycles > 1)
            break;
        gc_step_emergency(L);
    }
    return g->total_bytes < limit;
}

// In the pc profile, as in Lua 5.1, a stopped collector has the highest threshold there is.
static int is_stopped(const struct global_state *g)
{
    return !lua_profile->is_firmware && g->threshold == UINT32_MAX;
}

// What the modes do before an allocation that makes a block of new_bytes. 0: it must fail.
static int collect_before(lua_State *L, size_t old_bytes, size_t new_bytes)
{
    struct global_state *g = GLOBAL(L);
    if (g->egc_mode & EGC_ALWAYS && !is_stopped(g))
        gc_full(L, GC_REASON_ALWAYS);
    if (!(g->egc_mode & EGC_ON_MEM_LIMIT) || new_bytes <= old_bytes)
        return 1;
    if (g->memory_limit > 0)
        return make_room_below_limit(L, new_bytes - old_bytes);
    if (g->memory_limit < 0 && heap_free_bytes() < (uint32_t)-g->memory_limit)
        gc_full(L, GC_REASON_LIMIT);
    return 1;
}

// The block, or NULL when all means are exhausted.
static inline __attribute__((always_inline)) void *allocate(lua_State *L, void *block,
                                                            size_t old_bytes, size_t new_bytes)
{
    struct global_state *g = GLOBAL(L);
    if (__builtin_expect(g->egc_mode != EGC_NOT_ACTIVE, 0) &&
        !collect_before(L, old_bytes, new_bytes))
        return NULL;
    void *moved = allocator_call(g, block, old_bytes, new_bytes);
    if (__builtin_expect(moved == NULL, 0) && (g->egc_mode & EGC_ON_ALLOC_FAILURE)) {
        gc_full(L, GC_REASON_FAILURE);
        moved = allocator_call(g, block, old_bytes, new_bytes);
    }
    return moved;
}

// The same while vectors may move. *block is where the old one is in the end.
static __attribute__((noinline)) void *
allocate_compacting(lua_State *L, void **block, size_t old_bytes, size_t new_bytes, int kind)
{
    if (compact_is_testing > 0 && new_bytes > old_bytes)
        compact_test_allocation(L, block, kind);
    if (!compact_is_on)
        return allocate(L, *block, old_bytes, new_bytes);
    compact_begin_allocation(L, block, kind);
    void *moved = allocate(L, *block, old_bytes, new_bytes);
    if (moved == NULL && compact_for_allocation(L, block, kind))
        moved = allocator_call(GLOBAL(L), *block, old_bytes, new_bytes);
    compact_end_allocation();
    if (moved != NULL)
        compact_look(L, new_bytes);
    return moved;
}

static inline void note_space(int kind, size_t old_bytes, size_t new_bytes)
{
    if (heap_space.is_far)
        return;
    if (old_bytes == 0)
        space_add(kind, new_bytes);
    else if (new_bytes == 0)
        space_remove(kind, old_bytes);
    else
        space_resize(kind, old_bytes, new_bytes);
}

void *mem_resize(lua_State *L, void *block, size_t old_bytes, size_t new_bytes, int kind)
{
    struct global_state *g = GLOBAL(L);
#ifdef FROST_PROBED
    probe_snapshot_peak(L, g->total_bytes); // before it goes down again
#endif
    if (new_bytes == 0) {
        if (block == NULL)
            return NULL;
        PROBE_FREE(L, block);
        allocator_call(g, block, old_bytes, 0);
        g->total_bytes -= (uint32_t)old_bytes;
        note_space(kind, old_bytes, 0);
        return NULL;
    }
#ifdef FROST_PROBED
    // The stack and the call records say where the program is: asked for before they move.
    int is_site = block && (kind == KIND_STACK || kind == KIND_CALLS);
    int site = is_site ? PROBE_SITE_ID(L) : PROBE_SITE_NOW;
#endif
    void *moved;
    if (__builtin_expect(compact_is_active, 0))
        moved = allocate_compacting(L, &block, old_bytes, new_bytes, kind);
    else
        moved = allocate(L, block, old_bytes, new_bytes);
    if (__builtin_expect(moved == NULL, 0))
        mem_raise(L);
    g->total_bytes += (uint32_t)new_bytes - (uint32_t)old_bytes;
    if (g->total_bytes > g->total_bytes_max)
        g->total_bytes_max = g->total_bytes;
    note_space(kind, old_bytes, new_bytes);
#ifdef FROST_PROBED
    if (kind != KIND_STRING) {
        if (block == NULL)
            PROBE_ALLOC(L, moved, new_bytes, kind);
        else
            PROBE_RESIZE(L, site, block, moved, new_bytes, kind);
    }
#endif
    return moved;
}

void *mem_vector(lua_State *L, void *vector, size_t old_count, size_t count, size_t item_bytes,
                 int kind)
{
    if (count > (size_t)INT32_MAX / item_bytes)
        mem_raise_too_big(L);
    if (vector == NULL && count != 0)
        return mem_new(L, count * item_bytes, kind);
    return mem_resize(L, vector, old_count * item_bytes, count * item_bytes, kind);
}

void *mem_grow(lua_State *L, void *vector, int32_t used, int32_t *count, size_t item_bytes,
               int32_t limit, const char *what, int kind)
{
    int32_t wanted = *count;
    if (used < wanted)
        return vector;
    if (wanted >= limit)
        debug_run_error(L, "%s", what);
    wanted = wanted >= limit / 2 ? limit : 2 * wanted;
    if (wanted < VECTOR_COUNT_MIN)
        wanted = VECTOR_COUNT_MIN;
    vector = mem_vector(L, vector, (size_t)*count, (size_t)wanted, item_bytes, kind);
    *count = wanted;
    return vector;
}
