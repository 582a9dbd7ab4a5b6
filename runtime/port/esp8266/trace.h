// trace.h: the trace of the probed firmware: nothing in the plain build.

#ifndef FROST_PORT_ESP8266_TRACE_H
#define FROST_PORT_ESP8266_TRACE_H

#include <stdint.h>

#include "runtime/core/api/lua.h"

struct chip_trace_settings {
    const char *path;      // --trace=PATH, NULL: none
    int is_serial;         // --trace-serial=1; always on a chip
    int is_small;          // --trace-small=1, for tests: PATH gets what a serial line would
    int is_raw;            // --trace-raw=1: every event one by one
    int is_without_text;   // --trace-no-text=1: hash and length instead of texts
    int is_without_inputs; // --trace-no-inputs=1: nothing of what the world gives
    int rings_doorbell;    // --trace-doorbell=1: with --trace, tells QEMU's plugin where it is
    const char *filter;    // --trace-filter=COMMAND;...: as if they came over the line; or NULL
    int waits;     // --trace-wait=1: the program waits for the serial line, nothing is dropped
    uint32_t baud; // --trace-baud=N: as if the emulator's line had that speed; 0: it has none
    uint32_t heap_addr, heap_bytes;
    uint32_t boot_number;
};

// Switches the writer of events on, or goes on with what the boot before has begun. Ends the
// program with a message if that is not possible. No effect if no way out is chosen.
void chip_trace_open(const struct chip_trace_settings *settings);
// The state whose figures the end event takes; NULL before and after.
void chip_trace_state(lua_State *L);
// Writes the end event and gives the last packet away.
void chip_trace_close(int status);
// The firmware restarts.
void chip_trace_restart(void);

#endif
