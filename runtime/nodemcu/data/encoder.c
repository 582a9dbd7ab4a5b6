// encoder.c: the module encoder: base64 and hexadecimal.
//
// Reads and writes: arguments only. Memory: a block of the result's size while it is made, then the
// result.
// Source: facts on NodeMCU 3.0.

#include <string.h>

#include "runtime/core/check.h"
#include "runtime/core/mem.h"
#include "runtime/nodemcu/modules.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789abcdef";

// A block that is freed whatever becomes of the result: the body of a protected call makes it.
struct work {
    char *out;
    size_t bytes;
};

static int push_result(lua_State *L)
{
    const struct work *work = lua_touserdata(L, 1);
    lua_pushlstring(L, work->out, work->bytes);
    return 1;
}

// Pushes the result as text and frees the block, of `room` bytes.
static int finish(lua_State *L, char *out, size_t bytes, size_t room)
{
    struct work work = {out, bytes};
    lua_pushcfunction(L, push_result);
    lua_pushlightuserdata(L, &work);
    check_held((ptrdiff_t)room);
    int status = lua_pcall(L, 1, 1, 0);
    check_held(-(ptrdiff_t)room);
    MEM_FREE(L, out, room, KIND_BUFFER);
    return status == LUA_OK ? 1 : lua_error(L);
}

static char *new_block(lua_State *L, size_t bytes)
{
    return bytes ? MEM_VECTOR(L, bytes, char, KIND_BUFFER) : NULL;
}

// ---- base64 ----

static int encoder_toBase64(lua_State *L)
{
    size_t bytes;
    const unsigned char *text = (const unsigned char *)luaL_checklstring(L, 1, &bytes);
    size_t room = (bytes + 2) / 3 * 4, n = 0;
    char *out = new_block(L, room);
    for (size_t i = 0; i < bytes; i += 3) {
        size_t left = bytes - i;
        uint32_t word = (uint32_t)text[i] << 16;
        word |= left > 1 ? (uint32_t)text[i + 1] << 8 : 0;
        word |= left > 2 ? text[i + 2] : 0u;
        out[n++] = base64_digits[word >> 18];
        out[n++] = base64_digits[word >> 12 & 63];
        out[n++] = left > 1 ? base64_digits[word >> 6 & 63] : '=';
        out[n++] = left > 2 ? base64_digits[word & 63] : '=';
    }
    return finish(L, out, n, room);
}

static int base64_value(char digit)
{
    const char *at = digit ? strchr(base64_digits, digit) : NULL;
    return at ? (int)(at - base64_digits) : -1;
}

static size_t check_base64(lua_State *L, const char *text, size_t bytes)
{
    size_t padding = 0;
    if (bytes && text[bytes - 1] == '=')
        padding = text[bytes - 2] == '=' ? 2 : 1;
    for (size_t i = 0; i < bytes - padding; i++)
        if (base64_value(text[i]) < 0)
            luaL_error(L, "Invalid base64 string");
    return padding;
}

static int encoder_fromBase64(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    if (bytes % 4 != 0)
        return luaL_error(L, "Invalid base64 string");
    size_t padding = check_base64(L, text, bytes);
    size_t room = bytes / 4 * 3 - padding, n = 0;
    char *out = new_block(L, room);
    for (size_t i = 0; i < bytes; i += 4) {
        uint32_t word = 0;
        for (size_t k = i; k < i + 4; k++)
            word = word << 6 | (k < bytes - padding ? (uint32_t)base64_value(text[k]) : 0);
        for (int shift = 16; shift >= 0 && n < room; shift -= 8)
            out[n++] = (char)(word >> shift);
    }
    return finish(L, out, n, room);
}

// ---- hexadecimal ----

static int encoder_toHex(lua_State *L)
{
    size_t bytes;
    const unsigned char *text = (const unsigned char *)luaL_checklstring(L, 1, &bytes);
    char *out = new_block(L, 2 * bytes);
    for (size_t i = 0; i < bytes; i++) {
        out[2 * i] = hex_digits[text[i] >> 4];
        out[2 * i + 1] = hex_digits[text[i] & 15];
    }
    return finish(L, out, 2 * bytes, 2 * bytes);
}

static uint32_t check_hex(lua_State *L, char digit)
{
    if (digit >= '0' && digit <= '9')
        return (uint32_t)(digit - '0');
    if ((digit | 32) < 'a' || (digit | 32) > 'f')
        luaL_error(L, "Invalid hex string");
    return (uint32_t)((digit | 32) - 'a' + 10);
}

static int encoder_fromHex(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    if (bytes % 2 != 0)
        return luaL_error(L, "Invalid hex string");
    for (size_t i = 0; i < bytes; i++)
        check_hex(L, text[i]);
    char *out = new_block(L, bytes / 2);
    for (size_t i = 0; i < bytes / 2; i++)
        out[i] = (char)(check_hex(L, text[2 * i]) << 4 | check_hex(L, text[2 * i + 1]));
    return finish(L, out, bytes / 2, bytes / 2);
}

ROTABLE_BEGIN(encoder_lib)
    ROTABLE_FUNC("toBase64", encoder_toBase64)
    ROTABLE_FUNC("fromBase64", encoder_fromBase64)
    ROTABLE_FUNC("toHex", encoder_toHex)
    ROTABLE_FUNC("fromHex", encoder_fromHex)
ROTABLE_END(encoder_lib, NULL, 0)
