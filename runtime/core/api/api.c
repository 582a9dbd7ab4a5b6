// api.c: the C interface: positions, the stack, types, values to C and from C.
//
// Reads and writes: the stack of the thread given. Memory: objects that are pushed.
// Source: runtime/core/api/lua.h, Lua 5.1 manual, chapter 3. Steps of the collector are checked
// where
//         Lua 5.1 checks them, which is part of the ledger.

#include "runtime/core/api/api.h"

#include <string.h>

#include "runtime/core/debug.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/meta.h"
#include "runtime/core/overlay.h"
#include "runtime/core/profile.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"
#include "runtime/core/vm_inline.h"
#include "runtime/probe/probe.h"

// ---- positions ----

struct table *api_environment(lua_State *L)
{
    const struct value *func = DEREF(DEREF(L->call)->func);
    if (L->call.addr != L->calls.addr && VALUE_IS_CLOSURE(func))
        return closure_environment(L, VALUE_CLOSURE(func));
    return VALUE_TABLE(&L->globals);
}

struct value *api_at_special(lua_State *L, int idx)
{
    switch (idx) {
    case LUA_REGISTRYINDEX:
        return &GLOBAL(L)->registry;
    case LUA_GLOBALSINDEX:
        return &L->globals;
    case LUA_ENVIRONINDEX:
        value_set_pointer(&L->scratch, api_environment(L), LUA_TTABLE);
        return &L->scratch;
    default: {
        const struct value *func = DEREF(DEREF(L->call)->func);
        int n = LUA_GLOBALSINDEX - idx;
        if (!VALUE_IS_CLOSURE(func) || n > CLOSURE_UPVALUES(VALUE_CLOSURE(func)))
            return (struct value *)&value_nil;
        return &VALUE_C_CLOSURE(func)->upvalues[n - 1];
    }
    }
}

// ---- stack ----

int lua_gettop(lua_State *L)
{
    return (int)(TOP(L) - DEREF(L->base));
}

void lua_settop(lua_State *L, int idx)
{
    struct value *to = idx >= 0 ? DEREF(L->base) + idx : TOP(L) + idx + 1;
    assert(to >= DEREF(L->base));
    for (struct value *v = TOP(L); v < to; v++)
        value_set_nil(v);
    TOP_SET(L, to);
}

void lua_pushvalue(lua_State *L, int idx)
{
    api_push(L, api_at(L, idx));
}

void lua_remove(lua_State *L, int idx)
{
    struct value *v = api_at(L, idx), *last = TOP(L) - 1;
    assert(v >= DEREF(L->base) && v <= last);
    for (; v < last; v++)
        *v = v[1];
    TOP_SET(L, last);
}

void lua_insert(lua_State *L, int idx)
{
    struct value *place = api_at(L, idx), *v = TOP(L) - 1;
    assert(place >= DEREF(L->base) && place <= v);
    struct value moved = *v;
    for (; v > place; v--)
        *v = v[-1];
    *place = moved;
}

void lua_replace(lua_State *L, int idx)
{
    struct value *from = TOP(L) - 1;
    struct value *func = DEREF(DEREF(L->call)->func);
    if (idx == LUA_ENVIRONINDEX) {
        if (L->call.addr == L->calls.addr || !VALUE_IS_CLOSURE(func))
            debug_run_error(L, "no calling environment");
        assert(VALUE_IS_TABLE(from));
        REF_SET(VALUE_CLOSURE(func)->environment, VALUE_TABLE(from));
        GC_BARRIER_VALUE(L, VALUE_CLOSURE(func), from);
    } else {
        struct value *to = api_at(L, idx);
        assert(!API_IS_NONE(to));
        *to = *from;
        if (idx < LUA_GLOBALSINDEX) { // an upvalue
            VM_FLASH_STORE_EVENT(L, from);
            GC_BARRIER_VALUE(L, VALUE_CLOSURE(func), from);
        }
    }
    TOP_SET(L, TOP(L) - 1);
}

int lua_checkstack(lua_State *L, int extra)
{
    if (extra > LUAI_MAXCSTACK || (TOP(L) - DEREF(L->base)) + extra > LUAI_MAXCSTACK)
        return 0;
    if (extra > 0) {
        STACK_CHECK(L, extra);
        struct call_record *call = DEREF(L->call);
        if (DEREF(call->top) < TOP(L) + extra)
            REF_SET(call->top, TOP(L) + extra);
    }
    return 1;
}

