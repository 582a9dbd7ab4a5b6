// auxload.c: chunks from files and memory; tables of functions and where libraries stand.
//
// Reads and writes: the state; files through runtime/flash/file_system.h.
// Memory: a file buffer of 256 bytes on the C stack; the rest is the state's.
// Source: Lua 5.1 reference manual, chapter 4; messages of Lua 5.1 and of the firmware.
#include "runtime/core/api/auxload.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "runtime/core/profile.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"
#include "runtime/world/world.h"

// ---- chunks in memory ----

struct memory_source {
    const char *text;
    size_t bytes;
};

static const char *memory_read(lua_State *L, void *data, size_t *bytes)
{
    (void)L;
    struct memory_source *source = data;
    *bytes = source->bytes;
    source->bytes = 0;
    return *bytes > 0 ? source->text : NULL;
}

int luaL_loadbuffer(lua_State *L, const char *text, size_t bytes, const char *chunk_name)
{
    assert(text != NULL || bytes == 0);
    struct memory_source source = {text, bytes};
    return lua_load(L, memory_read, &source, chunk_name);
}

int luaL_loadstring(lua_State *L, const char *text)
{
    return luaL_loadbuffer(L, text, strlen(text), text);
}

// ---- chunks in files ----

struct file_source {
    struct fs_file *file;
    int error;             // errno of a failed read, 0 if none
    bool has_line_pending; // a skipped first line still counts as a line
    size_t at, end;        // unread part of the buffer
    char buffer[LUAL_FILE_BUFFER_BYTES];
};

// Makes sure that there is an unread character; false at the end of the file or after a failure.
static bool file_fill(struct file_source *source)
{
    assert(source->at <= source->end);
    if (source->at < source->end)
        return true;
    if (source->error != 0)
        return false;
    long count = fs_read(source->file, source->buffer, sizeof(source->buffer));
    if (count < 0)
        source->error = (int)-count;
    source->at = 0;
    source->end = count > 0 ? (size_t)count : 0;
    return count > 0;
}

// Passes over a first line that begins with '#', up to its newline. The newline stays part of the
// text, so lines keep their numbers; a precompiled chunk begins right after it.
static void file_skip_first_line(struct file_source *source)
{
    if (!file_fill(source) || source->buffer[source->at] != '#')
        return;
    while (file_fill(source) && source->buffer[source->at] != '\n')
        source->at++;
    if (!file_fill(source))
        return;
    source->at++;
    source->has_line_pending = !file_fill(source) || source->buffer[source->at] != LUA_SIGNATURE[0];
}

static const char *file_read(lua_State *L, void *data, size_t *bytes)
{
    (void)L;
    struct file_source *source = data;
    if (source->has_line_pending) {
        source->has_line_pending = false;
        *bytes = 1;
        return "\n";
    }
    if (!file_fill(source))
        return NULL;
    const char *piece = source->buffer + source->at;
    *bytes = source->end - source->at;
    source->at = source->end;
    return piece;
}

// Puts the message in place of the chunk name ("@file") at name_idx. The device has no words for
// the errors of its files.
static int file_failed(lua_State *L, const struct file_system *fs, const char *what, int name_idx,
                       int error)
{
    assert(lua_isstring(L, name_idx));
    const char *name = lua_tostring(L, name_idx) + 1;
    int has_reason = !lua_profile->is_firmware || fs != fs_program;
    lua_pushfstring(L, "cannot %s %s: %s", what, name, has_reason ? port_error_text(error) : "");
    lua_remove(L, name_idx);
    return LUA_ERRFILE;
}

int auxload_file(lua_State *L, struct file_system *fs, const char *name)
{
    struct file_source source = {.error = 0};
    int name_idx = lua_gettop(L);
    int error = -fs_open(fs, name, FS_READ | FS_EXECUTE, &source.file);
    if (error != 0)
        return file_failed(L, fs, error == EISDIR ? "read" : "open", name_idx, error);
    world_note_file(WORLD_FILE_LOADED, name);
    file_skip_first_line(&source);
    PROBE_CODE_BEGIN(TRACE_ORIGIN_DEVICE | PROBE_SOURCES_OF_FILE(name));
    int status = lua_load(L, file_read, &source, lua_tostring(L, name_idx));
    PROBE_CODE_END();
    fs_close(source.file);
    if (source.error != 0) {
        lua_settop(L, name_idx);
        return file_failed(L, fs, "read", name_idx, source.error);
    }
    lua_remove(L, name_idx);
    return status;
}

int luaL_loadfile(lua_State *L, const char *name)
{
    if (name != NULL) {
        lua_pushfstring(L, "@%s", name);
    } else if (lua_profile->is_firmware) {
        luaL_error(L, "filename is NULL");
    } else {
        lua_pushliteral(L, "=stdin");
        name = "/dev/stdin";
    }
    return auxload_file(L, fs_program, name);
}

// ---- tables of functions ----

const char *luaL_findtable(lua_State *L, int idx, const char *path, int size_hint)
{
    assert(path != NULL);
    lua_pushvalue(L, idx);
    for (;;) {
        const char *end = path + strcspn(path, ".");
        lua_pushlstring(L, path, (size_t)(end - path));
        lua_rawget(L, -2);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_createtable(L, 0, *end == '.' ? 1 : size_hint);
            lua_pushlstring(L, path, (size_t)(end - path));
            lua_pushvalue(L, -2);
            lua_settable(L, -4);
        } else if (!lua_istable(L, -1)) {
            lua_pop(L, 2);
            return path;
        }
        lua_remove(L, -2);
        if (*end == '\0')
            return NULL;
        path = end + 1;
    }
}

int luaL_getsubtable(lua_State *L, int idx, const char *key)
{
    lua_pushvalue(L, idx);
    lua_getfield(L, -1, key);
    int is_there = lua_istable(L, -1);
    if (!is_there) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, key);
    }
    lua_remove(L, -2);
    return is_there;
}

// Pushes the library's table: package.loaded[name], or the global (made with room for `count`
// fields), which is then noted in package.loaded.
static void push_library(lua_State *L, const char *name, int count)
{
    luaL_findtable(L, LUA_REGISTRYINDEX, "_LOADED", 1);
    lua_getfield(L, -1, name);
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        if (luaL_findtable(L, LUA_GLOBALSINDEX, name, count) != NULL)
            luaL_error(L, "name conflict for module '%s'", name);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, name);
    }
    lua_remove(L, -2);
}

void luaL_openlib(lua_State *L, const char *name, const luaL_Reg *list, int upvalue_count)
{
    if (name != NULL) {
        int count = 0;
        while (list[count].name != NULL)
            count++;
        push_library(L, name, count);
        lua_insert(L, -(upvalue_count + 1)); // below the upvalues
    }
    for (; list->name != NULL; list++) {
        for (int i = 0; i < upvalue_count; i++)
            lua_pushvalue(L, -upvalue_count);
        lua_pushcclosure(L, list->func, upvalue_count);
        lua_setfield(L, -(upvalue_count + 2), list->name);
    }
    assert(lua_istable(L, -(upvalue_count + 1)));
    lua_pop(L, upvalue_count);
}

void luaL_register(lua_State *L, const char *name, const luaL_Reg *list)
{
    luaL_openlib(L, name, list, 0);
}
