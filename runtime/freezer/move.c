// move.c: one walk over the heap lets everything refer to what lies in flash; then RAM goes back.
//
// Reads and writes: every object of the state, its stacks, the string table. Memory: gives back,
// takes none. The collector may stand anywhere in its cycle: what it has given up is left alone,
// and nothing that it may have in a list is freed here, but for parts of functions.
//
// Strings that are keys keep their places: one in flash has the hash of the one in RAM. A key that
// was removed from a table leaves its address behind for traversals (table.c), which must move with
// it. Tables and functions that are keys get others, in place.
//
// What cannot go at once
// - A function that runs: the interpreter has its code and constants in registers of the machine.
//   Its closures keep it, until it has returned. A suspended thread has nothing in registers: its
//   saved places in code are moved.
// - A string that a C function has on its stack: it may look at the characters. The string is left
//   behind where nobody finds it, and goes when no C function has its twin any more.
// Both are looked at when the collector ends marking (freezer_settle).

#include <assert.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"
#include "runtime/core/walk.h"
#include "runtime/freezer/closure.h"
#include "runtime/freezer/function.h"
#include "runtime/freezer/mark.h"
#include "runtime/freezer/parts.h"
#include "runtime/freezer/table.h"
#include "runtime/probe/probe.h"

#define HASH_LEFT_BEHIND 0x80000000u // no slot depends on this bit

// ---- calls ----

static struct value *call_end(const lua_State *thread, const struct call_record *call)
{
    return call < DEREF(thread->call) ? DEREF(call[1].func) : DEREF(thread->top);
}

// The call's function, if it is one of Lua in RAM that is to move; else NULL.
static struct proto *moving_proto(const struct call_record *call)
{
    if (!call_is_lua(call))
        return NULL;
    struct proto *p = CALL_PROTO(call);
    return !IN_WINDOW(p) && mark_target(p->flags) ? p : NULL;
}

static void hold_function(lua_State *thread, struct call_record *call)
{
    struct proto *p = moving_proto(call);
    if (p == NULL)
        return;
    if (thread->status != LUA_YIELD) {
        p->flags |= MARK_HELD;
        return;
    }
    uint32_t code = ((const struct proto *)(uintptr_t)mark_target(p->flags))->code.addr;
    if (call->pc.addr - p->code.addr <= 4u * (uint32_t)p->code_count)
        call->pc.addr += code - p->code.addr;
}

static void hold_running(void *context, lua_State *thread, struct call_record *call)
{
    (void)context;
    hold_function(thread, call);
}

static void hold_strings(lua_State *thread, struct call_record *call)
{
    if (call_is_lua(call))
        return;
    for (struct value *v = DEREF(call->base); v < call_end(thread, call); v++)
        if (VALUE_IS_STRING(v) && !IN_WINDOW(VALUE_STRING(v)) &&
            mark_target(VALUE_STRING(v)->flags))
            VALUE_STRING(v)->flags |= MARK_HELD;
}

static void hold(void *context, lua_State *thread, struct call_record *call)
{
    (void)context;
    hold_function(thread, call);
    hold_strings(thread, call);
}

// ---- redirecting ----

static void move_value(const struct walk *walk, struct value *v)
{
    (void)walk;
    uint32_t to = 0;
    if (VALUE_IS_STRING(v)) {
        to = mark_string_addr(VALUE_STRING(v));
        if (to != 0)
            v->as.pointer = to;
    } else if (VALUE_TAG(v) == TAG_PROTO) { // of a chunk that is being loaded
        to = mark_proto_addr((const struct proto *)(uintptr_t)v->as.pointer);
        if (to != 0)
            v->as.pointer = to;
    } else if ((VALUE_IS_TABLE(v) || VALUE_IS_CLOSURE(v)) && mark_is_in_job(VALUE_OBJECT(v))) {
        to = mark_object_addr(VALUE_OBJECT(v));
        if (to != 0)
            value_set_pointer(v, (const void *)(uintptr_t)to,
                              VALUE_IS_TABLE(v) ? TAG_FROZEN_TABLE : LUA_TFUNCTION);
    }
}

static void move_table_ref(const struct walk *walk, uint32_t *addr)
{
    (void)walk;
    const struct table *t = (const struct table *)(uintptr_t)*addr;
    if (t == NULL || OBJECT_TAG(t) != LUA_TTABLE || !mark_is_in_job(t))
        return;
    uint32_t to = mark_object_addr(t);
    if (to != 0)
        *addr = to;
}

static void move_string_ref(const struct walk *walk, uint32_t *addr)
{
    (void)walk;
    const struct string *s = (const struct string *)(uintptr_t)*addr;
    uint32_t to = mark_string_addr(s);
    if (to != 0)
        *addr = to;
}

