// snapshot.h: snapshots of the heap: which object refers to which. Probed builds only.
//
// The core answers what refers to what (runtime/core/debug_heap.c), the writer makes events of it.
// Context: the interpreter's thread, where the state is whole: between instructions, before an
// allocation or when one has failed, after the program.

#ifndef FROST_PROBE_SNAPSHOT_H
#define FROST_PROBE_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/trace_events.h"

struct lua_State;

#ifdef FROST_PROBED

// Which moments are wanted, bits 1 << MOMENT_; `bytes`: height of the ledger that counts as the
// peak (0: none). Kept for all boots; each has at most one of the peak.
void probe_snapshot_at(unsigned moments, uint32_t bytes);

// Makes a snapshot if it is wanted at this moment. Of a boot's failures the first eight have one.
void probe_snapshot(struct lua_State *L, enum trace_moment moment, uint32_t lua_bytes);

// The height that is waited for, UINT32_MAX: none.
extern uint32_t probe_snapshot_bytes;

// Before the ledger changes.
static inline void probe_snapshot_peak(struct lua_State *L, uint32_t lua_bytes)
{
    if (__builtin_expect(lua_bytes >= probe_snapshot_bytes, 0))
        probe_snapshot(L, MOMENT_PEAK, lua_bytes);
}

// ---- between the core and the writer ----

// Tells every edge of the heap by probe_edge(). Must not allocate, raise or run Lua code.
void probe_walk_heap(struct lua_State *L);

// `from` NULL: the runtime, `index` an enum trace_root. `key`: characters of a string, or NULL.
// Edges to what is no block of the heap are left out, but for EDGE_SOURCE and EDGE_NTH, which go to
// 0 then.
void probe_edge(const void *from, const void *to, enum trace_edge edge, uint32_t index,
                const char *key);

#endif

#endif
