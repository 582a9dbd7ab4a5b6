// stringlib.c: the library string, but for patterns (stringfind.c) and format (stringformat.c).
//
// Reads and writes: arguments; reads of characters one by one are reported to the content probe.
// Memory: texts that grow are collected in a luaL_Buffer.
// Source: Lua 5.1 reference manual, 5.4; dump with a strip level is the firmware's.
#include "runtime/lib/stringlib.h"

#include <assert.h>

#include "runtime/core/profile.h"
#include "runtime/lib/charclass.h"
#include "runtime/lib/lualib.h"
#include "runtime/lib/stringfind.h"
#include "runtime/lib/stringformat.h"
#include "runtime/lib/stringmatch.h"
#include "runtime/probe/probe.h"

static int string_len(lua_State *L)
{
    size_t bytes;
    luaL_checklstring(L, 1, &bytes);
    lua_pushinteger(L, (lua_Integer)bytes);
    return 1;
}

static int string_sub(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    ptrdiff_t first = string_position(luaL_checkinteger(L, 2), bytes);
    ptrdiff_t last = string_position(luaL_optinteger(L, 3, -1), bytes);
    if (first < 1)
        first = 1;
    if (last > (ptrdiff_t)bytes)
        last = (ptrdiff_t)bytes;
    assert(first >= 1);
    assert(last <= (ptrdiff_t)bytes);
    if (first <= last)
        match_push_part(L, text, (size_t)first - 1, (size_t)(last - first) + 1);
    else
        lua_pushliteral(L, "");
    return 1;
}

static int string_reverse(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    if (bytes > 0)
        PROBE_CONTENT_READ(L, text, 0, bytes, CONTENT_REVERSE);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    while (bytes > 0)
        luaL_addchar(&b, text[--bytes]);
    luaL_pushresult(&b);
    return 1;
}

// The text in capital or small letters.
static inline int convert_case(lua_State *L, int to_capital)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    if (bytes > 0)
        PROBE_CONTENT_READ(L, text, 0, bytes, CONTENT_CASE);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < bytes; i++)
        luaL_addchar(&b, to_capital ? CHAR_CAPITAL(text[i]) : CHAR_SMALL(text[i]));
    luaL_pushresult(&b);
    return 1;
}

static int string_lower(lua_State *L)
{
    return convert_case(L, 0);
}

static int string_upper(lua_State *L)
{
    return convert_case(L, 1);
}

static int string_rep(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    int count = luaL_checkint(L, 2);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    if (bytes == 0)
        count = 0; // whatever was asked for, at once
    for (; count > 0; count--) {
        PROBE_CONTENT_READ(L, text, 0, bytes, CONTENT_REP);
        luaL_addlstring(&b, text, bytes);
    }
    luaL_pushresult(&b);
    return 1;
}

static int string_byte(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    ptrdiff_t first = string_position(luaL_optinteger(L, 2, 1), bytes);
    ptrdiff_t last = string_position(luaL_optinteger(L, 3, (lua_Integer)first), bytes);
    if (first < 1)
        first = 1;
    if (last > (ptrdiff_t)bytes)
        last = (ptrdiff_t)bytes;
    if (first > last)
        return 0;
    ptrdiff_t count = last - first + 1;
    if (count > LUAI_MAXCSTACK)
        luaL_error(L, "stack overflow (string slice too long)");
    assert(count > 0);
    luaL_checkstack(L, (int)count, "string slice too long");
    PROBE_CONTENT_READ(L, text, (size_t)first - 1, (size_t)count, CONTENT_BYTE);
    for (ptrdiff_t i = first - 1; i < last; i++)
        lua_pushinteger(L, (unsigned char)text[i]);
    return (int)count;
}

static int string_char(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 1; i <= count; i++) {
        int c = luaL_checkint(L, i);
        luaL_argcheck(L, c == (unsigned char)c, i, "invalid value");
        luaL_addchar(&b, c);
    }
    luaL_pushresult(&b);
    return 1;
}

// ---- dump ----

static int dump_write(lua_State *L, const void *piece, size_t bytes, void *data)
{
    (void)L;
    luaL_addlstring(data, piece, bytes);
    return 0;
}

// Strip level of argument 2: true and false are 2 and 0, nothing is the state's own.
static int check_strip_level(lua_State *L)
{
    if (lua_isnoneornil(L, 2))
        return -1;
    if (lua_isboolean(L, 2))
        return lua_toboolean(L, 2) ? 2 : 0;
    int level = luaL_checkint(L, 2);
    luaL_argcheck(L, level >= 0 && level <= 2, 2, "strip out of range");
    return level;
}

static int string_dump(lua_State *L)
{
    luaL_checkfunction(L, 1);
    int strip_level = lua_profile->is_firmware ? check_strip_level(L) : 0;
    lua_settop(L, 1);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    if (lua_dumpstrip(L, dump_write, &b, strip_level) != 0)
        luaL_error(L, "unable to dump given function");
    luaL_pushresult(&b);
    return 1;
}

// ---- the library ----

ROTABLE_BEGIN(string_lib)
    ROTABLE_FUNC("byte", string_byte)
    ROTABLE_FUNC("char", string_char)
    ROTABLE_FUNC("dump", string_dump)
    ROTABLE_FUNC("find", string_find)
    ROTABLE_FUNC("format", string_format)
    ROTABLE_FUNC("gfind", string_gmatch)
    ROTABLE_FUNC("gmatch", string_gmatch)
    ROTABLE_FUNC("gsub", string_gsub)
    ROTABLE_FUNC("len", string_len)
    ROTABLE_FUNC("lower", string_lower)
    ROTABLE_FUNC("match", string_match)
    ROTABLE_FUNC("rep", string_rep)
    ROTABLE_FUNC("reverse", string_reverse)
    ROTABLE_FUNC("sub", string_sub)
    ROTABLE_FUNC("upper", string_upper)
ROTABLE_END(string_lib, NULL, 0)

ROTABLE_BEGIN(string_meta)
    ROTABLE_TABLE("__index", string_lib)
    ROTABLE_FUNC("__mod", string_format_operator)
ROTABLE_END(string_meta, NULL, ROTABLE_EVENT_INDEX)

int luaopen_string(lua_State *L)
{
    char_tables_update();
    lua_pushliteral(L, "");
    if (lua_profile->has_readonly_libraries) {
        lua_pushrotable(L, &string_meta);
    } else {
        lua_createtable(L, 0, 1);
        lua_getglobal(L, "string");
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    return 0;
}
