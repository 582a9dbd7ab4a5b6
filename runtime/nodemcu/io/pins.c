// pins.c: see pins.h.
//
// Source: behaviour of NodeMCU 3.0: pin 0, GPIO 16, has neither pull-up nor open drain.

#include "runtime/nodemcu/io/pins.h"

#include <assert.h>
#include <string.h>

#include "runtime/nodemcu/device_time.h"
#include "runtime/world/world.h"

static struct pin {
    uint8_t mode; // enum pins_mode
    uint8_t is_pulled_up;
    uint8_t latch;
} pins[PINS_COUNT];

void pins_reset(void)
{
    memset(pins, 0, sizeof pins);
}

static void tell(unsigned pin, enum world_pin_op op, int level, unsigned pull_or_duty, uint32_t us)
{
    struct world_pin what = {(uint8_t)op, (uint8_t)level, (uint16_t)pull_or_duty, us};
    world_tell(WORLD_PIN, pin, &what, sizeof what);
}

static uint32_t time_word(uint64_t us)
{
    return (uint32_t)us & 0x7FFFFFFF;
}

void pins_set_mode(unsigned pin, enum pins_mode mode, int is_pulled_up)
{
    assert(pin < PINS_COUNT);
    if (pin == 0) {
        mode = mode == PINS_INPUT ? PINS_INPUT : PINS_OUTPUT;
        is_pulled_up = 0;
    }
    pins[pin].mode = (uint8_t)mode;
    pins[pin].is_pulled_up = is_pulled_up != 0;
    tell(pin, WORLD_PIN_MODE, mode, is_pulled_up != 0, time_word(device_time_us()));
}

enum pins_mode pins_mode(unsigned pin)
{
    return pins[pin].mode;
}

void pins_write(unsigned pin, int level, uint64_t at_us)
{
    assert(pin < PINS_COUNT);
    pins[pin].latch = level != 0;
    tell(pin, WORLD_PIN_WRITE, level != 0, 0, time_word(at_us));
}

int pins_level(unsigned pin)
{
    const struct pin *at = &pins[pin];
    uint8_t level;
    if (at->mode == PINS_OUTPUT)
        return at->latch;
    if (at->mode == PINS_OPEN_DRAIN && at->latch == 0)
        return 0;
    if (world_ask(WORLD_PIN, pin, NULL, 0, &level, sizeof level) == sizeof level)
        return level != 0;
    return at->is_pulled_up ? 1 : -1;
}

void pins_tell_pwm(unsigned pin, int is_running, unsigned duty, unsigned frequency_hz)
{
    tell(pin, WORLD_PIN_PWM, is_running, duty, frequency_hz);
}
