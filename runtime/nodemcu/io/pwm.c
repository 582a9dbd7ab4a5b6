// pwm.c: the module pwm: pulse width modulation.
//
// Reads and writes: the pins. Memory: static.
// Source: facts on NodeMCU 3.0. At most six pins have a channel, all with one frequency. A channel
// runs from start, or setduty, to stop; its duty stays.

#include "runtime/nodemcu/io/pwm.h"

#include <string.h>

#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/modules.h"

#define CHANNELS_MAX 6
#define DUTY_MAX 1023
#define FREQUENCY_HZ_START 500
#define FREQUENCY_HZ_MAX 1000

static struct channel {
    uint16_t duty;
    uint8_t is_set_up;
    uint8_t is_running;
} channels[PINS_COUNT];
static uint16_t frequency_hz;

void pwm_reset(void)
{
    memset(channels, 0, sizeof channels);
    frequency_hz = FREQUENCY_HZ_START;
}

static void tell(unsigned pin)
{
    const struct channel *channel = &channels[pin];
    pins_tell_pwm(pin, channel->is_running, channel->is_running ? channel->duty : 0, frequency_hz);
}

static void run(unsigned pin)
{
    channels[pin].is_running = 1;
    tell(pin);
}

static void stop(unsigned pin)
{
    struct channel *channel = &channels[pin];
    if (!channel->is_running)
        return;
    channel->is_running = 0;
    tell(pin);
    pins_write(pin, 0, device_time_us());
}

void pwm_close(unsigned pin)
{
    stop(pin);
    channels[pin] = (struct channel){.duty = 0};
}

int pwm_level(unsigned pin)
{
    const struct channel *channel = &channels[pin];
    if (!channel->is_running)
        return -1;
    uint32_t period_us = 1000000u / frequency_hz;
    uint32_t phase_us = (uint32_t)(device_time_ask_us() % period_us);
    return phase_us * DUTY_MAX < (uint32_t)channel->duty * period_us;
}

// ---- functions ----

static unsigned check_pin(lua_State *L)
{
    int pin = luaL_checkint(L, 1);
    if (pin <= 0 || pin >= PINS_COUNT)
        luaL_error(L, "pwm %d does not exist", pin);
    return (unsigned)pin;
}

static int check_frequency(lua_State *L, int arg)
{
    int frequency = luaL_checkint(L, arg);
    if (frequency <= 0)
        luaL_error(L, "wrong arg range");
    return frequency < FREQUENCY_HZ_MAX ? frequency : FREQUENCY_HZ_MAX;
}

static uint16_t check_duty(lua_State *L, int arg)
{
    int duty = luaL_checkint(L, arg);
    if (duty < 0 || duty > DUTY_MAX)
        luaL_error(L, "wrong arg range");
    return (uint16_t)duty;
}

// The frequency of all channels.
static void set_frequency(int frequency)
{
    frequency_hz = (uint16_t)frequency;
    for (unsigned pin = 0; pin < PINS_COUNT; pin++)
        if (channels[pin].is_running)
            tell(pin);
}

static int channel_count(void)
{
    int count = 0;
    for (unsigned pin = 0; pin < PINS_COUNT; pin++)
        count += channels[pin].is_set_up;
    return count;
}

// pwm.setup(pin, frequency, duty): the pin is low until start.
static int pwm_setup(lua_State *L)
{
    if (luaL_checkint(L, 1) == 0)
        return luaL_error(L, "no pwm for D0");
    unsigned pin = check_pin(L);
    int frequency = check_frequency(L, 2);
    uint16_t duty = check_duty(L, 3);
    pwm_close(pin);
    pins_set_mode(pin, PINS_OUTPUT, 0);
    if (channel_count() == CHANNELS_MAX)
        return luaL_error(L, "too many pwms.");
    pins_write(pin, 0, device_time_us());
    channels[pin] = (struct channel){.duty = duty, .is_set_up = 1};
    set_frequency(frequency);
    lua_pushinteger(L, frequency_hz);
    return 1;
}

static int pwm_start(lua_State *L)
{
    unsigned pin = check_pin(L);
    if (!channels[pin].is_set_up)
        return luaL_error(L, "Unable to start PWM output");
    run(pin);
    return 0;
}

static int pwm_stop(lua_State *L)
{
    stop(check_pin(L));
    return 0;
}

static int pwm_close_pin(lua_State *L)
{
    pwm_close(check_pin(L));
    return 0;
}

static int push_frequency(lua_State *L, unsigned pin)
{
    lua_pushinteger(L, channels[pin].is_set_up ? frequency_hz : 0);
    return 1;
}

static int pwm_setclock(lua_State *L)
{
    unsigned pin = check_pin(L);
    int frequency = check_frequency(L, 2);
    if (channels[pin].is_set_up)
        set_frequency(frequency);
    return push_frequency(L, pin);
}

static int pwm_getclock(lua_State *L)
{
    return push_frequency(L, check_pin(L));
}

// pwm.setduty(pin, duty): the channel runs from now on.
static int pwm_setduty(lua_State *L)
{
    unsigned pin = check_pin(L);
    uint16_t duty = check_duty(L, 2);
    if (channels[pin].is_set_up) {
        channels[pin].duty = duty;
        run(pin);
    }
    lua_pushinteger(L, channels[pin].duty);
    return 1;
}

static int pwm_getduty(lua_State *L)
{
    lua_pushinteger(L, channels[check_pin(L)].duty);
    return 1;
}

ROTABLE_BEGIN(pwm_lib)
    ROTABLE_FUNC("setup", pwm_setup)
    ROTABLE_FUNC("close", pwm_close_pin)
    ROTABLE_FUNC("start", pwm_start)
    ROTABLE_FUNC("stop", pwm_stop)
    ROTABLE_FUNC("setclock", pwm_setclock)
    ROTABLE_FUNC("getclock", pwm_getclock)
    ROTABLE_FUNC("setduty", pwm_setduty)
    ROTABLE_FUNC("getduty", pwm_getduty)
ROTABLE_END(pwm_lib, NULL, 0)