// A function that has it inside takes it along even if it is held.
static void move_proto_ref(const struct walk *walk, uint32_t *addr, int is_inner)
{
    (void)walk;
    const struct proto *p = (const struct proto *)(uintptr_t)*addr;
    uint32_t to = mark_proto_addr(p);
    if (to != 0 && (is_inner || IN_WINDOW(p) || !(p->flags & MARK_HELD)))
        *addr = to;
}

// The flags of a string that may not be there any more: its block may be free.
__attribute__((no_sanitize_address)) static uint16_t flags_at(uint32_t addr)
{
    return ((const struct string *)(uintptr_t)addr)->flags;
}

// A removed key is an address, and that of a string only if the string table has it.
static void move_dead_key(const struct walk *walk, struct value *key)
{
    const struct global_state *g = walk->g;
    uint32_t addr = key->as.pointer;
    if (IN_WINDOW(addr))
        return;
    uint32_t to = mark_target(flags_at(addr));
    if (to == 0 || !freezer_area_has(&freezer.area, to, FREEZER_STRING))
        return;
    uint32_t slot = ((const struct string *)(uintptr_t)to)->hash &
                    ((uint32_t)g->strings.slot_count - 1u);
    const struct string *s = DEREF(DEREF(g->strings.slots)[slot]);
    while (s != NULL && ADDR32(s) != addr)
        s = (const struct string *)DEREF(s->next);
    if (s != NULL)
        key->as.pointer = to;
}

// ---- giving RAM back ----

static void settle(lua_State *L);

static void note_moved(const void *old, uint32_t addr, uint32_t bytes, int kind)
{
    (void)old;
    (void)addr;
    (void)bytes;
    (void)kind;
    freezer.moved++;
    PROBE_FREEZE_OBJECT(freezer.freezes, ADDR32(old), addr, bytes, kind);
}

void freezer_leave_behind(struct string *s)
{
    s->hash ^= HASH_LEFT_BEHIND;
    s->flags = STRING_LEFT_BEHIND;
    s->marked_ &= (uint8_t)~MARK_FIXED;
    freezer.left_behind++;
    gc_marking_ends = settle;
}

static void release_chain(lua_State *L, uint32_t *link)
{
    while (*link != 0) {
        struct string *s = (struct string *)(uintptr_t)*link;
        uint16_t flags = s->flags;
        if (flags != 0 && flags != STRING_LEFT_BEHIND && mark_target(flags) == 0)
            s->flags = flags = 0; // was planned only
        if (flags != 0 && flags != STRING_LEFT_BEHIND)
            note_moved(s, mark_target(flags), frozen_string_bytes(s), KIND_STRING);
        if (flags == 0 || flags == STRING_LEFT_BEHIND) {
            link = &s->next.addr;
        } else if (flags & MARK_HELD) {
            freezer_leave_behind(s);
            link = &s->next.addr;
        } else {
            *link = s->next.addr;
            str_free(L, s);
        }
    }
}

// Functions lose their parts. The collector may have them in a list of gray objects, so they
// themselves wait for it, as objects that refer to nothing.
static void release_protos(lua_State *L)
{
    const struct global_state *g = GLOBAL(L);
    freezer.pinned = 0;
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o)) {
        struct proto *p = (struct proto *)o;
        if (o->tag_ != TAG_PROTO || p->flags == 0)
            continue;
        if (mark_target(p->flags) == 0) {
            p->flags = 0;
        } else if (p->flags & MARK_HELD) {
            freezer.pinned++;
        } else {
            note_moved(p, mark_target(p->flags), frozen_function_bytes(p), KIND_PROTO);
            func_clear_proto(L, p);
            p->flags = 0;
        }
    }
}

// Tables lose their parts, as functions do. Closures and upvalues are left to the collector.
static void release_objects(lua_State *L)
{
    const struct global_state *g = GLOBAL(L);
    struct table *globals = freeze_globals(L);
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o)) {
        if (o->tag_ == TAG_UPVALUE)
            ((struct upvalue *)o)->pad_ = 0;
        if ((o->tag_ != LUA_TTABLE && o->tag_ != LUA_TFUNCTION) || !mark_is_in_job(o))
            continue;
        uint32_t to = mark_object_addr(o);
        mark_leave(o, globals);
        if (to == 0)
            continue;
        if (o->tag_ == LUA_TFUNCTION) {
            note_moved(o, to, frozen_closure_bytes((struct lua_closure *)o), KIND_CLOSURE);
        } else {
            note_moved(o, to, frozen_table_bytes((struct table *)o), KIND_TABLE);
            table_clear(L, (struct table *)o);
        }
    }
}

static void let_go(const struct global_state *g)
{
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o))
        if (o->tag_ == TAG_PROTO)
            ((struct proto *)o)->flags &= (uint16_t)~MARK_HELD;
}

