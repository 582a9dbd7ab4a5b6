// dht.c: the module dht: sensors of temperature and humidity with one line.
//
// Reads and writes: asks the world once for each reading: WORLD_SENSOR, "dht PIN"; the answer is
// the 5 bytes that the sensor sends: humidity, temperature (2 each, high first), their sum. No
// answer: no sensor is at the pin. Memory: none. Source: facts on NodeMCU 3.0; the sensors' data
// sheets: a DHT11 sends whole numbers in the high bytes, a DHT22 tenths, the temperature as 15 bits
// and a sign.

#include <stdio.h>

#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/world/world.h"

#define FRAME_BYTES 5u
#define SUM_AT 4u
#define OK 0
#define ERROR_CHECKSUM (-1)
#define ERROR_TIMEOUT (-2)
#define NO_VALUE (-999)

// How long the chip is busy: it holds the line low, then takes bits of two lengths.
#define WAKE_US 18000u
#define RESPONSE_US 160u
#define ZERO_US 76u
#define ONE_US 120u
#define NO_RESPONSE_US 2000u

enum dht_type { DHT_ANY, DHT_11, DHT_22 };

struct reading {
    int status;
    int temperature, humidity; // tenths
};

static unsigned frame_us(const uint8_t frame[FRAME_BYTES])
{
    unsigned us = RESPONSE_US;
    for (unsigned bit = 0; bit < 8 * FRAME_BYTES; bit++)
        us += frame[bit / 8] >> bit % 8 & 1 ? ONE_US : ZERO_US;
    return us;
}

// A DHT22 of 25.6 degrees or percent and multiples in both is taken for a DHT11, as on the chip.
static struct reading decode(const uint8_t frame[FRAME_BYTES], enum dht_type type)
{
    uint8_t sum = (uint8_t)(frame[0] + frame[1] + frame[2] + frame[3]);
    struct reading reading = {.status = sum == frame[SUM_AT] ? OK : ERROR_CHECKSUM};
    if (type == DHT_11 || (type == DHT_ANY && frame[1] == 0 && frame[3] == 0)) {
        reading.humidity = 10 * frame[0];
        reading.temperature = 10 * frame[2];
        return reading;
    }
    reading.humidity = frame[0] << 8 | frame[1];
    reading.temperature = (frame[2] & 0x7F) << 8 | frame[3];
    if (frame[2] & 0x80)
        reading.temperature = -reading.temperature;
    return reading;
}

static struct reading take(unsigned pin, enum dht_type type)
{
    char question[16];
    uint8_t frame[FRAME_BYTES];
    int bytes = snprintf(question, sizeof question, "dht %u", pin);
    device_time_delay(WAKE_US);
    if (world_ask(WORLD_SENSOR, WORLD_SENSOR_BUS, question, (size_t)bytes, frame, sizeof frame) !=
        sizeof frame) {
        device_time_delay(NO_RESPONSE_US);
        return (struct reading){ERROR_TIMEOUT, 10 * NO_VALUE, 10 * NO_VALUE};
    }
    device_time_delay(frame_us(frame));
    return decode(frame, type);
}

// In the float build with its tenth.
static void push_tenths(lua_State *L, int tenths)
{
    lua_pushnumber(L, (lua_Number)tenths / 10);
}

// Thousandths of the fraction.
static void push_fraction(lua_State *L, int tenths)
{
    lua_pushinteger(L, tenths % 10 * 100);
}

static int push_reading(lua_State *L, enum dht_type type)
{
    int pin = luaL_checkint(L, 1);
    if (pin <= 0 || pin >= PINS_COUNT)
        return luaL_error(L, "dht %d does not exist", pin);
    struct reading reading = take((unsigned)pin, type);
    lua_pushinteger(L, reading.status);
    push_tenths(L, reading.temperature);
    push_tenths(L, reading.humidity);
    push_fraction(L, reading.temperature);
    push_fraction(L, reading.humidity);
    return 5;
}

// dht.read(pin): status, temperature, humidity, and the fractions of both.
static int dht_read(lua_State *L)
{
    return push_reading(L, DHT_ANY);
}

static int dht_read11(lua_State *L)
{
    return push_reading(L, DHT_11);
}

static int dht_read12(lua_State *L)
{
    return push_reading(L, DHT_22);
}

ROTABLE_BEGIN(dht_lib)
    ROTABLE_FUNC("read", dht_read)
    ROTABLE_FUNC("read11", dht_read11)
    ROTABLE_FUNC("read12", dht_read12)
    ROTABLE_FUNC("readxx", dht_read)
    ROTABLE_NUM("OK", OK)
    ROTABLE_NUM("ERROR_CHECKSUM", ERROR_CHECKSUM)
    ROTABLE_NUM("ERROR_TIMEOUT", ERROR_TIMEOUT)
ROTABLE_END(dht_lib, NULL, 0)
