// adc.c: the module adc: the analogue input, or the supply voltage instead of it.
//
// Reads and writes: the world. Memory: static; the mode outlives boots.
// Source: facts on NodeMCU 3.0.

#include "runtime/nodemcu/io/adc.h"

#include <string.h>

#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"
#include "runtime/world/world.h"

#define MODE_ADC 0
#define MODE_VDD33 255
#define OTHER_MODE 65535
#define INPUT_MAX 1024 // all that the converter gives

static uint8_t mode;                // of this boot
PORT_KEPT static uint8_t mode_next; // of the next one

void adc_erase(void)
{
    mode_next = MODE_ADC;
}

void adc_reset(void)
{
    mode = mode_next;
}

static int push_answer(lua_State *L, const char *question, int is_in_mode, uint16_t most)
{
    uint16_t value = 0;
    if (is_in_mode)
        world_ask(WORLD_SENSOR, 0, question, strlen(question), &value, sizeof value);
    if (value > most)
        value = most;
    if (!is_in_mode)
        value = OTHER_MODE;
    lua_pushinteger(L, value);
    return 1;
}

// adc.read(0): 0 to 1024 for 0 V to 1 V.
static int adc_read(lua_State *L)
{
    int id = luaL_checkint(L, 1);
    if (id != 0)
        return luaL_error(L, "adc %d does not exist", id);
    return push_answer(L, "adc", mode == MODE_ADC, INPUT_MAX);
}

// adc.readvdd33(): millivolts.
static int adc_readvdd33(lua_State *L)
{
    return push_answer(L, "vdd33", mode == MODE_VDD33, OTHER_MODE);
}

// adc.force_init_mode(mode): true: it is another one after a restart.
static int adc_force_init_mode(lua_State *L)
{
    int wanted = luaL_checkint(L, 1);
    luaL_argcheck(L, wanted == MODE_ADC || wanted == MODE_VDD33, 1, "Invalid mode");
    lua_pushboolean(L, wanted != mode_next);
    mode_next = (uint8_t)wanted;
    return 1;
}

ROTABLE_BEGIN(adc_lib)
    ROTABLE_FUNC("read", adc_read)
    ROTABLE_FUNC("readvdd33", adc_readvdd33)
    ROTABLE_FUNC("force_init_mode", adc_force_init_mode)
    ROTABLE_NUM("INIT_ADC", MODE_ADC)
    ROTABLE_NUM("INIT_VDD33", MODE_VDD33)
ROTABLE_END(adc_lib, NULL, 0)