void lua_xmove(lua_State *from, lua_State *to, int n)
{
    if (from == to)
        return;
    struct value *v = TOP(from) - n, *place = TOP(to);
    TOP_SET(from, v);
    API_ASSERT(place + n <= DEREF(to->stack_last) + STACK_RESERVE + 1);
    for (struct value *end = place + n; place < end; v++, place++)
        *place = *v;
    TOP_SET(to, place);
}

// ---- types ----

int lua_type(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    return API_IS_NONE(v) ? LUA_TNONE : VALUE_BASE(v);
}

const char *lua_typename(lua_State *L, int type)
{
    (void)L;
    return type == LUA_TNONE ? "no value" : meta_type_name(type);
}

int lua_isnumber(lua_State *L, int idx)
{
    struct value storage;
    return vm_to_number(L, api_at(L, idx), &storage) != NULL;
}

int lua_isstring(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    return VALUE_IS_STRING(v) || VALUE_IS_NUMBER(v);
}

int lua_iscfunction(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    return VALUE_IS_LIGHT_FUNCTION(v) || (VALUE_IS_CLOSURE(v) && CLOSURE_IS_C(VALUE_CLOSURE(v)));
}

int lua_isuserdata(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    return VALUE_IS_USERDATA(v) || VALUE_IS(v, LUA_TLIGHTUSERDATA);
}

int lua_equal(lua_State *L, int idx1, int idx2)
{
    const struct value *a = api_at(L, idx1), *b = api_at(L, idx2);
    if (API_IS_NONE(a) || API_IS_NONE(b))
        return 0;
    return VALUE_TAG(a) == VALUE_TAG(b) && vm_equal(L, a, b);
}

int lua_rawequal(lua_State *L, int idx1, int idx2)
{
    const struct value *a = api_at(L, idx1), *b = api_at(L, idx2);
    return !API_IS_NONE(a) && !API_IS_NONE(b) && vm_raw_equal(a, b);
}

int lua_lessthan(lua_State *L, int idx1, int idx2)
{
    const struct value *a = api_at(L, idx1), *b = api_at(L, idx2);
    return !API_IS_NONE(a) && !API_IS_NONE(b) && vm_less(L, a, b);
}

// ---- values to C ----

lua_Number lua_tonumber(lua_State *L, int idx)
{
    struct value storage;
    const struct value *n = api_at(L, idx);
    if (VALUE_IS_NUMBER(n))
        return VALUE_NUMBER(n);
    n = vm_to_number(L, n, &storage);
    return n ? VALUE_NUMBER(n) : 0;
}

// Cuts the fraction off. The firmware goes by 64 bits, of which the low 32 remain (infinite and not
// a number: of the ends of 64, and 0); out of range a computer's give the lowest number.
static lua_Integer to_integer(lua_Number n)
{
#ifdef FROST_INTEGER
    return n;
#else
    int32_t whole = vm_whole(n);
    if (VM_LIKELY((lua_Number)whole == n))
        return whole;
    if (lua_profile->is_firmware) {
        if (n > -9223372036854775808.0 && n < 9223372036854775808.0)
            return (int32_t)(uint32_t)(int64_t)n;
        return n > 0 ? -1 : 0;
    }
    if (n >= -9223372036854775808.0 && n < 9223372036854775808.0)
        return (lua_Integer)(int64_t)n;
    return PTRDIFF_MIN;
#endif
}

lua_Integer lua_tointeger(lua_State *L, int idx)
{
    struct value storage;
    const struct value *n = api_at(L, idx);
    if (VALUE_IS_NUMBER(n))
        return to_integer(VALUE_NUMBER(n));
    n = vm_to_number(L, n, &storage);
    return n ? to_integer(VALUE_NUMBER(n)) : 0;
}

int lua_toboolean(lua_State *L, int idx)
{
    return !VALUE_IS_FALSE(api_at(L, idx));
}

const char *lua_tolstring(lua_State *L, int idx, size_t *bytes)
{
    struct value *v = api_at(L, idx);
    if (!VALUE_IS_STRING(v)) {
        if (API_IS_NONE(v) || !vm_to_string(L, v)) {
            if (bytes)
                *bytes = 0;
            return NULL;
        }
        GC_CHECK(L);
        v = api_at(L, idx);
    }
    if (bytes)
        *bytes = VALUE_STRING(v)->bytes;
    PROBE_TEXT_TAKEN(L, VALUE_TEXT(v));
    return VALUE_TEXT(v);
}

