// uart.c: the module uart: the serial lines.
//
// Reads and writes: the console, which is UART 0 (console.h); the world, which UART 1 sends to.
// Memory: static; a reference in the registry for the reader.
// Source: facts on NodeMCU 3.0. UART 1 only sends.

#include <string.h>

#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/console.h"
#include "runtime/nodemcu/system/uart.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define UART_COUNT 2
#define CONSOLE 0
#define STOPBITS_1 1
#define STOPBITS_2 2
#define STOPBITS_1_5 3
#define PARITY_NONE 0
#define PARITY_EVEN 1
#define PARITY_ODD 2
#define BAUD_START 115200
#define BAUD_OTHER 9600 // what the chip does with a speed that it does not know

static const uint32_t bauds[] = {300,    600,    1200,   2400,   4800,    9600,
                                 19200,  31250,  38400,  57600,  74880,   115200,
                                 230400, 256000, 460800, 921600, 1843200, 3686400};

static struct line {
    uint32_t baud;
    uint8_t data_bits, parity, stop_bits;
} lines[UART_COUNT];

void uart_reset(void)
{
    for (int id = 0; id < UART_COUNT; id++)
        lines[id] = (struct line){BAUD_START, 8, PARITY_NONE, STOPBITS_1};
}

static int check_id(lua_State *L, int id)
{
    if (id < 0 || id >= UART_COUNT)
        luaL_error(L, "uart %d does not exist", id);
    return id;
}

// ---- settings ----

static int is_known(uint32_t baud)
{
    for (size_t i = 0; i < sizeof bauds / sizeof *bauds; i++)
        if (bauds[i] == baud)
            return 1;
    return 0;
}

// uart.setup(id, baud, databits, parity, stopbits [, echo]): the speed as it was given.
static int uart_setup(lua_State *L)
{
    int id = check_id(L, luaL_checkint(L, 1));
    lua_Integer baud = luaL_checkinteger(L, 2);
    int data_bits = luaL_checkint(L, 3), parity = luaL_checkint(L, 4);
    int stop_bits = luaL_checkint(L, 5);
    lines[id] = (struct line){
        .baud = is_known((uint32_t)baud) ? (uint32_t)baud : BAUD_OTHER,
        .data_bits = (uint8_t)(data_bits >= 5 && data_bits <= 8 ? data_bits : 8),
        .parity = (uint8_t)(parity == PARITY_EVEN || parity == PARITY_ODD ? parity : PARITY_NONE),
        .stop_bits = (uint8_t)(stop_bits == STOPBITS_2 || stop_bits == STOPBITS_1_5 ? stop_bits
                                                                                    : STOPBITS_1)};
    if (lua_isnumber(L, 6))
        console_set_echo(lua_tointeger(L, 6) != 0);
    lua_pushinteger(L, baud);
    return 1;
}

static int uart_getconfig(lua_State *L)
{
    const struct line *line = &lines[check_id(L, luaL_checkint(L, 1))];
    lua_pushinteger(L, (lua_Integer)line->baud);
    lua_pushinteger(L, line->data_bits);
    lua_pushinteger(L, line->parity);
    lua_pushinteger(L, line->stop_bits);
    return 4;
}

// uart.alt(is_on): UART 0 on other pins, where the console goes too.
static int uart_alt(lua_State *L)
{
    luaL_checkinteger(L, 1);
    return 0;
}

// uart.fifodepth([id [, direction]]): what is sent is gone at once, what arrives is taken.
static int uart_fifodepth(lua_State *L)
{
    check_id(L, luaL_optint(L, 1, CONSOLE));
    luaL_optinteger(L, 2, 0);
    lua_pushinteger(L, 0);
    return 1;
}

// ---- sending ----

static void send(int id, const char *bytes, size_t count)
{
    if (id == CONSOLE)
        port_console_send(bytes, count);
    else
        world_tell(WORLD_SERIAL, (uint32_t)id, bytes, count);
}

// uart.write(id, ...): texts as they are, numbers as one byte.
static int uart_write(lua_State *L)
{
    int id = check_id(L, luaL_checkint(L, 1));
    for (int arg = 2; arg <= lua_gettop(L); arg++) {
        if (lua_type(L, arg) == LUA_TNUMBER) {
            lua_Integer number = lua_tointeger(L, arg);
            if (number < 0 || number > 255)
                return luaL_error(L, "invalid number");
            char byte = (char)number;
            send(id, &byte, 1);
            continue;
        }
        size_t bytes;
        luaL_checktype(L, arg, LUA_TSTRING);
        const char *text = lua_tolstring(L, arg, &bytes);
        PROBE_CONTENT_READ(L, text, 0, bytes, CONTENT_PRINT);
        send(id, text, bytes);
    }
    return 0;
}

// ---- receiving ----

// uart.on("data" [, count or end] [, function [, run_input]])
static int uart_on(lua_State *L)
{
    const char *method = luaL_checkstring(L, 1);
    int bytes_max = CONSOLE_LINE_BYTES_MAX, end = 0, arg = 2, runs_lines = 1;
    if (lua_type(L, arg) == LUA_TNUMBER) {
        lua_Integer count = lua_tointeger(L, arg++);
        if (count < 0 || count > CONSOLE_LINE_BYTES_MAX)
            return luaL_error(L, "wrong arg range");
        bytes_max = (int)count;
        end = CONSOLE_NO_END;
    } else if (lua_type(L, arg) == LUA_TSTRING) {
        size_t bytes;
        const char *text = lua_tolstring(L, arg++, &bytes);
        if (bytes != 1)
            return luaL_error(L, "wrong arg range");
        end = (unsigned char)text[0];
    }
    if (strcmp(method, "data") != 0)
        return luaL_error(L, "method not supported");
    if (lua_isfunction(L, arg)) {
        runs_lines = !lua_isnumber(L, arg + 1) || lua_tointeger(L, arg + 1) != 0;
        lua_pushvalue(L, arg);
    } else {
        lua_pushnil(L);
    }
    console_set_reader(L, runs_lines, bytes_max, end);
    return 0;
}

ROTABLE_BEGIN(uart_lib)
    ROTABLE_FUNC("write", uart_write)
    ROTABLE_FUNC("on", uart_on)
    ROTABLE_FUNC("setup", uart_setup)
    ROTABLE_FUNC("getconfig", uart_getconfig)
    ROTABLE_FUNC("alt", uart_alt)
    ROTABLE_FUNC("fifodepth", uart_fifodepth)
    ROTABLE_NUM("STOPBITS_1", STOPBITS_1)
    ROTABLE_NUM("STOPBITS_2", STOPBITS_2)
    ROTABLE_NUM("STOPBITS_1_5", STOPBITS_1_5)
    ROTABLE_NUM("PARITY_NONE", PARITY_NONE)
    ROTABLE_NUM("PARITY_EVEN", PARITY_EVEN)
    ROTABLE_NUM("PARITY_ODD", PARITY_ODD)
    ROTABLE_NUM("DIR_RX", 0)
    ROTABLE_NUM("DIR_TX", 1)
ROTABLE_END(uart_lib, NULL, 0)
