// doorbell.h: what the writer tells the emulator's plugin (runtime/format/doorbell.h). Chip only;
// elsewhere these are empty.
//
// Writes: addresses that only the emulator has, and only if PROBE_START_DOORBELL is set.
// Context: the interpreter's thread, inside probes.

#ifndef FROST_PROBE_DOORBELL_H
#define FROST_PROBE_DOORBELL_H

#include <stdint.h>

#include "runtime/probe/probe.h"

#ifdef PROBE_HAS_DOORBELL
// The program is at this site.
void doorbell_site(uint16_t site);
// Work of the probes begins and ends.
void doorbell_enter(void);
void doorbell_leave(void);
// The open packet is about to be given away; `is_last`: nothing more counts.
void doorbell_packet(int is_last);
// Other Lua code lies here from now on, `bytes` long.
void doorbell_code(uint32_t addr, uint32_t bytes);
// A boot: nothing is known of the code in the flash and in the heap.
void doorbell_boot(uint32_t heap_addr, uint32_t heap_bytes);
// The run ends because its time is over.
void doorbell_cut(void);
#else
static inline void doorbell_site(uint16_t site)
{
    (void)site;
}
static inline void doorbell_enter(void)
{
}
static inline void doorbell_leave(void)
{
}
static inline void doorbell_packet(int is_last)
{
    (void)is_last;
}
static inline void doorbell_code(uint32_t addr, uint32_t bytes)
{
    (void)addr;
    (void)bytes;
}
static inline void doorbell_boot(uint32_t heap_addr, uint32_t heap_bytes)
{
    (void)heap_addr;
    (void)heap_bytes;
}
#endif

#endif
