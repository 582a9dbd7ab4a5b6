// table_parts.h: main positions of keys, shared by table.c and table_size.c.

#ifndef FROST_CORE_TABLE_PARTS_H
#define FROST_CORE_TABLE_PARTS_H

#include <string.h>

#include "runtime/core/object.h"

static inline struct node *table_masked_node(const struct table *t, uint32_t hash)
{
    return DEREF(t->nodes) + (hash & ((1u << TABLE_LOG2(t)) - 1u));
}

// Modulo the largest odd number that is not above the count: low bits of addresses are all alike.
static inline struct node *table_modulo_node(const struct table *t, uint32_t hash)
{
    return DEREF(t->nodes) + hash % (((1u << TABLE_LOG2(t)) - 1u) | 1u);
}

static inline struct node *table_number_position(const struct table *t, lua_Number number)
{
    if (number == 0) // -0 as well
        return DEREF(t->nodes);
#ifdef FROST_INTEGER
    return table_modulo_node(t, (uint32_t)number);
#else
    uint32_t half[2];
    memcpy(half, &number, sizeof half);
    return table_modulo_node(t, half[0] + half[1]);
#endif
}

// The main position of a key that is not nil.
static inline struct node *table_main_position(const struct table *t, const struct value *key)
{
    switch (VALUE_TAG(key)) {
    case LUA_TNUMBER:
        return table_number_position(t, VALUE_NUMBER(key));
    case LUA_TSTRING:
        return table_masked_node(t, VALUE_STRING(key)->hash);
    case LUA_TBOOLEAN:
        return table_masked_node(t, (uint32_t)key->as.boolean);
    default:
        return table_modulo_node(t, key->as.pointer);
    }
}

// The nodes stand `shift` bytes higher than when their links were set; `nodes` says so already.
void table_nodes_moved(struct table *t, uint32_t shift);

// Sizes both parts again for what the table holds and one more key. Raises, like table_resize.
void table_rehash(lua_State *L, struct table *t, const struct value *extra);

#endif
