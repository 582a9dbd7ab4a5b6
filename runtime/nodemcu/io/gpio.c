// gpio.c: the module gpio: modes and levels of pins.
//
// Reads and writes: the pins. Memory: none.
// Source: facts on NodeMCU 3.0.

#include "runtime/nodemcu/io/gpio.h"

#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/hardware_timer.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/io/pwm.h"
#include "runtime/nodemcu/modules.h"

void gpio_reset(void)
{
    pins_reset();
    hardware_timer_reset();
    gpio_trigger_reset();
    gpio_serout_reset();
    gpio_pulse_reset();
    pwm_reset();
}

static unsigned check_pin(lua_State *L)
{
    int pin = luaL_checkint(L, 1);
    if (pin < 0 || pin >= PINS_COUNT)
        luaL_error(L, "gpio %d does not exist", pin);
    return (unsigned)pin;
}

// gpio.mode(pin, mode [, pull])
static int gpio_mode(lua_State *L)
{
    int pin = luaL_checkint(L, 1), mode = luaL_checkint(L, 2);
    int is_pulled_up = luaL_optint(L, 3, 0) != 0;
    luaL_argcheck(L, pin >= 0 && pin < PINS_COUNT && (mode != PINS_INTERRUPT || pin > 0), 1,
                  "Invalid pin");
    luaL_argcheck(L, mode >= PINS_INPUT && mode <= PINS_OPEN_DRAIN, 2, "wrong arg type");
    hardware_timer_catch_up(L);
    if (mode == PINS_INTERRUPT)
        gpio_trigger_disable((unsigned)pin);
    else
        gpio_trigger_drop(L, (unsigned)pin);
    pwm_close((unsigned)pin);
    pins_set_mode((unsigned)pin, (enum pins_mode)mode, is_pulled_up);
    return 0;
}

static int gpio_read(lua_State *L)
{
    unsigned pin = check_pin(L);
    hardware_timer_catch_up(L);
    int level = pwm_level(pin);
    if (level < 0)
        level = pins_level(pin);
    lua_pushinteger(L, level > 0);
    return 1;
}

// gpio.write(pin, level): the latch, whatever the mode.
static int gpio_write(lua_State *L)
{
    unsigned pin = check_pin(L);
    int level = luaL_checkint(L, 2);
    luaL_argcheck(L, level == 0 || level == 1, 2, "wrong level type");
    hardware_timer_catch_up(L);
    if (pin == 0 && pins_mode(pin) != PINS_OUTPUT)
        pins_set_mode(pin, PINS_OUTPUT, 0);
    pins_write(pin, level, device_time_us());
    return 0;
}

ROTABLE_BEGIN(gpio_lib)
    ROTABLE_FUNC("write", gpio_write)
    ROTABLE_FUNC("read", gpio_read)
    ROTABLE_FUNC("mode", gpio_mode)
    ROTABLE_FUNC("trig", gpio_trig)
    ROTABLE_FUNC("serout", gpio_serout)
    ROTABLE_TABLE("pulse", gpio_pulse_lib)
    ROTABLE_NUM("HIGH", 1)
    ROTABLE_NUM("LOW", 0)
    ROTABLE_NUM("OUTPUT", PINS_OUTPUT)
    ROTABLE_NUM("INPUT", PINS_INPUT)
    ROTABLE_NUM("INT", PINS_INTERRUPT)
    ROTABLE_NUM("OPENDRAIN", PINS_OPEN_DRAIN)
    ROTABLE_NUM("PULLUP", 1)
    ROTABLE_NUM("FLOAT", 0)
ROTABLE_END(gpio_lib, NULL, 0)
