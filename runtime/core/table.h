// table.h: tables: list part and hash part, sized by Lua 5.1's rules (allocation policy of
// NodeMCU 3.0).
//
// Also read access to read-only tables (ROTables), so that the VM and `next` treat both alike.

#ifndef FROST_CORE_TABLE_H
#define FROST_CORE_TABLE_H

#include "runtime/core/rotable.h"
#include "runtime/core/state.h"

extern const struct value value_nil; // what a failed look-up returns

struct table *table_new(lua_State *L, int32_t list_count, int32_t field_count);
// The same for whoever makes tables through the C interface: the firmware allocates each of these
// twice and drops the first, which is garbage of the same size at once (allocation policy of
// NodeMCU 3.0). In mode ALWAYS it is gone before the second is allocated.
struct table *table_new_by_api(lua_State *L, int32_t list_count, int32_t field_count);
// Empties a table that nothing but the collector looks at any more, metatable included.
void table_clear(lua_State *L, struct table *t);
void table_free(lua_State *L, struct table *t);

// The nodes of every table without a hash part: one that is never written.
extern const struct node table_no_nodes;
#define TABLE_HAS_NODES(t) ((t)->nodes.addr != ADDR32(&table_no_nodes))

// Look-ups return the value in place, or &value_nil. Never raise.
const struct value *table_get(const struct table *t, const struct value *key);

static inline const struct value *table_get_string(const struct table *t, const struct string *key)
{
    const struct node *n = DEREF(t->nodes) + (key->hash & ((1u << TABLE_LOG2(t)) - 1u));
    do {
        if (n->key.value.as.pointer == ADDR32(key) && n->key.value.tag == LUA_TSTRING)
            return &n->value;
        n = DEREF(n->key.next);
    } while (n != NULL);
    return &value_nil;
}

// The part of table_get_int that looks among the nodes.
const struct value *table_get_int_node(const struct table *t, int32_t key);

static inline const struct value *table_get_int(const struct table *t, int32_t key)
{
    if ((uint32_t)key - 1u < (uint32_t)t->array_count)
        return DEREF(t->array) + ((uint32_t)key - 1u);
    return table_get_int_node(t, key);
}

// The place of the value for `key`, made if need be. Raises "table index is nil" / "is NaN", out of
// memory. The caller stores into it at once and does the write barrier. May rehash.
struct value *table_set(lua_State *L, struct table *t, const struct value *key);
struct value *table_set_int(lua_State *L, struct table *t, int32_t key);
struct value *table_set_string(lua_State *L, struct table *t, struct string *key);

// Exactly list_count list elements; field_count gives the nodes (rounded up to a power of two).
// Objects that are keys lie at other addresses than when they were stored: nodes are arranged anew
// in place, in another order. Allocates nothing.
void table_keys_moved(struct table *t);
void table_resize(lua_State *L, struct table *t, int32_t list_count, int32_t field_count);
void table_resize_list(lua_State *L, struct table *t, int32_t list_count);

// Replaces key[0] by the next key and puts its value into key[1]; 0 at the end. nil starts.
// Raises "invalid key to 'next'".
int table_next(lua_State *L, const struct table *t, struct value *key);
// The same, but -1 in place of the error.
int table_step(const struct table *t, struct value *key);
// The integer that is exactly n, for list indices; 0 if there is none in *key.
static inline int table_int_key(lua_Number n, int32_t *key)
{
#ifdef FROST_INTEGER
    *key = n;
    return 1;
#else
    if (!(n >= -2147483648.0 && n <= 2147483647.0))
        return 0;
    *key = (int32_t)n;
    return (lua_Number)*key == n;
#endif
}
// A border: n with t[n] ~= nil and t[n+1] == nil.
int32_t table_length(const struct table *t);

// ---- read-only tables ----

// The value for a string key as an ordinary value in *result; 0 if absent.
int rotable_get(const struct rotable *t, const struct value *key, struct value *result);
int rotable_get_string(const struct rotable *t, const struct string *key, struct value *result);
// The value where it stands, NULL if absent or, in integer builds, not laid out as one of Lua's.
const struct value *rotable_place(const struct rotable *t, const struct string *key);
int rotable_next(lua_State *L, const struct rotable *t, struct value *key);

#endif
