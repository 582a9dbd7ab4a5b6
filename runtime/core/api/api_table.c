// api_table.c: the C interface: tables, metatables, environments.
//
// Reads and writes: the stack of the thread given, tables. Memory: tables, keys that are strings.
// Source: runtime/core/api/lua.h, Lua 5.1 manual, chapter 3.

#include "runtime/core/api/api.h"
#include "runtime/core/debug.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/gc.h"
#include "runtime/core/meta.h"
#include "runtime/core/overlay.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"
#include "runtime/core/vm_inline.h"

void lua_createtable(lua_State *L, int list_count, int field_count)
{
    assert(list_count >= 0 && field_count >= 0);
    GC_CHECK(L);
    struct table *t = table_new_by_api(L, list_count, field_count);
    api_push_object(L, t, LUA_TTABLE);
}

// ---- reading ----

void lua_gettable(lua_State *L, int idx)
{
    const struct value *t = api_at(L, idx);
    vm_get(L, t, TOP(L) - 1, TOP(L) - 1);
}

void lua_getfield(lua_State *L, int idx, const char *key)
{
    struct string *s = str_new_z(L, key);
    struct value k;
    value_set_pointer(&k, s, LUA_TSTRING); // vm_get copies it to the stack before it calls
    const struct value *t = api_at(L, idx);
    vm_get(L, t, &k, TOP(L));
    api_grow_top(L);
}

void lua_rawget(lua_State *L, int idx)
{
    const struct value *t = api_at(L, idx);
    struct value *key = TOP(L) - 1;
    assert(VALUE_BASE(t) == LUA_TTABLE);
    struct value found;
    const struct table *overlay = overlay_of(t);
    if (overlay)
        *key = *overlay_get(overlay, t, key);
    else if (!VALUE_IS_ROTABLE(t))
        *key = *table_get(VALUE_TABLE(t), key);
    else if (rotable_get(VALUE_ROTABLE(t), key, &found))
        *key = found;
    else
        value_set_nil(key);
}

void lua_rawgeti(lua_State *L, int idx, int n)
{
    const struct value *t = api_at(L, idx);
    const struct table *overlay = overlay_of(t);
    assert(VALUE_BASE(t) == LUA_TTABLE);
    if (overlay) {
        struct value key = {.tag = LUA_TNUMBER, .as.number = (lua_Number)n};
        api_push(L, overlay_get(overlay, t, &key));
        return;
    }
    api_push(L, VALUE_HAS_TABLE(t) ? table_get_int(VALUE_TABLE(t), n) : &value_nil);
}

int lua_next(lua_State *L, int idx)
{
    const struct value *t = api_at(L, idx);
    struct value *key = TOP(L) - 1;
    assert(VALUE_BASE(t) == LUA_TTABLE);
    const struct table *overlay = overlay_of(t);
    int more;
    if (overlay)
        more = overlay_next(L, overlay, t, key);
    else
        more = VALUE_HAS_TABLE(t) ? table_next(L, VALUE_TABLE(t), key)
                                  : rotable_next(L, VALUE_ROTABLE(t), key);
    if (more)
        api_grow_top(L);
    else
        TOP_SET(L, TOP(L) - 1);
    return more;
}

// ---- writing ----

void lua_settable(lua_State *L, int idx)
{
    const struct value *t = api_at(L, idx);
    struct value *top = TOP(L);
    VM_STORED(L, top - 2, top - 1);
    vm_set(L, t, top - 2, top - 1);
    TOP_SET(L, TOP(L) - 2);
}

void lua_setfield(lua_State *L, int idx, const char *key)
{
    struct string *s = str_new_z(L, key);
    const struct value *t = api_at(L, idx);
    struct value *top = TOP(L);
    value_set_pointer(top, s, LUA_TSTRING); // keeps the key alive while the table grows
    api_grow_top(L);
    VM_STORED(L, top, top - 1);
    vm_set(L, t, top, top - 1);
    TOP_SET(L, TOP(L) - 2);
}

// The table at idx for a raw store.
static struct table *table_to_store(lua_State *L, int idx)
{
    const struct value *t = api_at(L, idx);
    if (VALUE_IS_ROTABLE(t))
        debug_run_error(L, "table is readonly");
    if (VALUE_IS_FROZEN_TABLE(t))
        debug_frozen_error(L, t, NULL);
    assert(VALUE_IS_TABLE(t));
    return VALUE_TABLE(t);
}

// Stores the topmost value at `place` of t.
static void store_top(lua_State *L, struct table *t, struct value *place)
{
    struct value *v = TOP(L) - 1;
    *place = *v;
    fast_path_table_changed(t);
    VM_BARRIER_TABLE(L, t, v);
}

