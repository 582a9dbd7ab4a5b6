// uart.c: the module uart, as far as a program without a line needs it: writing to the console.
//
// Reads and writes: the console. Memory: none.
// Source: documentation of the firmware's module uart. UART 0 is the console; UART 1 only sends on
// the chip, and nobody listens to it here.

#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define UART_COUNT 2
#define CONSOLE 0

static int check_id(lua_State *L)
{
    int id = luaL_checkint(L, 1);
    if (id < 0 || id >= UART_COUNT)
        luaL_error(L, "uart %d does not exist", id);
    return id;
}

// uart.write(id, ...): strings as they are, numbers from 0 to 255 as one byte.
static int uart_write(lua_State *L)
{
    int id = check_id(L);
    for (int arg = 2; arg <= lua_gettop(L); arg++) {
        if (lua_type(L, arg) == LUA_TNUMBER) {
            lua_Integer number = lua_tointeger(L, arg);
            luaL_argcheck(L, number >= 0 && number <= 255, arg, "invalid number");
            char byte = (char)number;
            if (id == CONSOLE)
                port_console_write(&byte, 1);
            continue;
        }
        size_t bytes;
        luaL_checktype(L, arg, LUA_TSTRING);
        const char *text = lua_tolstring(L, arg, &bytes);
        PROBE_CONTENT_READ(L, text, 0, bytes, CONTENT_PRINT);
        if (id == CONSOLE)
            port_console_write(text, bytes);
    }
    return 0;
}

// uart.setup(id, baud, ...): the speed; the console here has none.
static int uart_setup(lua_State *L)
{
    check_id(L);
    lua_pushinteger(L, luaL_checkinteger(L, 2));
    return 1;
}

ROTABLE_BEGIN(uart_lib)
    ROTABLE_FUNC("write", uart_write)
    ROTABLE_FUNC("setup", uart_setup)
    ROTABLE_NUM("STOPBITS_1", 1)
    ROTABLE_NUM("STOPBITS_1_5", 2)
    ROTABLE_NUM("STOPBITS_2", 3)
    ROTABLE_NUM("PARITY_NONE", 0)
    ROTABLE_NUM("PARITY_ODD", 1)
    ROTABLE_NUM("PARITY_EVEN", 2)
ROTABLE_END(uart_lib, NULL, 0)
