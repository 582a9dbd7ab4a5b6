// i2c.c: the module i2c: the bus of two lines whose devices have addresses.
//
// Reads and writes: asks the world, WORLD_SENSOR:
//   "i2c address ADDRESS DIRECTION" -> 1 byte, 1: it acknowledges
//   "i2c write ADDRESS BYTES"       -> 2 bytes, low first: how many of them it acknowledges
//   "i2c read ADDRESS COUNT"        -> the bytes; what is missing reads as 0xFF
// with the numbers in decimal. No answer: there is no such device. A device that does not
// acknowledge its address is not asked further.
// Memory: static; what is read is a buffer of the Lua library.
// Source: facts on NodeMCU 3.0, of its default build: one bus, at about 100 kHz whatever is asked.

#include "runtime/nodemcu/io/i2c.h"

#include <stdio.h>
#include <string.h>

#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/world/world.h"

#define SPEED_HZ 100000
#define FAST_HZ 400000
#define FAST_PLUS_HZ 1000000
#define BYTE_US 90u // with its acknowledgement
#define ADDRESS_MAX 127
#define TRANSMITTER 0
#define RECEIVER 1
#define NOBODY (-1)
#define PIECE_BYTES 128u // that the world is asked for, or told, at once
#define HEAD_BYTES 24u   // of a question, before its bytes

static char is_set_up;
static int addressed; // NOBODY, or who has acknowledged its address

void i2c_reset(void)
{
    is_set_up = 0;
    addressed = NOBODY;
}

static void check_id(lua_State *L)
{
    int id = luaL_checkint(L, 1);
    if (id != 0)
        luaL_error(L, "i2c %d does not exist", id);
}

static void check_bus(lua_State *L)
{
    check_id(L);
    if (!is_set_up)
        luaL_error(L, "i2c 0 is not configured");
}

static void check_pin(lua_State *L, int pin)
{
    if (pin < 0 || pin >= PINS_COUNT)
        luaL_error(L, "gpio %d does not exist", pin);
}

// i2c.setup(id, sda, scl, speed): the speed in force.
static int i2c_setup(lua_State *L)
{
    check_id(L);
    int sda = luaL_checkint(L, 2), scl = luaL_checkint(L, 3);
    lua_Integer speed = luaL_checkinteger(L, 4);
    check_pin(L, sda);
    check_pin(L, scl);
    if (sda == 0)
        return luaL_error(L, "i2c SDA on D0 is not supported");
    if (scl == 0)
        return luaL_error(L, "i2c SCL on D0 is not supported");
    if (speed <= 0)
        return luaL_error(L, "wrong arg range");
    is_set_up = 1;
    addressed = NOBODY;
    lua_pushinteger(L, SPEED_HZ);
    return 1;
}

static int i2c_start(lua_State *L)
{
    check_bus(L);
    addressed = NOBODY;
    return 0;
}

static int i2c_stop(lua_State *L)
{
    check_bus(L);
    addressed = NOBODY;
    return 0;
}

// Does somebody acknowledge the address?
static int send_address(int address, int direction)
{
    char question[32];
    uint8_t answer = 0;
    int bytes = snprintf(question, sizeof question, "i2c address %d %d", address,
                         direction == TRANSMITTER ? TRANSMITTER : RECEIVER);
    device_time_delay(BYTE_US);
    size_t got = world_ask(WORLD_SENSOR, WORLD_SENSOR_BUS, question, (size_t)bytes, &answer,
                           sizeof answer);
    int is_there = got == sizeof answer && answer;
    addressed = is_there ? address : NOBODY;
    return is_there;
}

// i2c.address(id, address, direction)
static int i2c_address(lua_State *L)
{
    check_bus(L);
    int address = luaL_checkint(L, 2), direction = luaL_checkint(L, 3);
    if (address < 0 || address > ADDRESS_MAX)
        return luaL_error(L, "wrong arg range");
    lua_pushboolean(L, send_address(address, direction));
    return 1;
}

// ---- writing ----

struct writer {
    char question[HEAD_BYTES + PIECE_BYTES];
    uint32_t head_bytes, bytes; // of a piece that has not been sent
    uint32_t acked;             // of all
    int is_refused;             // the rest is not sent
};

static struct writer begin_write(void)
{
    struct writer writer = {.bytes = 0};
    writer.head_bytes = (uint32_t)snprintf(writer.question, HEAD_BYTES, "i2c write %d ", addressed);
    return writer;
}

static void send(struct writer *writer)
{
    uint16_t acked = 0;
    if (writer->bytes == 0)
        return;
    if (addressed == NOBODY ||
        world_ask(WORLD_SENSOR, WORLD_SENSOR_BUS, writer->question,
                  writer->head_bytes + writer->bytes, &acked, sizeof acked) != sizeof acked)
        acked = 0;
    if (acked > writer->bytes)
        acked = (uint16_t)writer->bytes;
    writer->is_refused = acked < writer->bytes;
    device_time_delay(BYTE_US * (acked + (unsigned)writer->is_refused));
    writer->acked += acked;
    writer->bytes = 0;
}

