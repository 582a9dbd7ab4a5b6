// check.c: see check.h.
//
// Reads: everything that belongs to a state. Memory: a struct on the C stack.

#include "runtime/core/check.h"

#include <stddef.h>
#include <string.h>

#include "runtime/core/gc.h"
#include "runtime/core/heap.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"
#include "runtime/flash/regions.h"
#include "runtime/format/string_hash.h"
#include "runtime/port/port.h"

#define MARK_COLOURS (MARK_WHITES | MARK_BLACK)
#define SMALL_BYTES 16384u // ledger of a state that is checked after every collection

struct checker {
    const struct global_state *g;
    uint64_t bytes;         // of the objects seen
    uint32_t objects;       // seen so far; more than fit the ledger: a list has a loop
    uint32_t gray;          // objects seen that must stand in a gray list
    uint32_t open_upvalues; // in the lists of threads
    int is_swept;           // the sweep has been where the walk is
    const char *fault;      // the first one
};

#define FAIL_UNLESS(c, condition, text)                                                            \
    do {                                                                                           \
        if (!(condition) && (c)->fault == NULL)                                                    \
            (c)->fault = text;                                                                     \
    } while (0)

static void count(struct checker *c, size_t bytes)
{
    c->bytes += bytes;
    c->objects++;
    FAIL_UNLESS(c, c->bytes <= c->g->total_bytes, "objects of more bytes than the ledger has");
}

// ---- strings ----

static int is_twin(const struct string *s, const struct string *first)
{
    for (; first != s; first = (const struct string *)DEREF(first->next))
        if (first->hash == s->hash && first->bytes == s->bytes &&
            memcmp(STRING_TEXT(first), STRING_TEXT(s), s->bytes) == 0)
            return 1;
    return 0;
}

static int texts_are_ahead;

void check_texts_ahead(int are_ahead)
{
    texts_are_ahead = are_ahead;
}

static void check_string(struct checker *c, const struct string *s, const struct string *first,
                         uint32_t slot)
{
    unsigned probes = 0;
    const char *text = STRING_TEXT(s);
    FAIL_UNLESS(c, !IN_WINDOW(s), "string of flash in the RAM table");
    FAIL_UNLESS(c, s->tag_ == LUA_TSTRING, "string with a wrong tag");
    FAIL_UNLESS(c, text[s->bytes] == '\0', "string without a NUL");
    if (c->fault || s->flags == STRING_LEFT_BEHIND)
        return;
    FAIL_UNLESS(c, string_hash(text, s->bytes) == s->hash, "string with a wrong hash");
    FAIL_UNLESS(c, (s->hash & ((uint32_t)c->g->strings.slot_count - 1u)) == slot,
                "string in a wrong chain");
    FAIL_UNLESS(c, !is_twin(s, first), "text that is there twice");
    FAIL_UNLESS(c, texts_are_ahead || !str_find_flash(text, s->bytes, s->hash, &probes),
                "text that flash has too");
    FAIL_UNLESS(c, (s->marked_ & MARK_BLACK) == 0, "black string");
}

const char *check_strings(const struct global_state *g)
{
    struct checker c = {.g = g};
    const struct string_table *table = &g->strings;
    uint32_t slot_count = (uint32_t)table->slot_count;
    FAIL_UNLESS(&c, (slot_count & (slot_count - 1)) == 0, "number of string slots");
    for (uint32_t slot = 0; slot < slot_count && !c.fault; slot++) {
        const struct string *first = DEREF(DEREF(table->slots)[slot]);
        for (const struct string *s = first; s && !c.fault;
             s = (const struct string *)DEREF(s->next)) {
            count(&c, sizeof *s + s->bytes + 1);
            if (!c.fault)
                check_string(&c, s, first, slot);
        }
    }
    FAIL_UNLESS(&c, c.objects == table->string_count, "number of strings");
    return c.fault;
}

// ---- colours ----

