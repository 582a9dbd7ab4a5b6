// iolib_text.c: reading and writing of the library io.
//
// Reads and writes: streams of the C library; standard output and error through the console of
//         runtime/port/port.h, so that a trace has them.
// Memory: what is read is collected in a luaL_Buffer, and marked as input for the trace.
// Source: Lua 5.1 reference manual, 5.7.
#include <errno.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/lib/iolib.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

int io_push_result(lua_State *L, int is_good, const char *name)
{
    int error = errno; // calls below may change it
    if (is_good) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    if (name != NULL)
        lua_pushfstring(L, "%s: %s", name, port_error_text(error));
    else
        lua_pushstring(L, port_error_text(error));
    lua_pushinteger(L, error);
    return 3;
}

// ---- reading ----

int io_read_line(lua_State *L, FILE *stream)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    int c = getc(stream);
    int is_line = c != EOF;
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT);
    for (; c != EOF && c != '\n'; c = getc(stream))
        luaL_addchar(&b, c);
    luaL_pushresult(&b);
    PROBE_SOURCE_END();
    return is_line;
}

// Reads up to `bytes` characters and pushes them; 0 if the file was at its end.
static int read_chars(lua_State *L, FILE *stream, size_t bytes)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT);
    while (bytes > 0) {
        char *place = luaL_prepbuffer(&b);
        size_t wanted = bytes < LUAL_BUFFERSIZE ? bytes : LUAL_BUFFERSIZE;
        size_t got = fread(place, 1, wanted, stream);
        luaL_addsize(&b, got);
        bytes -= got;
        if (got < wanted)
            break;
    }
    luaL_pushresult(&b);
    PROBE_SOURCE_END();
    return lua_objlen(L, -1) > 0;
}

// Pushes "" ; 0 if the file is at its end.
static int test_end(lua_State *L, FILE *stream)
{
    int c = getc(stream);
    ungetc(c, stream);
    lua_pushliteral(L, "");
    return c != EOF;
}

static int read_number(lua_State *L, FILE *stream)
{
    double number;
    if (fscanf(stream, "%lf", &number) != 1) {
        lua_pushnil(L);
        return 0;
    }
    lua_pushnumber(L, (lua_Number)number);
    return 1;
}

// Reads what the format at stack position `at` asks for and pushes it; 0 at the end of the file.
static int read_format(lua_State *L, FILE *stream, int at)
{
    if (lua_type(L, at) == LUA_TNUMBER) {
        size_t bytes = (size_t)lua_tointeger(L, at);
        return bytes == 0 ? test_end(L, stream) : read_chars(L, stream, bytes);
    }
    const char *format = lua_tostring(L, at);
    luaL_argcheck(L, format != NULL && format[0] == '*', at, "invalid option");
    switch (format[1]) {
    case 'n':
        return read_number(L, stream);
    case 'l':
        return io_read_line(L, stream);
    case 'a':
        read_chars(L, stream, ~(size_t)0);
        return 1;
    default:
        luaL_argerror(L, at, "invalid format");
    }
}

int io_read_formats(lua_State *L, FILE *stream, int first)
{
    int last = lua_gettop(L);
    int is_good = 1, count = 1;
    clearerr(stream);
    if (last < first) {
        is_good = io_read_line(L, stream);
    } else {
        luaL_checkstack(L, last - first + 1 + LUA_MINSTACK, "too many arguments");
        is_good = read_format(L, stream, first);
        for (; is_good && first + count <= last; count++)
            is_good = read_format(L, stream, first + count);
    }
    if (ferror(stream))
        return io_push_result(L, 0, NULL);
    if (!is_good) {
        lua_pop(L, 1);
        lua_pushnil(L); // for the one that found nothing
    }
    return count;
}

// ---- writing ----

static int write_text(FILE *stream, const char *text, size_t bytes)
{
    if (stream == stdout)
        port_console_write(text, bytes);
    else if (stream == stderr)
        port_console_error(text, bytes);
    else
        return fwrite(text, 1, bytes, stream) == bytes;
    return 1;
}

int io_write_values(lua_State *L, FILE *stream, int first)
{
    int last = lua_gettop(L);
    int is_good = 1;
    for (int i = first; i <= last; i++) {
        size_t bytes;
        char number[LUAI_NUMBER_CHARS];
        const char *text = number;
        if (lua_type(L, i) == LUA_TNUMBER)
            bytes = (size_t)snprintf(number, sizeof(number), LUA_NUMBER_FMT, lua_tonumber(L, i));
        else
            text = luaL_checklstring(L, i, &bytes);
        is_good = write_text(stream, text, bytes) && is_good;
    }
    return io_push_result(L, is_good, NULL);
}
