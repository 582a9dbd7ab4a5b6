// func.c: closures, upvalues, functions.
//
// Reads and writes: the lists of open upvalues (per thread by stack address, highest first; all
// of a state in a ring). Memory: one block per object; vectors of a function.
// Source: sizes and the moment an upvalue is made: allocation policy of NodeMCU 3.0.

#include "runtime/core/func.h"

#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/gc.h"
#include "runtime/core/mem.h"
#include "runtime/core/quicken.h"

// ---- closures ----

static void init_closure(lua_State *L, struct closure *c, int is_c, int upvalue_count,
                         struct table *environment)
{
    c->is_c = (uint8_t)is_c;
    c->upvalue_count = (uint8_t)upvalue_count;
    c->body = 0;
    REF_NULL(c->gray);
    REF_SET(c->environment, environment);
    gc_link(L, (struct object *)c, LUA_TFUNCTION);
}

static size_t closure_bytes(int is_c, int upvalue_count)
{
    size_t each = is_c ? sizeof(struct value) : sizeof(uint32_t);
    return sizeof(struct closure) + each * (size_t)upvalue_count;
}

struct c_closure *func_new_c(lua_State *L, int upvalue_count, struct table *environment)
{
    struct c_closure *c = mem_new(L, closure_bytes(1, upvalue_count), KIND_CLOSURE);
    init_closure(L, (struct closure *)c, 1, upvalue_count, environment);
    for (int i = 0; i < upvalue_count; i++)
        value_set_nil(&c->upvalues[i]);
    return c;
}

struct lua_closure *func_new_lua(lua_State *L, int upvalue_count, struct table *environment)
{
    struct lua_closure *c = mem_new(L, closure_bytes(0, upvalue_count), KIND_CLOSURE);
    init_closure(L, (struct closure *)c, 0, upvalue_count, environment);
    for (int i = 0; i < upvalue_count; i++)
        REF_NULL(c->upvalues[i]);
    return c;
}

void func_free(lua_State *L, struct closure *c)
{
    MEM_FREE(L, c, closure_bytes(c->is_c, c->upvalue_count), KIND_CLOSURE);
}

// ---- functions ----

struct proto *func_new_proto(lua_State *L)
{
    struct proto *p = MEM_NEW(L, struct proto, KIND_PROTO);
    memset(p, 0, sizeof *p);
    gc_link(L, (struct object *)p, TAG_PROTO);
    return p;
}

static void free_vector(lua_State *L, uint32_t addr, int32_t count, size_t item_bytes, int kind)
{
    MEM_FREE(L, (void *)(uintptr_t)addr, (size_t)count * item_bytes, kind);
}

void func_clear_proto(lua_State *L, struct proto *p)
{
    const uint8_t *lines = DEREF(p->lines);
    quick_forget(p->code.addr, (size_t)p->code_count * sizeof(uint32_t));
    free_vector(L, p->code.addr, p->code_count, sizeof(uint32_t), KIND_CODE);
    free_vector(L, p->protos.addr, p->proto_count, sizeof(uint32_t), KIND_PROTO_VECTOR);
    free_vector(L, p->constants.addr, p->constant_count, sizeof(struct value), KIND_CONSTANTS);
    free_vector(L, p->local_names.addr, p->local_name_count, sizeof(struct local_name),
                KIND_DEBUG_NAMES);
    free_vector(L, p->upvalue_names.addr, p->upvalue_name_count, sizeof(uint32_t),
                KIND_DEBUG_NAMES);
    if (lines != NULL)
        MEM_FREE(L, (void *)(uintptr_t)lines, strlen((const char *)lines) + 1, KIND_LINES);
    memset((char *)p + sizeof(struct object), 0,
           offsetof(struct proto, gray) - sizeof(struct object));
}

void func_free_proto(lua_State *L, struct proto *p)
{
    func_clear_proto(L, p);
    MEM_FREE(L, p, sizeof *p, KIND_PROTO);
}

