// iolib.c: the library io.
//
// Reads and writes: files and pipes of the host.
// Memory: files are userdata with the metatable registry["FILE*"]; the default input and output are
//         kept in the registry under the addresses of two constants.
// Source: Lua 5.1 reference manual, 5.7; messages of Lua 5.1. Hosts only.
#include "runtime/lib/iolib.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "runtime/lib/lualib.h"
#include "runtime/port/port.h"

// Keys of the default files in the registry; the texts are their names in messages.
static const char input_key[] = "input";
static const char output_key[] = "output";

// ---- files ----

static struct io_file *check_file(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, IO_FILE_KIND);
}

FILE *io_check_stream(lua_State *L, int arg)
{
    struct io_file *file = check_file(L, arg);
    if (file->stream == NULL)
        luaL_error(L, "attempt to use a closed file");
    return file->stream;
}

// Pushes a file that is closed as yet.
static struct io_file *push_file(lua_State *L, enum io_kind kind)
{
    struct io_file *file = lua_newuserdata(L, sizeof(*file));
    file->stream = NULL;
    file->kind = kind;
    luaL_getmetatable(L, IO_FILE_KIND);
    lua_setmetatable(L, -2);
    return file;
}

static int close_file(lua_State *L, struct io_file *file)
{
    FILE *stream = file->stream;
    assert(stream != NULL);
    if (file->kind == IO_STANDARD) {
        lua_pushnil(L);
        lua_pushliteral(L, "cannot close standard file");
        return 2;
    }
    file->stream = NULL;
    int is_good = file->kind == IO_PIPE ? pclose(stream) != -1 : fclose(stream) == 0;
    return io_push_result(L, is_good, NULL);
}

// Opens a file for argument `arg`, which is its name; raises an error that names it.
static void push_named_file(lua_State *L, int arg, const char *name, const char *mode)
{
    struct io_file *file = push_file(L, IO_PLAIN);
    file->stream = fopen(name, mode);
    if (file->stream == NULL)
        luaL_argerror(L, arg, lua_pushfstring(L, "%s: %s", name, port_error_text(errno)));
}

// ---- default files ----

static void push_default(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)key);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

// Makes the value on top the default file.
static void set_default(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)key);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

// The stream of a default file, which is pushed.
static FILE *check_default(lua_State *L, const char *key)
{
    push_default(L, key);
    struct io_file *file = lua_touserdata(L, -1);
    assert(file != NULL);
    if (file->stream == NULL)
        luaL_error(L, "standard %s file is closed", key);
    return file->stream;
}

// io.input and io.output: changes the default file if there is an argument; gives it.
static int change_default(lua_State *L, const char *key, const char *mode)
{
    if (!lua_isnoneornil(L, 1)) {
        const char *name = lua_tostring(L, 1);
        if (name != NULL) {
            push_named_file(L, 1, name, mode);
        } else {
            io_check_stream(L, 1);
            lua_pushvalue(L, 1);
        }
        set_default(L, key);
    }
    push_default(L, key);
    return 1;
}

static int io_input(lua_State *L)
{
    return change_default(L, input_key, "r");
}

static int io_output(lua_State *L)
{
    return change_default(L, output_key, "w");
}

// ---- opening and closing ----

static int io_open(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const char *mode = luaL_optstring(L, 2, "r");
    struct io_file *file = push_file(L, IO_PLAIN);
    file->stream = fopen(name, mode);
    return file->stream != NULL ? 1 : io_push_result(L, 0, name);
}

static int io_popen(lua_State *L)
{
    const char *command = luaL_checkstring(L, 1);
    const char *mode = luaL_optstring(L, 2, "r");
    struct io_file *file = push_file(L, IO_PIPE);
    fflush(NULL);
    file->stream = popen(command, mode);
    return file->stream != NULL ? 1 : io_push_result(L, 0, command);
}

static int io_tmpfile(lua_State *L)
{
    struct io_file *file = push_file(L, IO_PLAIN);
    file->stream = tmpfile();
    return file->stream != NULL ? 1 : io_push_result(L, 0, NULL);
}

static int file_close(lua_State *L)
{
    io_check_stream(L, 1);
    return close_file(L, check_file(L, 1));
}

static int io_close(lua_State *L)
{
    if (lua_isnone(L, 1))
        push_default(L, output_key);
    return file_close(L);
}

static int file_gc(lua_State *L)
{
    struct io_file *file = check_file(L, 1);
    if (file->stream != NULL)
        close_file(L, file);
    return 0;
}

static int file_tostring(lua_State *L)
{
    struct io_file *file = check_file(L, 1);
    if (file->stream == NULL)
        lua_pushliteral(L, "file (closed)");
    else
        lua_pushfstring(L, "file (%p)", (void *)file->stream);
    return 1;
}

static int io_type(lua_State *L)
{
    luaL_checkany(L, 1);
    struct io_file *file = luaL_testudata(L, 1, IO_FILE_KIND);
    if (file == NULL)
        lua_pushnil(L);
    else
        lua_pushstring(L, file->stream == NULL ? "closed file" : "file");
    return 1;
}

// ---- lines ----

