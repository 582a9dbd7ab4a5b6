// start.h: how a port switches the event writer on and off. Probed build only.
//
// Memory: the port gives it, zeroed; it lies outside the Lua heap and both ledgers.
// Context: the interpreter's thread, or before it starts.

#ifndef FROST_PROBE_START_H
#define FROST_PROBE_START_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/probe/ring.h"

#define PROBE_START_RAW 1u     // counters are written one by one
#define PROBE_START_NO_TEXT 2u // hash and length of texts instead of their content

struct probe_setup {
    void *memory; // zeroed, aligned to 16
    size_t memory_bytes;
    size_t heap_bytes; // of the Lua heap
    struct trace_ring *ring;
    struct ring_port port;
    uint64_t (*now_ns)(void); // real time since the start of the run
    unsigned flags;
};

// Bytes of memory that the writer needs for a heap of that size; most of it is touched only as far
// as the program has strings.
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
