// gc_mark.c: colouring what can be reached.
//
// Reads and writes: marks and gray links of objects in RAM. Objects in the flash window have no
// white bit and so are passed over; so are read-only tables. Memory: none is taken; a traversed
// stack may shrink. Source: order as in Lua 5.1; allocation policy of NodeMCU 3.0.

#include <assert.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/gc_parts.h"
#include "runtime/core/meta.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"
#include "runtime/format/address_map.h"

#define IS_GRAY(o) (((o)->marked_ & (MARK_WHITES | MARK_BLACK)) == 0)

static inline void white_to_gray(struct object *o)
{
    o->marked_ &= (uint8_t)~MARK_WHITES;
}

static inline void gray_to_black(struct object *o)
{
    o->marked_ |= MARK_BLACK;
}

// ---- marking one object ----

// A visit of something in flash costs stock firmware a byte load
// (analyzer/models/nodemcu-3.0.json).
static inline void visit_flash(int what, const void *object)
{
#ifdef FROST_PROBED
    if (IN_WINDOW(object))
        PROBE_VM_EVENT(gc_tally.L, what, object);
#else
    (void)what;
    (void)object;
#endif
}

static inline void mark_object(struct global_state *g, struct object *o)
{
    if (GC_IS_WHITE(o))
        gc_mark_object(g, o);
}

static inline void mark_value(struct global_state *g, const struct value *v)
{
    if (!VALUE_IS_OBJECT(v))
        return;
    struct object *o = VALUE_OBJECT(v);
    if (GC_IS_WHITE(o))
        gc_mark_object(g, o);
    else if (VALUE_IS_STRING(v))
        visit_flash(VM_VISIT_STRING, o);
}

static inline void mark_string(const struct global_state *g, struct string *s)
{
    (void)g;
    if (s != NULL && GC_IS_WHITE(s)) {
        GC_TALLY(visited);
        GC_PLACE(s);
        white_to_gray((struct object *)s);
    }
}

#define MARK_REF(g, ref)                                                                           \
    do {                                                                                           \
        if (!REF_IS_NULL(ref))                                                                     \
            mark_object(g, (struct object *)(void *)DEREF(ref));                                   \
    } while (0)

// The gray link of an object that can be gray.
static uint32_t *gray_link(struct object *o)
{
    switch (o->tag_) {
    case LUA_TTABLE:
        return &((struct table *)o)->gray.addr;
    case LUA_TFUNCTION:
        return &((struct closure *)o)->gray.addr;
    case LUA_TTHREAD:
        return &((struct lua_State *)o)->gray.addr;
    default:
        return &((struct proto *)o)->gray.addr;
    }
}

void gc_mark_object(struct global_state *g, struct object *o)
{
    GC_TALLY(visited);
    GC_PLACE(o);
    white_to_gray(o);
    switch (o->tag_) {
    case LUA_TSTRING:
        return;
    case LUA_TUSERDATA: {
        struct userdata *u = (struct userdata *)o;
        gray_to_black(o);
        MARK_REF(g, u->metatable);
        MARK_REF(g, u->environment);
        return;
    }
    case TAG_UPVALUE: {
        struct upvalue *u = (struct upvalue *)o;
        mark_value(g, DEREF(u->value));
        if (DEREF(u->value) == &u->u.closed) // an open one stays gray: its stack goes on changing
            gray_to_black(o);
        return;
    }
    default:
        *gray_link(o) = g->gray.addr;
        REF_SET(g->gray, o);
        return;
    }
}

static void mark_metatables(struct global_state *g)
{
    for (size_t i = 0; i < sizeof g->metatables / sizeof *g->metatables; i++)
        MARK_REF(g, g->metatables[i]);
}

void gc_mark_roots(struct global_state *g)
{
    REF_NULL(g->gray);
    REF_NULL(g->gray_again);
    REF_NULL(g->weak);
    mark_object(g, (struct object *)DEREF(g->main_thread));
    mark_value(g, &DEREF(g->main_thread)->globals); // before the main thread's stack
    mark_value(g, &g->registry);
    mark_metatables(g);
}

// ---- following references ----