size_t lua_objlen(lua_State *L, int idx)
{
    struct value *v = api_at(L, idx);
    switch (VALUE_TAG(v)) {
    case LUA_TSTRING:
        return VALUE_STRING(v)->bytes;
    case LUA_TUSERDATA:
        return VALUE_USERDATA(v)->bytes;
    case LUA_TTABLE:
    case TAG_FROZEN_TABLE: {
        const struct table *overlay = overlay_of(v);
        return (size_t)(overlay ? overlay_length(overlay, v) : table_length(VALUE_TABLE(v)));
    }
    case LUA_TNUMBER: {
        size_t bytes;
        lua_tolstring(L, idx, &bytes);
        return bytes;
    }
    default:
        return 0;
    }
}

lua_CFunction lua_tocfunction(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    if (VALUE_IS_LIGHT_FUNCTION(v))
        return VALUE_FUNCTION(v);
    if (VALUE_IS_CLOSURE(v) && CLOSURE_IS_C(VALUE_CLOSURE(v)))
        return (lua_CFunction)(uintptr_t)VALUE_C_CLOSURE(v)->function;
    return NULL;
}

void *lua_touserdata(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    if (VALUE_IS_USERDATA(v))
        return USERDATA_CONTENT(VALUE_USERDATA(v));
    return VALUE_IS(v, LUA_TLIGHTUSERDATA) ? VALUE_POINTER_(v, void) : NULL;
}

lua_State *lua_tothread(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    return VALUE_IS_THREAD(v) ? VALUE_THREAD(v) : NULL;
}

const void *lua_topointer(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    switch (VALUE_TAG(v)) {
    case LUA_TTABLE:
    case LUA_TFUNCTION:
    case LUA_TTHREAD:
    case TAG_FROZEN_TABLE:
    case TAG_ROTABLE:
    case TAG_LIGHT_FUNCTION:
        return VALUE_POINTER_(v, void);
    default:
        return lua_touserdata(L, idx);
    }
}

// ---- values from C ----

void lua_pushnil(lua_State *L)
{
    value_set_nil(TOP(L));
    api_grow_top(L);
}

void lua_pushnumber(lua_State *L, lua_Number n)
{
    PROBE_NUMBER_MADE(L);
    value_set_number(TOP(L), n);
    api_grow_top(L);
}

void lua_pushinteger(lua_State *L, lua_Integer n)
{
    PROBE_NUMBER_MADE(L);
    value_set_number(TOP(L), (lua_Number)n);
    api_grow_top(L);
}

void lua_pushboolean(lua_State *L, int b)
{
    value_set_boolean(TOP(L), b != 0);
    api_grow_top(L);
}

void lua_pushlightuserdata(lua_State *L, void *p)
{
    api_push_object(L, p, LUA_TLIGHTUSERDATA);
}

void lua_pushlstring(lua_State *L, const char *s, size_t bytes)
{
    GC_CHECK(L);
    struct string *made = str_new(L, s, bytes);
    api_push_object(L, made, LUA_TSTRING);
}

void lua_pushstring(lua_State *L, const char *s)
{
    if (s == NULL) {
        lua_pushnil(L);
        return;
    }
    size_t bytes = strlen(s);
    PROBE_TEXT_HASHED(L, s, bytes);
    lua_pushlstring(L, s, bytes);
}

void lua_pushcclosure(lua_State *L, lua_CFunction function, int n)
{
    if (n == 0) {
        api_push_object(L, (const void *)(uintptr_t)function, TAG_LIGHT_FUNCTION);
        return;
    }
    GC_CHECK(L);
    struct c_closure *c = func_new_c(L, n, api_environment(L));
    c->function = ADDR32(function);
    struct value *from = TOP(L) - n;
    TOP_SET(L, from);
    for (int at = 0; at < n; at++)
        c->upvalues[at] = from[at];
    api_push_object(L, c, LUA_TFUNCTION);
}

int lua_pushthread(lua_State *L)
{
    api_push_object(L, L, LUA_TTHREAD);
    return DEREF(GLOBAL(L)->main_thread) == L;
}

void lua_pushrotable(lua_State *L, const struct rotable *table)
{
    api_push_object(L, table, TAG_ROTABLE);
}

lua_State *lua_newthread(lua_State *L)
{
    GC_CHECK(L);
    struct lua_State *thread = state_thread_new(L);
    api_push_object(L, thread, LUA_TTHREAD);
    return thread;
}

void *lua_newuserdata(lua_State *L, size_t bytes)
{
    GC_CHECK(L);
    struct userdata *u = userdata_new(L, bytes, api_environment(L));
    api_push_object(L, u, LUA_TUSERDATA);
    return USERDATA_CONTENT(u);
}
