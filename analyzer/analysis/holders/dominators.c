// dominators.c: see dominators.h.

#include "analyzer/analysis/holders/dominators.h"

#include <string.h>

struct search {
    struct heap_graph *graph;
    uint32_t *rank;   // of a node in `order`, GRAPH_NONE: not reached
    uint32_t *next;   // edge to be looked at
    uint32_t *before; // edges by where they end, CSR
    uint32_t *before_first;
};

static bool holds(const struct graph_edge *edge)
{
    return edge->edge != EDGE_WEAK;
}

// What the edges of the nodes in the queue lead to, and on from there. Result: nodes in the queue.
static uint32_t follow(struct heap_graph *graph, uint32_t *queue, uint32_t count, bool takes_locals)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t e = graph->nodes[queue[i]].first_edge;
             e < graph->nodes[queue[i] + 1].first_edge; e++) {
            struct graph_node *to = &graph->nodes[graph->edges[e].to];
            if (to->is_reached || !holds(&graph->edges[e]) ||
                (graph->edges[e].edge == EDGE_LOCAL && !takes_locals))
                continue;
            to->is_reached = true;
            to->way = e;
            graph->reached_bytes += to->bytes;
            queue[count++] = graph->edges[e].to;
        }
    return count;
}

// By the fewest steps, and of several by the one told first; by a slot of a stack only if there is
// no way with names.
static void find_ways(struct heap_graph *graph)
{
    uint32_t *queue = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->node_count);
    queue[0] = GRAPH_ROOT;
    graph->nodes[GRAPH_ROOT].is_reached = true;
    uint32_t count = follow(graph, queue, 1, false);
    graph->reached_count = follow(graph, queue, count, true);
}

// Reverse postorder of a search in depth.
static void find_order(struct search *search)
{
    struct heap_graph *graph = search->graph;
    uint32_t *stack = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->node_count);
    uint32_t depth = 1, left = graph->reached_count;
    graph->order = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->reached_count);
    memset(search->rank, 0xff, graph->node_count * sizeof *search->rank);
    for (uint32_t i = 0; i < graph->node_count; i++)
        search->next[i] = graph->nodes[i].first_edge;
    stack[0] = GRAPH_ROOT;
    search->rank[GRAPH_ROOT] = 0; // is on the stack
    while (depth > 0) {
        uint32_t node = stack[depth - 1];
        if (search->next[node] == graph->nodes[node + 1].first_edge) {
            depth--;
            graph->order[--left] = node;
            continue;
        }
        const struct graph_edge *edge = &graph->edges[search->next[node]++];
        if (holds(edge) && search->rank[edge->to] == GRAPH_NONE) {
            search->rank[edge->to] = 0;
            stack[depth++] = edge->to;
        }
    }
    for (uint32_t i = 0; i < graph->reached_count; i++)
        search->rank[graph->order[i]] = i;
}

// Edges by where they end.
static void turn_edges(struct search *search)
{
    struct heap_graph *graph = search->graph;
    search->before = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->edge_count + 1);
    search->before_first = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->node_count + 2);
    for (uint32_t e = 0; e < graph->edge_count; e++)
        search->before_first[graph->edges[e].to + 2]++;
    for (uint32_t i = 2; i < graph->node_count + 2; i++)
        search->before_first[i] += search->before_first[i - 1];
    for (uint32_t e = 0; e < graph->edge_count; e++)
        search->before[search->before_first[graph->edges[e].to + 1]++] = e;
}

static uint32_t common(const struct search *search, uint32_t a, uint32_t b)
{
    while (a != b) {
        while (search->rank[a] > search->rank[b])
            a = search->graph->nodes[a].holder;
        while (search->rank[b] > search->rank[a])
            b = search->graph->nodes[b].holder;
    }
    return a;
}

static uint32_t holder_of(const struct search *search, uint32_t node)
{
    const struct heap_graph *graph = search->graph;
    uint32_t holder = GRAPH_NONE;
    for (uint32_t i = search->before_first[node]; i < search->before_first[node + 1]; i++) {
        const struct graph_edge *edge = &graph->edges[search->before[i]];
        if (!holds(edge) || graph->nodes[edge->from].holder == GRAPH_NONE)
            continue;
        holder = holder == GRAPH_NONE ? edge->from : common(search, edge->from, holder);
    }
    return holder;
}

static void find_holders(struct search *search)
{
    struct heap_graph *graph = search->graph;
    graph->nodes[GRAPH_ROOT].holder = GRAPH_ROOT;
    for (bool has_changed = true; has_changed;) {
        has_changed = false;
        for (uint32_t i = 1; i < graph->reached_count; i++) {
            uint32_t holder = holder_of(search, graph->order[i]);
            has_changed |= graph->nodes[graph->order[i]].holder != holder;
            graph->nodes[graph->order[i]].holder = holder;
        }
    }
}

static void sum_up(struct heap_graph *graph)
{
    for (uint32_t i = graph->reached_count; i-- > 0;) {
        struct graph_node *node = &graph->nodes[graph->order[i]];
        node->held_bytes += node->bytes;
        node->held_blocks += graph->order[i] != GRAPH_ROOT;
        if (graph->order[i] == GRAPH_ROOT)
            continue;
        graph->nodes[node->holder].held_bytes += node->held_bytes;
        graph->nodes[node->holder].held_blocks += node->held_blocks;
    }
}

void dominators_find(struct heap_graph *graph)
{
    struct search search = {.graph = graph};
    search.rank = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->node_count);
    search.next = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->node_count);
    find_ways(graph);
    find_order(&search);
    turn_edges(&search);
    find_holders(&search);
    sum_up(graph);
}
