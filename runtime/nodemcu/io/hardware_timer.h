// hardware_timer.h: the chip's one timer of fine resolution, which has one user at a time.
//
// Its handler stands for an interrupt: it runs at its time, or, when the program was busy then, as
// soon as somebody looks (hardware_timer_catch_up), and is told the time at which it was due.
// Memory: static. Context: the interpreter's thread.

#ifndef FROST_NODEMCU_IO_HARDWARE_TIMER_H
#define FROST_NODEMCU_IO_HARDWARE_TIMER_H

#include <stdint.h>

#include "runtime/core/api/lua.h"

// Calls no Lua function and raises no error.
typedef void (*hardware_timer_handler)(lua_State *L, uint64_t now_us);

// Before a boot: nobody has it.
void hardware_timer_reset(void);
int hardware_timer_is_free(void);
// Takes it, which is free.
void hardware_timer_take(hardware_timer_handler handler);
// The handler of its user runs at that time of the device.
void hardware_timer_arm(uint64_t at_us);
void hardware_timer_release(void);
// Runs the handler as often as it is due.
void hardware_timer_catch_up(lua_State *L);

#endif
