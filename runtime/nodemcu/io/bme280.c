// bme280.c: the module bme280: a BME280 or BMP280 at the bus i2c.
//
// Reads and writes: registers of the device (i2c.h). Memory: static; a reference in the registry
// for the function that startreadout calls. Source: facts on NodeMCU 3.0. The bus has been set up
// by i2c.setup; without it nobody answers.

#include "runtime/nodemcu/io/bme280.h"

#include "runtime/nodemcu/io/bosch.h"
#include "runtime/nodemcu/io/i2c.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/timers.h"
#include "runtime/port/port.h"

#define ADDRESS 0x76
#define OTHER_ADDRESS 0x77
#define FORCED_MODE 1u
#define MODE_MASK 3u
#define READOUT_MS 113u // of a measurement with all oversampling
#define READOUT_BYTES 8u
#define NO_HUMIDITY 0x8000u

static struct bosch_trim trim;
static struct bosch_options options;
static struct event_timer timer;
static int32_t ready_ref = LUA_NOREF;
static uint8_t address = ADDRESS;
static uint8_t is_bme;

void bme280_reset(void)
{
    trim = (struct bosch_trim){0};
    options = (struct bosch_options){0};
    timer = (struct event_timer){.serial = 0};
    ready_ref = LUA_NOREF;
    address = ADDRESS;
    is_bme = 0;
}

static void read_trim(void)
{
    uint8_t registers[BOSCH_TRIM_BME_BYTES];
    i2c_read_registers(address, BOSCH_TRIM_T, registers, BOSCH_TRIM_BYTES);
    if (is_bme) {
        i2c_read_registers(address, BOSCH_TRIM_H1, registers + BOSCH_TRIM_BYTES, 1);
        i2c_read_registers(address, BOSCH_TRIM_H2, registers + BOSCH_TRIM_BYTES + 1, 7);
    }
    bosch_trim_read(&trim, registers, is_bme ? BOSCH_TRIM_BME_BYTES : BOSCH_TRIM_BYTES);
}

// bme280.setup(options... [, initialise]): 2, of a BMP280 1; nothing: there is none.
static int bme_setup(lua_State *L)
{
    static const char note[] = "Warning, deprecated API! bme280. It will be removed soon. Use "
                               "bme280math and bme280 Lua module instead. See documentation for "
                               "details.\n";
    uint8_t chip;
    port_console_write(note, sizeof note - 1);
    options = bosch_take_options(L, 1);
    int is_full = !lua_isnumber(L, 7) || lua_tointeger(L, 7) != 0;
    address = ADDRESS;
    if (!i2c_is_there(address)) {
        address = OTHER_ADDRESS;
        if (!i2c_is_there(address))
            return 0;
    }
    i2c_read_registers(address, BOSCH_CHIP_ID, &chip, 1);
    is_bme = chip == BOSCH_CHIP_BME280;
    read_trim();
    if (is_full) {
        i2c_write_register(address, BOSCH_CONFIG, options.config);
        if (is_bme)
            i2c_write_register(address, BOSCH_CONTROL_HUMIDITY, options.control_humidity);
        i2c_write_register(address, BOSCH_CONTROL, options.control);
    }
    lua_pushinteger(L, is_bme ? 2 : 1);
    return 1;
}

// ---- readings ----

// A reading of all registers; what has no value is -1.
struct reading {
    int32_t fine, temperature;
    int64_t pressure, humidity;
    int is_there; // the temperature, without which nothing is known
};

static struct reading take(void)
{
    uint8_t r[READOUT_BYTES];
    struct reading reading = {.pressure = -1, .humidity = -1};
    i2c_read_registers(address, BOSCH_PRESSURE, r, sizeof r);
    uint32_t pressure = bosch_adc(r), temperature = bosch_adc(r + 3);
    uint32_t humidity = (uint32_t)(r[6] << 8 | r[7]);
    reading.is_there = bosch_has_value(temperature, BOSCH_NO_VALUE, 0xFFFFF);
    if (!reading.is_there)
        return reading;
    reading.temperature = bosch_temperature(&trim, temperature, &reading.fine);
    if (bosch_has_value(pressure, BOSCH_NO_VALUE, 0xFFFFF))
        reading.pressure = bosch_pressure(&trim, pressure, reading.fine);
    if (is_bme && bosch_has_value(humidity, NO_HUMIDITY, 0xFFFF))
        reading.humidity = bosch_humidity(&trim, humidity, reading.fine);
    return reading;
}

static void push_value(lua_State *L, int64_t value)
{
    if (value < 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)value);
}

