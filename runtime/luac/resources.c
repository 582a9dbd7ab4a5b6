// resources.c: see resources.h. The module is made as source and compiled.

#include "runtime/luac/resources.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/format/lfs_image.h"
#include "runtime/luac/input.h"

// ---- files ----

// Pushes the content.
static void push_file(lua_State *L, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        luaL_error(L, "cannot open %s: %s", path, strerror(errno));
    char *data = lua_newuserdata(L, LFS_IMAGE_BYTES_MAX + 1);
    errno = 0;
    size_t bytes = fread(data, 1, LFS_IMAGE_BYTES_MAX + 1, file);
    int failed = ferror(file) ? errno : 0;
    fclose(file);
    if (failed)
        luaL_error(L, "cannot read %s: %s", path, strerror(failed));
    if (bytes > LFS_IMAGE_BYTES_MAX)
        luaL_error(L, "%s is larger than an image can be", path);
    lua_pushlstring(L, data, bytes);
    lua_remove(L, -2);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// Pushes name and content.
static void push_resource(lua_State *L, const char *argument)
{
    const char *name, *file;
    int top = lua_gettop(L);
    input_split(L, argument, &name, &file);
    lua_pushstring(L, name ? name : base_name(file));
    push_file(L, file);
    while (lua_gettop(L) > top + 2)
        lua_remove(L, top + 1);
}

// ---- the source ----

// A text as source: every byte by its number where it could mean something else.
static void add_quoted(lua_State *L, luaL_Buffer *source, int text)
{
    char piece[8];
    size_t bytes;
    const char *data = lua_tolstring(L, text, &bytes);
    luaL_addchar(source, '"');
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c >= ' ' && c < 127 && c != '"' && c != '\\')
            luaL_addchar(source, (char)c);
        else
            luaL_addlstring(source, piece, (size_t)snprintf(piece, sizeof piece, "\\%03u", c));
    }
    luaL_addchar(source, '"');
}

// Pushes `before`, the text at `text` quoted, `after`.
static void push_quoted(lua_State *L, const char *before, int text, const char *after)
{
    luaL_Buffer source;
    luaL_buffinit(L, &source);
    luaL_addstring(&source, before);
    add_quoted(L, &source, text);
    luaL_addstring(&source, after);
    luaL_pushresult(&source);
}

static void check_name(lua_State *L, int names, int name)
{
    lua_pushvalue(L, name);
    lua_rawget(L, names);
    if (!lua_isnil(L, -1))
        luaL_error(L, "two resources are named '%s'; use NAME=FILE", lua_tostring(L, name));
    lua_pop(L, 1);
    lua_pushvalue(L, name);
    lua_pushboolean(L, 1);
    lua_rawset(L, names);
}

void resources_load(lua_State *L, char *const *arguments, int count)
{
    luaL_checkstack(L, 12, "too many resources");
    int names = lua_gettop(L) + 1, tests = names + 1, list = names + 2;
    lua_newtable(L);
    lua_pushliteral(L, "local name = ... ");
    lua_pushliteral(L, "if name == nil then return {");
    for (int i = 0; i < count; i++) {
        push_resource(L, arguments[i]); // name: list + 1, content: list + 2
        check_name(L, names, list + 1);
        lua_pushvalue(L, tests);
        push_quoted(L, "if name == ", list + 1, " then return ");
        push_quoted(L, "", list + 2, " end ");
        lua_concat(L, 3);
        lua_replace(L, tests);
        lua_pushvalue(L, list);
        push_quoted(L, "", list + 1, ",");
        lua_concat(L, 2);
        lua_replace(L, list);
        lua_settop(L, list);
    }
    lua_pushliteral(L, "} end");
    lua_concat(L, 3);
    size_t bytes;
    const char *source = lua_tolstring(L, -1, &bytes);
    if (luaL_loadbuffer(L, source, bytes, "=" RESOURCES_MODULE) != LUA_OK)
        lua_error(L);
    lua_replace(L, names);
    lua_settop(L, names);
}
