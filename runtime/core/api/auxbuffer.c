// auxbuffer.c: text in the making (luaL_Buffer).
//
// Reads and writes: the state; pieces wait as strings on the Lua stack.
// Memory: 256 characters in the buffer on the C stack, the rest are strings of the state.
// Source: the firmware's rule (which pieces are made and when they are joined decides what garbage
//         a long text costs): a full buffer becomes a string; then the newest pieces are joined
//         while the text so joined is longer than the piece below, or while 10 pieces wait.
#include "runtime/core/api/lauxlib.h"

#include <assert.h>
#include <string.h>

#include "runtime/probe/probe.h"

#define PIECES_MAX (LUA_MINSTACK / 2)

static size_t chars_waiting(const luaL_Buffer *B)
{
    return (size_t)(B->p - B->buffer);
}

static size_t chars_free(const luaL_Buffer *B)
{
    return LUAL_BUFFERSIZE - chars_waiting(B);
}

// Moves the characters of the buffer to a piece on the stack; 0 if there are none.
static int flush(luaL_Buffer *B)
{
    size_t count = chars_waiting(B);
    assert(count <= LUAL_BUFFERSIZE);
    if (count == 0)
        return 0;
    lua_pushlstring(B->L, B->buffer, count);
    B->p = B->buffer;
    B->lvl++;
    return 1;
}

// Joins the newest pieces, as far as the rule asks for it.
static void join_pieces(luaL_Buffer *B)
{
    if (B->lvl < 2)
        return;
    int joined = 1;
    size_t joined_bytes = lua_objlen(B->L, -1);
    while (joined < B->lvl) {
        size_t below_bytes = lua_objlen(B->L, -(joined + 1));
        int pieces_left = B->lvl - joined + 1;
        if (pieces_left < PIECES_MAX && joined_bytes <= below_bytes)
            break;
        joined_bytes += below_bytes;
        joined++;
    }
    assert(joined <= B->lvl);
    lua_concat(B->L, joined);
    B->lvl -= joined - 1;
}

void luaL_buffinit(lua_State *L, luaL_Buffer *B)
{
    B->L = L;
    B->p = B->buffer;
    B->lvl = 0;
}

char *luaL_prepbuffer(luaL_Buffer *B)
{
    if (flush(B))
        join_pieces(B);
    return B->buffer;
}

void luaL_addlstring(luaL_Buffer *B, const char *text, size_t bytes)
{
    while (bytes > 0) {
        if (chars_free(B) == 0)
            luaL_prepbuffer(B);
        size_t part = bytes < chars_free(B) ? bytes : chars_free(B);
        memcpy(B->p, text, part);
        B->p += part;
        text += part;
        bytes -= part;
    }
}

void luaL_addstring(luaL_Buffer *B, const char *text)
{
    size_t bytes = strlen(text);
    PROBE_TEXT_ADDED(B->L, text, bytes);
    luaL_addlstring(B, text, bytes);
}

void luaL_addvalue(luaL_Buffer *B)
{
    size_t bytes;
    const char *text = lua_tolstring(B->L, -1, &bytes);
    assert(text != NULL);
    if (bytes <= chars_free(B)) {
        PROBE_TEXT_COPIED(B->L, text, 0, bytes, chars_waiting(B));
        memcpy(B->p, text, bytes);
        B->p += bytes;
        lua_pop(B->L, 1);
        return;
    }
    if (flush(B))
        lua_insert(B->L, -2); // the value comes after what was in the buffer
    B->lvl++;
    join_pieces(B);
}

void luaL_pushresult(luaL_Buffer *B)
{
    flush(B);
    assert(B->lvl >= 0);
    lua_concat(B->L, B->lvl);
    B->lvl = 1;
}

const char *luaL_gsub(lua_State *L, const char *text, const char *pattern, const char *by)
{
    size_t pattern_bytes = strlen(pattern);
    assert(pattern_bytes > 0);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (const char *at; (at = strstr(text, pattern)) != NULL; text = at + pattern_bytes) {
        luaL_addlstring(&b, text, (size_t)(at - text));
        luaL_addstring(&b, by);
    }
    luaL_addstring(&b, text);
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}
