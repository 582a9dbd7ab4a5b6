// walk.c: see walk.h.

#include "runtime/core/walk.h"

#include "runtime/core/fast_path.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/table.h"

struct object *walk_next_object(const struct global_state *g, const struct object *o)
{
    struct object *next = o ? DEREF(o->next) : DEREF(g->objects);
    while (next != NULL && GC_IS_DEAD(g, next) && !(next->marked_ & MARK_FIXED))
        next = DEREF(next->next);
    return next;
}

static void visit_value(const struct walk *walk, struct value *v)
{
    if (walk->value)
        walk->value(walk, v);
}

static void visit_string(const struct walk *walk, uint32_t *addr)
{
    if (walk->string)
        walk->string(walk, addr);
}

static void visit_metatable(const struct walk *walk, uint32_t *addr)
{
    if (walk->metatable)
        walk->metatable(walk, addr);
}

static void visit_table(const struct walk *walk, struct table *t)
{
    if (walk->skips && walk->skips(t))
        return;
    visit_metatable(walk, &t->metatable.addr);
    for (int32_t i = 0; i < t->array_count; i++)
        visit_value(walk, DEREF(t->array) + i);
    if (!TABLE_HAS_NODES(t))
        return;
    struct node *n = DEREF(t->nodes);
    for (const struct node *end = n + TABLE_NODE_COUNT(t); n < end; n++) {
        if (n->key.value.tag != TAG_DEAD_KEY)
            visit_value(walk, &n->key.value);
        else if (walk->dead_key)
            walk->dead_key(walk, &n->key.value);
        visit_value(walk, &n->value);
    }
}

static void visit_closure(const struct walk *walk, struct closure *c)
{
    if (!c->is_c) {
        if (walk->proto)
            walk->proto(walk, &((struct lua_closure *)c)->proto.addr, 0);
        return;
    }
    for (int i = 0; i < c->upvalue_count; i++)
        visit_value(walk, &((struct c_closure *)c)->upvalues[i]);
}

static void visit_proto(const struct walk *walk, struct proto *p)
{
    visit_string(walk, &p->source.addr);
    for (int32_t i = 0; i < p->constant_count; i++)
        visit_value(walk, DEREF(p->constants) + i);
    for (int32_t i = 0; i < p->proto_count; i++)
        if (walk->proto)
            walk->proto(walk, &DEREF(p->protos)[i].addr, 1);
    for (int32_t i = 0; i < p->upvalue_name_count; i++)
        visit_string(walk, &DEREF(p->upvalue_names)[i].addr);
    for (int32_t i = 0; i < p->local_name_count; i++)
        visit_string(walk, &DEREF(p->local_names)[i].name.addr);
}

// Above its top a stack holds what was there before, up to where its calls may write.
static void visit_stack(const struct walk *walk, lua_State *thread)
{
    if (REF_IS_NULL(thread->stack))
        return;
    struct value *v = DEREF(thread->stack), *end = DEREF(thread->top);
    for (struct call_record *c = DEREF(thread->calls); c <= DEREF(thread->call); c++)
        if (DEREF(c->top) > end)
            end = DEREF(c->top);
    for (; v < DEREF(thread->top); v++)
        visit_value(walk, v);
    for (; v <= end; v++)
        value_set_nil(v);
}

void walk_object(const struct walk *walk, struct object *o)
{
    switch (o->tag_) {
    case LUA_TTABLE:
        visit_table(walk, (struct table *)o);
        break;
    case LUA_TFUNCTION:
        visit_closure(walk, (struct closure *)o);
        break;
    case LUA_TTHREAD:
        visit_stack(walk, (lua_State *)o);
        break;
    case TAG_PROTO:
        visit_proto(walk, (struct proto *)o);
        break;
    case LUA_TUSERDATA:
        visit_metatable(walk, &((struct userdata *)o)->metatable.addr);
        break;
    case TAG_UPVALUE: // closed: an open one is in the list of its thread
        visit_value(walk, &((struct upvalue *)o)->u.closed);
        break;
    default:
        break;
    }
}

void walk_heap(const struct walk *walk)
{
    struct global_state *g = walk->g;
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o))
        walk_object(walk, o);
    for (int i = 0; i < META_COUNT; i++)
        visit_string(walk, &g->metamethod_names[i].addr);
    for (size_t i = 0; i < sizeof g->metatables / sizeof *g->metatables; i++)
        visit_metatable(walk, &g->metatables[i].addr);
    const struct userdata *last = DEREF(g->finalizable);
    for (struct userdata *u = DEREF(g->finalizable); u != NULL;) { // a ring, in no other list
        u = (struct userdata *)DEREF(u->next);
        visit_metatable(walk, &u->metatable.addr);
        if (u == last)
            break;
    }
    FAST_PATH_NEW_EPOCH();
}

void walk_calls(const struct global_state *g, void *context,
                void (*visit)(void *context, lua_State *thread, struct call_record *call))
{
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o)) {
        lua_State *thread = (lua_State *)o;
        if (o->tag_ != LUA_TTHREAD || REF_IS_NULL(thread->stack))
            continue;
        for (struct call_record *c = DEREF(thread->calls); c <= DEREF(thread->call); c++)
            visit(context, thread, c);
    }
}
