// table.c: tables: look-up, insertion, traversal.
//
// Reads and writes: tables. Memory: table_size.c. Source: the Lua 5.1 manual; order of traversal
// and hash functions are Lua 5.1's, since programs see the one and the ledger the other (allocation
// policy of NodeMCU 3.0).
//
// The hash part: a key's main position follows from its value alone. Keys with the same main
// position form a chain through key.next. A key that is not in its main position shares it with
// a key that is; so a look-up begins at the main position. Free nodes are taken from the end
// downwards.

#include "runtime/core/table.h"

#include <string.h>

#include "runtime/core/debug.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/gc.h"
#include "runtime/core/mem.h"
#include "runtime/core/profile.h"
#include "runtime/core/table_parts.h"
#include "runtime/core/vm.h"
#include "runtime/format/address_map.h"
#include "runtime/probe/probe.h"

const struct value value_nil = {.tag = LUA_TNIL};

const struct node table_no_nodes = {
    .value = {.tag = LUA_TNIL},
    .key = {.value = {.tag = LUA_TNIL}},
};

// ---- making and freeing ----

struct table *table_new(lua_State *L, int32_t list_count, int32_t field_count)
{
    struct table *t = MEM_NEW(L, struct table, KIND_TABLE);
    t->absent = 0xFF & ~TABLE_WATCHED;
    t->node_count_log2 = 0;
    REF_NULL(t->metatable);
    REF_NULL(t->array);
    REF_SET(t->nodes, (struct node *)&table_no_nodes);
    REF_NULL(t->free_node);
    REF_NULL(t->gray);
    t->array_count = 0;
    gc_link(L, (struct object *)t, LUA_TTABLE);
    if (list_count > 0 || field_count > 0) {
        // On the stack, in its reserve if need be, so that a collection finds it.
        value_set_pointer(TOP(L), t, LUA_TTABLE);
        TOP_SET(L, TOP(L) + 1);
        table_resize(L, t, list_count, field_count);
        TOP_SET(L, TOP(L) - 1);
    }
    return t;
}

struct table *table_new_by_api(lua_State *L, int32_t list_count, int32_t field_count)
{
    if (lua_profile->is_firmware)
        (void)table_new(L, list_count, field_count);
    return table_new(L, list_count, field_count);
}

void table_clear(lua_State *L, struct table *t)
{
    if (TABLE_HAS_NODES(t))
        MEM_FREE(L, DEREF(t->nodes), (size_t)TABLE_NODE_COUNT(t) * sizeof(struct node),
                 KIND_TABLE_NODES);
    MEM_FREE(L, DEREF(t->array), (size_t)t->array_count * sizeof(struct value), KIND_TABLE_ARRAY);
    REF_SET(t->nodes, (struct node *)&table_no_nodes);
    REF_NULL(t->free_node);
    REF_NULL(t->array);
    REF_NULL(t->metatable);
    t->array_count = 0;
    t->node_count_log2 = 0;
}

void table_free(lua_State *L, struct table *t)
{
    table_clear(L, t);
    MEM_FREE(L, t, sizeof(struct table), KIND_TABLE);
}

// ---- look-up ----

static inline struct node *next_node(const struct node *n)
{
    return DEREF(n->key.next);
}

const struct value *table_get_int_node(const struct table *t, int32_t key)
{
    lua_Number number = (lua_Number)key;
    const struct node *n = table_number_position(t, number);
    do {
        if (n->key.value.tag == LUA_TNUMBER && n->key.value.as.number == number)
            return &n->value;
        n = next_node(n);
    } while (n != NULL);
    return &value_nil;
}

const struct value *table_get(const struct table *t, const struct value *key)
{
    int32_t whole;
    switch (VALUE_TAG(key)) {
    case LUA_TNIL:
        return &value_nil;
    case LUA_TSTRING:
        return table_get_string(t, VALUE_STRING(key));
    case LUA_TNUMBER:
        if (table_int_key(VALUE_NUMBER(key), &whole))
            return table_get_int(t, whole);
        break;
    default:
        break;
    }
    const struct node *n = table_main_position(t, key);
    do {
        if (vm_raw_equal(&n->key.value, key))
            return &n->value;
        n = next_node(n);
    } while (n != NULL);
    return &value_nil;
}

// ---- insertion ----

static struct node *take_free_node(struct table *t)
{
    if (REF_IS_NULL(t->free_node))
        return NULL;
    struct node *n = DEREF(t->free_node), *first = DEREF(t->nodes);
    while (n-- > first) {
        REF_SET(t->free_node, n);
        if (VALUE_IS_NIL(&n->key.value))
            return n;
    }
    return NULL;
}

// The node for a new key: its main position, after what stood there by right of a collision has
// moved away; else a free node after it in the chain. NULL: no free node.
static struct node *place_key(struct table *t, const struct value *key)
{
    struct node *main = table_main_position(t, key);
    if (VALUE_IS_NIL(&main->value) && TABLE_HAS_NODES(t))
        return main;
    struct node *n = take_free_node(t);
    if (n == NULL)
        return NULL;
    struct node *owner = table_main_position(t, &main->key.value);
    if (owner == main) {
        REF_COPY(n->key.next, main->key.next);
        REF_SET(main->key.next, n);
        return n;
    }
    while (next_node(owner) != main)
        owner = next_node(owner);
    *n = *main;
    REF_SET(owner->key.next, n);
    REF_NULL(main->key.next);
    value_set_nil(&main->value);
    return main;
}

