// table.c: tables as the words of their blocks, and back: are they sound?
//
// Reads: tables in RAM, blocks in place. Memory: none.

#include "runtime/freezer/table.h"

#include <string.h>

#include "runtime/core/overlay.h"
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

// A reference to a table or closure.
static void put_object(struct frozen_sink *sink, const struct frozen_object *owner,
                       const void *object)
{
    if (object == owner->object)
        frozen_put_inner(sink, owner->at);
    else if (mark_is_in_job(object) && mark_get(object) & MARK_GROUP)
        frozen_put_inner(sink, 8 * (mark_get(object) & MARK_OFF));
    else
        frozen_put_address(sink, mark_object_addr(object));
}

void frozen_put_value(struct frozen_sink *sink, const struct frozen_object *owner,
                      const struct value *v)
{
    uint32_t words[VALUE_BYTES / 4] = {0};
    if (freezer_is_island(v))
        v = &value_nil;
    words[VALUE_BYTES / 4 - 1] = VALUE_HAS_TABLE(v) ? TAG_FROZEN_TABLE : (uint32_t)v->tag;
    if (VALUE_IS_NUMBER(v))
        memcpy(words, &v->as.number, sizeof v->as.number);
    else if (VALUE_IS_BOOLEAN(v))
        words[0] = (uint32_t)v->as.boolean;
    else if (frozen_is_of_program(v))
        words[0] = v->as.pointer;
    if (VALUE_IS_STRING(v))
        frozen_put_address(sink, mark_string_addr(VALUE_STRING(v)));
    else if (VALUE_HAS_TABLE(v) || VALUE_IS_CLOSURE(v))
        put_object(sink, owner, VALUE_OBJECT(v));
    else
        frozen_put(sink, words[0]);
    for (int i = 1; i < VALUE_BYTES / 4; i++)
        frozen_put(sink, words[i]);
}

// A removed key loses its address: no traversal can stand at it in a table that never changes.
static void put_key(struct frozen_sink *sink, const struct frozen_object *owner,
                    const struct node *n)
{
    struct value dead = {.tag = TAG_DEAD_KEY};
    int is_dead = VALUE_IS_NIL(&n->value) && !VALUE_IS_NIL(&n->key.value) &&
                  !VALUE_IS_NUMBER(&n->key.value) && !VALUE_IS_BOOLEAN(&n->key.value);
    frozen_put_value(sink, owner, is_dead ? &dead : &n->key.value);
}

static void put_nodes(struct frozen_sink *sink, const struct frozen_object *owner, uint32_t rel)
{
    const struct table *t = owner->object;
    const struct node *first = DEREF(t->nodes);
    for (uint32_t i = 0; i < (node_count(t) == 0 ? 1 : node_count(t)); i++) {
        const struct node *n = first + i;
        frozen_put_value(sink, owner, &n->value);
#ifndef FROST_INTEGER
        frozen_put(sink, 0);
#endif
        put_key(sink, owner, n);
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

static void put_metatable(struct frozen_sink *sink, const struct frozen_object *owner)
{
    const struct table *mt = DEREF(((const struct table *)owner->object)->metatable);
    if (mt == NULL || OBJECT_TAG(mt) == TAG_ROTABLE)
        frozen_put(sink, ADDR32(mt));
    else
        put_object(sink, owner, mt);
}

void frozen_put_table(struct frozen_sink *sink, const struct frozen_object *owner)
{
    const struct table *t = owner->object;
    uint32_t list = owner->at + (uint32_t)sizeof *t;
    uint32_t nodes = list + (uint32_t)t->array_count * VALUE_BYTES;
    uint32_t log2 = node_count(t) == 0 ? 0 : t->node_count_log2;
    frozen_put(sink, owner->at);
    frozen_put(sink, TAG_FROZEN_TABLE | (uint32_t)MARK_FLASH << 8 | absent_bits(t, owner->L) << 16 |
                         log2 << 24);
    put_metatable(sink, owner);
    if (t->array_count == 0)
        frozen_put(sink, 0);
    else
        frozen_put_inner(sink, list);
    frozen_put_inner(sink, nodes);
    frozen_put(sink, overlay_number(t));
    frozen_put(sink, refers_to_program(t) ? freezer.build : 0);
    frozen_put(sink, (uint32_t)t->array_count);
    for (int32_t i = 0; i < t->array_count; i++)
        frozen_put_value(sink, owner, DEREF(t->array) + i);
    put_nodes(sink, owner, nodes);
}

static void emit_table(struct frozen_sink *sink, const void *object)
{
    frozen_put_table(sink, object);
}

struct frozen_item frozen_table(const struct frozen_object *t)
{
    return (struct frozen_item){FREEZER_TABLE, frozen_table_bytes(t->object), 0, emit_table, t};
}

// ---- checking ----

int frozen_is_object(const struct freezer_area *area, uint32_t addr, int tag)
{
    uint32_t off = addr - area->addr;
    if (tag == TAG_FROZEN_TABLE && freezer_area_has(area, addr, FREEZER_TABLE))
        return 1;
    if (off % 8 != 0 || off < freezer_first_block(area->bytes) || off + 8 > area->end)
        return 0;
    const uint32_t *words = freezer_area_payload(area, off);
    if (words[0] > off || (words[1] & 0xFFFF) != ((uint32_t)tag | (uint32_t)MARK_FLASH << 8))
        return 0;
    return freezer_area_has(area, addr - words[0], FREEZER_GROUP) &&
           words[0] < freezer_area_block(area, off - words[0])->bytes;
}

int frozen_is_value_sound(const struct frozen_place *place, uint32_t identity,
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
        return frozen_is_string(place->area, v->as.pointer);
    case TAG_FROZEN_TABLE:
    case LUA_TFUNCTION:
        return v->as.pointer < place->limit &&
               frozen_is_object(place->area, v->as.pointer, VALUE_TAG(v));
    default:
        return frozen_is_of_program(v) && identity == freezer.build && freezer.build != 0;
    }
}

static int is_metatable_sound(const struct frozen_place *place, const struct table *t)
{
    uint32_t addr = t->metatable.addr;
    if (addr == 0)
        return 1;
    if (addr - place->area->addr < place->area->bytes)
        return addr < place->limit && frozen_is_object(place->area, addr, TAG_FROZEN_TABLE);
    return t->gray.addr == freezer.build && freezer.build != 0;
}

// No chain of nodes leads into a circle. Each node refers to one of the table, or to none.
static int chains_end(const struct table *t)
{
    uint32_t count = (uint32_t)TABLE_NODE_COUNT(t);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t steps = 0;
        for (const struct node *n = DEREF(t->nodes) + i; n != NULL; n = DEREF(n->key.next))
            if (++steps > count)
                return 0;
    }
    return 1;
}

