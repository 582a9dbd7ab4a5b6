// bit.c: the module bit: operations on 32-bit words.
//
// Reads and writes: arguments only. Memory: none.
// Source: documentation of the firmware's module bit. Results are signed, as there.

#include "runtime/nodemcu/modules.h"

// Any number modulo 2^32, so that 0xFFFFFFFF and -1 are the same word.
static uint32_t check_word(lua_State *L, int arg)
{
    return (uint32_t)luaL_checkinteger(L, arg);
}

static int push_word(lua_State *L, uint32_t word)
{
    lua_pushinteger(L, (int32_t)word);
    return 1;
}

// Nothing checks counts and positions; the processor shifts by their last five bits.
static unsigned check_count(lua_State *L, int arg)
{
    return (unsigned)luaL_checkinteger(L, arg) & 31u;
}

static int bit_bnot(lua_State *L)
{
    return push_word(L, ~check_word(L, 1));
}

static int bit_band(lua_State *L)
{
    uint32_t word = check_word(L, 1);
    for (int i = 2; i <= lua_gettop(L); i++)
        word &= check_word(L, i);
    return push_word(L, word);
}

static int bit_bor(lua_State *L)
{
    uint32_t word = check_word(L, 1);
    for (int i = 2; i <= lua_gettop(L); i++)
        word |= check_word(L, i);
    return push_word(L, word);
}

static int bit_bxor(lua_State *L)
{
    uint32_t word = check_word(L, 1);
    for (int i = 2; i <= lua_gettop(L); i++)
        word ^= check_word(L, i);
    return push_word(L, word);
}

static int bit_lshift(lua_State *L)
{
    return push_word(L, check_word(L, 1) << check_count(L, 2));
}

static int bit_rshift(lua_State *L)
{
    return push_word(L, check_word(L, 1) >> check_count(L, 2));
}

static int bit_arshift(lua_State *L)
{
    return push_word(L, (uint32_t)((int32_t)check_word(L, 1) >> check_count(L, 2)));
}

static int bit_bit(lua_State *L)
{
    return push_word(L, 1u << check_count(L, 1));
}

static int bit_set(lua_State *L)
{
    uint32_t word = check_word(L, 1);
    for (int i = 2; i <= lua_gettop(L); i++)
        word |= 1u << check_count(L, i);
    return push_word(L, word);
}

static int bit_clear(lua_State *L)
{
    uint32_t word = check_word(L, 1);
    for (int i = 2; i <= lua_gettop(L); i++)
        word &= ~(1u << check_count(L, i));
    return push_word(L, word);
}

static int bit_isset(lua_State *L)
{
    lua_pushboolean(L, check_word(L, 1) >> check_count(L, 2) & 1);
    return 1;
}

static int bit_isclear(lua_State *L)
{
    lua_pushboolean(L, !(check_word(L, 1) >> check_count(L, 2) & 1));
    return 1;
}

ROTABLE_BEGIN(bit_lib)
    ROTABLE_FUNC("bnot", bit_bnot)
    ROTABLE_FUNC("band", bit_band)
    ROTABLE_FUNC("bor", bit_bor)
    ROTABLE_FUNC("bxor", bit_bxor)
    ROTABLE_FUNC("lshift", bit_lshift)
    ROTABLE_FUNC("rshift", bit_rshift)
    ROTABLE_FUNC("arshift", bit_arshift)
    ROTABLE_FUNC("bit", bit_bit)
    ROTABLE_FUNC("set", bit_set)
    ROTABLE_FUNC("clear", bit_clear)
    ROTABLE_FUNC("isset", bit_isset)
    ROTABLE_FUNC("isclear", bit_isclear)
ROTABLE_END(bit_lib, NULL, 0)
