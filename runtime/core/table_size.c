// table_size.c: how large the two parts of a table are, and their resizing.
//
// Reads and writes: tables. Memory: list part exactly as many values as asked for, hash part a
// power of two of nodes; each part is resized in place, so the ledger never holds an old and a new
// one together. A table that ever had nodes keeps at least one; not so in the pc profile, since the
// order of `next` would differ from Lua 5.1's.
// Source: allocation policy of NodeMCU 3.0.

#include <assert.h>

#include "runtime/core/debug.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/mem.h"
#include "runtime/core/profile.h"
#include "runtime/core/table.h"
#include "runtime/core/table_parts.h"
#include "runtime/format/address_map.h"

#define LIST_LOG2_MAX 26 // a list part has at most 2^26 values
#define NODES_LOG2_MAX 26

// Least k with 2^k >= n; n > 0.
static int log2_above(uint32_t n)
{
    return n <= 1 ? 0 : 32 - __builtin_clz(n - 1);
}

// ---- in which part a key belongs ----

struct key_census {
    uint32_t slices[LIST_LOG2_MAX + 1]; // integer keys in (2^(i-1), 2^i]
    uint32_t integers;                  // sum of the slices
    uint32_t all;
};

static void count_key(struct key_census *c, const struct value *key)
{
    int32_t whole;
    c->all++;
    if (VALUE_IS_NUMBER(key) && table_int_key(VALUE_NUMBER(key), &whole) && whole > 0 &&
        whole <= 1 << LIST_LOG2_MAX) {
        c->slices[log2_above((uint32_t)whole)]++;
        c->integers++;
    }
}

static void count_list(struct key_census *c, const struct table *t)
{
    const struct value *list = DEREF(t->array);
    uint32_t count = (uint32_t)t->array_count, at = 0;
    for (int slice = 0; slice <= LIST_LOG2_MAX && at < count; slice++) {
        uint32_t end = 1u << slice < count ? 1u << slice : count, used = 0;
        for (; at < end; at++)
            used += !VALUE_IS_NIL(&list[at]);
        c->slices[slice] += used;
        c->integers += used;
        c->all += used;
    }
}

// The largest n = 2^k such that more than n/2 of the keys 1..n are there; 0 if there is none.
// *in_list gets how many keys that are.
static uint32_t list_size(const struct key_census *c, uint32_t *in_list)
{
    uint32_t size = 0, up_to = 0;
    *in_list = 0;
    for (int k = 0; k <= LIST_LOG2_MAX && (1u << k) / 2 < c->integers; k++) {
        up_to += c->slices[k];
        if (c->slices[k] != 0 && up_to > (1u << k) / 2) {
            size = 1u << k;
            *in_list = up_to;
        }
        if (up_to == c->integers)
            break;
    }
    return size;
}

void table_rehash(lua_State *L, struct table *t, const struct value *extra)
{
    struct key_census census = {0};
    uint32_t in_list;
    count_list(&census, t);
    for (int i = TABLE_NODE_COUNT(t) - 1; i >= 0; i--) {
        const struct node *n = DEREF(t->nodes) + i;
        if (!VALUE_IS_NIL(&n->value))
            count_key(&census, &n->key.value);
    }
    count_key(&census, extra);
    uint32_t size = list_size(&census, &in_list);
    GLOBAL(L)->stack_fixed++; // as in the firmware: storing a new key never shrinks a stack
    table_resize(L, t, (int32_t)size, (int32_t)(census.all - in_list));
    GLOBAL(L)->stack_fixed--;
}

// ---- the nodes, arranged again in their own vector ----
//
// The result is that of inserting first what leaves the list part, then the living nodes, last one
// first, into an empty vector. Nodes that wait stand in a queue; they may stand where an inserted
// node is to go, then they move: into the hole that the node which is being inserted has left, or
// to any empty place. While a node waits, key.next is the next one in the queue and the high bits
// of the value's tag are the index of the one before; a bit in the key's tag says that it waits.

#define WAITING 0x100
#define TAG_BITS 8
#define NODES_MAX (1u << (32 - TAG_BITS))

_Static_assert(HEAP_FAR_BYTES_MAX / sizeof(struct node) < 2ull * NODES_MAX, "node indices fit");

struct arranging {
    struct table *t; // its node_count_log2 is the new one
    struct node *first_waiting;
    struct node *hole;   // an empty place, or NULL: look for one
    struct node *search; // where to look
    struct node *end;    // of the vector
};