static const char *nodes_fault(const struct frozen_place *place, const struct table *t)
{
    uint32_t count = (uint32_t)TABLE_NODE_COUNT(t), first = t->nodes.addr;
    for (uint32_t i = 0; i < count; i++) {
        const struct node *n = DEREF(t->nodes) + i;
        if (!frozen_is_value_sound(place, t->gray.addr, &n->value) ||
            !frozen_is_value_sound(place, t->gray.addr, &n->key.value) ||
            VALUE_TAG(&n->value) == TAG_DEAD_KEY)
            return "field of a table";
        uint32_t next = n->key.next.addr;
        if (next != 0 && ((next - first) % NODE_BYTES != 0 || (next - first) / NODE_BYTES >= count))
            return "chain of a table";
    }
    return chains_end(t) ? NULL : "chain of a table";
}

const char *frozen_table_fault_at(const struct frozen_place *place, const struct table *t,
                                  uint32_t *bytes)
{
    if (place->room < sizeof *t + NODE_BYTES)
        return "size of a table";
    uint32_t word = ((const uint32_t *)t)[1], log2 = word >> 24;
    if ((word & 0xFFFF) != (TAG_FROZEN_TABLE | (uint32_t)MARK_FLASH << 8) ||
        (word >> 16 & ABSENT_REST) != ABSENT_REST || t->free_node.addr > OVERLAY_NUMBER_MAX)
        return "header of a table";
    if (log2 > 15 || t->array_count < 0 || (uint32_t)t->array_count > place->room / VALUE_BYTES)
        return "size of a table";
    uint32_t nodes = (uint32_t)sizeof *t + (uint32_t)t->array_count * VALUE_BYTES;
    *bytes = nodes + (NODE_BYTES << log2);
    if (*bytes > place->room || t->nodes.addr != ADDR32(t) + nodes ||
        t->array.addr != (t->array_count ? ADDR32(t) + sizeof *t : 0))
        return "parts of a table";
    if (!is_metatable_sound(place, t))
        return "metatable of a table";
    for (int32_t i = 0; i < t->array_count; i++)
        if (!frozen_is_value_sound(place, t->gray.addr, DEREF(t->array) + i))
            return "element of a table";
    return nodes_fault(place, t);
}

const char *frozen_table_fault(const struct freezer_area *area, uint32_t payload_off)
{
    const struct table *t = (const void *)freezer_area_payload(area, payload_off);
    uint32_t taken = 0, bytes = freezer_area_block(area, payload_off)->bytes;
    const struct frozen_place place = {area, bytes, ADDR32(t) + 1};
    const char *fault = frozen_table_fault_at(&place, t, &taken);
    if (fault)
        return fault;
    return taken == bytes && REF_IS_NULL(t->next) ? NULL : "size of a table";
}