// The colour of an object of a list. Between cycles, and where the sweep has been, everything has
// the current white; while the collector marks nothing has the other one.
static void check_colour(struct checker *c, const struct object *o)
{
    const struct global_state *g = c->g;
    int colours = o->marked_ & MARK_COLOURS;
    FAIL_UNLESS(c, (colours & MARK_WHITES) != MARK_WHITES, "object of both whites");
    FAIL_UNLESS(c, !(colours & MARK_BLACK) || !(colours & MARK_WHITES), "object black and white");
    if (g->gc_phase == GC_PROPAGATE)
        FAIL_UNLESS(c, !GC_IS_DEAD(g, o), "dead object while marking");
    if (c->is_swept)
        FAIL_UNLESS(c, colours == GC_CURRENT_WHITE(g), "object that was swept is not white");
}

// `owner` lives and refers to `target`, which may be NULL.
static void check_reference(struct checker *c, const struct object *owner, const void *target)
{
    const struct object *o = target;
    if (o == NULL || c->fault)
        return;
    if (IN_WINDOW(o)) {
        FAIL_UNLESS(c, flash_region_at(ADDR32(o)), "reference into flash where no region is");
        FAIL_UNLESS(c, !GC_IS_WHITE(o), "white object in flash");
        return;
    }
    FAIL_UNLESS(c, !GC_IS_DEAD(c->g, o) || (OBJECT_MARKED(o) & MARK_FIXED),
                "reference to a dead object");
    if (c->g->gc_phase == GC_PROPAGATE && (owner->marked_ & MARK_BLACK))
        FAIL_UNLESS(c, !GC_IS_WHITE(o), "black object refers to a white one");
}

static void check_value(struct checker *c, const struct object *owner, const struct value *v)
{
    if (VALUE_IS_OBJECT(v))
        check_reference(c, owner, VALUE_OBJECT(v));
}

// ---- what objects refer to, and their bytes ----

static size_t check_table(struct checker *c, const struct table *t, int is_alive)
{
    const struct object *o = (const struct object *)t;
    size_t bytes = sizeof *t + (size_t)t->array_count * sizeof(struct value);
    int node_count = TABLE_HAS_NODES(t) ? TABLE_NODE_COUNT(t) : 0;
    bytes += (size_t)node_count * sizeof(struct node);
    FAIL_UNLESS(c, t->array_count >= 0 && (t->array_count == 0) == REF_IS_NULL(t->array),
                "list part of a table");
    if (!is_alive || c->fault)
        return bytes;
    check_reference(c, o, DEREF(t->metatable));
    int is_weak = t->marked_ & (MARK_WEAK_KEY | MARK_WEAK_VALUE);
    if (is_weak && c->g->gc_phase == GC_PROPAGATE)
        return bytes; // what is dead in it is cleared when marking ends
    for (int32_t i = 0; i < t->array_count; i++)
        check_value(c, o, DEREF(t->array) + i);
    for (int i = 0; i < node_count; i++) {
        const struct node *n = DEREF(t->nodes) + i;
        if (VALUE_IS_NIL(&n->value))
            continue; // its key may be dead
        check_value(c, o, &n->key.value);
        check_value(c, o, &n->value);
    }
    return bytes;
}

static size_t check_closure(struct checker *c, const struct closure *f, int is_alive)
{
    const struct object *o = (const struct object *)f;
    size_t each = f->is_c ? sizeof(struct value) : sizeof(uint32_t);
    if (is_alive) {
        check_reference(c, o, DEREF(f->environment));
        if (!f->is_c)
            check_reference(c, o, DEREF(((const struct lua_closure *)f)->proto));
        for (int i = 0; i < f->upvalue_count; i++)
            if (f->is_c)
                check_value(c, o, &((const struct c_closure *)f)->upvalues[i]);
            else
                check_reference(c, o, DEREF(((const struct lua_closure *)f)->upvalues[i]));
    }
    return sizeof *f + f->upvalue_count * each;
}

