// freezer_load.c: freezer.load and data: code and data that are read straight into flash.
//
// Reads and writes: the freezer; files, or what a Lua function gives. Memory: of precompiled code
// one function, of data the tables that are not complete yet, and a buffer on the C stack.

#include <string.h>

#include "runtime/core/chunk.h"
#include "runtime/freezer/module.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/freezer.h"
#include "runtime/nodemcu/system/freezer_source.h"
#include "runtime/nodemcu/system/freezer_text.h"
#include "runtime/world/world.h"

#define SOURCE_SLOT 2

// ---- code ----

static int load_code(lua_State *L)
{
    struct freezer_source source;
    const char *name = luaL_checkstring(L, 1);
    int status;
    if (lua_isnil(L, SOURCE_SLOT)) {
        status = luaL_loadfile(L, name);
    } else {
        (void)!freezer_source_open(L, &source, name, SOURCE_SLOT);
        lua_pushfstring(L, "@%s", name);
        status = lua_load(L, freezer_source_read, &source, lua_tostring(L, -1));
    }
    if (status != LUA_OK)
        return lua_error(L);
    return 1;
}

// The arguments: a name, and nothing, a string or a function.
static void check_arguments(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, SOURCE_SLOT);
    if (!lua_isnil(L, SOURCE_SLOT) && !lua_isfunction(L, SOURCE_SLOT))
        luaL_checkstring(L, SOURCE_SLOT);
}

// nil and the message at the top.
static int give_message(lua_State *L)
{
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

static int is_json(const char *name)
{
    size_t bytes = strlen(name);
    return bytes >= 5 && strcmp(name + bytes - 5, ".json") == 0;
}

// freezer.load(file [, source]): as loadfile, but the function is frozen; one of precompiled code
// piece by piece while it is read, so that a chunk that is larger than the heap can be loaded.
// source: a string, or a function that gives pieces as that of `load`, in place of the file. The
// table, if the name ends in .json (freezer.data).
int freezer_load(lua_State *L)
{
    struct freezer_result result;
    check_arguments(L);
    if (is_json(lua_tostring(L, 1)))
        return freezer_data(L);
    lua_pushlightfunction(L, load_code);
    lua_insert(L, 1);
    lua_pushnil(L); // the piece
    struct proto *(*old)(lua_State *, struct proto *) = chunk_function_loaded;
    chunk_function_loaded = freezer_freeze_function;
    int status = lua_pcall(L, 3, 1, 0);
    chunk_function_loaded = old;
    if (status != LUA_OK)
        return give_message(L);
    freezer_freeze(L, TOP(L) - 1, 1, &result); // what was compiled
    return 1;
}

// ---- data ----

struct data_job {
    struct freezer_source source;
    struct freezer_data data;
};

// name, source, piece, job
static int read_data(lua_State *L)
{
    struct data_job *job = lua_touserdata(L, 4);
    const char *name = lua_tostring(L, 1);
    lua_settop(L, 3);
    freezer_text_read(L, freezer_source_read, &job->source, name, &job->data);
    return 1;
}

// Pushes the table that was made of the file before, if the file has not changed since; 0: there is
// none.
static int push_known(lua_State *L, const char *file)
{
    uint32_t crc, bytes;
    const struct freezer_module *m = freezer_module_find(VALUE_STRING(DEREF(L->base)));
    if (m == NULL || !freezer_module_is_table(m) || !lua_isnil(L, SOURCE_SLOT) ||
        freezer_source_sum(file, &crc, &bytes) != 0 || crc != m->source_crc ||
        bytes != m->source_bytes)
        return 0;
    world_note_file(WORLD_FILE_READ, file);
    value_set_pointer(TOP(L), (const void *)(uintptr_t)m->value, TAG_FROZEN_TABLE);
    TOP_SET(L, TOP(L) + 1);
    return 1;
}

// Gives the table on top the name at 1.
static void name_data(lua_State *L, struct data_job *job)
{
    struct freezer_result result;
    if (!VALUE_IS_FROZEN_TABLE(TOP(L) - 1))
        return;
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    if (freezer_module_put(L, TOP(L) - 2, job->source.crc, job->source.bytes, &result) != STATUS_OK)
        job->data.result.status = result.status;
    lua_pop(L, 2);
}

// freezer.data(file [, source]): the frozen table of a file of JSON or of a Lua chunk that returns
// a table of constants; bytes of RAM saved; why it has stayed in RAM, or parts of it have. It is
// written while it is read, and found by the file's name afterwards, as long as the file is the
// same. nil and a message if it cannot be read. source: as freezer.load.
int freezer_data(lua_State *L)
{
    struct data_job job;
    check_arguments(L);
    const char *name = lua_tostring(L, 1);
    if (push_known(L, name)) {
        lua_pushinteger(L, 0);
        return 2;
    }
    if (lua_isnil(L, SOURCE_SLOT))
        world_note_file(WORLD_FILE_READ, name);
    if (freezer_source_open(L, &job.source, name, SOURCE_SLOT) != 0) {
        lua_pushfstring(L, "cannot open %s", name);
        return give_message(L);
    }
    lua_pushlightfunction(L, read_data);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, SOURCE_SLOT);
    lua_pushnil(L);
    lua_pushlightuserdata(L, &job);
    freezer_data_begin(L, &job.data);
    int status = lua_pcall(L, 4, 1, 0);
    freezer_source_close(&job.source);
    freezer_data_end(L, &job.data);
    if (status != LUA_OK)
        return give_message(L);
    name_data(L, &job);
    lua_pushinteger(L, (lua_Integer)job.data.result.saved);
    return 2 + freezer_push_why(L, &job.data.result);
}
