// dominators.c: see dominators.h.

#include "analyzer/analysis/holders/dominators.h"

#include <string.h>

// Numbers are places in `order`: those of a search in depth.
struct search {
    struct heap_graph *graph;
    uint32_t *rank;   // of a node in `order`, GRAPH_NONE: not reached
    uint32_t *next;   // edge to be looked at
    uint32_t *before; // edges by where they end, CSR
    uint32_t *before_first;
    uint32_t *parent; // by which it was found
    uint32_t *semi;   // the first one from which a way leads here through later ones only
    uint32_t *best;   // on the way up to the root of its tree in the forest, that of the least semi
    uint32_t *ancestor;             // in the forest; GRAPH_NONE: a root
    uint32_t *bucket, *bucket_next; // those whose semi it is; GRAPH_NONE: no more
    uint32_t *holder;
    uint32_t *stack;
};

static bool holds(const struct graph_edge *edge)
{
    return edge->edge != EDGE_WEAK;
}

// The node where the edge ends is reached by it, on the way of the node where it begins.
static void set_way(struct heap_graph *graph, uint32_t edge)
{
    const struct graph_edge *way = &graph->edges[edge];
    const struct graph_node *from = &graph->nodes[way->from];
    struct graph_node *node = &graph->nodes[way->to];
    node->way = edge;
    // Names begin with the globals: of the main thread, or of one that shares them.
    node->steps = way->edge == EDGE_GLOBALS ? 1 : from->steps + 1;
    node->top = node->steps <= GRAPH_TOP_STEPS ? way->to : from->top;
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
            set_way(graph, e);
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

static void find_order(struct search *search)
{
    struct heap_graph *graph = search->graph;
    uint32_t *stack = search->stack;
    uint32_t depth = 1, count = 1;
    graph->order = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->reached_count);
    memset(search->rank, 0xff, graph->node_count * sizeof *search->rank);
    for (uint32_t i = 0; i < graph->node_count; i++)
        search->next[i] = graph->nodes[i].first_edge;
    stack[0] = graph->order[0] = GRAPH_ROOT;
    search->rank[GRAPH_ROOT] = 0;
    while (depth > 0) {
        uint32_t node = stack[depth - 1];
        if (search->next[node] == graph->nodes[node + 1].first_edge) {
            depth--;
            continue;
        }
        const struct graph_edge *edge = &graph->edges[search->next[node]++];
        if (!holds(edge) || search->rank[edge->to] != GRAPH_NONE)
            continue;
        search->rank[edge->to] = count;
        search->parent[count] = search->rank[node];
        graph->order[count++] = edge->to;
        stack[depth++] = edge->to;
    }
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

// Of those on the way from `v` up to the root of its tree, that of the least semi. The way becomes
// short: whoever was on it hangs below the root. Without recursion: a list is a way of its length.
static uint32_t find_best(struct search *search, uint32_t v)
{
    uint32_t *ancestor = search->ancestor, *best = search->best;
    uint32_t depth = 0;
    if (ancestor[v] == GRAPH_NONE)
        return best[v];
    for (uint32_t x = v; ancestor[ancestor[x]] != GRAPH_NONE; x = ancestor[x])
        search->stack[depth++] = x;
    while (depth > 0) {
        uint32_t x = search->stack[--depth], above = ancestor[x];
        if (search->semi[best[above]] < search->semi[best[x]])
            best[x] = best[above];
        ancestor[x] = ancestor[above];
    }
    return best[v];
}

static void find_semi(struct search *search, uint32_t w)
{
    const struct heap_graph *graph = search->graph;
    uint32_t node = graph->order[w];
    for (uint32_t i = search->before_first[node]; i < search->before_first[node + 1]; i++) {
        const struct graph_edge *edge = &graph->edges[search->before[i]];
        if (!holds(edge) || search->rank[edge->from] == GRAPH_NONE)
            continue;
        uint32_t semi = search->semi[find_best(search, search->rank[edge->from])];
        if (semi < search->semi[w])
            search->semi[w] = semi;
    }
}

static void find_holders(struct search *search)
{
    struct heap_graph *graph = search->graph;
    uint32_t count = graph->reached_count;
    for (uint32_t i = 0; i < count; i++) {
        search->semi[i] = search->best[i] = i;
        search->ancestor[i] = search->bucket[i] = GRAPH_NONE;
    }
    for (uint32_t w = count; w-- > 1;) {
        uint32_t parent = search->parent[w];
        find_semi(search, w);
        search->bucket_next[w] = search->bucket[search->semi[w]];
        search->bucket[search->semi[w]] = w;
        search->ancestor[w] = parent;
        for (uint32_t v = search->bucket[parent]; v != GRAPH_NONE; v = search->bucket_next[v]) {
            uint32_t best = find_best(search, v);
            search->holder[v] = search->semi[best] < search->semi[v] ? best : parent;
        }
        search->bucket[parent] = GRAPH_NONE;
    }
    graph->nodes[GRAPH_ROOT].holder = GRAPH_ROOT;
    for (uint32_t w = 1; w < count; w++) {
        if (search->holder[w] != search->semi[w])
            search->holder[w] = search->holder[search->holder[w]];
        graph->nodes[graph->order[w]].holder = graph->order[search->holder[w]];
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
    uint32_t **const arrays[] = {
        &search.rank,     &search.next,   &search.parent,      &search.semi,   &search.best,
        &search.ancestor, &search.bucket, &search.bucket_next, &search.holder, &search.stack};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        *arrays[i] = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->node_count);
    find_ways(graph);
    find_order(&search);
    turn_edges(&search);
    find_holders(&search);
    sum_up(graph);
}