static size_t check_proto(struct checker *c, const struct proto *p, int is_alive)
{
    const struct object *o = (const struct object *)p;
    const char *lines = (const char *)DEREF(p->lines);
    if (is_alive) {
        check_reference(c, o, DEREF(p->source));
        for (int i = 0; i < p->constant_count; i++)
            check_value(c, o, DEREF(p->constants) + i);
        for (int i = 0; i < p->proto_count; i++)
            check_reference(c, o, DEREF(DEREF(p->protos)[i]));
        for (int i = 0; i < p->upvalue_name_count; i++)
            check_reference(c, o, DEREF(DEREF(p->upvalue_names)[i]));
        for (int i = 0; i < p->local_name_count; i++)
            check_reference(c, o, DEREF(DEREF(p->local_names)[i].name));
    }
    return sizeof *p + (size_t)p->constant_count * sizeof(struct value) +
           (size_t)(p->code_count + p->proto_count + p->upvalue_name_count) * sizeof(uint32_t) +
           (size_t)p->local_name_count * sizeof(struct local_name) +
           (lines ? strlen(lines) + 1 : 0);
}

// An open upvalue: in the list of its thread, highest slot first, gray or white.
static void check_open_upvalues(struct checker *c, const struct lua_State *thread)
{
    const struct value *above = DEREF(thread->stack) + thread->stack_count;
    const struct upvalue *u = (const struct upvalue *)DEREF(thread->open_upvalues);
    for (; u && !c->fault; u = (const struct upvalue *)DEREF(u->next)) {
        count(c, sizeof *u);
        c->open_upvalues++;
        if (c->fault)
            return;
        FAIL_UNLESS(c, u->tag_ == TAG_UPVALUE, "no upvalue among the open ones");
        FAIL_UNLESS(c, DEREF(u->value) >= DEREF(thread->stack) && DEREF(u->value) < above,
                    "open upvalue out of order or of another stack");
        FAIL_UNLESS(c, !(u->marked_ & MARK_BLACK), "open upvalue that is black");
        check_colour(c, (const struct object *)u);
        above = DEREF(u->value);
    }
}

static size_t check_thread(struct checker *c, const struct lua_State *thread, int is_alive)
{
    const struct object *o = (const struct object *)thread;
    if (REF_IS_NULL(thread->stack)) // it is being made
        return sizeof *thread + (size_t)thread->call_count * sizeof(struct call_record);
    const struct value *stack = DEREF(thread->stack), *top = DEREF(thread->top);
    FAIL_UNLESS(c, top >= stack && top <= stack + thread->stack_count, "top out of the stack");
    FAIL_UNLESS(c,
                DEREF(thread->call) >= DEREF(thread->calls) &&
                    DEREF(thread->call) < DEREF(thread->calls) + thread->call_count,
                "call out of the call records");
    check_open_upvalues(c, thread);
    if (c->g->gc_phase == GC_PROPAGATE)
        FAIL_UNLESS(c, !(thread->marked_ & MARK_BLACK), "black thread");
    if (is_alive && !c->fault) {
        check_value(c, o, &thread->globals);
        for (const struct value *v = stack; v < top; v++)
            check_value(c, o, v);
    }
    return sizeof *thread + (size_t)thread->call_count * sizeof(struct call_record) +
           (size_t)thread->stack_count * sizeof(struct value);
}

static size_t check_userdata(struct checker *c, const struct userdata *u, int is_alive)
{
    if (is_alive) {
        check_reference(c, (const struct object *)u, DEREF(u->metatable));
        check_reference(c, (const struct object *)u, DEREF(u->environment));
    }
    return sizeof *u + u->bytes;
}

// A closed upvalue. (Open ones: check_open_upvalues.)
static size_t check_upvalue(struct checker *c, const struct upvalue *u, int is_alive)
{
    FAIL_UNLESS(c, DEREF(u->value) == &u->u.closed, "open upvalue in the list of objects");
    if (is_alive && !c->fault)
        check_value(c, (const struct object *)u, &u->u.closed);
    return sizeof *u;
}