// The firmware looks for "k" and for "v" by strchr, which goes by words but in the last one.
static void report_mode(const char *mode)
{
#ifdef FROST_PROBED
    if (!IN_WINDOW(mode))
        return;
    PROBE_CONTENT_READ(gc_tally.L, mode, 0, strcspn(mode, "k") % 4 + 1, CONTENT_OTHER);
    PROBE_CONTENT_READ(gc_tally.L, mode, 0, strcspn(mode, "v") % 4 + 1, CONTENT_OTHER);
#else
    (void)mode;
#endif
}

// MARK_WEAK_ bits of a table, from its metatable's __mode.
static uint8_t weakness(const struct global_state *g, const struct table *t)
{
    struct value storage;
    uint8_t bits = 0;
    const struct value *mode = meta_get(DEREF(g->main_thread), DEREF(t->metatable), META_MODE,
                                        &storage);
    if (mode == NULL || !VALUE_IS_STRING(mode))
        return 0;
    report_mode(VALUE_TEXT(mode));
    for (const char *c = VALUE_TEXT(mode); *c != '\0'; c++)
        bits |= *c == 'k' ? MARK_WEAK_KEY : *c == 'v' ? MARK_WEAK_VALUE : 0;
    return bits;
}

// The key of an entry that was removed: its address is kept for traversals, its object is not.
static void kill_key(struct node *n)
{
    if (VALUE_IS_OBJECT(&n->key.value))
        n->key.value.tag = TAG_DEAD_KEY;
}

// Non-zero if the table is weak; it then stays gray and waits in the list of weak tables.
static int follow_table(struct global_state *g, struct table *t)
{
    uint8_t weak = 0;
    if (!REF_IS_NULL(t->metatable)) {
        mark_object(g, (struct object *)DEREF(t->metatable));
        weak = weakness(g, t);
        if (weak) {
            t->marked_ = (uint8_t)((t->marked_ & ~(MARK_WEAK_KEY | MARK_WEAK_VALUE)) | weak);
            REF_COPY(t->gray, g->weak);
            REF_SET(g->weak, (struct object *)t);
            if (weak == (MARK_WEAK_KEY | MARK_WEAK_VALUE))
                return 1;
        }
    }
    if (!(weak & MARK_WEAK_VALUE))
        for (int32_t i = t->array_count - 1; i >= 0; i--)
            mark_value(g, DEREF(t->array) + i);
    if (!TABLE_HAS_NODES(t))
        return weak;
    for (int32_t i = TABLE_NODE_COUNT(t) - 1; i >= 0; i--) {
        struct node *n = DEREF(t->nodes) + i;
        if (VALUE_IS_NIL(&n->value)) {
            kill_key(n);
            continue;
        }
        if (!(weak & MARK_WEAK_KEY))
            mark_value(g, &n->key.value);
        if (!(weak & MARK_WEAK_VALUE))
            mark_value(g, &n->value);
    }
    return weak;
}

static void follow_proto(struct global_state *g, struct proto *p)
{
    mark_string(g, DEREF(p->source));
    for (int32_t i = 0; i < p->constant_count; i++)
        mark_value(g, DEREF(p->constants) + i);
    for (int32_t i = 0; i < p->upvalue_name_count; i++)
        mark_string(g, DEREF(DEREF(p->upvalue_names)[i]));
    for (int32_t i = 0; i < p->proto_count; i++)
        MARK_REF(g, DEREF(p->protos)[i]);
    for (int32_t i = 0; i < p->local_name_count; i++)
        mark_string(g, DEREF(DEREF(p->local_names)[i].name));
}

static void follow_closure(struct global_state *g, struct closure *c)
{
    MARK_REF(g, c->environment);
    if (c->is_c) {
        struct c_closure *f = (struct c_closure *)c;
        for (int i = 0; i < f->upvalue_count; i++)
            mark_value(g, &f->upvalues[i]);
        return;
    }
    struct lua_closure *f = (struct lua_closure *)c;
    MARK_REF(g, f->proto);
    visit_flash(VM_VISIT_PROTO, DEREF(f->proto));
    for (int i = 0; i < f->upvalue_count; i++)
        MARK_REF(g, f->upvalues[i]);
}

