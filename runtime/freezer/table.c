// table.c: tables as the words of their blocks, and back: are they sound?
//
// Reads: tables in RAM, blocks in place. Memory: none.

#include "runtime/freezer/table.h"

#include <string.h>

#include "runtime/freezer/function.h"
#include "runtime/freezer/mark.h"

_Static_assert(FREEZER_TAG_TABLE == TAG_FROZEN_TABLE && FREEZER_TAG_DEAD == TAG_DEAD_KEY,
               "tags are those of the format");

#define ABSENT_REST 0xE0u // bits of `absent` that stand for no metamethod

static uint32_t node_count(const struct table *t)
{
    return TABLE_HAS_NODES(t) ? (uint32_t)TABLE_NODE_COUNT(t) : 0;
}

uint32_t frozen_table_ram(const struct table *t)
{
    return (uint32_t)sizeof *t + (uint32_t)t->array_count * VALUE_BYTES +
           node_count(t) * NODE_BYTES;
}

uint32_t frozen_table_bytes(const struct table *t)
{
    return frozen_table_ram(t) + (node_count(t) == 0 ? NODE_BYTES : 0);
}

int frozen_is_of_program(const struct value *v)
{
    return VALUE_IS_ROTABLE(v) || VALUE_IS_LIGHT_FUNCTION(v);
}

// ---- writing ----

// Where a value lies that is an object of the area or of an image below, 0: elsewhere.
static uint32_t address_of(const struct value *v)
{
    if (VALUE_IS_STRING(v))
        return mark_string_addr(VALUE_STRING(v));
    return VALUE_HAS_TABLE(v) ? mark_table_addr(VALUE_TABLE(v)) : 0;
}

static void put_value(struct frozen_sink *sink, const struct table *owner, const struct value *v)
{
    uint32_t words[VALUE_BYTES / 4] = {0}, addr = 0;
    words[VALUE_BYTES / 4 - 1] = VALUE_HAS_TABLE(v) ? TAG_FROZEN_TABLE : (uint32_t)v->tag;
    int is_owner = VALUE_IS_TABLE(v) && VALUE_TABLE(v) == owner;
    if (VALUE_IS_NUMBER(v))
        memcpy(words, &v->as.number, sizeof v->as.number);
    else if (VALUE_IS_BOOLEAN(v))
        words[0] = (uint32_t)v->as.boolean;
    else if (frozen_is_of_program(v))
        words[0] = v->as.pointer;
    else if (!is_owner)
        addr = address_of(v);
    for (int i = 0; i < VALUE_BYTES / 4; i++)
        if (i == 0 && is_owner)
            frozen_put_inner(sink, 0);
        else if (i == 0 && addr != 0)
            frozen_put_address(sink, addr);
        else
            frozen_put(sink, words[i]);
}

// A removed key loses its address: no traversal can stand at it in a table that never changes.
static void put_key(struct frozen_sink *sink, const struct table *owner, const struct node *n)
{
    struct value dead = {.tag = TAG_DEAD_KEY};
    int is_dead = VALUE_IS_NIL(&n->value) && !VALUE_IS_NIL(&n->key.value) &&
                  !VALUE_IS_NUMBER(&n->key.value) && !VALUE_IS_BOOLEAN(&n->key.value);
    put_value(sink, owner, is_dead ? &dead : &n->key.value);
}

static void put_nodes(struct frozen_sink *sink, const struct table *t, uint32_t rel)
{
    const struct node *first = DEREF(t->nodes);
    for (uint32_t i = 0; i < (node_count(t) == 0 ? 1 : node_count(t)); i++) {
        const struct node *n = first + i;
        put_value(sink, t, &n->value);
#ifndef FROST_INTEGER
        frozen_put(sink, 0);
#endif
        put_key(sink, t, n);
        if (REF_IS_NULL(n->key.next))
            frozen_put(sink, 0);
        else
            frozen_put_inner(sink, rel + (uint32_t)(DEREF(n->key.next) - first) * NODE_BYTES);
    }
}

static int refers_to_program(const struct table *t)
{
    if (!REF_IS_NULL(t->metatable) && OBJECT_TAG(DEREF(t->metatable)) == TAG_ROTABLE)
        return 1;
    for (int32_t i = 0; i < t->array_count; i++)
        if (frozen_is_of_program(DEREF(t->array) + i))
            return 1;
    for (uint32_t i = 0; i < node_count(t); i++)
        if (frozen_is_of_program(&DEREF(t->nodes)[i].value) ||
            frozen_is_of_program(&DEREF(t->nodes)[i].key.value))
            return 1;
    return 0;
}

// Bits of the metamethods that a table does not have, all of them, so that none is ever noted.
static uint32_t absent_bits(const struct table *t, const lua_State *L)
{
    uint32_t bits = ABSENT_REST;
    for (int event = 0; event <= META_EQ; event++)
        if (VALUE_IS_NIL(table_get_string(t, DEREF(GLOBAL(L)->metamethod_names[event]))))
            bits |= 1u << event;
    return bits;
}

