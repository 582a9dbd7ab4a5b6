// unload.c: see unload.h.
//
// The walk over the heap is the freezer's; where a reference leads is asked of the string tables by
// its text, since no string of flash has room for a mark. It begins after a full collection that is
// not followed by another before the end, so no object is black, dead or in a gray list.

#include "runtime/freezer/unload.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/api/lua.h"
#include "runtime/core/call.h"
#include "runtime/core/gc.h"
#include "runtime/core/holder.h"
#include "runtime/core/str.h"
#include "runtime/core/walk.h"
#include "runtime/flash/lfs.h"
#include "runtime/format/status.h"
#include "runtime/freezer/parts.h"
#include "runtime/probe/probe.h"

#define FLAG_TWIN 0x0001u // of a string in RAM: the new image has its text
#define FLAG_HELD 0x8000u // a C function has it

struct exchange {
    lua_State *L;
    struct flash_region old; // begin == end: there was none
    struct flash_region new; // the same
    struct unload_result *result;
};

static int is_in(const struct flash_region *region, uint32_t addr)
{
    return addr - region->begin < region->end - region->begin;
}

// ---- functions ----

static const struct closure *closure_in(const struct object *o, const struct flash_region *region)
{
    const struct closure *c = (const struct closure *)o;
    return o->tag_ == LUA_TFUNCTION && !c->is_c && is_in(region, c->body) ? c : NULL;
}

static void tell_holder(lua_State *L, const struct closure *c, struct unload_result *result)
{
    char path[UNLOAD_WHY_BYTES - 48];
    const struct proto *p = DEREF(((const struct lua_closure *)c)->proto);
    char source[32]; // the end of the name
    size_t n = 0;
    const struct string *s = DEREF(p->source);
    size_t bytes = s ? s->bytes : 0, skip = bytes < sizeof source ? 1 : bytes - sizeof source + 1;
    for (; skip + n < bytes; n++)
        source[n] = text_char(STRING_TEXT(s), skip + n);
    source[n] = 0;
    holder_path(L, (const struct object *)c, path, sizeof path);
    snprintf(result->why, sizeof result->why, "%s: function %s:%d", path, source,
             (int)p->line_defined);
}

void unload_find_holder(lua_State *L, const struct flash_region *region,
                        struct unload_result *result)
{
    const struct global_state *g = GLOBAL(L);
    *result = (struct unload_result){{0}, 0, 0, 0};
    if (gc_loading > 0) {
        snprintf(result->why, sizeof result->why, "a chunk is being loaded");
        return;
    }
    uint8_t blocked = g->gc_blocked;
    GLOBAL(L)->gc_blocked = 0;
    gc_full(L, GC_REASON_REQUEST);
    gc_full(L, GC_REASON_REQUEST); // what finalizers have let go
    GLOBAL(L)->gc_blocked = blocked;
    for (const struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o)) {
        const struct closure *c = closure_in(o, region);
        if (c) {
            tell_holder(L, c, result);
            return;
        }
    }
}

// ---- strings that go to RAM ----

static void take(const struct exchange *x, uint32_t addr)
{
    const struct string *s = (const struct string *)(uintptr_t)addr;
    if (is_in(&x->old, addr))
        (void)str_new(x->L, STRING_TEXT(s), s->bytes);
}

static void take_value(const struct walk *walk, struct value *v)
{
    if (VALUE_IS_STRING(v))
        take(walk->context, v->as.pointer);
}

static void take_string(const struct walk *walk, uint32_t *addr)
{
    take(walk->context, *addr);
}

// Everything that may run out of memory. New strings are held by nothing: nothing collects.
static int take_all(lua_State *L)
{
    struct exchange *x = lua_touserdata(L, 1);
    uint32_t before = GLOBAL(L)->strings.string_count;
    walk_heap(
        &(struct walk){.value = take_value, .string = take_string, .g = GLOBAL(L), .context = x});
    (void)str_new_z(L, "not enough memory");
    x->result->to_ram = GLOBAL(L)->strings.string_count - before;
    return 0;
}

// ---- strings of RAM that the new image has ----

static const struct string *twin_of(const struct exchange *x, const struct string *s)
{
    unsigned probes = 0;
    const struct string *twin = str_find_flash(STRING_TEXT(s), s->bytes, s->hash, &probes);
    return twin && is_in(&x->new, ADDR32(twin)) ? twin : NULL;
}

static void mark_twins(const struct exchange *x)
{
    const struct string_table *strings = &GLOBAL(x->L)->strings;
    for (int32_t i = 0; i < strings->slot_count; i++)
        for (struct string *s = DEREF(DEREF(strings->slots)[i]); s != NULL;
             s = (struct string *)DEREF(s->next))
            if (s->flags == 0 && twin_of(x, s))
                s->flags = FLAG_TWIN;
}

static void note_c_string(struct exchange *x, const struct value *v)
{
    struct string *s = VALUE_STRING(v);
    if (is_in(&x->old, ADDR32(s)))
        x->result->c_strings++;
    else if (!IN_WINDOW(s) && s->flags == FLAG_TWIN)
        s->flags |= FLAG_HELD;
}

