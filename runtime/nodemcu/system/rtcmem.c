// rtcmem.c: the module rtcmem: 128 words that outlive restarts and deep sleep.
//
// Reads and writes: the RTC's user memory. Memory: none.
// Source: facts on NodeMCU 3.0.

#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"

// rtcmem.read32(slot [, count]): signed words, less than `count` where the memory ends.
static int rtcmem_read32(lua_State *L)
{
    int slot = (int)luaL_checkinteger(L, 1);
    int count = lua_isnumber(L, 2) ? (int)lua_tointeger(L, 2) : 1;
    const volatile uint32_t *words = port_rtc_memory();
    int pushed = 0;
    if (slot < 0 || count <= 0 || slot >= PORT_RTC_WORDS)
        return 0;
    if (count > PORT_RTC_WORDS - slot)
        count = PORT_RTC_WORDS - slot;
    luaL_checkstack(L, count, "read32");
    for (; pushed < count; pushed++)
        lua_pushinteger(L, (int32_t)words[slot + pushed]);
    return pushed;
}

// rtcmem.write32(slot, word ...)
static int rtcmem_write32(lua_State *L)
{
    int slot = (int)luaL_checkinteger(L, 1);
    int count = lua_gettop(L) - 1;
    volatile uint32_t *words = port_rtc_memory();
    luaL_argcheck(L, slot >= 0 && slot <= PORT_RTC_WORDS && count <= PORT_RTC_WORDS - slot, 1,
                  "RTC mem would overrun");
    for (int i = 0; i < count; i++)
        words[slot + i] = (uint32_t)lua_tointeger(L, 2 + i);
    return 0;
}

ROTABLE_BEGIN(rtcmem_lib)
    ROTABLE_FUNC("read32", rtcmem_read32)
    ROTABLE_FUNC("write32", rtcmem_write32)
ROTABLE_END(rtcmem_lib, NULL, 0)
