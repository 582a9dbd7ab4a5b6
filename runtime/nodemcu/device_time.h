// device_time.h: the device's clock: what programs are told of time, and how it passes.
//
// It goes on with each instruction of Lua (runtime/format/device_time.h), with waits, and with what
// is programmed and erased in flash. The port
// waits (port_wait_until): by default time is virtual, and a wait is a jump. So the same program
// always does the same, however fast the computer is.
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_DEVICE_TIME_H
#define FROST_NODEMCU_DEVICE_TIME_H

#include <stdint.h>

#include "runtime/flash/device.h"
#include "runtime/port/port.h"

#define DEVICE_TIME_NEVER UINT64_MAX

// What is programmed and erased there from now on takes its time, until another one is named.
void device_time_flash(struct flash_device *device);
// Before a boot: the clock is at 0.
void device_time_reset(void);
// Since the boot, microseconds.
uint64_t device_time_us(void);
// Of that, what instructions took.
uint64_t device_time_computed_us(void);
// The time as the program is told it.
uint64_t device_time_ask_us(void);
// Where the port's clock goes by itself: what it says now.
void device_time_sync(void);
// A replay says what the time is.
void device_time_set(uint64_t us);
// A busy wait of the program, which nothing that arrives shortens. Timers that come due run later.
void device_time_delay(uint64_t us);
// What a C function takes, which waits for the device's hardware.
void device_time_spend(uint64_t ns);
// Waits for a time (one that has passed is reached) or until something arrives.
enum port_wait device_time_wait(uint64_t until_us);
// Waits for something to arrive, at most until then. PORT_WAIT_NOTHING: it cannot.
enum port_wait device_time_wait_for_event(uint64_t until_us);

#endif
