// bme280_math.c: the module bme280_math: what the registers of a BME280 mean, for programs that
// read them by themselves.
//
// Reads and writes: arguments alone. Memory: an object of 36 bytes for each sensor.
// Source: facts on NodeMCU 3.0. Calls that the firmware would answer from memory that is not theirs
// (no object, too few registers) raise an error, or find zeros.

#include "runtime/nodemcu/io/bosch.h"
#include "runtime/nodemcu/modules.h"

#define READOUT_BYTES 8u // 6 of a BMP280

// A text of one byte; of none for 0, as the firmware has it.
static void set_byte(lua_State *L, int at, uint8_t byte)
{
    lua_pushlstring(L, (const char *)&byte, byte != 0);
    lua_rawseti(L, -2, at);
}

// bme280_math.setup(registers, options...): the object, and what is to be written.
static int math_setup(lua_State *L)
{
    size_t bytes;
    const char *registers = luaL_checklstring(L, 1, &bytes);
    struct bosch_options options = bosch_take_options(L, 2);
    struct bosch_trim *trim = lua_newuserdata(L, sizeof *trim);
    bosch_trim_read(trim, (const uint8_t *)registers, bytes);
    lua_createtable(L, 3, 0);
    set_byte(L, 1, options.config);
    set_byte(L, 2, options.control_humidity);
    set_byte(L, 3, options.control);
    return 2;
}

static const struct bosch_trim *check_trim(lua_State *L)
{
    luaL_argcheck(L,
                  lua_type(L, 1) == LUA_TUSERDATA && lua_objlen(L, 1) >= sizeof(struct bosch_trim),
                  1, "sensor expected");
    return lua_touserdata(L, 1);
}

// bme280_math.read(object, registers [, metres]): degrees, hectopascals, percent [, at sea level].
static int math_read(lua_State *L)
{
    size_t bytes;
    int32_t fine;
    const struct bosch_trim *trim = check_trim(L);
    const uint8_t *r = (const uint8_t *)luaL_checklstring(L, 2, &bytes);
    if (bytes != READOUT_BYTES && bytes != READOUT_BYTES - 2)
        return luaL_error(L, "invalid readout data");
    int has_height = lua_isnumber(L, 3);
    uint32_t pressure = bosch_adc(r), temperature = bosch_adc(r + 3);
    if (!bosch_has_value(temperature, BOSCH_NO_VALUE, 0xFFFFF))
        return 0;
    lua_pushnumber(L, (lua_Number)(bosch_temperature(trim, temperature, &fine) / 100.0));
    double qfe = 0;
    if (bosch_has_value(pressure, BOSCH_NO_VALUE, 0xFFFFF)) {
        qfe = bosch_pressure(trim, pressure, fine) / 1000.0;
        lua_pushnumber(L, (lua_Number)qfe);
    } else {
        has_height = 0;
        lua_pushnil(L);
    }
    uint32_t humidity = bytes == READOUT_BYTES ? (uint32_t)(r[6] << 8 | r[7]) : 0xFFFF;
    if (bosch_has_value(humidity, 0x8000, 0xFFFF))
        lua_pushnumber(L, (lua_Number)(bosch_humidity(trim, humidity, fine) / 1000.0));
    else
        lua_pushnil(L);
    if (has_height)
        lua_pushnumber(L, (lua_Number)bosch_qnh(qfe, (int32_t)lua_tonumber(L, 3)));
    return has_height ? 4 : 3;
}

// As a method, too: the object is left out.
static void drop_object(lua_State *L)
{
    if (lua_isuserdata(L, 1) || lua_istable(L, 1))
        lua_remove(L, 1);
}

static int math_qfe2qnh(lua_State *L)
{
    drop_object(L);
    lua_Number qfe = luaL_checknumber(L, 1), metres = luaL_checknumber(L, 2);
    lua_pushnumber(L, (lua_Number)bosch_qnh((double)qfe, (double)metres));
    return 1;
}

static int math_altitude(lua_State *L)
{
    drop_object(L);
    lua_Number pressure = luaL_checknumber(L, 1), qnh = luaL_checknumber(L, 2);
    lua_pushnumber(L, (lua_Number)bosch_altitude((double)pressure, (double)qnh));
    return 1;
}

static int math_dewpoint(lua_State *L)
{
    drop_object(L);
    lua_Number percent = luaL_checknumber(L, 1), degrees = luaL_checknumber(L, 2);
    lua_pushnumber(L, (lua_Number)bosch_dew_point((double)percent / 100.0, (double)degrees));
    return 1;
}

ROTABLE_BEGIN(bme280_math_lib)
    ROTABLE_FUNC("setup", math_setup)
    ROTABLE_FUNC("read", math_read)
    ROTABLE_FUNC("qfe2qnh", math_qfe2qnh)
    ROTABLE_FUNC("altitude", math_altitude)
    ROTABLE_FUNC("dewpoint", math_dewpoint)
ROTABLE_END(bme280_math_lib, NULL, 0)
