// base.c: base functions on values: types, metatables, iteration, numbers from text, print.
//
// Reads and writes: arguments; print writes to the console through runtime/port/port.h.
// Memory: the state's. ipairs, pairs and newproxy are closures that luaopen_base() makes.
// Source: Lua 5.1 reference manual, 5.1; messages of Lua 5.1.
#include <ctype.h>
#include <string.h>

#include "runtime/core/profile.h"
#include "runtime/lib/lualib.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

// ---- text out ----

void (*lib_print_write)(lua_State *L, const char *text, size_t bytes);

static void print_piece(lua_State *L, const char *text, size_t bytes)
{
    if (lib_print_write)
        lib_print_write(L, text, bytes);
    else
        port_console_write(text, bytes);
}

int base_print(lua_State *L)
{
    int count = lua_gettop(L);
    lua_getglobal(L, "tostring");
    for (int i = 1; i <= count; i++) {
        lua_pushvalue(L, -1);
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
        const char *text = lua_tostring(L, -1);
        if (text == NULL)
            luaL_error(L, "'tostring' must return a string to 'print'");
        if (i > 1)
            print_piece(L, "\t", 1);
        size_t bytes = strlen(text); // what follows a NUL is not printed
        PROBE_CONTENT_READ(L, text, 0, bytes, CONTENT_PRINT);
        print_piece(L, text, bytes);
        lua_pop(L, 1);
    }
    print_piece(L, "\n", 1);
    return 0;
}

int base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_callmeta(L, 1, "__tostring"))
        return 1;
    switch (lua_type(L, 1)) {
    case LUA_TNUMBER:
        lua_pushvalue(L, 1);
        lua_tostring(L, -1);
        break;
    case LUA_TSTRING:
        lua_pushvalue(L, 1);
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, 1) ? "true" : "false");
        break;
    case LUA_TNIL:
        lua_pushliteral(L, "nil");
        break;
    default:
        lua_pushfstring(L, "%s: %p", luaL_typename(L, 1), lua_topointer(L, 1));
        break;
    }
    return 1;
}

// ---- numbers from text ----

static int digit_value(char c)
{
    unsigned char u = (unsigned char)c;
    if (isdigit(u))
        return u - '0';
    return isalpha(u) ? toupper(u) - 'A' + 10 : 99;
}

// Reads digits of a base as an unsigned number that does not exceed `max`. A minus sign negates it
// in the width of `max`. Blanks may stand before and after. NULL if that is not the whole text;
// else the first character that was not looked at (*number is set).
static const char *read_digits(const char *text, int base, uint64_t max, uint64_t *number)
{
    while (isspace((unsigned char)*text))
        text++;
    int is_negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    if (base == 16 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
        digit_value(text[2]) < 16)
        text += 2;
    if (digit_value(*text) >= base)
        return NULL;
    uint64_t n = 0;
    int is_too_large = 0;
    for (int digit; (digit = digit_value(*text)) < base; text++) {
        if (n > (max - (uint64_t)digit) / (uint64_t)base)
            is_too_large = 1;
        n = n * (uint64_t)base + (uint64_t)digit;
    }
    while (isspace((unsigned char)*text))
        text++;
    *number = is_too_large ? max : is_negative ? (0 - n) & max : n;
    return *text == '\0' ? text : NULL;
}

int base_tonumber(lua_State *L)
{
    int base = luaL_optint(L, 2, 10);
    if (base == 10) {
        luaL_checkany(L, 1);
        if (lua_isnumber(L, 1))
            lua_pushnumber(L, lua_tonumber(L, 1));
        else
            lua_pushnil(L);
        return 1;
    }
    const char *text = luaL_checkstring(L, 1);
    luaL_argcheck(L, 2 <= base && base <= 36, 2, "base out of range");
    PROBE_CONTENT_READ(L, text, 0, lua_objlen(L, 1) + 1, CONTENT_TONUMBER);
    PROBE_CONTENT_READ(L, text, lua_objlen(L, 1), 1, CONTENT_TONUMBER); // is this the end?
    uint64_t max = lua_profile->is_firmware ? UINT32_MAX : UINT64_MAX;
    uint64_t number;
    if (read_digits(text, base, max, &number) != NULL)
        lua_pushnumber(L, (lua_Number)number);
    else
        lua_pushnil(L);
    return 1;
}

// ---- types and metatables ----

int base_type(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

int base_getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1))
        lua_pushnil(L);
    else
        luaL_getmetafield(L, 1, "__metatable"); // stands in for the metatable if it is there
    return 1;
}