// bme280.read([metres]): temperature, pressure, humidity [, pressure at sea level].
static int bme_read(lua_State *L)
{
    struct reading reading = take();
    int has_height = lua_isnumber(L, 1) && reading.pressure >= 0;
    if (!reading.is_there)
        return 0;
    lua_settop(L, 1);
    lua_pushinteger(L, reading.temperature);
    push_value(L, reading.pressure);
    push_value(L, reading.humidity);
    if (!has_height)
        return 3;
    double qnh = bosch_qnh((double)reading.pressure, (double)lua_tointeger(L, 1));
    lua_pushinteger(L, (lua_Integer)(qnh + 0.5));
    return 4;
}

static int bme_temp(lua_State *L)
{
    struct reading reading = take();
    if (!reading.is_there)
        return 0;
    lua_pushinteger(L, reading.temperature);
    lua_pushinteger(L, reading.fine);
    return 2;
}

static int push_with_temperature(lua_State *L, const struct reading *reading, int64_t value)
{
    if (!reading->is_there || value < 0)
        return 0;
    lua_pushinteger(L, (lua_Integer)value);
    lua_pushinteger(L, reading->temperature);
    return 2;
}

static int bme_baro(lua_State *L)
{
    struct reading reading = take();
    return push_with_temperature(L, &reading, reading.pressure);
}

static int bme_humi(lua_State *L)
{
    if (!is_bme)
        return 0;
    struct reading reading = take();
    return push_with_temperature(L, &reading, reading.humidity);
}

static int is_ready(lua_State *L, struct event_timer *fired)
{
    (void)fired;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ready_ref);
    luaL_unref(L, LUA_REGISTRYINDEX, ready_ref);
    ready_ref = LUA_NOREF;
    return 0;
}

// bme280.startreadout([ms], fn): one measurement; fn() is called when it is over.
static int bme_startreadout(lua_State *L)
{
    lua_Integer ms = lua_isnumber(L, 1) ? lua_tointeger(L, 1) : 0;
    i2c_write_register(address, BOSCH_CONTROL_HUMIDITY, options.control_humidity);
    i2c_write_register(address, BOSCH_CONTROL,
                       (uint8_t)((options.control & ~MODE_MASK) | FORCED_MODE));
    if (lua_isnoneornil(L, 2))
        return 0;
    luaL_unref(L, LUA_REGISTRYINDEX, ready_ref);
    lua_pushvalue(L, 2);
    ready_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    timers_arm(&timer, (uint64_t)(ms > 0 ? (uint32_t)ms : READOUT_MS) * 1000, is_ready);
    return 0;
}

// ---- what is derived ----

static void check_second(lua_State *L)
{
    if (!lua_isnumber(L, 2))
        luaL_error(L, "wrong arg range");
}

static lua_Integer rounded(double value)
{
    return (lua_Integer)(value + (value < 0 ? -0.5 : 0.5));
}

static int bme_qfe2qnh(lua_State *L)
{
    check_second(L);
    double qfe = (double)luaL_checkinteger(L, 1), metres = (double)luaL_checkinteger(L, 2);
    lua_pushinteger(L, (lua_Integer)(bosch_qnh(qfe, metres) + 0.5));
    return 1;
}

static int bme_altitude(lua_State *L)
{
    check_second(L);
    double pressure = (double)luaL_checkinteger(L, 1), qnh = (double)luaL_checkinteger(L, 2);
    lua_pushinteger(L, rounded(100.0 * bosch_altitude(pressure, qnh)));
    return 1;
}

static int bme_dewpoint(lua_State *L)
{
    check_second(L);
    double humidity = (double)luaL_checkinteger(L, 1) / 100000.0;
    double degrees = (double)luaL_checkinteger(L, 2) / 100.0;
    lua_pushinteger(L, rounded(100.0 * bosch_dew_point(humidity, degrees)));
    return 1;
}

ROTABLE_BEGIN(bme280_lib)
    ROTABLE_FUNC("setup", bme_setup)
    ROTABLE_FUNC("read", bme_read)
    ROTABLE_FUNC("temp", bme_temp)
    ROTABLE_FUNC("baro", bme_baro)
    ROTABLE_FUNC("humi", bme_humi)
    ROTABLE_FUNC("startreadout", bme_startreadout)
    ROTABLE_FUNC("qfe2qnh", bme_qfe2qnh)
    ROTABLE_FUNC("altitude", bme_altitude)
    ROTABLE_FUNC("dewpoint", bme_dewpoint)
ROTABLE_END(bme280_lib, NULL, 0)
