// replay.c: opens traces, takes steps, hands them to the observers that want them.

#include "analyzer/analysis/heap/replay.h"

#include <assert.h>

#define STEPS_PER_LOOK 65536u // at the progress

// What the replay itself needs of a trace.
#define EVENTS_ALWAYS                                                                              \
    (REPLAY_EVENT(boot) | REPLAY_EVENT(text) | REPLAY_EVENT(name) | REPLAY_EVENT(site) |           \
     REPLAY_EVENT(stack) | REPLAY_EVENT(gc_phase) | REPLAY_EVENT(gc_end) | REPLAY_EVENT(console) | \
     REPLAY_EVENT(end))

#if defined(__SANITIZE_ADDRESS__)
#define CHECKS_HEAP 1
#else
#define CHECKS_HEAP 0
#endif

struct drive {
    const struct replay_settings *settings;
    const struct replay_observer *observers;
    size_t count;
    uint64_t events; // that anybody wants
    // By event: the observers that want it, up to one without `step`.
    struct replay_observer wanting[TRACE_ID_LIMIT][REPLAY_OBSERVERS_MAX + 1];
    uint64_t step_count;
    uint32_t steps_to_look;
};

static void show_progress(struct drive *drive, const struct trace *trace)
{
    if (drive->steps_to_look-- > 0)
        return;
    drive->steps_to_look = STEPS_PER_LOOK;
    if (drive->settings->progress)
        progress_update(drive->settings->progress, trace_bytes_done(trace), trace_bytes(trace));
}

static int read_events(struct drive *drive, const struct replay *replay,
                       struct trace_ending *ending, struct problem *problem)
{
    struct heap_replay *heap = replay->heap;
    struct trace *trace = replay->trace;
    struct heap_step step = {0};
    int more;
    while ((more = trace_next_of(trace, drive->events, &step.event)) > 0) {
        heap->step_count = drive->step_count + step.event.number;
        trace_ending_note(ending, &step.event);
        int status = heap_replay_take(heap, &step, problem);
        if (status != STATUS_OK)
            return status;
        for (const struct replay_observer *to = drive->wanting[step.event.id]; to->step; to++)
            to->step(to->context, &step);
        if (step.is_boot) {
            if (CHECKS_HEAP)
                heap_replay_check(heap);
            heap_replay_boot(heap, &step);
        }
        show_progress(drive, trace);
    }
    heap->step_count = drive->step_count + trace_event_count(trace);
    heap->clock = trace_clock(trace);
    trace_ending_finish(ending, trace);
    if (CHECKS_HEAP)
        heap_replay_check(heap);
    if (more < 0 && problem && problem->status == STATUS_OK)
        *problem = *trace_problem(trace);
    return more;
}

static int read_trace(struct drive *drive, struct replay *replay, struct problem *problem)
{
    struct heap_replay heap;
    struct trace_ending ending = {.exclude = drive->settings->exclude};
    heap_replay_begin(&heap, replay->trace, drive->step_count, replay->arena);
    replay->heap = &heap;
    replay->ending = &ending;
    int status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < drive->count; i++)
        status = drive->observers[i].begin(drive->observers[i].context, replay, problem);
    if (status == STATUS_OK)
        status = read_events(drive, replay, &ending, problem);
    for (size_t i = 0; status == STATUS_OK && i < drive->count; i++)
        status = drive->observers[i].end(drive->observers[i].context, replay, problem);
    drive->step_count = heap.step_count + 1;
    return status;
}

// Who sees one kind of births or deaths sees the heap, so it has to be followed.
static bool wants_blocks(const struct replay_observer *observer)
{
    return observer->wants_heap || (observer->events & REPLAY_BLOCKS) != 0;
}

static void add_observer(struct drive *drive, const struct replay_observer *observer)
{
    drive->events |= observer->events | (wants_blocks(observer) ? REPLAY_BLOCKS : 0);
    for (uint32_t id = 0; id < TRACE_ID_LIMIT; id++) {
        struct replay_observer *at = drive->wanting[id];
        while (at->step)
            at++;
        if (observer->events >> id & 1)
            *at = *observer;
    }
}

int replay_run(const struct replay_settings *settings, const struct replay_observer *observers,
               size_t count, struct problem *problem)
{
    struct drive drive = {.settings = settings,
                          .observers = observers,
                          .count = count,
                          .events = EVENTS_ALWAYS,
                          .step_count = settings->first_step};
    int status = STATUS_OK;
    assert(count <= REPLAY_OBSERVERS_MAX);
    for (size_t i = 0; i < count; i++)
        add_observer(&drive, &observers[i]);
    for (uint32_t i = 0; status == STATUS_OK && i < settings->trace_count; i++) {
        struct arena arena;
        struct replay replay = {.directory = settings->traces[i],
                                .name = settings->names ? settings->names[i] : settings->traces[i],
                                .number = i};
        arena_init(&arena);
        replay.arena = &arena;
        status = trace_open(&arena, replay.directory, &replay.trace, problem);
        if (status == STATUS_OK) {
            trace_sum(replay.trace);
            trace_exclude(replay.trace, settings->exclude);
            status = read_trace(&drive, &replay, problem);
            trace_close(replay.trace);
        }
        arena_deinit(&arena);
    }
    return status;
}
