// overlay.c: see overlay.h.

#include "runtime/core/overlay.h"

#include "runtime/core/gc.h"
#include "runtime/core/table.h"

uint32_t overlay_list, overlay_islands;

// In an overlay: the field is gone.
static int is_gone(const struct value *v)
{
    return VALUE_IS(v, LUA_TLIGHTUSERDATA) && v->as.pointer == ADDR32(&overlay_list);
}

// Where the list has a table, 0: nowhere.
static int32_t find(int tag, uint32_t addr)
{
    const struct table *list = (const struct table *)(uintptr_t)overlay_list;
    for (int32_t i = 1;; i += OVERLAY_ITEMS) {
        const struct value *at = table_get_int(list, i);
        if (VALUE_IS_NIL(at))
            return 0;
        if (VALUE_IS(at, tag) && at->as.pointer == addr)
            return i;
    }
}

struct table *overlay_search(const struct value *v)
{
    const struct table *list = (const struct table *)(uintptr_t)overlay_list;
    int32_t at = VALUE_IS_FROZEN_TABLE(v) ? find(TAG_FROZEN_TABLE, v->as.pointer) : 0;
    return at ? VALUE_TABLE(table_get_int(list, at + 1)) : NULL;
}

uint32_t overlay_number(const struct table *t)
{
    const struct table *list = (const struct table *)(uintptr_t)overlay_list;
    int32_t at = list ? find(LUA_TTABLE, ADDR32(t)) : 0;
    return at ? (uint32_t)VALUE_NUMBER(table_get_int(list, at + 2)) : 0;
}

const struct value *overlay_get(const struct table *overlay, const struct value *frozen,
                                const struct value *key)
{
    const struct value *v = table_get(overlay, key);
    if (VALUE_IS_NIL(v))
        return table_get(VALUE_TABLE(frozen), key);
    return is_gone(v) ? &value_nil : v;
}

void overlay_set(lua_State *L, struct table *overlay, const struct value *frozen,
                 const struct value *key, const struct value *v)
{
    struct value stored = *v;
    if (VALUE_IS_NIL(v) && !VALUE_IS_NIL(table_get(VALUE_TABLE(frozen), key)))
        value_set_pointer(&stored, &overlay_list, LUA_TLIGHTUSERDATA);
    *table_set(L, overlay, key) = stored;
    GC_BARRIER_TABLE(L, overlay, &stored);
}

// The next field of the overlay that the frozen table does not have.
static int next_new(lua_State *L, const struct table *overlay, const struct table *frozen,
                    struct value *key)
{
    while (table_next(L, overlay, key))
        if (VALUE_IS_NIL(table_get(frozen, key)) && !is_gone(key + 1))
            return 1;
    return 0;
}

int overlay_next(lua_State *L, const struct table *overlay, const struct value *frozen,
                 struct value *key)
{
    const struct table *t = VALUE_TABLE(frozen);
    if (!VALUE_IS_NIL(key) && VALUE_IS_NIL(table_get(t, key)))
        return next_new(L, overlay, t, key);
    while (table_next(L, t, key)) {
        const struct value *v = table_get(overlay, key);
        if (is_gone(v))
            continue;
        if (!VALUE_IS_NIL(v))
            key[1] = *v;
        return 1;
    }
    value_set_nil(key);
    return next_new(L, overlay, t, key);
}

int32_t overlay_length(const struct table *overlay, const struct value *frozen)
{
    struct value key;
    int32_t n = table_length(VALUE_TABLE(frozen));
    value_set_number(&key, (lua_Number)n + 1);
    while (!VALUE_IS_NIL(overlay_get(overlay, frozen, &key)))
        value_set_number(&key, (lua_Number)(++n + 1));
    value_set_number(&key, (lua_Number)n);
    while (n > 0 && VALUE_IS_NIL(overlay_get(overlay, frozen, &key)))
        value_set_number(&key, (lua_Number)--n);
    return n;
}