// Stores the topmost value in the overlay of the table at idx, if it has one.
static int store_in_overlay(lua_State *L, int idx, const struct value *key)
{
    const struct value *t = api_at(L, idx);
    struct table *overlay = overlay_of(t);
    if (overlay)
        overlay_set(L, overlay, t, key, TOP(L) - 1);
    return overlay != NULL;
}

void lua_rawset(lua_State *L, int idx)
{
    struct value key = TOP(L)[-2]; // making room may move the stack
    if (store_in_overlay(L, idx, &key)) {
        TOP_SET(L, TOP(L) - 2);
        return;
    }
    struct table *t = table_to_store(L, idx);
    VM_STORED(L, &key, TOP(L) - 1);
    store_top(L, t, table_set(L, t, &key));
    TOP_SET(L, TOP(L) - 2);
}

void lua_rawseti(lua_State *L, int idx, int n)
{
    const struct value key = {.tag = LUA_TNUMBER, .as.number = (lua_Number)n};
    if (store_in_overlay(L, idx, &key)) {
        TOP_SET(L, TOP(L) - 1);
        return;
    }
    struct table *t = table_to_store(L, idx);
    store_top(L, t, table_set_int(L, t, n));
    TOP_SET(L, TOP(L) - 1);
}

// ---- metatables ----

int lua_getmetatable(lua_State *L, int idx)
{
    struct table *mt = meta_table_of(L, api_at(L, idx));
    if (mt == NULL)
        return 0;
    api_push_any_table(L, mt);
    return 1;
}

int lua_setmetatable(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx), *top = TOP(L) - 1;
    struct table *mt = VALUE_IS_NIL(top) ? NULL : VALUE_TABLE(top);
    assert(mt == NULL || VALUE_BASE(top) == LUA_TTABLE);
    switch (VALUE_TAG(v)) {
    case LUA_TTABLE:
        REF_SET(VALUE_TABLE(v)->metatable, mt);
        fast_path_table_changed(VALUE_TABLE(v));
        if (mt)
            GC_BARRIER_TABLE(L, VALUE_TABLE(v), top);
        break;
    case LUA_TUSERDATA:
        REF_SET(VALUE_USERDATA(v)->metatable, mt);
        if (mt)
            GC_BARRIER_OBJECT(L, VALUE_USERDATA(v), mt);
        break;
    case TAG_FROZEN_TABLE:
        debug_frozen_error(L, v, NULL);
    case TAG_ROTABLE:
        debug_run_error(L, "table is readonly");
    default:
        if (VALUE_BASE(v) <= LUA_TTHREAD)
            REF_SET(GLOBAL(L)->metatables[VALUE_BASE(v)], mt);
        break;
    }
    TOP_SET(L, TOP(L) - 1);
    return 1;
}

// ---- environments ----

void lua_getfenv(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx);
    switch (VALUE_TAG(v)) {
    case LUA_TFUNCTION:
        api_push_object(L, closure_environment(L, VALUE_CLOSURE(v)), LUA_TTABLE);
        break;
    case TAG_LIGHT_FUNCTION:
        api_push(L, &L->globals);
        break;
    case LUA_TUSERDATA:
        api_push_object(L, DEREF(VALUE_USERDATA(v)->environment), LUA_TTABLE);
        break;
    case LUA_TTHREAD:
        api_push(L, &VALUE_THREAD(v)->globals);
        break;
    default:
        lua_pushnil(L);
    }
}

int lua_setfenv(lua_State *L, int idx)
{
    const struct value *v = api_at(L, idx), *top = TOP(L) - 1;
    int is_set = 1;
    assert(VALUE_BASE(top) == LUA_TTABLE);
    if (!VALUE_IS_TABLE(top)) // a read-only table cannot be an environment
        debug_run_error(L, "table is readonly");
    switch (VALUE_TAG(v)) {
    case LUA_TFUNCTION:
        if (IN_WINDOW(VALUE_CLOSURE(v)))
            debug_run_error(L, "function is frozen");
        REF_SET(VALUE_CLOSURE(v)->environment, VALUE_TABLE(top));
        break;
    case LUA_TUSERDATA:
        REF_SET(VALUE_USERDATA(v)->environment, VALUE_TABLE(top));
        break;
    case LUA_TTHREAD:
        VALUE_THREAD(v)->globals = *top;
        break;
    default:
        is_set = 0;
    }
    if (is_set)
        GC_BARRIER_OBJECT(L, VALUE_OBJECT(v), VALUE_TABLE(top));
    TOP_SET(L, TOP(L) - 1);
    return is_set;
}