// Gives back half of a stack or of call records of which less than a quarter is in use.
static void shrink_thread(struct lua_State *thread, const struct value *used_end)
{
    int32_t calls_used = (int32_t)(DEREF(thread->call) - DEREF(thread->calls));
    int32_t values_used = (int32_t)(used_end - DEREF(thread->stack));
    if (thread->call_count > CALLS_MAX) // a stack overflow is being handled
        return;
    if (4 * calls_used < thread->call_count && 2 * CALLS_START < thread->call_count)
        call_resize_records(thread, thread->call_count / 2);
    if (4 * values_used < thread->stack_count &&
        2 * (STACK_SIZE_START + STACK_RESERVE) < thread->stack_count)
        call_resize_stack(thread, thread->stack_count / 2);
}

static void follow_thread(struct global_state *g, struct lua_State *thread)
{
    mark_value(g, &thread->globals);
    if (REF_IS_NULL(thread->stack)) // a thread that is being made
        return;
    const struct value *used_end = DEREF(thread->top);
    for (struct call_record *c = DEREF(thread->calls); c <= DEREF(thread->call); c++)
        if (DEREF(c->top) > used_end)
            used_end = DEREF(c->top);
    struct value *v = DEREF(thread->stack);
    for (; v < DEREF(thread->top); v++)
        mark_value(g, v);
    for (; v <= used_end; v++)
        value_set_nil(v);
    if (g->stack_fixed == 0)
        shrink_thread(thread, used_end);
}

static size_t proto_cost(const struct proto *p)
{
    return sizeof *p + (size_t)p->constant_count * sizeof(struct value) +
           (size_t)(p->code_count + p->proto_count + p->upvalue_name_count) * sizeof(uint32_t) +
           (size_t)p->local_name_count * sizeof(struct local_name);
}

static size_t propagate(struct global_state *g)
{
    struct object *o = DEREF(g->gray);
    assert(IS_GRAY(o));
    g->gray.addr = *gray_link(o);
    gray_to_black(o);
    switch (o->tag_) {
    case LUA_TTABLE: {
        struct table *t = (struct table *)o;
        if (follow_table(g, t))
            t->marked_ &= (uint8_t)~MARK_BLACK;
        return sizeof *t + (size_t)t->array_count * sizeof(struct value) +
               (size_t)TABLE_NODE_COUNT(t) * sizeof(struct node);
    }
    case LUA_TFUNCTION: {
        struct closure *c = (struct closure *)o;
        follow_closure(g, c);
        return sizeof *c + c->upvalue_count * (c->is_c ? sizeof(struct value) : sizeof(uint32_t));
    }
    case LUA_TTHREAD: { // to be followed once more at the end: stacks have no barrier
        struct lua_State *thread = (struct lua_State *)o;
        REF_COPY(thread->gray, g->gray_again);
        REF_SET(g->gray_again, o);
        thread->marked_ &= (uint8_t)~MARK_BLACK;
        follow_thread(g, thread);
        return sizeof *thread + (size_t)thread->stack_count * sizeof(struct value) +
               (size_t)thread->call_count * sizeof(struct call_record);
    }
    default: {
        struct proto *p = (struct proto *)o;
        follow_proto(g, p);
        return proto_cost(p);
    }
    }
}

#ifdef PROBE_HAS_PLACES
// Goes on with the place by the cost of an object, as steps of the usual size would: one ends with
// the object that uses up its work, and what that costs more is not carried over.
static void count_place(const struct object *o, size_t cost)
{
    gc_tally.step_left -= (int64_t)cost;
    if (gc_tally.step_left <= 0) {
        probe_gc_visited((unsigned)(gc_tally.step_end / GC_STEP_WORK), gc_tally.visited, o);
        gc_tally.step_end += GC_STEP_WORK;
        gc_tally.step_left = GC_STEP_WORK;
    }
    uint64_t done = gc_tally.step_end - (uint64_t)gc_tally.step_left;
    uint64_t place = 1 + done / TRACE_PLACE_WORK;
    gc_tally.place = place < PROBE_PLACE_MAX ? (unsigned)place : PROBE_PLACE_MAX;
    probe_place_passed(o, gc_tally.place);
}
#endif

size_t gc_propagate(struct global_state *g)
{
#ifdef PROBE_HAS_PLACES
    if (__builtin_expect(gc_tally.is_counting, 0)) {
        if (g->gray.addr == g->main_thread.addr) {
            gc_tally.is_placing = 0;
            gc_tally.stack_place = gc_tally.place;
        }
        const struct object *o = DEREF(g->gray);
        size_t cost = propagate(g);
        count_place(o, cost);
        return cost;
    }
#endif
    return propagate(g);
}

