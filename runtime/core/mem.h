// mem.h: all memory of a state goes through here; it keeps the ledger.
//
// The ledger (global_state.total_bytes) counts requested sizes exactly. The emergency collector
// modes (node.egc) act here: allocation policy of NodeMCU 3.0.
// Errors: "not enough memory" is raised (LUA_ERRMEM) when all means are exhausted.

#ifndef FROST_CORE_MEM_H
#define FROST_CORE_MEM_H

#include "runtime/core/heap.h"
#include "runtime/core/heap_fast.h"
#include "runtime/core/spaces.h"
#include "runtime/core/state.h"
#include "runtime/format/trace_events.h"

// Resizes `block` (NULL: new) from old_bytes to new_bytes (0: free, returns NULL). `kind` is an
// enum trace_kind and says what the block holds. May collect before it allocates. Raises.
void *mem_resize(lua_State *L, void *block, size_t old_bytes, size_t new_bytes, int kind);

// Raises "not enough memory".
_Noreturn void mem_raise(lua_State *L);
// Raises "memory allocation error: block too big".
_Noreturn void mem_raise_too_big(lua_State *L);

// Makes room for one more item behind `used` in a vector of *count items: the size doubles, at
// least 4; beyond `limit` items raises the error `what` ("constant table overflow").
void *mem_grow(lua_State *L, void *vector, int32_t used, int32_t *count, size_t item_bytes,
               int32_t limit, const char *what, int kind);

// The same for a new block and for the end of one (NULL: nothing), with a short way where nothing
// watches and no mode of the emergency collector is set.
static inline void *mem_new(lua_State *L, size_t bytes, int kind)
{
#if HEAP_HAS_FAST && !defined(FROST_PROBED)
    struct global_state *g = GLOBAL(L);
    if (__builtin_expect(g->egc_mode == EGC_NOT_ACTIVE && bytes <= HEAP_KEPT_BYTES_MAX &&
                             g->alloc == ADDR32(heap_realloc),
                         1)) {
        void *block = heap_fast_new(bytes);
        if (__builtin_expect(block != NULL, 1)) {
            g->total_bytes += (uint32_t)bytes;
            if (g->total_bytes > g->total_bytes_max)
                g->total_bytes_max = g->total_bytes;
            return block;
        }
    }
#endif
    return mem_resize(L, NULL, 0, bytes, kind);
}

static inline void mem_free(lua_State *L, void *block, size_t bytes, int kind)
{
#if HEAP_HAS_FAST && !defined(FROST_PROBED)
    struct global_state *g = GLOBAL(L);
    if (block == NULL)
        return;
    if (g->alloc == ADDR32(heap_realloc) && heap_fast_free(block)) {
        g->total_bytes -= (uint32_t)bytes;
        return;
    }
#endif
    mem_resize(L, block, bytes, 0, kind);
}

#define MEM_NEW(L, T, kind) ((T *)mem_new(L, sizeof(T), kind))
#define MEM_FREE(L, p, bytes, kind) mem_free(L, p, bytes, kind)
#define MEM_VECTOR(L, n, T, kind) ((T *)mem_vector(L, NULL, 0, n, sizeof(T), kind))

// A vector of `count` items from one of `old_count`; checks the product.
void *mem_vector(lua_State *L, void *vector, size_t old_count, size_t count, size_t item_bytes,
                 int kind);

#endif
