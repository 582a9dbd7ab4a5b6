// port.h: what the runtime asks of the machine it runs on.
//
// Implemented by runtime/port/host and runtime/port/esp8266.
// Context: the interpreter's thread. Nothing here raises a Lua error.

#ifndef FROST_PORT_PORT_H
#define FROST_PORT_PORT_H

#include <stddef.h>
#include <stdint.h>

// Ends the program after an internal fault: prints `text`, closes the trace, exit status 4.
_Noreturn void port_panic(const char *text);

// Writes the program's output (print) or messages to the console.
void port_console_write(const char *text, size_t bytes);
// The same for bytes that go as they are, where the console is a serial line: there the ends of
// lines that port_console_write gets become CR LF.
void port_console_send(const char *bytes, size_t count);
void port_console_error(const char *text, size_t bytes);

// Ends the program with `status` after the trace has been closed (os.exit, node.restart of the
// last boot).
_Noreturn void port_exit(int status);

// Ends this boot; the port starts the next one from scratch, up to its limit of boots.
_Noreturn void port_restart(void);

// Static variables, zeros at first, that a port may put elsewhere:
// PORT_KEPT outlives restarts; PORT_FAR is used with heaps alone that no device has.
#ifdef FROST_CHIP
#define PORT_KEPT __attribute__((section(".bss.kept")))
#define PORT_FAR __attribute__((section(".bss.far")))
#else
#define PORT_KEPT
#define PORT_FAR
#endif

// Wall clock: seconds since 1970; processor time used, microseconds since the start.
uint32_t port_time_s(void);
uint64_t port_clock_us(void);

// ---- waiting ----

enum port_wait {
    PORT_WAIT_TIME,        // the time has come
    PORT_WAIT_EVENT,       // something has arrived since the last wait: look at every source
    PORT_WAIT_INTERRUPTED, // the run is to end
    PORT_WAIT_NOTHING,     // nothing can arrive; the clock stands where it was
};

// Waits until the device's clock, `*now_us`, says `until_us`, or until something arrives. Moves the
// clock to what it says then: never back, and not below `until_us` after PORT_WAIT_TIME. By default
// the clock is virtual: nobody waits, it jumps. Never PORT_WAIT_NOTHING.
enum port_wait port_wait_until(uint64_t *now_us, uint64_t until_us);
// Moves the clock to what it says, if it goes by itself.
void port_clock_sync(uint64_t *now_us);
// The same as port_wait_until if something may arrive, else PORT_WAIT_NOTHING at once.
enum port_wait port_wait_for_event(uint64_t *now_us, uint64_t until_us);

// Memory that outlives restarts and deep sleep, but no loss of power: the RTC's user memory.
#define PORT_RTC_WORDS 128
volatile uint32_t *port_rtc_memory(void);

// The machine's stack: bytes used at the deepest point so far, and bytes left now.
uint32_t port_stack_used_max(void);
uint32_t port_stack_left(void);

// The chip's stack ends long before the runtime's limits of depth do: true if too little is left
// for one more level and the error that says so, or not even for handling that error.
#ifdef FROST_CHIP
#define PORT_STACK_RESERVE_BYTES 4096u
#define PORT_STACK_IS_SHORT() (port_stack_left() < PORT_STACK_RESERVE_BYTES)
#define PORT_STACK_IS_SPENT() (port_stack_left() < PORT_STACK_RESERVE_BYTES / 2)
#else
#define PORT_STACK_IS_SHORT() 0
#define PORT_STACK_IS_SPENT() 0
#endif

// Text for an errno value. Static storage.
const char *port_error_text(int error);

#endif