int base_setmetatable(lua_State *L)
{
    int type = lua_type(L, 2);
    luaL_checktable(L, 1);
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
    if (luaL_getmetafield(L, 1, "__metatable"))
        luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

int base_rawequal(lua_State *L)
{
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    lua_pushboolean(L, lua_rawequal(L, 1, 2));
    return 1;
}

int base_rawget(lua_State *L)
{
    luaL_checktable(L, 1);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_rawget(L, 1);
    return 1;
}

int base_rawset(lua_State *L)
{
    luaL_checktable(L, 1);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 1;
}

// newproxy(false|nothing): userdata without, (true): with a metatable of its own, (proxy): with
// that of another proxy. The upvalue is a weak table whose keys are the metatables that were made
// here.
static int base_newproxy(lua_State *L)
{
    lua_settop(L, 1);
    lua_newuserdata(L, 0);
    if (!lua_toboolean(L, 1))
        return 1;
    if (lua_isboolean(L, 1)) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_pushboolean(L, 1);
        lua_rawset(L, lua_upvalueindex(1));
    } else {
        int is_proxy = 0;
        if (lua_getmetatable(L, 1)) {
            lua_rawget(L, lua_upvalueindex(1));
            is_proxy = lua_toboolean(L, -1);
            lua_pop(L, 1);
        }
        luaL_argcheck(L, is_proxy, 1, "boolean or proxy expected");
        lua_getmetatable(L, 1);
    }
    lua_setmetatable(L, 2);
    return 1;
}

// ---- lists and iteration ----

int base_next(lua_State *L)
{
    luaL_checktable(L, 1);
    lua_settop(L, 2);
    if (lua_next(L, 1))
        return 2;
    lua_pushnil(L);
    return 1;
}

int base_pairs(lua_State *L)
{
    luaL_checktable(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

int base_ipairs_next(lua_State *L)
{
    int i = luaL_checkint(L, 2);
    luaL_checktable(L, 1);
    i++;
    lua_pushinteger(L, i);
    lua_rawgeti(L, 1, i);
    return lua_isnil(L, -1) ? 0 : 2;
}

int base_ipairs(lua_State *L)
{
    luaL_checktable(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

int base_select(lua_State *L)
{
    int count = lua_gettop(L);
    if (lua_type(L, 1) == LUA_TSTRING) {
        const char *what = lua_tostring(L, 1);
        PROBE_CONTENT_READ(L, what, 0, 1, CONTENT_OTHER);
        if (*what == '#') {
            lua_pushinteger(L, count - 1);
            return 1;
        }
    }
    int i = luaL_checkint(L, 1);
    if (i < 0)
        i += count;
    else if (i > count)
        i = count;
    luaL_argcheck(L, i >= 1, 1, "index out of range");
    return count - i;
}

int base_unpack(lua_State *L)
{
    luaL_checktable(L, 1);
    int first = luaL_optint(L, 2, 1);
    int last = luaL_opt(L, luaL_checkint, 3, luaL_getn(L, 1));
    if (first > last)
        return 0;
    int64_t count = (int64_t)last - first + 1;
    if (count > LUAI_MAXCSTACK || !lua_checkstack(L, (int)count))
        luaL_error(L, "too many results to unpack");
    for (int64_t i = first; i <= last; i++)
        lua_rawgeti(L, 1, (int)i);
    return (int)count;
}

// ---- opening ----

// Sets global `name` to a closure of `function` whose upvalue is `upvalue`.
static void set_iterator(lua_State *L, const char *name, lua_CFunction function,
                         lua_CFunction upvalue)
{
    lua_pushlightfunction(L, upvalue);
    lua_pushcclosure(L, function, 1);
    lua_setglobal(L, name);
}

static void set_newproxy(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setmetatable(L, -2); // the weak table is its own metatable
    lua_pushliteral(L, "kv");
    lua_setfield(L, -2, "__mode");
    lua_pushcclosure(L, base_newproxy, 1);
    lua_setglobal(L, "newproxy");
}

int luaopen_base(lua_State *L)
{
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    lua_setglobal(L, "_G");
    lua_pushliteral(L, LUA_VERSION);
    lua_setglobal(L, "_VERSION");
    if (lua_profile->has_readonly_libraries) {
        lua_pushvalue(L, LUA_GLOBALSINDEX);
        lua_pushvalue(L, -1);
        lua_setmetatable(L, -2);
        lua_pushrotable(L, lib_rom());
        lua_setfield(L, -2, "__index");
        lua_pop(L, 1);
    }
    set_iterator(L, "ipairs", base_ipairs, base_ipairs_next);
    set_iterator(L, "pairs", base_pairs, base_next);
    set_newproxy(L);
    fast_paths_open();
    return 0;
}