// The iterator. Upvalues: the file; whether to close it at its end.
static int lines_next(lua_State *L)
{
    struct io_file *file = lua_touserdata(L, lua_upvalueindex(1));
    assert(file != NULL);
    if (file->stream == NULL)
        luaL_error(L, "file is already closed");
    int is_line = io_read_line(L, file->stream);
    if (ferror(file->stream))
        luaL_error(L, "%s", port_error_text(errno));
    if (is_line)
        return 1;
    if (lua_toboolean(L, lua_upvalueindex(2)))
        close_file(L, file);
    return 0;
}

static int push_lines(lua_State *L, int file_idx, int closes)
{
    lua_pushvalue(L, file_idx);
    lua_pushboolean(L, closes);
    lua_pushcclosure(L, lines_next, 2);
    return 1;
}

static int file_lines(lua_State *L)
{
    io_check_stream(L, 1);
    return push_lines(L, 1, 0);
}

static int io_lines(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        push_default(L, input_key);
        io_check_stream(L, lua_gettop(L));
        return push_lines(L, lua_gettop(L), 0);
    }
    push_named_file(L, 1, luaL_checkstring(L, 1), "r");
    return push_lines(L, lua_gettop(L), 1);
}

// ---- reading, writing, position ----

static int file_read(lua_State *L)
{
    return io_read_formats(L, io_check_stream(L, 1), 2);
}

static int io_read(lua_State *L)
{
    FILE *stream = check_default(L, input_key);
    lua_pop(L, 1);
    return io_read_formats(L, stream, 1);
}

static int file_write(lua_State *L)
{
    return io_write_values(L, io_check_stream(L, 1), 2);
}

static int io_write(lua_State *L)
{
    FILE *stream = check_default(L, output_key);
    lua_pop(L, 1);
    return io_write_values(L, stream, 1);
}

static int file_seek(lua_State *L)
{
    static const int origins[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    static const char *const names[] = {"set", "cur", "end", NULL};
    FILE *stream = io_check_stream(L, 1);
    int origin = luaL_checkoption(L, 2, "cur", names);
    long offset = luaL_optlong(L, 3, 0);
    if (fseek(stream, offset, origins[origin]) != 0)
        return io_push_result(L, 0, NULL);
    lua_pushinteger(L, (lua_Integer)ftell(stream));
    return 1;
}

static int file_setvbuf(lua_State *L)
{
    static const int modes[] = {_IONBF, _IOFBF, _IOLBF};
    static const char *const names[] = {"no", "full", "line", NULL};
    FILE *stream = io_check_stream(L, 1);
    int mode = luaL_checkoption(L, 2, NULL, names);
    size_t bytes = (size_t)luaL_optinteger(L, 3, BUFSIZ);
    return io_push_result(L, setvbuf(stream, NULL, modes[mode], bytes) == 0, NULL);
}

static int file_flush(lua_State *L)
{
    return io_push_result(L, fflush(io_check_stream(L, 1)) == 0, NULL);
}

static int io_flush(lua_State *L)
{
    return io_push_result(L, fflush(check_default(L, output_key)) == 0, NULL);
}

// ---- the library ----

ROTABLE_BEGIN(io_file_methods)
    ROTABLE_FUNC("__gc", file_gc)
    ROTABLE_FUNC("__tostring", file_tostring)
    ROTABLE_FUNC("close", file_close)
    ROTABLE_FUNC("flush", file_flush)
    ROTABLE_FUNC("lines", file_lines)
    ROTABLE_FUNC("read", file_read)
    ROTABLE_FUNC("seek", file_seek)
    ROTABLE_FUNC("setvbuf", file_setvbuf)
    ROTABLE_FUNC("write", file_write)
ROTABLE_END(io_file_methods, NULL, ROTABLE_EVENT_GC)

ROTABLE_BEGIN(io_lib)
    ROTABLE_FUNC("close", io_close)
    ROTABLE_FUNC("flush", io_flush)
    ROTABLE_FUNC("input", io_input)
    ROTABLE_FUNC("lines", io_lines)
    ROTABLE_FUNC("open", io_open)
    ROTABLE_FUNC("output", io_output)
    ROTABLE_FUNC("popen", io_popen)
    ROTABLE_FUNC("read", io_read)
    ROTABLE_FUNC("tmpfile", io_tmpfile)
    ROTABLE_FUNC("type", io_type)
    ROTABLE_FUNC("write", io_write)
ROTABLE_END(io_lib, NULL, 0)

// Sets field `name` of the library on top to a standard file; also the default file of a key.
static void set_standard(lua_State *L, const char *name, FILE *stream, const char *key)
{
    push_file(L, IO_STANDARD)->stream = stream;
    if (key != NULL) {
        lua_pushvalue(L, -1);
        set_default(L, key);
    }
    lua_setfield(L, -2, name);
}

int luaopen_io(lua_State *L)
{
    luaL_newmetatable(L, IO_FILE_KIND);
    lib_copy_rotable(L, &io_file_methods);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_createtable(L, 0, io_lib.entry_count + 3);
    lib_copy_rotable(L, &io_lib);
    set_standard(L, "stdin", stdin, input_key);
    set_standard(L, "stdout", stdout, output_key);
    set_standard(L, "stderr", stderr, NULL);
    lua_setglobal(L, "io");
    return 0;
}