const char *func_local_name(const struct proto *p, int number, int pc)
{
    const struct local_name *names = DEREF(p->local_names);
    for (int i = 0; i < p->local_name_count && names[i].pc_start <= pc; i++)
        if (pc < names[i].pc_end && --number == 0)
            return STRING_TEXT(DEREF(names[i].name));
    return NULL;
}

// ---- upvalues ----

static struct upvalue *next_open(const struct upvalue *u)
{
    return (struct upvalue *)DEREF(u->next);
}

static void ring_add(struct global_state *g, struct upvalue *u)
{
    struct upvalue *head = &g->open_upvalues, *first = DEREF(head->u.open.next);
    REF_SET(u->u.open.prev, head);
    REF_SET(u->u.open.next, first);
    REF_SET(first->u.open.prev, u);
    REF_SET(head->u.open.next, u);
}

static void ring_remove(struct upvalue *u)
{
    struct upvalue *prev = DEREF(u->u.open.prev), *next = DEREF(u->u.open.next);
    REF_SET(prev->u.open.next, next);
    REF_SET(next->u.open.prev, prev);
}

// The open upvalue of the thread with the lowest slot that is not below `slot`, NULL if none; the
// one after it in the list is the first below.
static struct upvalue *last_at_or_above(lua_State *L, const struct value *slot)
{
    struct upvalue *last = NULL, *u = (struct upvalue *)DEREF(L->open_upvalues);
    for (; u != NULL && DEREF(u->value) >= slot; u = next_open(u))
        last = u;
    return last;
}

struct upvalue *func_find_upvalue(lua_State *L, struct value *slot)
{
    struct global_state *g = GLOBAL(L);
    struct upvalue *place = last_at_or_above(L, slot);
    if (place != NULL && DEREF(place->value) == slot) {
        if (GC_IS_DEAD(g, place))
            place->marked_ ^= MARK_WHITES; // it was to be swept: alive again
        return place;
    }
    ptrdiff_t at = STACK_OFFSET(L, slot);
    struct upvalue *u = MEM_NEW(L, struct upvalue, KIND_UPVALUE);
    slot = STACK_AT(L, at);
    place = last_at_or_above(L, slot); // a collection may have freed what was there
    u->tag_ = TAG_UPVALUE;
    u->pad_ = 0;
    // While the collector marks, a new one counts as marked: it outlives that cycle, as in the
    // firmware. Gray, so that what it refers to is marked when the phase ends.
    u->marked_ = g->gc_phase == GC_PROPAGATE ? 0 : GC_CURRENT_WHITE(g);
    REF_SET(u->value, slot);
    if (place != NULL) {
        REF_COPY(u->next, place->next);
        REF_SET(place->next, (struct object *)u);
    } else {
        REF_COPY(u->next, L->open_upvalues);
        REF_SET(L->open_upvalues, (struct object *)u);
    }
    ring_add(g, u);
    return u;
}

struct upvalue *func_new_upvalue(lua_State *L)
{
    struct upvalue *u = MEM_NEW(L, struct upvalue, KIND_UPVALUE);
    u->pad_ = 0;
    REF_SET(u->value, &u->u.closed);
    value_set_nil(&u->u.closed);
    gc_link(L, (struct object *)u, TAG_UPVALUE);
    return u;
}

void func_close_upvalues(lua_State *L, struct value *slot)
{
    struct global_state *g = GLOBAL(L);
    for (;;) {
        struct upvalue *u = (struct upvalue *)DEREF(L->open_upvalues);
        if (u == NULL || DEREF(u->value) < slot)
            return;
        REF_COPY(L->open_upvalues, u->next);
        if (GC_IS_DEAD(g, u)) {
            func_free_upvalue(L, u);
            continue;
        }
        ring_remove(u);
        u->u.closed = *DEREF(u->value);
        REF_SET(u->value, &u->u.closed);
        gc_link_upvalue(L, u);
    }
}

void func_free_upvalue(lua_State *L, struct upvalue *u)
{
    if (DEREF(u->value) != &u->u.closed)
        ring_remove(u);
    MEM_FREE(L, u, sizeof *u, KIND_UPVALUE);
}
