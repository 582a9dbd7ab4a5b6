// gpio.h: the module gpio, as its files and the event loop see it.
//
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_IO_GPIO_H
#define FROST_NODEMCU_IO_GPIO_H

#include "runtime/core/api/lua.h"
#include "runtime/core/rotable.h"
#include "runtime/world/world.h"

// ---- gpio.c ----

// Before a boot: no trigger, nothing is sent.
void gpio_reset(void);

// ---- gpio_trigger.c ----

int gpio_trig(lua_State *L);
// The pin's mode is set: it does not interrupt until the next gpio.trig. The callback is kept, or
// dropped as well.
void gpio_trigger_disable(unsigned pin);
void gpio_trigger_drop(lua_State *L, unsigned pin);
void gpio_trigger_reset(void);
// An edge, from the world.
void gpio_arrival(lua_State *L, const struct world_arrival *arrival);

// ---- gpio_serout.c ----

int gpio_serout(lua_State *L);
void gpio_serout_reset(void);

// ---- gpio_pulse.c ----

ROTABLE_EXTERN(gpio_pulse_lib);
void gpio_pulse_reset(void);

#endif