static int is_waiting(const struct node *n)
{
    return n->key.value.tag & WAITING;
}

static void clear_node(struct node *n)
{
    value_set_nil(&n->value);
    value_set_nil(&n->key.value);
    REF_NULL(n->key.next);
}

static struct node *waiting_before(const struct arranging *a, const struct node *n)
{
    return DEREF(a->t->nodes) + ((uint32_t)n->value.tag >> TAG_BITS);
}

static void set_waiting_before(const struct arranging *a, struct node *n, const struct node *before)
{
    uint32_t idx = (uint32_t)(before - DEREF(a->t->nodes));
    n->value.tag = (int32_t)(((uint32_t)n->value.tag & ((1u << TAG_BITS) - 1u)) | idx << TAG_BITS);
}

// Queues the living among the first `count` nodes and empties the others.
static void queue_nodes(struct arranging *a, uint32_t count)
{
    struct node *n = DEREF(a->t->nodes);
    for (const struct node *end = n + count; n < end; n++) {
        if (VALUE_IS_NIL(&n->value)) {
            clear_node(n);
            continue;
        }
        n->key.value.tag |= WAITING;
        REF_SET(n->key.next, a->first_waiting);
        if (a->first_waiting)
            set_waiting_before(a, a->first_waiting, n);
        a->first_waiting = n;
    }
}

// Takes the first node off the queue; what it held goes to *node, its place is the hole.
static void take_waiting(struct arranging *a, struct node *node)
{
    a->hole = a->first_waiting;
    *node = *a->hole;
    a->first_waiting = DEREF(node->key.next);
    node->value.tag &= (1 << TAG_BITS) - 1;
    node->key.value.tag &= ~WAITING;
    clear_node(a->hole);
}

// An empty place; there is one for every node.
static struct node *find_hole(struct arranging *a)
{
    while (!VALUE_IS_NIL(&a->search->key.value))
        if (++a->search == a->end)
            a->search = DEREF(a->t->nodes);
    return a->search;
}

// Makes `place` empty: a waiting node there moves away.
static void vacate(struct arranging *a, struct node *place)
{
    if (!is_waiting(place))
        return;
    struct node *hole = a->hole ? a->hole : find_hole(a);
    *hole = *place;
    if (place == a->first_waiting)
        a->first_waiting = hole;
    else
        REF_SET(waiting_before(a, place)->key.next, hole);
    struct node *behind = DEREF(place->key.next);
    if (behind)
        set_waiting_before(a, behind, hole);
    clear_node(place);
}

// The free node to take for a collision, vacated.
static struct node *take_free(struct arranging *a)
{
    struct node *n = DEREF(a->t->free_node);
    do {
        assert(n > DEREF(a->t->nodes));
        n--;
    } while (!VALUE_IS_NIL(&n->key.value) && !is_waiting(n));
    REF_SET(a->t->free_node, n);
    vacate(a, n);
    return n;
}

static void arrange_node(struct arranging *a, const struct node *node)
{
    struct node *main = table_main_position(a->t, &node->key.value);
    struct node *place = main;
    uint32_t chain = 0;
    if (VALUE_IS_NIL(&main->value) || is_waiting(main)) {
        vacate(a, main);
    } else {
        struct node *n = take_free(a);
        struct node *owner = table_main_position(a->t, &main->key.value);
        if (owner == main) {
            chain = main->key.next.addr;
            REF_SET(main->key.next, n);
            place = n;
        } else {
            while (DEREF(owner->key.next) != main)
                owner = DEREF(owner->key.next);
            *n = *main;
            REF_SET(owner->key.next, n);
        }
    }
    place->value = node->value;
    place->key.value = node->key.value;
    place->key.next.addr = chain;
}

// The value of list element idx (from 0) becomes a node.
static void arrange_item(struct arranging *a, int32_t idx)
{
    struct node node;
    node.value = DEREF(a->t->array)[idx];
    if (VALUE_IS_NIL(&node.value))
        return;
    value_set_number(&node.key.value, (lua_Number)(idx + 1));
    arrange_node(a, &node);
}

