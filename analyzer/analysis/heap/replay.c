// replay.c: opens traces, takes steps, hands them to the observers that want them.

#include "analyzer/analysis/heap/replay.h"

#include <assert.h>

#define EVENTS_AT_ONCE 64u
#define LOOK_EVENTS 65536u // between two looks at the progress

// What the replay itself needs of a trace.
#define EVENTS_ALWAYS                                                                              \
    (REPLAY_EVENT(text) | REPLAY_EVENT(name) | REPLAY_EVENT(site) | REPLAY_EVENT(stack) |          \
     REPLAY_EVENT(gc_phase) | REPLAY_EVENT(gc_end))

#if defined(__SANITIZE_ADDRESS__)
#define CHECKS_HEAP 1
#else
#define CHECKS_HEAP 0
#endif

// Who wants an event.
struct taker {
    void (*step)(void *context, struct heap_step *step);
    void *context;
};

struct drive {
    const struct replay_settings *settings;
    const struct replay_observer *observers;
    size_t count;
    uint64_t events; // that anybody wants
    // By event: who wants it, up to one without `step`. The replay itself is first and last.
    struct taker takers[TRACE_ID_LIMIT][REPLAY_OBSERVERS_MAX + 3];
    uint64_t step_count;
    struct heap_replay heap; // of the present trace
    struct trace_ending ending;
};

static void show_progress(const struct drive *drive, const struct trace *trace)
{
    if (drive->settings->progress)
        progress_update(drive->settings->progress, trace_bytes_done(trace), trace_bytes(trace));
}

static int take_events(struct drive *drive, const struct trace_event *events, uint32_t count,
                       struct problem *problem)
{
    struct heap_step step = {0};
    for (uint32_t i = 0; i < count; i++) {
        step.event = &events[i];
        drive->heap.step_count = drive->step_count + events[i].number;
        int status = heap_replay_take(&drive->heap, &step, problem);
        if (status != STATUS_OK)
            return status;
        for (const struct taker *to = drive->takers[events[i].id]; to->step; to++)
            to->step(to->context, &step);
    }
    return STATUS_OK;
}

static int read_events(struct drive *drive, struct trace *trace, struct problem *problem)
{
    struct trace_event events[EVENTS_AT_ONCE];
    uint64_t look_at = 0;
    int count;
    while ((count = trace_next_of(trace, drive->events, events, EVENTS_AT_ONCE)) > 0) {
        int status = take_events(drive, events, (uint32_t)count, problem);
        if (status != STATUS_OK)
            return status;
        if (trace_event_count(trace) >= look_at) {
            show_progress(drive, trace);
            look_at = trace_event_count(trace) + LOOK_EVENTS;
        }
    }
    drive->heap.step_count = drive->step_count + trace_event_count(trace);
    drive->heap.clock = trace_clock(trace);
    trace_ending_finish(&drive->ending, trace);
    if (CHECKS_HEAP)
        heap_replay_check(&drive->heap);
    if (count < 0 && problem && problem->status == STATUS_OK)
        *problem = *trace_problem(trace);
    return count;
}

static int read_trace(struct drive *drive, struct replay *replay, struct problem *problem)
{
    drive->ending = (struct trace_ending){.exclude = drive->settings->exclude};
    heap_replay_begin(&drive->heap, replay->trace, drive->step_count, replay->arena);
    replay->heap = &drive->heap;
    replay->ending = &drive->ending;
    int status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < drive->count; i++)
        status = drive->observers[i].begin(drive->observers[i].context, replay, problem);
    if (status == STATUS_OK)
        status = read_events(drive, replay->trace, problem);
    for (size_t i = 0; status == STATUS_OK && i < drive->count; i++)
        status = drive->observers[i].end(drive->observers[i].context, replay, problem);
    drive->step_count = drive->heap.step_count + 1;
    return status;
}

// ---- who wants what ----

static void note_ending(void *context, struct heap_step *step)
{
    trace_ending_note(context, step->event);
}

// All have seen what lived until the boot.
static void begin_boot(void *context, struct heap_step *step)
{
    if (CHECKS_HEAP)
        heap_replay_check(context);
    heap_replay_boot(context, step);
}

static void add_taker(struct drive *drive, uint64_t events, struct taker taker)
{
    drive->events |= events;
    for (uint32_t id = 0; id < TRACE_ID_LIMIT; id++) {
        struct taker *at = drive->takers[id];
        while (at->step)
            at++;
        if (events >> id & 1)
            *at = taker;
    }
}

// Who sees one kind of births or deaths sees the heap, so it has to be followed.
static bool wants_blocks(const struct replay_observer *observer)
{
    return observer->wants_heap || (observer->events & REPLAY_BLOCKS) != 0;
}

static void add_takers(struct drive *drive)
{
    drive->events = EVENTS_ALWAYS;
    add_taker(drive, TRACE_ENDING_EVENTS, (struct taker){note_ending, &drive->ending});
    for (size_t i = 0; i < drive->count; i++) {
        const struct replay_observer *observer = &drive->observers[i];
        drive->events |= wants_blocks(observer) ? REPLAY_BLOCKS : 0;
        add_taker(drive, observer->events, (struct taker){observer->step, observer->context});
    }
    add_taker(drive, REPLAY_EVENT(boot), (struct taker){begin_boot, &drive->heap});
}

int replay_run(const struct replay_settings *settings, const struct replay_observer *observers,
               size_t count, struct problem *problem)
{
    struct drive drive = {.settings = settings,
                          .observers = observers,
                          .count = count,
                          .step_count = settings->first_step};
    int status = STATUS_OK;
    assert(count <= REPLAY_OBSERVERS_MAX);
    add_takers(&drive);
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
