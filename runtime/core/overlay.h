// overlay.h: fields of frozen tables that are in RAM after all: what was written, and islands.
//
// A list in RAM holds, for each frozen table that has one, the table, its overlay and a number, one
// after the other. The overlay is an ordinary table: what it has comes first; a mark in it says
// that a field of the frozen table is gone. A table that is still to be frozen has its overlay
// already; the number, which no other has in this boot, becomes a part of it, so that no equal one
// is it. The list is looked through from its begin: there are few. Where no table has one, that is
// one test of a word, and only where a table is frozen or is looked up out of the interpreter's
// loop.
//
// Reads and writes: the list, overlays. Memory: the heap's, for what is written.
// Context: the interpreter's thread. Metatables are asked as they lie in flash.

#ifndef FROST_CORE_OVERLAY_H
#define FROST_CORE_OVERLAY_H

#include "runtime/core/object.h"
#include "runtime/core/state.h"

// Address of the list: struct table, 0: there is none. Whoever makes it keeps it alive.
extern uint32_t overlay_list;

// Items of the list for each.
#define OVERLAY_ITEMS 3
#define OVERLAY_NUMBER_MAX 0xFFFFu

// Address of the set of values that stay in RAM, 0: there is none.
extern uint32_t overlay_islands;

// The overlay of a table, or NULL; `v` is any value.
struct table *overlay_search(const struct value *v);

// The number of a table in RAM that has an overlay, 0: it has none.
uint32_t overlay_number(const struct table *t);

static inline struct table *overlay_of(const struct value *v)
{
    return __builtin_expect(overlay_list != 0, 0) ? overlay_search(v) : NULL;
}

// Field `key` of a frozen table with that overlay; never NULL.
const struct value *overlay_get(const struct table *overlay, const struct value *frozen,
                                const struct value *key);
// Stores a field; as table_set, raises out of memory and of keys that are none.
void overlay_set(lua_State *L, struct table *overlay, const struct value *frozen,
                 const struct value *key, const struct value *v);
// As table_next: fields of the frozen table in its order, then those that only the overlay has.
int overlay_next(lua_State *L, const struct table *overlay, const struct value *frozen,
                 struct value *key);
int32_t overlay_length(const struct table *overlay, const struct value *frozen);

#endif
