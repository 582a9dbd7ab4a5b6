// gc_mode_feed.h: tells the models of the modes (gc_modes.h) what a run was recorded to do.
//
// Reads: events and steps of a replay, in their order. Memory: of the replay: addresses of userdata
// that wait for their finalizers, and a number per text.

#ifndef FROST_ANALYSIS_GC_MODE_FEED_H
#define FROST_ANALYSIS_GC_MODE_FEED_H

#include "analyzer/analysis/gc/gc_modes.h"
#include "analyzer/analysis/heap/replay.h"

struct gc;

struct gc_mode_feed {
    struct gc *gc; // whose modes are told
    const struct heap_replay *replay;
    struct gc_live live;
    uint64_t objects;      // that live
    uint64_t visited_last; // by the newest full collection, 0 if there was none
    bool is_collecting;    // now
    bool has_collected;    // before the allocation that comes next
    bool is_blocked;       // the newest allocation came without the collection of its mode
    bool is_started;       // the state has been made
    bool tells_places;     // of marking, and when a step may come
    bool is_step;          // of a run in mode ALWAYS: it does not say how much there is to mark
    uint32_t checks;       // before the next collection
    uint32_t checks_due;   // that the modes have not been told of yet
    uint64_t place;        // of what is freed now
    uint16_t visited[TRACE_VISITED_STEPS_MAX + 1]; // as told by gc_visited
    uint64_t main_stack, main_calls;               // addresses of these vectors of the main thread
    bool is_pc; // a stopped collector has a threshold that is never reached
    struct gc_mode_feed_firmware {
        uint32_t addr, bytes;
    } * firmware; // blocks of its own
    uint32_t firmware_count, firmware_room;
    uint64_t *finalized; // addresses of userdata whose finalizers were due, and that still live
    uint32_t finalized_count, finalized_room;
    uint64_t *died_steps; // by text: when its string died, 0: not
    uint32_t died_room;
};

// For the run that a replay begins.
static inline struct gc_mode_feed gc_mode_feed_begin(struct gc *gc,
                                                     const struct heap_replay *replay)
{
    return (struct gc_mode_feed){.gc = gc, .replay = replay};
}

// A block was made, resized, or moved on as another one.
void gc_mode_feed_born(struct gc_mode_feed *feed, const struct heap_step *step);

// A block is gone.
void gc_mode_feed_died(struct gc_mode_feed *feed, const struct heap_block *block);

// An event that is neither: one of these.
#define GC_MODE_FEED_EVENTS                                                                        \
    (REPLAY_EVENT(boot) | REPLAY_EVENT(gc_begin) | REPLAY_EVENT(gc_checks) |                       \
     REPLAY_EVENT(gc_place) | REPLAY_EVENT(gc_marked) | REPLAY_EVENT(gc_finalizer) |               \
     REPLAY_EVENT(gc_visited) | REPLAY_EVENT(gc_control) | REPLAY_EVENT(gc_held) |                 \
     REPLAY_EVENT(firmware_alloc) | REPLAY_EVENT(firmware_free) | REPLAY_EVENT(gc_end))
void gc_mode_feed_event(struct gc_mode_feed *feed, const struct trace_event *event);

// The run, or a boot of it, is over.
void gc_mode_feed_end(struct gc_mode_feed *feed);

#endif
