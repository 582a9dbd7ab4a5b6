// debug_heap.c: what refers to what in the heap, for the event writer (runtime/probe/snapshot.h).
// Empty in plain builds.
//
// Reads: the state; writes nothing, allocates nothing, raises nothing. Objects that nothing holds
// are told of like all others: who reads a snapshot finds out which these are.

#include "runtime/probe/probe.h"
#include "runtime/probe/snapshot.h"

#ifdef FROST_PROBED

#include <string.h>

#include "runtime/core/gc.h"
#include "runtime/core/meta.h"
#include "runtime/core/object.h"
#include "runtime/core/state.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"

static void tell_value(const void *from, const struct value *v, enum trace_edge edge,
                       uint32_t index, const char *key)
{
    if (VALUE_IS_OBJECT(v))
        probe_edge(from, VALUE_OBJECT(v), edge, index, key);
}

static void tell_part(const void *from, const void *block)
{
    probe_edge(from, block, EDGE_PART, 0, NULL);
}

#define TELL(from, ref, edge) probe_edge(from, DEREF(ref), edge, 0, NULL)

// ---- tables ----

// MARK_WEAK_ bits by the metatable's __mode, which is looked for without the caches of look-ups.
static unsigned weakness(const struct table *t)
{
    const struct table *meta = DEREF(t->metatable);
    unsigned bits = 0;
    if (!meta || OBJECT_TAG(meta) == TAG_ROTABLE)
        return 0;
    for (int i = 0; TABLE_HAS_NODES(meta) && i < TABLE_NODE_COUNT(meta); i++) {
        const struct node *n = &DEREF(meta->nodes)[i];
        if (!VALUE_IS_STRING(&n->key.value) || !VALUE_IS_STRING(&n->value) ||
            strcmp(VALUE_TEXT(&n->key.value), "__mode") != 0)
            continue;
        for (const char *c = VALUE_TEXT(&n->value); *c != '\0'; c++)
            bits |= *c == 'k' ? MARK_WEAK_KEY : *c == 'v' ? MARK_WEAK_VALUE : 0;
    }
    return bits;
}

static void tell_node(const struct table *t, const struct node *n, unsigned weak)
{
    const struct value *key = &n->key.value;
    enum trace_edge edge = EDGE_VALUE;
    uint32_t index = 0;
    const char *name = NULL;
    if (VALUE_IS_NIL(&n->value))
        return;
    if (VALUE_IS_STRING(key)) {
        edge = EDGE_FIELD;
        name = VALUE_TEXT(key);
    } else if (VALUE_IS_NUMBER(key) && VALUE_NUMBER(key) >= 0 && VALUE_NUMBER(key) <= INT32_MAX) {
        edge = EDGE_ELEMENT;
        index = (uint32_t)VALUE_NUMBER(key);
    }
    // Strings are values: no weak table loses one.
    tell_value(t, &n->value,
               weak & MARK_WEAK_VALUE && !VALUE_IS_STRING(&n->value) ? EDGE_WEAK : edge, index,
               name);
    tell_value(t, key, weak & MARK_WEAK_KEY && !VALUE_IS_STRING(key) ? EDGE_WEAK : EDGE_KEY, 0,
               NULL);
}

static void tell_table(const struct table *t)
{
    unsigned weak = weakness(t);
    TELL(t, t->metatable, EDGE_METATABLE);
    tell_part(t, DEREF(t->array));
    for (int32_t i = 0; i < t->array_count; i++) {
        const struct value *v = &DEREF(t->array)[i];
        tell_value(t, v, weak & MARK_WEAK_VALUE && !VALUE_IS_STRING(v) ? EDGE_WEAK : EDGE_ELEMENT,
                   (uint32_t)i + 1, NULL);
    }
    if (!TABLE_HAS_NODES(t))
        return;
    tell_part(t, DEREF(t->nodes));
    for (int i = 0; i < TABLE_NODE_COUNT(t); i++)
        tell_node(t, &DEREF(t->nodes)[i], weak);
}

// ---- functions ----

static void tell_proto(const struct proto *p)
{
    tell_part(p, DEREF(p->constants));
    tell_part(p, DEREF(p->code));
    tell_part(p, DEREF(p->protos));
    tell_part(p, DEREF(p->lines));
    tell_part(p, DEREF(p->local_names));
    tell_part(p, DEREF(p->upvalue_names));
    const struct string *source = DEREF(p->source);
    probe_edge(p, source, EDGE_SOURCE, (uint32_t)p->line_defined,
               source ? STRING_TEXT(source) : NULL);
    unsigned nth = PROBE_FUNCTION_NTH(p);
    if (nth > 1)
        probe_edge(p, NULL, EDGE_NTH, nth, NULL);
    for (int32_t i = 0; i < p->constant_count; i++)
        tell_value(p, &DEREF(p->constants)[i], EDGE_CONSTANT, (uint32_t)i + 1, NULL);
    for (int32_t i = 0; i < p->proto_count; i++)
        TELL(p, DEREF(p->protos)[i], EDGE_FUNCTION);
    for (int32_t i = 0; i < p->upvalue_name_count; i++)
        TELL(p, DEREF(p->upvalue_names)[i], EDGE_NAME);
    for (int32_t i = 0; i < p->local_name_count; i++)
        TELL(p, DEREF(p->local_names)[i].name, EDGE_NAME);
}

