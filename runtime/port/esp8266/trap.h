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
    uint32_t alias; // added to an address of code or window to read it; 0 on a chip
};

_Static_assert(offsetof(struct trap_frame, epc) == 64 && offsetof(struct trap_frame, sar) == 76 &&
                   offsetof(struct trap_frame, alias) == 80,
               "start.S has the offsets");

// Counts of one instruction. Its place: (pc ^ pc >> 9) % 256, where start.S looks, or one of the
// next TRAP_SITE_TRIES - 1.
struct trap_site {
    uint32_t pc;
    uint32_t count : 30;
    uint32_t width_log2 : 2; // 0: 1 byte, 1: 2 bytes
};

_Static_assert(sizeof(struct trap_site) == 8, "start.S has the size");

#define TRAP_SITE_HEADS 256u
#define TRAP_SITE_TRIES 16u
#define TRAP_SITES (TRAP_SITE_HEADS + TRAP_SITE_TRIES) // start.S has it

extern struct trap_frame trap_frame;
extern struct trap_site trap_sites[TRAP_SITES];

// Emulates the load that trapped, or ends the program. In IRAM; no exception may occur. start.S
// calls it for what it does not emulate itself.
void trap_handle(struct trap_frame *frame);
// An exception inside a trap.
_Noreturn void trap_fatal(struct trap_frame *frame);

#endif
