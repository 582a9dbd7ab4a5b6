// lights.c: the modules ws2812 and apa102: strips of lights that take their colours one after the
// other.
//
// Reads and writes: tells the world, WORLD_SENSOR: "NAME LINE AT TOTAL BYTES", where NAME is the
// module; LINE 1 (D4) or 2 (TXD0) of ws2812, "DATA-CLOCK" of apa102; AT and TOTAL say where in one
// transfer these bytes are, in decimal.
// Memory: static.
// Source: facts on NodeMCU 3.0. ws2812 sends by the UARTs at 3.2 Mbaud: a byte is four characters
// of 8 bits. apa102 toggles its pins: a bit takes about 1 us (an estimate).

#include "runtime/nodemcu/io/lights.h"

#include <stdio.h>
#include <string.h>

#include "runtime/nodemcu/data/pixbuf.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/world/world.h"

#define PIECE_BYTES 512u // that the world is told at once
#define HEAD_BYTES 48u   // before them

struct transfer {
    const void *data;
    size_t bytes;
};

static void tell(const char *name, const char *line, const void *data, size_t bytes)
{
    char message[HEAD_BYTES + PIECE_BYTES];
    for (size_t at = 0, now; at < bytes; at += now) {
        int head = snprintf(message, HEAD_BYTES, "%s %s %u %u ", name, line, (unsigned)at,
                            (unsigned)bytes);
        now = bytes - at < PIECE_BYTES ? bytes - at : PIECE_BYTES;
        memcpy(message + head, (const char *)data + at, now);
        world_tell(WORLD_SENSOR, WORLD_SENSOR_BUS, message, (size_t)head + now);
    }
}

// ---- ws2812 ----

#define MODE_SINGLE 0
#define MODE_DUAL 1
#define BYTE_US 10u

static uint8_t line_count; // that have been set up; what is sent to others reaches no light

void lights_reset(void)
{
    line_count = 0;
}

// ws2812.init([mode])
static int ws2812_init(lua_State *L)
{
    lua_Integer mode = luaL_optinteger(L, 1, MODE_SINGLE);
    luaL_argcheck(L, mode == MODE_SINGLE || mode == MODE_DUAL, 1,
                  "ws2812.SINGLE or ws2812.DUAL expected");
    line_count = mode == MODE_DUAL ? 2 : 1;
    return 0;
}

static struct transfer check_transfer(lua_State *L, int arg)
{
    struct transfer transfer = {NULL, 0};
    switch (lua_type(L, arg)) {
    case LUA_TNIL:
        break;
    case LUA_TSTRING:
        transfer.data = lua_tolstring(L, arg, &transfer.bytes);
        break;
    case LUA_TUSERDATA: {
        struct pixbuf *pixels = pixbuf_check(L, arg);
        luaL_argcheck(L, pixels->channel_count == 3 || pixels->channel_count == 4, arg,
                      "Bad pixbuf format");
        transfer = (struct transfer){pixels->values, pixbuf_bytes(pixels)};
        break;
    }
    default:
        luaL_argerror(L, arg, "pixbuf or string expected");
    }
    return transfer;
}

// ws2812.write(data [, data of the second line])
static int ws2812_write(lua_State *L)
{
    struct transfer first = check_transfer(L, 1), second = {NULL, 0};
    if (!lua_isnone(L, 2))
        second = check_transfer(L, 2);
    if (line_count >= 1)
        tell("ws2812", "1", first.data, first.bytes);
    if (line_count >= 2)
        tell("ws2812", "2", second.data, second.bytes);
    device_time_delay((uint64_t)BYTE_US *
                      (first.bytes > second.bytes ? first.bytes : second.bytes));
    return 0;
}

ROTABLE_BEGIN(ws2812_lib)
    ROTABLE_FUNC("init", ws2812_init)
    ROTABLE_FUNC("write", ws2812_write)
    ROTABLE_FUNC("newBuffer", pixbuf_new_buffer)
    ROTABLE_NUM("MODE_SINGLE", MODE_SINGLE)
    ROTABLE_NUM("MODE_DUAL", MODE_DUAL)
    ROTABLE_NUM("FADE_IN", PIXBUF_FADE_IN)
    ROTABLE_NUM("FADE_OUT", PIXBUF_FADE_OUT)
    ROTABLE_NUM("SHIFT_CIRCULAR", PIXBUF_SHIFT_CIRCULAR)
    ROTABLE_NUM("SHIFT_LOGICAL", PIXBUF_SHIFT_LOGICAL)
ROTABLE_END(ws2812_lib, NULL, 0)

    // ---- apa102 ----

#define FRAME_BYTES 4u
#define FRAMES_MAX 100000u
#define APA102_BYTE_US 8u
#define START_BYTES 4u // before the frames, and 4 for each two of them behind

static unsigned check_pin(lua_State *L, int arg)
{
    unsigned pin = (uint8_t)luaL_checkinteger(L, arg);
    if (pin >= PINS_COUNT)
        luaL_error(L, "gpio %d does not exist", (int)pin);
    return pin;
}

// apa102.write(data pin, clock pin, data)
static int apa102_write(lua_State *L)
{
    char line[16];
    unsigned data_pin = check_pin(L, 1), clock_pin = check_pin(L, 2);
    struct transfer transfer = {NULL, 0};
    if (lua_type(L, 3) == LUA_TSTRING) {
        transfer.data = lua_tolstring(L, 3, &transfer.bytes);
    } else if (lua_type(L, 3) == LUA_TUSERDATA) {
        struct pixbuf *pixels = pixbuf_check(L, 3);
        luaL_argcheck(L, pixels->channel_count == FRAME_BYTES, 3, "Bad pixbuf format");
        transfer = (struct transfer){pixels->values, pixbuf_bytes(pixels)};
    } else {
        luaL_argerror(L, 3, "String or pixbuf expected");
    }
    size_t frames = transfer.bytes / FRAME_BYTES;
    if (frames > FRAMES_MAX)
        return luaL_error(L, "The supplied buffer is too long, and might cause the callback "
                             "watchdog to bark.");
    pins_set_mode(data_pin, PINS_OUTPUT, 0);
    pins_set_mode(clock_pin, PINS_OUTPUT, 0);
    snprintf(line, sizeof line, "%u-%u", data_pin, clock_pin);
    tell("apa102", line, transfer.data, frames * FRAME_BYTES);
    device_time_delay((uint64_t)APA102_BYTE_US *
                      (START_BYTES + frames * FRAME_BYTES + (frames + 1) / 2 * 4));
    return 0;
}

ROTABLE_BEGIN(apa102_lib)
    ROTABLE_FUNC("write", apa102_write)
ROTABLE_END(apa102_lib, NULL, 0)