static void tell_lua_closure(const struct lua_closure *c)
{
    const struct proto *p = DEREF(c->proto);
    probe_edge(c, p, EDGE_FUNCTION, 0, NULL);
    for (int i = 0; i < c->upvalue_count; i++) {
        const struct string *name = p && i < p->upvalue_name_count
                                        ? DEREF(DEREF(p->upvalue_names)[i])
                                        : NULL;
        probe_edge(c, DEREF(c->upvalues[i]), EDGE_UPVALUE, (uint32_t)i + 1,
                   name ? STRING_TEXT(name) : NULL);
    }
}

static void tell_closure(const struct closure *c)
{
    TELL(c, c->environment, EDGE_ENVIRONMENT);
    if (!c->is_c) {
        tell_lua_closure((const struct lua_closure *)(const void *)c);
        return;
    }
    const struct c_closure *f = (const struct c_closure *)(const void *)c;
    for (int i = 0; i < f->upvalue_count; i++)
        tell_value(f, &f->upvalues[i], EDGE_UPVALUE, (uint32_t)i + 1, NULL);
}

// ---- threads ----

static void tell_thread(const struct lua_State *thread)
{
    tell_value(thread, &thread->globals, EDGE_GLOBALS, 0, NULL);
    tell_part(thread, DEREF(thread->stack));
    tell_part(thread, DEREF(thread->calls));
    if (REF_IS_NULL(thread->stack))
        return;
    const struct value *first = DEREF(thread->stack);
    for (const struct value *v = first; v < DEREF(thread->top); v++)
        tell_value(thread, v, EDGE_LOCAL, (uint32_t)(v - first), NULL);
    for (const struct object *o = DEREF(thread->open_upvalues); o; o = DEREF(o->next))
        probe_edge(NULL, o, EDGE_ROOT, ROOT_OPEN, NULL);
}

// ---- all ----

static void tell_object(const struct object *o)
{
    const void *any = o;
    switch (o->tag_) {
    case LUA_TTABLE:
        tell_table(any);
        break;
    case LUA_TFUNCTION:
        tell_closure(any);
        break;
    case LUA_TUSERDATA:
        TELL(o, ((const struct userdata *)any)->metatable, EDGE_METATABLE);
        TELL(o, ((const struct userdata *)any)->environment, EDGE_ENVIRONMENT);
        break;
    case TAG_UPVALUE:
        tell_value(o, DEREF(((const struct upvalue *)any)->value), EDGE_VALUE, 0, NULL);
        break;
    case LUA_TTHREAD:
        tell_thread(any);
        break;
    case TAG_PROTO:
        tell_proto(any);
        break;
    default:
        break;
    }
}

static void tell_strings(const struct global_state *g)
{
    probe_edge(NULL, DEREF(g->strings.slots), EDGE_ROOT, ROOT_BLOCK, NULL);
    for (int32_t slot = 0; slot < g->strings.slot_count; slot++)
        for (const struct object *o = (const void *)DEREF(DEREF(g->strings.slots)[slot]); o;
             o = DEREF(o->next))
            if (o->marked_ & MARK_FIXED)
                probe_edge(NULL, o, EDGE_ROOT, ROOT_FIXED, NULL);
}

static void tell_roots(const struct global_state *g)
{
    tell_value(NULL, &g->registry, EDGE_ROOT, ROOT_REGISTRY, NULL);
    for (size_t i = 0; i < sizeof g->metatables / sizeof *g->metatables; i++)
        probe_edge(NULL, DEREF(g->metatables[i]), EDGE_ROOT, ROOT_METATABLE, NULL);
    probe_edge(NULL, DEREF(g->buffer.text), EDGE_ROOT, ROOT_BLOCK, NULL);
    const struct userdata *last = DEREF(g->finalizable), *u = last;
    if (!last)
        return;
    do {
        u = (const struct userdata *)(const void *)DEREF(u->next);
        probe_edge(NULL, u, EDGE_ROOT, ROOT_FINALIZER, NULL);
        tell_object((const struct object *)(const void *)u);
    } while (u != last);
}

void probe_walk_heap(struct lua_State *L)
{
    const struct global_state *g = GLOBAL(L);
    const struct lua_State *main_thread = DEREF(g->main_thread);
    tell_roots(g);
    tell_strings(g);
    // The main thread lies in a block with the global state, which no event has made.
    probe_edge(NULL, main_thread, EDGE_ROOT, ROOT_MAIN, NULL);
    tell_thread(main_thread);
    for (const struct object *o = DEREF(g->objects); o; o = DEREF(o->next))
        if ((const void *)o != (const void *)main_thread)
            tell_object(o);
}

#endif
