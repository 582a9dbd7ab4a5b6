// heap_graph.h: the blocks of a heap and which refers to which, from one snapshot of a trace.
//
// Memory: 56 bytes a block and 32 an edge, in the arena of the graph; nothing of it is needed for
// the next snapshot.

#ifndef FROST_ANALYSIS_HEAP_GRAPH_H
#define FROST_ANALYSIS_HEAP_GRAPH_H

#include "analyzer/analysis/heap/heap_replay.h"
#include "analyzer/analysis/heap/site_table.h"

#define GRAPH_ROOT 0u         // the runtime
#define GRAPH_NONE UINT32_MAX // no node, no edge

struct graph_node {
    uint32_t addr, bytes;
    uint32_t site;       // index in the site table
    uint32_t first_edge; // those from here on to the next node's are its own
    uint32_t way;        // edge by which it is reached first; GRAPH_NONE: not reached, or the root
    uint32_t steps;      // of the way that names it
    uint32_t top;        // the node on that way where the beginning of a long one ends
    uint32_t owner;      // of a part: the node of its object; its own index otherwise
    uint32_t holder;     // its immediate dominator: all ways to it lead through there
    uint32_t held_blocks;
    uint64_t held_bytes; // of it and all that it dominates
    uint8_t kind;        // enum trace_kind
    bool is_reached;
};

struct graph_edge {
    uint32_t from, to; // nodes
    uint32_t index;
    uint8_t edge; // enum trace_edge
    struct text name;
};

// What EDGE_SOURCE says of a function, and EDGE_NTH, if others begin on its line before it.
struct graph_function {
    uint32_t node;
    struct text source;
    uint32_t line, nth;
};

struct heap_graph {
    struct arena *arena;
    struct graph_node *nodes; // nodes[GRAPH_ROOT] is the root
    uint32_t node_count;
    struct graph_edge *edges; // by node
    uint32_t edge_count;
    struct graph_function *functions;
    uint32_t function_count;
    uint32_t *order; // reached nodes, each before those that it dominates
    uint32_t reached_count;
    uint64_t reached_bytes;
};

// Edges of a snapshot as they come.
struct graph_builder {
    struct arena *arena;
    struct trace_event_heap_edge *items;
    struct text *names;
    uint32_t count, room;
};

void graph_builder_init(struct graph_builder *builder, struct arena *arena);
void graph_builder_add(struct graph_builder *builder, const struct trace_event_heap_edge *edge,
                       const struct trace_dict *dict);

// The graph of what lives now; what is reached, by which way, and who holds it. Edges to blocks
// that the trace does not know (loss) are left out.
void graph_build(const struct graph_builder *builder, const struct heap_replay *replay,
                 struct site_table *sites, struct heap_graph *graph);

// How a node is reached from `from`, which is on its way: "slots[3]", "(upvalue ring)". GRAPH_ROOT:
// the whole way, "globals.slots[3]". Of a way of more than GRAPH_STEPS_MAX steps the middle is left
// out: "globals.list.next.next(... 1,984 steps).next.next".
#define GRAPH_STEPS_MAX 24u
#define GRAPH_TOP_STEPS 8u // that are left at either end
struct text graph_path(const struct heap_graph *graph, uint32_t from, uint32_t node,
                       struct arena *arena);

#endif