// ---- later ----

static void keep_left_behind(void *context, lua_State *thread, struct call_record *call)
{
    (void)context;
    const struct global_state *g = GLOBAL(thread);
    if (call_is_lua(call))
        return;
    for (const struct value *v = DEREF(call->base); v < call_end(thread, call); v++) {
        if (!VALUE_IS_STRING(v) || !IN_WINDOW(VALUE_STRING(v)))
            continue;
        const struct string *twin = VALUE_STRING(v);
        uint32_t slot = twin->hash & ((uint32_t)g->strings.slot_count - 1u);
        struct string *s = DEREF(DEREF(g->strings.slots)[slot]);
        for (; s != NULL; s = (struct string *)DEREF(s->next))
            if (s->flags == STRING_LEFT_BEHIND && s->hash == (twin->hash ^ HASH_LEFT_BEHIND) &&
                s->bytes == twin->bytes && memcmp(STRING_TEXT(s), STRING_TEXT(twin), s->bytes) == 0)
                s->marked_ &= (uint8_t)~MARK_WHITES;
    }
}

static void count_left_behind(const struct global_state *g)
{
    freezer.left_behind = 0;
    for (int32_t i = 0; i < g->strings.slot_count; i++)
        for (const struct string *s = DEREF(DEREF(g->strings.slots)[i]); s != NULL;
             s = (const struct string *)DEREF(s->next))
            freezer.left_behind += s->flags == STRING_LEFT_BEHIND;
}

// The collector ends marking: functions that have returned meanwhile go; strings that C functions
// still have do not.
static void settle(lua_State *L)
{
    const struct global_state *g = GLOBAL(L);
    if (freezer.pinned > 0) {
        let_go(g);
        walk_calls(g, NULL, hold_running);
        const struct walk closures = {.proto = move_proto_ref};
        for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o))
            if (o->tag_ == LUA_TFUNCTION)
                walk_object(&closures, o);
        release_protos(L);
    }
    if (freezer.left_behind > 0) {
        count_left_behind(g);
        walk_calls(g, NULL, keep_left_behind);
    }
    if (freezer.pinned == 0 && freezer.left_behind == 0)
        gc_marking_ends = NULL;
}

// Tables whose keys have moved have them where they are found.
static void place_keys(const struct global_state *g)
{
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o)) {
        struct table *t = (struct table *)o;
        if (o->tag_ != LUA_TTABLE || mark_is_in_job(t) || !TABLE_HAS_NODES(t))
            continue;
        const struct node *n = DEREF(t->nodes);
        for (const struct node *end = n + TABLE_NODE_COUNT(t); n < end; n++) {
            const struct value *key = &n->key.value;
            if (!VALUE_IS_NIL(&n->value) && (VALUE_IS_FROZEN_TABLE(key) || VALUE_IS_CLOSURE(key)) &&
                table_get(t, key) != &n->value) {
                table_keys_moved(t);
                break;
            }
        }
    }
}

// ---- the walk ----

static int is_going(const struct table *t)
{
    return mark_is_in_job(t);
}

void freezer_move(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    let_go(g);
    walk_calls(g, NULL, hold);
    walk_heap(&(struct walk){.value = move_value,
                             .string = move_string_ref,
                             .proto = move_proto_ref,
                             .metatable = move_table_ref,
                             .dead_key = move_dead_key,
                             .skips = is_going,
                             .g = g});
    if (freezer.moves_keys)
        place_keys(g);
    freezer.moves_keys = 0;
    release_protos(L);
    release_objects(L);
    for (int32_t i = 0; i < g->strings.slot_count; i++)
        release_chain(L, &DEREF(g->strings.slots)[i].addr);
    gc_marking_ends = freezer.pinned > 0 || freezer.left_behind > 0 ? settle : NULL;
}

void freezer_unmark(lua_State *L)
{
    const struct global_state *g = GLOBAL(L);
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o))
        if (o->tag_ == TAG_PROTO && !(((struct proto *)o)->flags & MARK_HELD))
            ((struct proto *)o)->flags = 0;
        else if (o->tag_ == TAG_UPVALUE)
            ((struct upvalue *)o)->pad_ = 0;
        else if ((o->tag_ == LUA_TTABLE || o->tag_ == LUA_TFUNCTION) && mark_is_in_job(o))
            mark_leave(o, freeze_globals(L));
    for (int32_t i = 0; i < g->strings.slot_count; i++)
        for (struct string *s = DEREF(DEREF(g->strings.slots)[i]); s != NULL;
             s = (struct string *)DEREF(s->next))
            if (s->flags != STRING_LEFT_BEHIND && mark_target(s->flags) == 0)
                s->flags = 0;
}