// The C function that asked for all this has taken what it had off its stack.
static void note_c_strings(void *context, lua_State *thread, struct call_record *call)
{
    struct exchange *x = context;
    if (call_is_lua(call))
        return;
    const struct value *end = call < DEREF(thread->call) ? DEREF(call[1].func) : DEREF(thread->top);
    for (const struct value *v = DEREF(call->base); v < end; v++)
        if (VALUE_IS_STRING(v))
            note_c_string(x, v);
}

static void release_chain(const struct exchange *x, uint32_t *link)
{
    while (*link != 0) {
        struct string *s = (struct string *)(uintptr_t)*link;
        if (!(s->flags & FLAG_TWIN) || s->flags == STRING_LEFT_BEHIND) {
            link = &s->next.addr;
            continue;
        }
        x->result->to_flash++;
        if (s->flags & FLAG_HELD) {
            freezer_leave_behind(s);
            link = &s->next.addr;
        } else {
            *link = s->next.addr;
            str_free(x->L, s);
        }
    }
}

// ---- redirecting ----

// Where a string is from now on.
static uint32_t place_of(const struct exchange *x, uint32_t addr)
{
    const struct string *s = (const struct string *)(uintptr_t)addr;
    const struct string *now = s;
    if (is_in(&x->old, addr))
        now = str_find(x->L, STRING_TEXT(s), s->bytes);
    else if (addr != 0 && !IN_WINDOW(addr) && s->flags & FLAG_TWIN &&
             s->flags != STRING_LEFT_BEHIND)
        now = twin_of(x, s);
    assert(now != NULL || addr == 0);
    return ADDR32(now);
}

static void move_value(const struct walk *walk, struct value *v)
{
    if (VALUE_IS_STRING(v))
        v->as.pointer = place_of(walk->context, v->as.pointer);
}

static void move_string(const struct walk *walk, uint32_t *addr)
{
    *addr = place_of(walk->context, *addr);
}

// The hash of what may be a string, and may not be there any more.
__attribute__((no_sanitize_address)) static uint32_t hash_at(uint32_t addr)
{
    return ((const struct string *)(uintptr_t)addr)->hash;
}

// A removed key is an address. One of the old image has the text of a string that is in use, or of
// none: then nobody can ask for it.
static void move_dead_key(const struct walk *walk, struct value *key)
{
    const struct exchange *x = walk->context;
    const struct string_table *strings = &walk->g->strings;
    uint32_t addr = key->as.pointer;
    if (is_in(&x->old, addr)) {
        const struct string *s = (const struct string *)(uintptr_t)addr;
        key->as.pointer = ADDR32(str_find(x->L, STRING_TEXT(s), s->bytes));
    } else if (addr != 0 && !IN_WINDOW(addr)) {
        uint32_t slot = hash_at(addr) & ((uint32_t)strings->slot_count - 1u);
        const struct string *s = DEREF(DEREF(strings->slots)[slot]);
        while (s != NULL && ADDR32(s) != addr)
            s = (const struct string *)DEREF(s->next);
        if (s != NULL)
            key->as.pointer = place_of(x, addr);
    }
}

static void fix_strings(lua_State *L)
{
    static const char message[] = "not enough memory";
    for (int i = 0; i < META_COUNT; i++)
        str_fix(DEREF(GLOBAL(L)->metamethod_names[i]));
    str_fix(str_find(L, message, sizeof message - 1));
}

static void redirect(struct exchange *x)
{
    struct global_state *g = GLOBAL(x->L);
    mark_twins(x);
    walk_calls(g, x, note_c_strings);
    walk_heap(&(struct walk){.value = move_value,
                             .string = move_string,
                             .dead_key = move_dead_key,
                             .g = g,
                             .context = x});
    for (int32_t i = 0; i < g->strings.slot_count; i++)
        release_chain(x, &DEREF(g->strings.slots)[i].addr);
    fix_strings(x->L);
}

// ---- the whole ----

static struct flash_region mounted(enum flash_region_id id)
{
    const struct flash_region *region = flash_region_find(id);
    return region ? *region : (struct flash_region){.id = id};
}

// With collection blocked.
static int exchange_strings(lua_State *L, enum flash_region_id id, unload_exchange exchange,
                            struct unload_result *result)
{
    struct exchange x = {.L = L, .old = mounted(id), .result = result};
    if (exchange(1) != 0)
        return STATUS_USAGE;
    x.new = mounted(id);
    lua_pushcfunction(L, take_all);
    lua_pushlightuserdata(L, &x);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        lua_settop(L, 0); // the message
        (void)exchange(0);
        GLOBAL(L)->gc_blocked = 0;
        gc_full(L, GC_REASON_FAILURE); // strings that were taken over in vain
        return STATUS_NO_MEMORY;
    }
    redirect(&x);
    return STATUS_OK;
}

int unload_region(lua_State *L, enum flash_region_id id, unload_exchange exchange,
                  struct unload_result *result)
{
    struct global_state *g = GLOBAL(L);
    *result = (struct unload_result){{0}, 0, 0, 0};
    assert(lua_gettop(L) == 0);
    if (gc_loading > 0 || !lua_checkstack(L, 4))
        return STATUS_USAGE;
    uint8_t blocked = g->gc_blocked;
    g->gc_blocked = 0;
    gc_full(L, GC_REASON_FAILURE);
    g->gc_blocked = 1;
    assert(g->gc_phase == GC_PAUSE || g->gc_phase == GC_FINALIZE);
    int status = exchange_strings(L, id, exchange, result);
    g->gc_blocked = blocked;
    return status;
}
