// ow.c: the module ow: the 1-Wire bus, one at each pin.
//
// Reads and writes: asks the world, WORLD_SENSOR:
//   "ow reset PIN"          -> 1 byte, 1: somebody is there
//   "ow write PIN BYTES"    -> nothing that matters
//   "ow read PIN COUNT"     -> the bytes; what is missing reads as 0xFF
//   "ow search PIN COMMAND" -> the codes of the devices that answer, 8 bytes each
// with the numbers in decimal. No answer: no device.
// Memory: static, 10 bytes for each pin; what is read is a buffer of the Lua library.
// Source: facts on NodeMCU 3.0; the data sheet of the DS18B20 for the times.

#include "runtime/nodemcu/io/ow.h"

#include <stdio.h>
#include <string.h>

#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/ow_search.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/world/world.h"

#define SKIP_CODE 0xCC
#define MATCH_CODE 0x55
#define SEARCH_ALL 0xF0
#define SEARCH_ALARM 0xEC
#define BIT_US 70u // and so long is a search busy thrice for each bit
#define RESET_US 960u
#define READ_BYTES_MAX 256
#define PIECE_BYTES 128u
#define TIMING_COUNT 10

static struct ow_search searches[PINS_COUNT];

void ow_reset(void)
{
    memset(searches, 0, sizeof searches);
}

static unsigned check_pin(lua_State *L)
{
    int pin = luaL_checkint(L, 1);
    if (pin <= 0 || pin >= PINS_COUNT)
        luaL_error(L, "ow %d does not exist", pin);
    return (unsigned)pin;
}

static uint8_t check_byte(lua_State *L, int value)
{
    if (value < 0 || value > 255)
        luaL_error(L, "wrong arg range");
    return (uint8_t)value;
}

// ---- the bus ----

// Asks about a pin; `number` is the last word of the question, where it is not negative.
static size_t ask(const char *what, unsigned pin, int number, void *answer, size_t room)
{
    char question[40];
    int bytes = number < 0 ? snprintf(question, sizeof question, "ow %s %u", what, pin)
                           : snprintf(question, sizeof question, "ow %s %u %d", what, pin, number);
    return world_ask(WORLD_SENSOR, WORLD_SENSOR_BUS, question, (size_t)bytes, answer, room);
}

static void send_piece(unsigned pin, const char *data, size_t bytes)
{
    char question[24 + PIECE_BYTES];
    uint8_t answer;
    int head = snprintf(question, 24, "ow write %u ", pin);
    memcpy(question + head, data, bytes);
    device_time_delay(8ull * BIT_US * bytes);
    world_ask(WORLD_SENSOR, WORLD_SENSOR_BUS, question, (size_t)head + bytes, &answer,
              sizeof answer);
}

static void send(unsigned pin, const char *data, size_t bytes)
{
    for (size_t done = 0, now; done < bytes; done += now) {
        now = bytes - done < PIECE_BYTES ? bytes - done : PIECE_BYTES;
        send_piece(pin, data + done, now);
    }
}

static void receive(unsigned pin, char *data, unsigned count)
{
    memset(data, 0xFF, count);
    device_time_delay(8ull * BIT_US * count);
    ask("read", pin, (int)count, data, count);
}

// ---- functions of the bus ----

static int ow_setup(lua_State *L)
{
    if (luaL_checkint(L, 1) == 0)
        return luaL_error(L, "no 1-wire for D0");
    memset(&searches[check_pin(L)], 0, sizeof *searches);
    return 0;
}

// ow.reset(pin): 1: somebody is there, else 0.
static int ow_reset_bus(lua_State *L)
{
    uint8_t is_there = 0;
    unsigned pin = check_pin(L);
    device_time_delay(RESET_US);
    size_t bytes = ask("reset", pin, -1, &is_there, sizeof is_there);
    lua_pushinteger(L, bytes == sizeof is_there && is_there);
    return 1;
}

static int ow_skip(lua_State *L)
{
    const char command = (char)SKIP_CODE;
    send(check_pin(L), &command, 1);
    return 0;
}

static void read_code(lua_State *L, int arg, char code[OW_CODE_BYTES])
{
    if (!lua_istable(L, arg)) {
        size_t bytes;
        const char *text = luaL_checklstring(L, arg, &bytes);
        if (bytes != OW_CODE_BYTES)
            luaL_error(L, "wrong arg range");
        memcpy(code, text, OW_CODE_BYTES);
        return;
    }
    if (lua_objlen(L, arg) != OW_CODE_BYTES)
        luaL_error(L, "wrong arg range");
    for (unsigned i = 0; i < OW_CODE_BYTES; i++) {
        lua_rawgeti(L, arg, (int)i + 1);
        code[i] = (char)check_byte(L, luaL_checkint(L, -1));
        lua_pop(L, 1);
    }
}

// ow.select(pin, code)
static int ow_select(lua_State *L)
{
    char command[1 + OW_CODE_BYTES] = {MATCH_CODE};
    unsigned pin = check_pin(L);
    read_code(L, 2, command + 1);
    send(pin, command, sizeof command);
    return 0;
}

// ow.write(pin, byte [, power])
static int ow_write(lua_State *L)
{
    unsigned pin = check_pin(L);
    char byte = (char)check_byte(L, luaL_checkint(L, 2));
    (void)luaL_optint(L, 3, 0); // what is powered by the line is the world's affair
    send(pin, &byte, 1);
    return 0;
}

static int ow_write_bytes(lua_State *L)
{
    size_t bytes;
    unsigned pin = check_pin(L);
    const char *data = luaL_checklstring(L, 2, &bytes);
    (void)luaL_optint(L, 3, 0);
    send(pin, data, bytes);
    return 0;
}