static size_t propagate_all(struct global_state *g)
{
    size_t cost = 0;
    while (!REF_IS_NULL(g->gray))
        cost += gc_propagate(g);
    return cost;
}

// ---- the end of marking ----

// Open upvalues of threads that may be dead: what they refer to lives on through the upvalue.
static void mark_open_upvalues(struct global_state *g)
{
    struct upvalue *head = &g->open_upvalues;
    for (struct upvalue *u = DEREF(head->u.open.next); u != head; u = DEREF(u->u.open.next))
        if (IS_GRAY(u))
            mark_value(g, DEREF(u->value));
}

// Userdata that wait for their finalizer, and what they refer to, live until it was called. The
// cost of what they refer to.
static size_t mark_finalizable(struct global_state *g)
{
    struct userdata *last = DEREF(g->finalizable), *u = last;
    if (last == NULL)
        return 0;
#ifdef PROBE_HAS_PLACES
    gc_tally.is_placing = gc_tally.is_always;
    gc_tally.place = TRACE_PLACE_FINALIZER;
#endif
    do {
        u = (struct userdata *)DEREF(u->next);
        u->marked_ = (uint8_t)((u->marked_ & ~(MARK_BLACK | MARK_WHITES)) | GC_CURRENT_WHITE(g));
        gc_mark_object(g, (struct object *)u);
    } while (u != last);
    size_t cost = propagate_all(g);
#ifdef PROBE_HAS_PLACES
    gc_tally.is_placing = 0;
#endif
    return cost;
}

// True if a weak table may not hold v any longer. Strings count as values and stay.
static int is_cleared(const struct global_state *g, const struct value *v, int is_key)
{
    if (!VALUE_IS_OBJECT(v))
        return 0;
    if (VALUE_IS_STRING(v)) {
        mark_string(g, VALUE_STRING(v));
        return 0;
    }
    return GC_IS_WHITE(VALUE_OBJECT(v)) ||
           (VALUE_IS_USERDATA(v) && !is_key && (VALUE_USERDATA(v)->marked_ & MARK_FINALIZED));
}

static void clear_weak_table(const struct global_state *g, struct table *t)
{
    if (t->marked_ & MARK_WEAK_VALUE)
        for (int32_t i = t->array_count - 1; i >= 0; i--)
            if (is_cleared(g, DEREF(t->array) + i, 0))
                value_set_nil(DEREF(t->array) + i);
    if (!TABLE_HAS_NODES(t))
        return;
    for (int32_t i = TABLE_NODE_COUNT(t) - 1; i >= 0; i--) {
        struct node *n = DEREF(t->nodes) + i;
        if (!VALUE_IS_NIL(&n->value) &&
            (is_cleared(g, &n->key.value, 1) || is_cleared(g, &n->value, 0))) {
            value_set_nil(&n->value);
            kill_key(n);
        }
    }
}

void (*gc_marking_ends)(lua_State *L);

void gc_mark_rest(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    PROBE_GC_PHASE(L, GC_PHASE_ATOMIC, g->total_bytes);
#ifdef PROBE_HAS_PLACES
    if (gc_tally.is_counting) {
        gc_tally.is_counting = gc_tally.is_placing = 0;
        probe_gc_marked(gc_tally.stack_place, gc_tally.place);
    }
#endif
    if (__builtin_expect(gc_marking_ends != NULL, 0))
        gc_marking_ends(L);
    mark_open_upvalues(g);
    propagate_all(g);
    REF_COPY(g->gray, g->weak); // weak tables once more: their strong halves may have changed
    REF_NULL(g->weak);
    mark_object(g, (struct object *)L);
    mark_metatables(g);
    propagate_all(g);
    REF_COPY(g->gray, g->gray_again);
    REF_NULL(g->gray_again);
    propagate_all(g);
    size_t dead_userdata = gc_separate_userdata(L, 0);
    dead_userdata += mark_finalizable(g);
    for (struct object *o = DEREF(g->weak); o != NULL; o = DEREF(((struct table *)o)->gray))
        clear_weak_table(g, (struct table *)o);
    FAST_PATH_NEW_EPOCH();
    g->white = (uint8_t)GC_OTHER_WHITE(g);
    g->sweep_slot = 0;
    g->sweep_link = gc_first_link(g);
    g->estimate = g->total_bytes - (uint32_t)dead_userdata;
}
