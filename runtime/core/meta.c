// meta.c: metamethods: their names, and looking them up.
//
// Reads and writes: the `absent` bits of tables that serve as metatables. Memory: none of its own;
// the names are fixed strings of the state.

#include "runtime/core/meta.h"

#include "runtime/core/profile.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"

const char *const meta_type_names[] = {
    "nil",      "boolean",  "userdata", "number", "string", "table",
    "function", "userdata", "thread",   "proto",  "upval",
};

const char *meta_type_name(int tag)
{
    if (tag == LUA_TLIGHTUSERDATA && lua_profile->is_firmware)
        return "lightfunction"; // what the firmware says
    return meta_type_names[tag];
}

void meta_init(lua_State *L)
{
    static const char *const names[] = {
#define META_TEXT(name, text) text,
        METAMETHODS(META_TEXT)
#undef META_TEXT
    };
    struct global_state *g = GLOBAL(L);
    for (int i = 0; i < META_COUNT; i++) {
        struct string *s = str_new_z(L, names[i]);
        REF_SET(g->metamethod_names[i], s);
        str_fix(s);
    }
}

// The entry of a metatable for an event, &value_nil if there is none.
static const struct value *entry(lua_State *L, const struct table *mt, enum metamethod event,
                                 struct value *storage)
{
    const struct string *name = DEREF(GLOBAL(L)->metamethod_names[event]);
    if (OBJECT_TAG(mt) != TAG_ROTABLE)
        return table_get_string(mt, name);
    return rotable_get_string((const struct rotable *)(const void *)mt, name, storage) ? storage
                                                                                       : &value_nil;
}

const struct value *meta_get(lua_State *L, struct table *mt, enum metamethod event,
                             struct value *storage)
{
    if (mt == NULL || (TABLE_ABSENT(mt) & 1u << event))
        return NULL;
    const struct value *found = entry(L, mt, event, storage);
    if (!VALUE_IS_NIL(found))
        return found;
    if (OBJECT_TAG(mt) == LUA_TTABLE) // what lies in flash has all its bits
        mt->absent |= (uint8_t)(1u << event);
    return NULL;
}

struct table *meta_table_of(lua_State *L, const struct value *v)
{
    switch (VALUE_TAG(v)) {
    case LUA_TTABLE:
    case TAG_FROZEN_TABLE:
        return DEREF(VALUE_TABLE(v)->metatable);
    case TAG_ROTABLE:
        return (struct table *)(uintptr_t)VALUE_ROTABLE(v)->metatable;
    case LUA_TUSERDATA:
        return DEREF(VALUE_USERDATA(v)->metatable);
    default: // what the compiler left in a register, which damaged code may read, has none
        return VALUE_BASE(v) <= LUA_TTHREAD ? DEREF(GLOBAL(L)->metatables[VALUE_BASE(v)]) : NULL;
    }
}

const struct value *meta_of(lua_State *L, const struct value *v, enum metamethod event,
                            struct value *storage)
{
    struct table *mt = meta_table_of(L, v);
    return mt == NULL ? &value_nil : entry(L, mt, event, storage);
}