// Arranges list elements from the new array_count on, up to old_list, and the living among
// `old_count` nodes as 2^log2 nodes. Keys that belong to the list part by now go there.
static void arrange_nodes(struct table *t, int32_t old_list, uint32_t old_count, int log2)
{
    struct node *nodes = DEREF(t->nodes);
    uint32_t count = 1u << log2, list_count = (uint32_t)t->array_count;
    struct arranging a = {.t = t, .search = nodes};
    a.end = nodes + (count > old_count ? count : old_count);
    queue_nodes(&a, old_count);
    t->node_count_log2 = (uint8_t)log2;
    REF_SET(t->free_node, nodes + count);
    for (int32_t i = t->array_count; i < old_list; i++)
        arrange_item(&a, i);
    while (a.first_waiting) {
        struct node node;
        int32_t whole;
        take_waiting(&a, &node);
        if (VALUE_IS_NUMBER(&node.key.value) &&
            table_int_key(VALUE_NUMBER(&node.key.value), &whole) &&
            (uint32_t)whole - 1u < list_count)
            DEREF(t->array)[whole - 1] = node.value;
        else
            arrange_node(&a, &node);
    }
}

void table_keys_moved(struct table *t)
{
    fast_path_table_changed(t);
    arrange_nodes(t, t->array_count, (uint32_t)TABLE_NODE_COUNT(t), t->node_count_log2);
}

// ---- resizing ----

static void resize_list_vector(lua_State *L, struct table *t, int32_t count)
{
    int32_t old = t->array_count;
    struct value *list = mem_vector(L, DEREF(t->array), (size_t)old, (size_t)count,
                                    sizeof(struct value), KIND_TABLE_ARRAY);
    REF_SET(t->array, list);
    for (int32_t i = old; i < count; i++)
        value_set_nil(&list[i]);
    t->array_count = count;
}

static void resize_node_vector(lua_State *L, struct table *t, uint32_t old, uint32_t count)
{
    struct node *nodes = mem_vector(L, old ? DEREF(t->nodes) : NULL, old, count,
                                    sizeof(struct node), KIND_TABLE_NODES);
    // Chains hold addresses; whoever grows the vector arranges its nodes again.
    REF_SET(t->nodes, nodes);
    for (uint32_t i = old; i < count; i++)
        clear_node(&nodes[i]);
}

void table_nodes_moved(struct table *t, uint32_t shift)
{
    t->free_node.addr += shift;
    struct node *n = DEREF(t->nodes);
    for (struct node *end = n + TABLE_NODE_COUNT(t); n < end; n++)
        if (!REF_IS_NULL(n->key.next))
            n->key.next.addr += shift;
}

// Gives the last node back, as Lua 5.1 does; the firmware keeps it.
static void drop_nodes(lua_State *L, struct table *t)
{
    assert(TABLE_NODE_COUNT(t) == 1);
    struct node *nodes = DEREF(t->nodes);
    if (lua_profile->is_firmware || !VALUE_IS_NIL(&nodes->value))
        return;
    MEM_FREE(L, nodes, sizeof(*nodes), KIND_TABLE_NODES);
    REF_SET(t->nodes, (struct node *)&table_no_nodes);
    REF_NULL(t->free_node);
}

// Nodes for field_count keys; list elements beyond the new array_count, up to old_list, join them.
static void resize_nodes(lua_State *L, struct table *t, int32_t list_count, int32_t field_count)
{
    uint32_t old = TABLE_HAS_NODES(t) ? (uint32_t)TABLE_NODE_COUNT(t) : 0;
    int32_t old_list = t->array_count;
    if (old == 0 && field_count == 0)
        return;
    int log2 = field_count > 0 ? log2_above((uint32_t)field_count) : 0;
    if (log2 > NODES_LOG2_MAX)
        debug_run_error(L, "table overflow");
    uint32_t count = 1u << log2;
    if (count > old)
        resize_node_vector(L, t, old, count);
    if (list_count < old_list)
        t->array_count = list_count;
    arrange_nodes(t, old_list, old, log2);
    t->array_count = old_list;
    if (count < old) {
        uint32_t addr = t->nodes.addr;
        resize_node_vector(L, t, old, count);
        if (t->nodes.addr != addr) // an allocator that moves what it shrinks
            table_nodes_moved(t, t->nodes.addr - addr);
    }
    if (field_count == 0)
        drop_nodes(L, t);
}

void table_resize(lua_State *L, struct table *t, int32_t list_count, int32_t field_count)
{
    fast_path_table_changed(t);
    if (list_count > t->array_count)
        resize_list_vector(L, t, list_count);
    resize_nodes(L, t, list_count, field_count);
    if (list_count < t->array_count)
        resize_list_vector(L, t, list_count);
}

void table_resize_list(lua_State *L, struct table *t, int32_t list_count)
{
    table_resize(L, t, list_count, TABLE_HAS_NODES(t) ? TABLE_NODE_COUNT(t) : 0);
}
