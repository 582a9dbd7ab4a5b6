// holders.c: takes the snapshots of a trace in.

#include "analyzer/analysis/holders/holders.h"

#include <string.h>

// Of a holder that is compared from snapshot to snapshot.
#define HELD_BYTES_MIN 64u
#define HELD_SHARE 500u // of what is held in all, one in so many

void holders_init(struct holders *holders, struct arena *arena, struct holders_wanted wanted)
{
    *holders = (struct holders){.arena = arena, .wanted = wanted, .moment_room = 8};
    holders->moments = ARENA_NEW_ARRAY(arena, struct holders_moment, holders->moment_room);
    site_table_init(&holders->sites, arena);
    arena_init(&holders->reading);
    graph_builder_init(&holders->builder, &holders->reading);
}

void holders_deinit(struct holders *holders)
{
    arena_deinit(&holders->reading);
    if (holders->has_graph)
        arena_deinit(&holders->shown);
}

// ---- a snapshot ----

static struct holders_moment *add_moment(struct holders *holders)
{
    if (holders->moment_count == holders->moment_room) {
        holders->moments = arena_grow_array(holders->arena, holders->moments, holders->moment_count,
                                            holders->moment_room * 2, sizeof *holders->moments);
        holders->moment_room *= 2;
    }
    return &holders->moments[holders->moment_count++];
}

// Those further down than a name tells are their holders' growth.
static bool is_large(const struct heap_graph *graph, const struct graph_node *node)
{
    return node->is_reached && node->steps <= GRAPH_STEPS_MAX &&
           node->held_bytes >= HELD_BYTES_MIN &&
           node->held_bytes * HELD_SHARE >= graph->reached_bytes;
}

// Of those that a path names, which a part and the value of an upvalue are not.
static void note_held(struct holders *holders, struct holders_moment *moment,
                      const struct heap_graph *graph)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < graph->node_count; i++)
        count += is_large(graph, &graph->nodes[i]);
    moment->held = ARENA_NEW_ARRAY(holders->arena, struct holders_held, count);
    for (uint32_t i = 1; i < graph->node_count; i++)
        if (is_large(graph, &graph->nodes[i]) && graph->nodes[i].owner == i)
            moment->held[moment->held_count++] = (struct holders_held){
                graph_path(graph, GRAPH_ROOT, i, holders->arena), graph->nodes[i].held_bytes};
}

static void note_moment(struct holders *holders, const struct trace_event_heap_snapshot *event,
                        const struct heap_graph *graph)
{
    struct holders_moment *moment = add_moment(holders);
    const struct heap_replay *heap = holders->replay->heap;
    *moment = (struct holders_moment){.moment = event->moment,
                                      .number = event->number,
                                      .boot = heap->boot_count,
                                      .clock = heap->clock,
                                      .lua_bytes = event->lua_bytes,
                                      .reached_bytes = graph->reached_bytes,
                                      .site_count = holders->sites.count};
    moment->site_bytes = ARENA_NEW_ARRAY(holders->arena, uint64_t, moment->site_count);
    moment->site_blocks = ARENA_NEW_ARRAY(holders->arena, uint32_t, moment->site_count);
    for (uint32_t i = 1; i < graph->node_count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        if (!node->is_reached) {
            moment->unreached_bytes += node->bytes;
            moment->unreached_blocks++;
            continue;
        }
        moment->site_bytes[node->site] += node->bytes;
        moment->site_blocks[node->site]++;
    }
    note_held(holders, moment, graph);
}

// Of the moments of a run, which one tells most: where memory ran out, else the highest point.
static unsigned weight_of(uint8_t moment)
{
    return moment == MOMENT_FAILURE ? 2 : moment == MOMENT_PEAK;
}

// Is the newest snapshot the one to show, as far as is known?
static bool is_shown(const struct holders *holders, uint8_t moment)
{
    if (holders->wanted.number)
        return holders->moment_count == holders->wanted.number;
    if (holders->wanted.moment != HOLDERS_ANY)
        return moment == holders->wanted.moment;
    return !holders->has_graph ||
           weight_of(moment) >= weight_of(holders->moments[holders->shown_moment].moment);
}

static void take_snapshot(struct holders *holders, const struct trace_event_heap_snapshot *event)
{
    struct heap_graph graph;
    graph_build(&holders->builder, holders->replay->heap, &holders->sites, &graph);
    note_moment(holders, event, &graph);
    if (is_shown(holders, event->moment)) {
        if (holders->has_graph)
            arena_deinit(&holders->shown);
        holders->shown = holders->reading;
        holders->graph = graph;
        holders->graph.arena = &holders->shown;
        holders->has_graph = true;
        holders->shown_moment = holders->moment_count - 1;
    } else {
        arena_deinit(&holders->reading);
    }
    arena_init(&holders->reading);
    graph_builder_init(&holders->builder, &holders->reading);
}

// ---- a run ----

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct holders *holders = context;
    (void)problem;
    holders->is_first = replay->number == 0;
    if (!holders->is_first)
        return STATUS_OK;
    holders->replay = replay;
    site_table_begin_run(&holders->sites);
    return STATUS_OK;
}

static void note_step(void *context, struct heap_step *step)
{
    struct holders *holders = context;
    if (!holders->is_first)
        return;
    if (step->event->id == TRACE_ID_heap_edge)
        graph_builder_add(&holders->builder, &step->event->heap_edge, holders->replay->heap->dict);
    else if (step->event->id == TRACE_ID_heap_snapshot)
        take_snapshot(holders, &step->event->heap_snapshot);
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct holders *holders = context;
    (void)problem;
    if (holders->is_first)
        run_input_take(&holders->input, replay, holders->arena);
    return STATUS_OK;
}

struct replay_observer holders_observer(struct holders *holders)
{
    return (struct replay_observer){
        .context = holders,
        .events = REPLAY_BLOCKS | REPLAY_EVENT(heap_edge) | REPLAY_EVENT(heap_snapshot),
        .wants_heap = true,
        .begin = begin_run,
        .step = note_step,
        .end = end_run,
    };
}
