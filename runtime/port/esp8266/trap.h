// trap.h: the frame that start.S saves and trap.c works on.

#ifndef FROST_PORT_ESP8266_TRAP_H
#define FROST_PORT_ESP8266_TRAP_H

#include <stddef.h>
#include <stdint.h>

struct trap_frame {
    uint32_t a[16];
    uint32_t epc;     // of the instruction that trapped
    uint32_t cause;   // EXCCAUSE
    uint32_t address; // EXCVADDR
    uint32_t sar;
};

_Static_assert(offsetof(struct trap_frame, epc) == 64 && offsetof(struct trap_frame, sar) == 76,
               "start.S has the offsets");

// Emulates the load that trapped, or ends the program. In IRAM; no exception may occur.
void trap_handle(struct trap_frame *frame);
// An exception inside a trap.
_Noreturn void trap_fatal(struct trap_frame *frame);

#endif
