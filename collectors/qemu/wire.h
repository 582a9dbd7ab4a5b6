// wire.h: blocks that the plugin writes between the packets of the firmware, into one pipe.
//
// Written by plugin_counts.c, read by recorder_merge.c. Emulator and plugin are one thread, so the
// order in the pipe is the order of events: a block holds what was counted since the block before,
// and belongs to the packet after it. The last block has no packet after it.

#ifndef FROST_QEMU_WIRE_H
#define FROST_QEMU_WIRE_H

#include <stdint.h>

#define WIRE_MAGIC 0x31515246u // "FRQ1", which no packet begins with
#define WIRE_LAST 1u           // the emulator ends
#define WIRE_HELLO 2u          // the first: `process` is the emulator's id
#define WIRE_CUT 4u            // the program ends because its time is over

// Since the start.
struct wire_totals {
    uint64_t instructions; // of the firmware, without those of the probes
    uint64_t probe_instructions;
    uint64_t other_instructions; // of what stands for the mask ROM, and after the end of the trace
    uint64_t fetches;            // lines of flash that instructions came from
    uint64_t fetch_misses;
    uint64_t loads[3]; // from flash, of 8, 16 and 32 bits
    uint64_t load_misses;
};

struct wire_block {
    uint32_t magic;
    uint32_t flags;
    uint32_t record_count;
    uint32_t process;
    struct wire_totals totals;
};

// One sum. `event` is a TRACE_ID_; what the rest means depends on it:
//   flash_load     a address of the word, b code, what width, first times
//   cache_miss     a address of the line, b code, what TRACE_CACHE_..., first times
//   machine_code   b function, first instructions, second fetches
struct wire_record {
    uint32_t a, b;
    uint16_t site;
    uint8_t event;
    uint8_t what;
    uint32_t reserved;
    uint64_t first, second;
};

_Static_assert(sizeof(struct wire_block) == 88, "shared by two programs");
_Static_assert(sizeof(struct wire_record) == 32, "shared by two programs");

#endif