static void add(struct writer *writer, char byte)
{
    if (writer->is_refused)
        return;
    writer->question[writer->head_bytes + writer->bytes++] = byte;
    if (writer->bytes == PIECE_BYTES)
        send(writer);
}

static void add_number(lua_State *L, struct writer *writer, int at)
{
    int value = luaL_checkint(L, at);
    if (value < 0 || value > 255) {
        send(writer); // what was before it is on the bus
        luaL_error(L, "wrong arg range");
    }
    add(writer, (char)value);
}

static void add_table(lua_State *L, struct writer *writer, int at)
{
    int count = (int)lua_objlen(L, at);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, at, i);
        add_number(L, writer, -1);
        lua_pop(L, 1);
    }
}

static void add_text(lua_State *L, struct writer *writer, int at)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, at, &bytes);
    for (size_t i = 0; i < bytes; i++)
        add(writer, text[i]);
}

// i2c.write(id, ...): how many bytes were acknowledged.
static int i2c_write(lua_State *L)
{
    check_bus(L);
    if (lua_gettop(L) < 2)
        return luaL_error(L, "wrong arg type");
    struct writer writer = begin_write();
    for (int at = 2; at <= lua_gettop(L) && !writer.is_refused; at++) {
        if (lua_type(L, at) == LUA_TNUMBER)
            add_number(L, &writer, at);
        else if (lua_istable(L, at))
            add_table(L, &writer, at);
        else
            add_text(L, &writer, at);
    }
    send(&writer);
    lua_pushinteger(L, (lua_Integer)writer.acked);
    return 1;
}

// ---- reading ----

static void read_piece(char *piece, unsigned count)
{
    char question[32];
    memset(piece, 0xFF, count);
    device_time_delay((uint64_t)BYTE_US * count);
    if (addressed == NOBODY)
        return;
    int bytes = snprintf(question, sizeof question, "i2c read %d %u", addressed, count);
    world_ask(WORLD_SENSOR, WORLD_SENSOR_BUS, question, (size_t)bytes, piece, count);
}

// i2c.read(id, count): a text of so many bytes.
static int i2c_read(lua_State *L)
{
    luaL_Buffer buffer;
    char piece[PIECE_BYTES];
    check_bus(L);
    lua_Integer count = luaL_checkinteger(L, 2);
    if (count <= 0)
        return 0;
    luaL_buffinit(L, &buffer);
    for (unsigned rest = (unsigned)count, now; rest > 0; rest -= now) {
        now = rest < PIECE_BYTES ? rest : PIECE_BYTES;
        read_piece(piece, now);
        luaL_addlstring(&buffer, piece, now);
    }
    luaL_pushresult(&buffer);
    return 1;
}

// ---- devices of other modules ----

int i2c_is_there(unsigned address)
{
    int is_there = is_set_up && send_address((int)address, TRANSMITTER);
    addressed = NOBODY; // stop
    return is_there;
}

void i2c_read_registers(unsigned address, uint8_t from, uint8_t *bytes, unsigned count)
{
    memset(bytes, 0xFF, count);
    if (!is_set_up)
        return;
    if (send_address((int)address, TRANSMITTER)) {
        struct writer writer = begin_write();
        add(&writer, (char)from);
        send(&writer);
    }
    send_address((int)address, RECEIVER);
    read_piece((char *)bytes, count);
    addressed = NOBODY;
}

void i2c_write_register(unsigned address, uint8_t at, uint8_t value)
{
    if (!is_set_up || !send_address((int)address, TRANSMITTER))
        return;
    struct writer writer = begin_write();
    add(&writer, (char)at);
    add(&writer, (char)value);
    send(&writer);
    addressed = NOBODY;
}

ROTABLE_BEGIN(i2c_lib)
    ROTABLE_FUNC("setup", i2c_setup)
    ROTABLE_FUNC("start", i2c_start)
    ROTABLE_FUNC("stop", i2c_stop)
    ROTABLE_FUNC("address", i2c_address)
    ROTABLE_FUNC("write", i2c_write)
    ROTABLE_FUNC("read", i2c_read)
    ROTABLE_NUM("SLOW", SPEED_HZ)
    ROTABLE_NUM("FAST", FAST_HZ)
    ROTABLE_NUM("FASTPLUS", FAST_PLUS_HZ)
    ROTABLE_NUM("TRANSMITTER", TRANSMITTER)
    ROTABLE_NUM("RECEIVER", RECEIVER)
ROTABLE_END(i2c_lib, NULL, 0)