// Any object of a list; its bytes count.
static void check_object(struct checker *c, const struct object *o)
{
    int is_alive = !GC_IS_DEAD(c->g, o) || (o->marked_ & MARK_FIXED);
    int can_be_gray = o->tag_ != LUA_TUSERDATA && o->tag_ != TAG_UPVALUE;
    c->gray += can_be_gray && (o->marked_ & MARK_COLOURS) == 0;
    switch (o->tag_) {
    case LUA_TTABLE:
        count(c, check_table(c, (const struct table *)o, is_alive));
        break;
    case LUA_TFUNCTION:
        count(c, check_closure(c, (const struct closure *)o, is_alive));
        break;
    case LUA_TUSERDATA:
        count(c, check_userdata(c, (const struct userdata *)o, is_alive));
        break;
    case LUA_TTHREAD:
        count(c, check_thread(c, (const struct lua_State *)o, is_alive));
        break;
    case TAG_PROTO:
        count(c, check_proto(c, (const struct proto *)o, is_alive));
        break;
    case TAG_UPVALUE:
        count(c, check_upvalue(c, (const struct upvalue *)o, is_alive));
        break;
    default:
        FAIL_UNLESS(c, 0, "object of an unknown type");
        break;
    }
}

// ---- lists ----

// All objects but strings: userdata after the main thread, everything else before it.
static void check_object_list(struct checker *c)
{
    const struct global_state *g = c->g;
    uint32_t link = ADDR32(&g->objects);
    int is_behind = 0; // the main thread
    c->is_swept = g->gc_phase == GC_SWEEP || g->gc_phase == GC_FINALIZE || g->gc_phase == GC_PAUSE;
    while (!c->fault) {
        if (g->gc_phase == GC_SWEEP && link == g->sweep_link)
            c->is_swept = 0;
        const struct object *o = (const void *)(uintptr_t) * (const uint32_t *)(uintptr_t)link;
        if (o == NULL)
            break;
        FAIL_UNLESS(c, !IN_WINDOW(o), "object of flash in the list of objects");
        if (c->fault)
            return;
        FAIL_UNLESS(c, (o->tag_ == LUA_TUSERDATA) == is_behind,
                    "userdata before the main thread or something else behind it");
        check_colour(c, o);
        check_object(c, o);
        is_behind |= o == (const struct object *)DEREF(g->main_thread);
        link = ADDR32(&o->next);
    }
    c->is_swept = 0;
    FAIL_UNLESS(c, is_behind, "the main thread is in no list");
}

// Userdata that wait for their finalizers.
static void check_finalizable(struct checker *c)
{
    const struct userdata *last = DEREF(c->g->finalizable), *u = last;
    if (last == NULL)
        return;
    do {
        u = (const struct userdata *)DEREF(u->next);
        FAIL_UNLESS(c, u && u->tag_ == LUA_TUSERDATA && (u->marked_ & MARK_FINALIZED),
                    "no userdata to be finalized in their list");
        if (!c->fault)
            check_object(c, (const struct object *)u);
    } while (u != last && !c->fault);
}

static void check_strings_alive(struct checker *c)
{
    const struct string_table *table = &c->g->strings;
    for (int32_t slot = 0; slot < table->slot_count && !c->fault; slot++) {
        c->is_swept = c->g->gc_phase == GC_SWEEP_STRINGS ? slot < c->g->sweep_slot
                                                         : c->g->gc_phase != GC_PROPAGATE;
        const struct object *o = (const struct object *)DEREF(DEREF(table->slots)[slot]);
        for (; o && !c->fault; o = DEREF(o->next)) {
            check_colour(c, o);
            count(c, sizeof(struct string) + ((const struct string *)o)->bytes + 1);
        }
    }
    c->is_swept = 0;
}

