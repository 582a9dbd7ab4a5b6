// pins.h: the pins as they are now: modes, pull-ups and latches, which gpio and pwm share.
//
// Reads and writes: the world: levels are asked, what the program does is told with its time.
// Memory: static, 3 bytes for each pin.
// Context: the interpreter's thread. Nothing here raises a Lua error.

#ifndef FROST_NODEMCU_IO_PINS_H
#define FROST_NODEMCU_IO_PINS_H

#include <stdint.h>

#define PINS_COUNT 13 // NodeMCU's numbers, 0 to 12

// As gpio.mode has them.
enum pins_mode { PINS_INPUT, PINS_OUTPUT, PINS_INTERRUPT, PINS_OPEN_DRAIN };

// Before a boot: all are inputs without pull-up, their latches at 0.
void pins_reset(void);
void pins_set_mode(unsigned pin, enum pins_mode mode, int is_pulled_up);
enum pins_mode pins_mode(unsigned pin);
// Sets the latch at that time of the device; the pin shows it where its mode is an output.
void pins_write(unsigned pin, int level, uint64_t at_us);
// The level at the pad, 0 or 1; -1 if nothing drives it.
int pins_level(unsigned pin);
// Tells the world of a pin's pulse train; `is_running` 0: the pin rests at its latch.
void pins_tell_pwm(unsigned pin, int is_running, unsigned duty, unsigned frequency_hz);

#endif
