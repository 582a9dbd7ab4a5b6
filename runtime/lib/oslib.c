// oslib.c: the library os.
//
// Reads and writes: files, environment, clock and commands of the host.
// Memory: none of its own.
// Source: Lua 5.1 reference manual, 5.8; messages of Lua 5.1. Hosts only.
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/lib/charclass.h"
#include "runtime/lib/iolib.h"
#include "runtime/lib/lualib.h"
#include "runtime/port/port.h"

// Room for what one conversion of os.date makes.
#define DATE_ITEM_BYTES 200

// ---- system ----

static int os_execute(lua_State *L)
{
    const char *command = luaL_optstring(L, 1, NULL);
    fflush(NULL);
    lua_pushinteger(L, system(command));
    return 1;
}

static int os_exit(lua_State *L)
{
    port_exit(luaL_optint(L, 1, EXIT_SUCCESS));
}

static int os_getenv(lua_State *L)
{
    lua_pushstring(L, getenv(luaL_checkstring(L, 1)));
    return 1;
}

static int os_remove(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    return io_push_result(L, remove(name) == 0, name);
}

static int os_rename(lua_State *L)
{
    const char *from = luaL_checkstring(L, 1);
    const char *to = luaL_checkstring(L, 2);
    return io_push_result(L, rename(from, to) == 0, from);
}

static int os_tmpname(lua_State *L)
{
    char name[] = "/tmp/lua_......";
    memset(strchr(name, '.'), 'X', 6); // the places that mkstemp fills
    int file = mkstemp(name);
    if (file < 0)
        luaL_error(L, "unable to generate a unique filename");
    close(file);
    lua_pushstring(L, name);
    return 1;
}

static int os_setlocale(lua_State *L)
{
    static const int categories[] = {LC_ALL,      LC_COLLATE, LC_CTYPE,
                                     LC_MONETARY, LC_NUMERIC, LC_TIME};
    static const char *const names[] = {"all",     "collate", "ctype", "monetary",
                                        "numeric", "time",    NULL};
    const char *locale = luaL_optstring(L, 1, NULL);
    int category = luaL_checkoption(L, 2, "all", names);
    const char *chosen = setlocale(categories[category], locale);
    char_tables_update();
    lua_pushstring(L, chosen);
    return 1;
}

// ---- time ----

static int os_clock(lua_State *L)
{
#ifdef FROST_INTEGER
    lua_pushnumber(L, (lua_Number)(port_clock_us() / 1000000));
#else
    lua_pushnumber(L, (lua_Number)port_clock_us() / 1e6);
#endif
    return 1;
}

static void set_number(lua_State *L, const char *key, int value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

static void push_date_table(lua_State *L, const struct tm *date)
{
    lua_createtable(L, 0, 9);
    set_number(L, "sec", date->tm_sec);
    set_number(L, "min", date->tm_min);
    set_number(L, "hour", date->tm_hour);
    set_number(L, "day", date->tm_mday);
    set_number(L, "month", date->tm_mon + 1);
    set_number(L, "year", date->tm_year + 1900);
    set_number(L, "wday", date->tm_wday + 1);
    set_number(L, "yday", date->tm_yday + 1);
    if (date->tm_isdst < 0)
        return; // not known
    lua_pushboolean(L, date->tm_isdst);
    lua_setfield(L, -2, "isdst");
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void push_date_text(lua_State *L, const struct tm *date, const char *format)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (; *format != '\0'; format++) {
        if (*format != '%' || format[1] == '\0') {
            luaL_addchar(&b, *format);
            continue;
        }
        char item[DATE_ITEM_BYTES];
        const char conversion[] = {'%', *++format, '\0'};
        luaL_addlstring(&b, item, strftime(item, sizeof(item), conversion, date));
    }
    luaL_pushresult(&b);
}

#pragma GCC diagnostic pop

static int os_date(lua_State *L)
{
    const char *format = luaL_optstring(L, 1, "%c");
    time_t when = lua_isnoneornil(L, 2) ? (time_t)port_time_s() : (time_t)luaL_checknumber(L, 2);
    int is_utc = *format == '!';
    format += is_utc;
    struct tm date;
    struct tm *known = is_utc ? gmtime_r(&when, &date) : localtime_r(&when, &date);
    if (known == NULL) // beyond what a calendar can say
        lua_pushnil(L);
    else if (strcmp(format, "*t") == 0)
        push_date_table(L, &date);
    else
        push_date_text(L, &date, format);
    return 1;
}

// Number in a field of the table at 1; `fallback` if there is none, an error if that is negative.
static int date_field(lua_State *L, const char *key, int fallback)
{
    lua_getfield(L, 1, key);
    if (lua_isnumber(L, -1))
        fallback = (int)lua_tointeger(L, -1);
    else if (fallback < 0)
        luaL_error(L, "field '%s' missing in date table", key);
    lua_pop(L, 1);
    return fallback;
}

static int os_time(lua_State *L)
{
    time_t when;
    if (lua_isnoneornil(L, 1)) {
        when = (time_t)port_time_s();
    } else {
        luaL_checktable(L, 1);
        lua_settop(L, 1);
        struct tm date = {.tm_isdst = -1};
        date.tm_sec = date_field(L, "sec", 0);
        date.tm_min = date_field(L, "min", 0);
        date.tm_hour = date_field(L, "hour", 12);
        date.tm_mday = date_field(L, "day", -1);
        date.tm_mon = date_field(L, "month", -1) - 1;
        date.tm_year = date_field(L, "year", -1) - 1900;
        lua_getfield(L, 1, "isdst");
        if (!lua_isnil(L, -1))
            date.tm_isdst = lua_toboolean(L, -1);
        when = mktime(&date);
    }
    if (when == (time_t)-1)
        lua_pushnil(L);
    else
        lua_pushnumber(L, (lua_Number)when);
    return 1;
}

static int os_difftime(lua_State *L)
{
    time_t later = (time_t)luaL_checknumber(L, 1);
    time_t earlier = (time_t)luaL_optnumber(L, 2, 0);
    lua_pushnumber(L, (lua_Number)difftime(later, earlier));
    return 1;
}

ROTABLE_BEGIN(os_lib)
    ROTABLE_FUNC("clock", os_clock)
    ROTABLE_FUNC("date", os_date)
    ROTABLE_FUNC("difftime", os_difftime)
    ROTABLE_FUNC("execute", os_execute)
    ROTABLE_FUNC("exit", os_exit)
    ROTABLE_FUNC("getenv", os_getenv)
    ROTABLE_FUNC("remove", os_remove)
    ROTABLE_FUNC("rename", os_rename)
    ROTABLE_FUNC("setlocale", os_setlocale)
    ROTABLE_FUNC("time", os_time)
    ROTABLE_FUNC("tmpname", os_tmpname)
ROTABLE_END(os_lib, NULL, 0)

int luaopen_os(lua_State *L)
{
    lua_createtable(L, 0, os_lib.entry_count);
    lib_copy_rotable(L, &os_lib);
    lua_setglobal(L, "os");
    return 0;
}