static uint32_t gray_link(const struct object *o)
{
    switch (o->tag_) {
    case LUA_TTABLE:
        return ((const struct table *)o)->gray.addr;
    case LUA_TFUNCTION:
        return ((const struct closure *)o)->gray.addr;
    case LUA_TTHREAD:
        return ((const struct lua_State *)o)->gray.addr;
    default:
        return ((const struct proto *)o)->gray.addr;
    }
}

// Takes the members of a gray list off the count of gray objects.
static void check_gray_list(struct checker *c, uint32_t addr)
{
    while (addr && !c->fault) {
        const struct object *o = (const void *)(uintptr_t)addr;
        FAIL_UNLESS(c, (o->marked_ & MARK_COLOURS) == 0, "object of a gray list is not gray");
        FAIL_UNLESS(c, c->gray > 0, "gray list with a loop, or an object in two of them");
        c->gray--;
        addr = gray_link(o);
    }
}

// The ring of all open upvalues has those of the threads.
static void check_ring(struct checker *c)
{
    const struct upvalue *head = &c->g->open_upvalues, *u = head;
    uint32_t left = c->open_upvalues;
    do {
        const struct upvalue *next = DEREF(u->u.open.next);
        FAIL_UNLESS(c, DEREF(next->u.open.prev) == u, "ring of open upvalues is torn");
        u = next;
        FAIL_UNLESS(c, u == head || left > 0, "open upvalue that is in no thread's list");
        left -= u != head;
    } while (u != head && !c->fault);
    FAIL_UNLESS(c, left == 0, "open upvalue that is not in the ring");
}

// What the state itself holds.
static void check_roots(struct checker *c)
{
    const struct global_state *g = c->g;
    const struct object *owner = (const struct object *)DEREF(g->main_thread);
    check_value(c, owner, &g->registry);
    for (size_t i = 0; i < sizeof g->metatables / sizeof *g->metatables; i++)
        check_reference(c, owner, DEREF(g->metatables[i]));
    for (int i = 0; i < META_COUNT; i++)
        check_reference(c, owner, DEREF(g->metamethod_names[i]));
}

static size_t held_bytes;

void check_held(ptrdiff_t bytes)
{
    held_bytes += (size_t)bytes;
}

const char *check_objects(lua_State *L, int is_exact)
{
    const struct global_state *g = GLOBAL(L);
    struct checker c = {.g = g};
    // The state itself, but for the main thread, which is in the list.
    count(&c, sizeof *g + (size_t)g->strings.slot_count * sizeof(uint32_t) + g->buffer.bytes +
                  held_bytes);
    check_strings_alive(&c);
    check_object_list(&c);
    if (!c.fault)
        check_finalizable(&c);
    if (!c.fault)
        check_ring(&c);
    if (!c.fault)
        check_roots(&c);
    if (!c.fault && g->gc_phase == GC_PROPAGATE) {
        check_gray_list(&c, g->gray.addr);
        check_gray_list(&c, g->gray_again.addr);
        check_gray_list(&c, g->weak.addr);
        FAIL_UNLESS(&c, c.gray == 0, "gray object that is in no gray list");
    }
    FAIL_UNLESS(&c, !is_exact || c.bytes == g->total_bytes,
                "objects of fewer bytes than the ledger has");
    return c.fault;
}

// ---- all of it ----

const char *check_all(lua_State *L, int is_exact)
{
    const char *fault = heap_check();
    if (!fault)
        fault = flash_regions_check();
    if (!fault)
        fault = check_strings(GLOBAL(L));
    if (!fault)
        fault = check_objects(L, is_exact);
    return fault;
}

void check_collection(lua_State *L, uint32_t bytes, int is_exact)
{
    static uint32_t credit; // bytes that may be looked at
    uint32_t total = GLOBAL(L)->total_bytes;
    credit += bytes / 4;
    if (total > SMALL_BYTES && credit < total)
        return;
    credit = 0;
    const char *fault = check_all(L, is_exact);
    if (fault)
        port_panic(fault);
}