static int ow_read(lua_State *L)
{
    char byte;
    receive(check_pin(L), &byte, 1);
    lua_pushinteger(L, (unsigned char)byte);
    return 1;
}

// ow.read_bytes(pin, count)
static int ow_read_bytes(lua_State *L)
{
    char data[READ_BYTES_MAX];
    unsigned pin = check_pin(L);
    int count = luaL_checkint(L, 2);
    if (count <= 0)
        return 0;
    luaL_argcheck(L, count <= READ_BYTES_MAX, 2, "Attempt to read too many characters");
    receive(pin, data, (unsigned)count);
    lua_pushlstring(L, data, (size_t)count);
    return 1;
}

static int ow_depower(lua_State *L)
{
    check_pin(L);
    return 0;
}

// ---- searches ----

static int ow_reset_search(lua_State *L)
{
    memset(&searches[check_pin(L)], 0, sizeof *searches);
    return 0;
}

// ow.target_search(pin, family): the next search begins with the devices of a family.
static int ow_target_search(lua_State *L)
{
    struct ow_search *search = &searches[check_pin(L)];
    uint8_t family = check_byte(L, luaL_checkint(L, 2));
    *search = (struct ow_search){.code = {family}, .branch = OW_CODE_BITS};
    return 0;
}

// ow.search(pin [, alarm]): the code of the next device, or nil.
static int ow_search(lua_State *L)
{
    uint8_t codes[OW_CODE_BYTES * OW_DEVICES_MAX];
    unsigned pin = check_pin(L), count = 0;
    int is_alarm = luaL_optint(L, 2, 0) != 0;
    struct ow_search *search = &searches[pin];
    if (!search->is_over) {
        device_time_delay(RESET_US + BIT_US * (8 + 3 * OW_CODE_BITS));
        count = (unsigned)ask("search", pin, is_alarm ? SEARCH_ALARM : SEARCH_ALL, codes,
                              sizeof codes) /
                OW_CODE_BYTES;
    }
    if (ow_search_next(search, codes, count))
        lua_pushlstring(L, (const char *)search->code, OW_CODE_BYTES);
    else
        lua_pushnil(L);
    return 1;
}

// ---- sums ----

static unsigned shift(unsigned sum, uint8_t byte, unsigned polynomial)
{
    sum ^= byte;
    for (int bit = 0; bit < 8; bit++)
        sum = sum & 1 ? sum >> 1 ^ polynomial : sum >> 1;
    return sum;
}

static unsigned sum_of(lua_State *L, unsigned sum, unsigned polynomial)
{
    size_t bytes;
    const char *data = luaL_checklstring(L, 1, &bytes);
    for (size_t i = 0; i < bytes; i++)
        sum = shift(sum, (uint8_t)data[i], polynomial);
    return sum;
}

#define CRC8_POLYNOMIAL 0x8Cu
#define CRC16_POLYNOMIAL 0xA001u

static int ow_crc8(lua_State *L)
{
    size_t bytes;
    luaL_checklstring(L, 1, &bytes);
    if (bytes > 255)
        return luaL_error(L, "wrong arg range");
    lua_pushinteger(L, (lua_Integer)sum_of(L, 0, CRC8_POLYNOMIAL));
    return 1;
}

// ow.crc16(text [, start])
static int ow_crc16(lua_State *L)
{
    unsigned start = (uint16_t)luaL_optint(L, 2, 0);
    lua_pushinteger(L, (lua_Integer)sum_of(L, start, CRC16_POLYNOMIAL));
    return 1;
}

// ow.check_crc16(text, low, high [, start]): are these the inverted sum, as devices send it?
static int ow_check_crc16(lua_State *L)
{
    int low = luaL_checkint(L, 2), high = luaL_checkint(L, 3);
    unsigned start = (uint16_t)luaL_optint(L, 4, 0);
    unsigned sum = ~sum_of(L, start, CRC16_POLYNOMIAL) & 0xFFFF;
    lua_pushboolean(L, (sum & 0xFF) == (unsigned)low && sum >> 8 == (unsigned)high);
    return 1;
}

// ow.set_timings(10 numbers): checked, but the bits here have no shape.
static int ow_set_timings(lua_State *L)
{
    for (int arg = 1; arg <= TIMING_COUNT; arg++)
        if (!lua_isnoneornil(L, arg))
            (void)luaL_checkint(L, arg);
    return 0;
}

ROTABLE_BEGIN(ow_lib)
    ROTABLE_FUNC("setup", ow_setup)
    ROTABLE_FUNC("reset", ow_reset_bus)
    ROTABLE_FUNC("skip", ow_skip)
    ROTABLE_FUNC("select", ow_select)
    ROTABLE_FUNC("write", ow_write)
    ROTABLE_FUNC("write_bytes", ow_write_bytes)
    ROTABLE_FUNC("read", ow_read)
    ROTABLE_FUNC("read_bytes", ow_read_bytes)
    ROTABLE_FUNC("depower", ow_depower)
    ROTABLE_FUNC("reset_search", ow_reset_search)
    ROTABLE_FUNC("target_search", ow_target_search)
    ROTABLE_FUNC("search", ow_search)
    ROTABLE_FUNC("crc8", ow_crc8)
    ROTABLE_FUNC("crc16", ow_crc16)
    ROTABLE_FUNC("check_crc16", ow_check_crc16)
    ROTABLE_FUNC("set_timings", ow_set_timings)
ROTABLE_END(ow_lib, NULL, 0)