static void put_metatable(struct frozen_sink *sink, const struct table *t)
{
    const struct table *mt = DEREF(t->metatable);
    if (mt == t)
        frozen_put_inner(sink, 0);
    else if (mt == NULL || OBJECT_TAG(mt) == TAG_ROTABLE)
        frozen_put(sink, ADDR32(mt));
    else
        frozen_put_address(sink, mark_table_addr(mt));
}

static void emit_table(struct frozen_sink *sink, const void *object)
{
    const struct table *t = ((const struct frozen_table *)object)->table;
    uint32_t nodes = (uint32_t)sizeof *t + (uint32_t)t->array_count * VALUE_BYTES;
    uint32_t log2 = node_count(t) == 0 ? 0 : t->node_count_log2;
    frozen_put(sink, 0);
    frozen_put(sink, TAG_FROZEN_TABLE | (uint32_t)MARK_FLASH << 8 |
                         absent_bits(t, ((const struct frozen_table *)object)->L) << 16 |
                         log2 << 24);
    put_metatable(sink, t);
    if (t->array_count == 0)
        frozen_put(sink, 0);
    else
        frozen_put_inner(sink, sizeof *t);
    frozen_put_inner(sink, nodes);
    frozen_put(sink, 0);
    frozen_put(sink, refers_to_program(t) ? freezer.build : 0);
    frozen_put(sink, (uint32_t)t->array_count);
    for (int32_t i = 0; i < t->array_count; i++)
        put_value(sink, t, DEREF(t->array) + i);
    put_nodes(sink, t, nodes);
}

struct frozen_item frozen_table(const struct frozen_table *t)
{
    return (struct frozen_item){FREEZER_TABLE, frozen_table_bytes(t->table), 0, emit_table, t};
}

// ---- checking ----

static int is_value_sound(const struct freezer_area *area, const struct table *t,
                          const struct value *v)
{
    switch (VALUE_TAG(v)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
        return 1;
    case TAG_DEAD_KEY:
        return v->as.pointer == 0;
    case LUA_TSTRING:
        return frozen_is_string(area, v->as.pointer);
    case TAG_FROZEN_TABLE:
        return v->as.pointer <= ADDR32(t) && freezer_area_has(area, v->as.pointer, FREEZER_TABLE);
    default:
        return frozen_is_of_program(v) && t->gray.addr == freezer.build && freezer.build != 0;
    }
}

static int is_metatable_sound(const struct freezer_area *area, const struct table *t)
{
    uint32_t addr = t->metatable.addr;
    if (addr == 0)
        return 1;
    if (addr >= area->addr && addr < area->addr + area->bytes)
        return addr <= ADDR32(t) && freezer_area_has(area, addr, FREEZER_TABLE);
    return t->gray.addr == freezer.build && freezer.build != 0;
}

static const char *nodes_fault(const struct freezer_area *area, const struct table *t)
{
    uint32_t count = (uint32_t)TABLE_NODE_COUNT(t), first = t->nodes.addr;
    for (uint32_t i = 0; i < count; i++) {
        const struct node *n = DEREF(t->nodes) + i;
        if (!is_value_sound(area, t, &n->value) || !is_value_sound(area, t, &n->key.value) ||
            VALUE_TAG(&n->value) == TAG_DEAD_KEY)
            return "field of a table";
        uint32_t next = n->key.next.addr, steps = 0;
        if (next != 0 && ((next - first) % NODE_BYTES != 0 || (next - first) / NODE_BYTES >= count))
            return "chain of a table";
        for (const struct node *m = n; m != NULL; m = DEREF(m->key.next))
            if (++steps > count)
                return "chain of a table";
    }
    return NULL;
}

const char *frozen_table_fault(const struct freezer_area *area, uint32_t payload_off)
{
    const struct table *t = (const void *)freezer_area_payload(area, payload_off);
    uint32_t bytes = freezer_area_block(area, payload_off)->bytes;
    if (bytes < sizeof *t + NODE_BYTES)
        return "size of a table";
    uint32_t word = ((const uint32_t *)t)[1], log2 = word >> 24;
    if ((word & 0xFFFF) != (TAG_FROZEN_TABLE | (uint32_t)MARK_FLASH << 8) ||
        (word >> 16 & ABSENT_REST) != ABSENT_REST || !REF_IS_NULL(t->next) ||
        !REF_IS_NULL(t->free_node))
        return "header of a table";
    if (log2 > 15 || t->array_count < 0 || (uint32_t)t->array_count > bytes / VALUE_BYTES)
        return "size of a table";
    uint32_t nodes = (uint32_t)sizeof *t + (uint32_t)t->array_count * VALUE_BYTES;
    if (nodes + (NODE_BYTES << log2) != bytes || t->nodes.addr != ADDR32(t) + nodes ||
        t->array.addr != (t->array_count ? ADDR32(t) + sizeof *t : 0))
        return "parts of a table";
    if (!is_metatable_sound(area, t))
        return "metatable of a table";
    for (int32_t i = 0; i < t->array_count; i++)
        if (!is_value_sound(area, t, DEREF(t->array) + i))
            return "element of a table";
    return nodes_fault(area, t);
}
