// start.h: how a port switches the event writer on and off. Probed build only.
//
// Memory: the port gives it, zeroed; it lies outside the Lua heap and both ledgers.
// Context: the interpreter's thread, or before it starts.

#ifndef FROST_PROBE_START_H
#define FROST_PROBE_START_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/probe/ring.h"

#define PROBE_START_RAW 1u       // counters are written one by one
#define PROBE_START_NO_TEXT 2u   // hash and length of texts instead of their content
#define PROBE_START_DOORBELL 4u  // under the emulator: its plugin is told where the program is
#define PROBE_START_NO_INPUTS 8u // of the world; PROBE_START_NO_TEXT leaves them out, too

// How large the tables are. Numbers of heads, of cache entries and flash_ids are powers of two.
struct probe_sizes {
    uint32_t text_room;  // texts known at a time; 0: as many as a heap of that size may need
                         // and more; PROBE_TEXTS_FILL: what the memory has left
    uint32_t flash_ids;  // flash strings found lately
    uint32_t site_cache; // sites found lately
    uint32_t site_room;  // at most TRACE_SITE_MORE; further sites are all that one
    uint32_t site_heads;
    uint32_t name_room; // further names are "none"
    uint32_t name_heads;
    uint32_t counter_room; // at most 65535; half of counter_heads
    uint32_t counter_heads;
    uint32_t tail_bytes_max; // of texts, names and console output in one event, at most 4096
};
#define PROBE_TEXTS_FILL UINT32_MAX

// What is written. Texts, names and sites are when an event that is written refers to them; boot,
// image_mounted, mark and end always are. May be changed at any time between probes.
#define PROBE_CHUNK_BYTES_MAX 31u
struct probe_filter {
    uint64_t kept;                         // bit i: events of id i
    uint32_t bytes_min;                    // blocks and strings of fewer Lua bytes are left out
    char chunk[PROBE_CHUNK_BYTES_MAX + 1]; // what happens in chunks whose names do not have this
                                           // in them is left out, too; "": nothing
    uint64_t left_out;                     // events so far
};
extern struct probe_filter probe_filter;

// What goes with a packet that is being committed (runtime/format/serial_frame.h).
struct probe_packet_facts {
    uint32_t events;
    uint32_t generation;
    uint32_t texts_redefined;
};
void probe_packet_facts(struct probe_packet_facts *facts);

// Definitions were lost: a new generation of ids begins before the next event that needs one.
void probe_forget(void);

// Ends the open packet before the next event, with the sums of its counters.
void probe_flush(void);

struct probe_setup {
    void *memory; // zeroed, aligned to 16
    size_t memory_bytes;
    // Memory that can only be read and written by words (IRAM of the chip), for the tables of
    // texts; NULL: these lie in `memory`, too.
    void *words;
    size_t word_bytes;
    const struct probe_sizes *sizes; // NULL: as large as a trace can make use of
    size_t heap_bytes;               // of the Lua heap
    struct trace_ring *ring;
    struct ring_port port;
    uint64_t (*now_ns)(void); // real time since the start of the run
    void (*after)(void);      // called behind every probe; NULL: nothing is
    unsigned flags;
    unsigned stack_depth; // callers that are written with each site, the outermost; 0: none. At
                          // most TRACE_STACK_DEPTH_MAX
};

// Says where the program's own constants lie, before probe_start: texts from there are literals.
void probe_literals_between(const char *begin, const char *end);

// Bytes of memory that the writer needs for a heap of that size and tables of the usual sizes; most
// of it is touched only as far as the program has strings.
size_t probe_memory_bytes(size_t heap_bytes);

// Result: 1; 0 if the memory is too small or the ring is of another version (the writer stays off).
int probe_start(const struct probe_setup *setup);

// Ends the last packet and closes the ring. May be called twice.
void probe_stop(void);

// For a signal handler on the interpreter's thread that is going to end the process: it may have
// interrupted a probe. Then `then(argument)` is called when that probe is done; the result is 1 and
// the handler returns. 0: no probe was interrupted, the handler may end the trace itself.
int probe_defer(void (*then)(int), int argument);

#endif