// Inserts a key that is not in the table; it has been copied away from the stack.
static struct value *insert_key(lua_State *L, struct table *t, const struct value *key)
{
    fast_path_table_changed(t); // keys may move
    struct node *n = place_key(t, key);
    if (n == NULL) {
        table_rehash(L, t, key);
        return table_set(L, t, key);
    }
    n->key.value = *key;
    GC_BARRIER_TABLE(L, t, key);
#ifdef FROST_PROBED
    if (VALUE_IS_STRING(key) && IN_WINDOW(VALUE_STRING(key)))
        PROBE_VM_EVENT(L, VM_FLASH_STORE, VALUE_STRING(key));
#endif
    return &n->value;
}

struct value *table_set(lua_State *L, struct table *t, const struct value *key)
{
    const struct value *found = table_get(t, key);
    fast_path_table_changed(t);
    if (found != &value_nil)
        return (struct value *)found;
    if (VALUE_IS_NIL(key))
        debug_run_error(L, "table index is nil");
#ifndef FROST_INTEGER
    if (VALUE_IS_NUMBER(key) && VALUE_NUMBER(key) != VALUE_NUMBER(key))
        debug_run_error(L, "table index is NaN");
#endif
    struct value copy = *key;
    return insert_key(L, t, &copy);
}

struct value *table_set_int(lua_State *L, struct table *t, int32_t key)
{
    const struct value *found = table_get_int(t, key);
    if (found != &value_nil)
        return (struct value *)found;
    struct value number;
    value_set_number(&number, (lua_Number)key);
    return insert_key(L, t, &number);
}

struct value *table_set_string(lua_State *L, struct table *t, struct string *key)
{
    const struct value *found = table_get_string(t, key);
    fast_path_table_changed(t);
    if (found != &value_nil)
        return (struct value *)found;
    struct value text;
    value_set_pointer(&text, key, LUA_TSTRING);
    return insert_key(L, t, &text);
}

// ---- traversal ----

// Collected objects leave their address behind in a dead key, so that a traversal can go on.
static int is_same_key(const struct value *stored, const struct value *key)
{
    if (VALUE_TAG(stored) == TAG_DEAD_KEY)
        return VALUE_IS_OBJECT(key) && stored->as.pointer == key->as.pointer;
    return vm_raw_equal(stored, key);
}

#define POSITION_NONE UINT32_MAX

// Position of the element behind `key`: list elements first, then nodes. POSITION_NONE: there is no
// such key.
static uint32_t position_after(const struct table *t, const struct value *key)
{
    int32_t whole;
    if (VALUE_IS_NIL(key))
        return 0;
    if (VALUE_IS_NUMBER(key) && table_int_key(VALUE_NUMBER(key), &whole) && whole > 0 &&
        whole <= t->array_count)
        return (uint32_t)whole;
    const struct node *n = table_main_position(t, key);
    for (; n != NULL; n = next_node(n))
        if (is_same_key(&n->key.value, key))
            return (uint32_t)(n - DEREF(t->nodes)) + 1u + (uint32_t)t->array_count;
    return POSITION_NONE;
}

int table_step(const struct table *t, struct value *key)
{
    uint32_t list_count = (uint32_t)t->array_count;
    uint32_t at = position_after(t, key);
    if (at == POSITION_NONE)
        return -1;
    for (; at < list_count; at++) {
        const struct value *item = DEREF(t->array) + at;
        if (!VALUE_IS_NIL(item)) {
            value_set_number(&key[0], (lua_Number)(at + 1));
            key[1] = *item;
            return 1;
        }
    }
    uint32_t node_count = (uint32_t)TABLE_NODE_COUNT(t);
    for (at -= list_count; at < node_count; at++) {
        const struct node *n = DEREF(t->nodes) + at;
        if (!VALUE_IS_NIL(&n->value)) {
            key[0] = n->key.value;
            key[1] = n->value;
            return 1;
        }
    }
    return 0;
}

int table_next(lua_State *L, const struct table *t, struct value *key)
{
    int more = table_step(t, key);
    if (more < 0)
        debug_run_error(L, "invalid key to 'next'");
    return more;
}

// ---- length ----

// A border above list length `below`, among the nodes.
static int32_t border_in_nodes(const struct table *t, uint32_t below)
{
    uint32_t above = below + 1;
    while (!VALUE_IS_NIL(table_get_int(t, (int32_t)above))) {
        below = above;
        above *= 2;
        if (above > INT32_MAX) { // made to defeat the search: count
            int32_t n = 1;
            while (!VALUE_IS_NIL(table_get_int(t, n)))
                n++;
            return n - 1;
        }
    }
    while (above - below > 1) {
        uint32_t middle = (below + above) / 2;
        if (VALUE_IS_NIL(table_get_int(t, (int32_t)middle)))
            above = middle;
        else
            below = middle;
    }
    return (int32_t)below;
}

int32_t table_length(const struct table *t)
{
    uint32_t above = (uint32_t)t->array_count, below = 0;
    const struct value *list = DEREF(t->array);
    if (above == 0 || !VALUE_IS_NIL(&list[above - 1]))
        return TABLE_HAS_NODES(t) ? border_in_nodes(t, above) : (int32_t)above;
    while (above - below > 1) {
        uint32_t middle = (below + above) / 2;
        if (VALUE_IS_NIL(&list[middle - 1]))
            above = middle;
        else
            below = middle;
    }
    return (int32_t)below;
}
