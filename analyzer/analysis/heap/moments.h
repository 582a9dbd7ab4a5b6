// moments.h: an observer of replays: RAM from one named moment of a run to the next.
//
// Moments are the marks of the trace (`frost mark`) and the requests that the program gets: the
// first bytes that a TCP connection brings, if they look like a method and a path. What a client
// sends is private: a request is called "request 3" unless `includes_input`.
// Memory: MOMENTS_MAX rows in the arena; later moments are counted.

#ifndef FROST_ANALYSIS_MOMENTS_H
#define FROST_ANALYSIS_MOMENTS_H

#include "analyzer/analysis/heap/replay.h"

#define MOMENTS_MAX 1000u

struct moment {
    struct text name;
    bool is_mark;         // else a request
    uint32_t boot;        // from 1
    uint64_t device_ms;   // since the boot, of the turn
    uint64_t clock;       // instructions
    uint64_t begin_bytes; // Lua bytes
    uint64_t peak_bytes;  // the most until the next moment
    uint64_t end_bytes;   // at the next moment
    uint64_t allocations; // until then
};

struct moments {
    bool includes_input; // the caller's
    struct arena *arena;
    struct moment *items;
    size_t count;
    uint64_t more;           // that there was no room for
    uint32_t request_number; // so far
    uint64_t device_ns;
    bool is_over; // a boot has ended the last one
};

// `moments` lives until the replay is over; its runs come one after another.
struct replay_observer moments_observer(struct moments *moments, struct arena *arena,
                                        bool includes_input);

#endif
