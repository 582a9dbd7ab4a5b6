// heap_graph.c: see heap_graph.h.

#include "analyzer/analysis/holders/heap_graph.h"

#include <string.h>

#include "analyzer/analysis/holders/dominators.h"

#define ROOM_START 1024u

void graph_builder_init(struct graph_builder *builder, struct arena *arena)
{
    *builder = (struct graph_builder){.arena = arena, .room = ROOM_START};
    builder->items = ARENA_NEW_ARRAY(arena, struct trace_event_heap_edge, ROOM_START);
    builder->names = ARENA_NEW_ARRAY(arena, struct text, ROOM_START);
}

void graph_builder_add(struct graph_builder *builder, const struct trace_event_heap_edge *edge,
                       const struct trace_dict *dict)
{
    if (builder->count == builder->room) {
        builder->items = arena_grow_array(builder->arena, builder->items, builder->count,
                                          builder->room * 2, sizeof *builder->items);
        builder->names = arena_grow_array(builder->arena, builder->names, builder->count,
                                          builder->room * 2, sizeof *builder->names);
        builder->room *= 2;
    }
    const struct trace_dict_text *named = edge->text ? trace_dict_text(dict, edge->text) : NULL;
    builder->items[builder->count] = *edge;
    builder->names[builder->count++] = named && named->text.bytes
                                           ? arena_copy_text(builder->arena, named->text)
                                           : (struct text){0};
}

// ---- nodes ----

struct making {
    struct heap_graph *graph;
    const struct heap_replay *replay;
    struct site_table *sites;
    struct hash_table by_addr;
    uint32_t room;
};

static uint32_t add_node(struct making *making, uint32_t addr, uint32_t bytes, uint8_t kind,
                         uint32_t site)
{
    struct heap_graph *graph = making->graph;
    assert(graph->node_count < making->room);
    graph->nodes[graph->node_count] = (struct graph_node){.addr = addr,
                                                          .bytes = bytes,
                                                          .kind = kind,
                                                          .site = site,
                                                          .way = GRAPH_NONE,
                                                          .owner = graph->node_count,
                                                          .holder = GRAPH_NONE};
    if (graph->node_count != GRAPH_ROOT)
        hash_table_add(&making->by_addr, addr, graph->node_count);
    return graph->node_count++;
}

static void add_block(void *context, const struct heap_block *block)
{
    struct making *making = context;
    add_node(making, block->addr, block->bytes, block->kind,
             site_table_index(making->sites, making->replay->dict, block->site));
}

// The root, what lives, and the main thread, which with the global state is no block.
static void add_nodes(struct making *making, const struct graph_builder *builder)
{
    add_node(making, 0, 0, KIND_OTHER, SITE_NOWHERE);
    heap_replay_each_live(making->replay, add_block, making);
    for (uint32_t i = 0; i < builder->count; i++) {
        const struct trace_event_heap_edge *edge = &builder->items[i];
        if (edge->from == 0 && edge->edge == EDGE_ROOT && edge->index == ROOT_MAIN &&
            hash_table_find(&making->by_addr, edge->to) == HASH_TABLE_NONE) {
            add_node(making, edge->to, (uint32_t)making->replay->state_bytes, KIND_STATE,
                     SITE_NOWHERE);
            break;
        }
    }
}

// ---- edges ----

static uint32_t node_at(const struct making *making, uint32_t addr)
{
    return addr == 0 ? GRAPH_ROOT : hash_table_find(&making->by_addr, addr);
}

static bool is_edge(const struct making *making, const struct trace_event_heap_edge *edge)
{
    return edge->to != 0 && node_at(making, edge->from) != HASH_TABLE_NONE &&
           node_at(making, edge->to) != HASH_TABLE_NONE;
}

// Sorted by where they begin, in the order in which they came.
static void add_edges(struct making *making, const struct graph_builder *builder)
{
    struct heap_graph *graph = making->graph;
    for (uint32_t i = 0; i < builder->count; i++)
        if (is_edge(making, &builder->items[i])) {
            graph->nodes[node_at(making, builder->items[i].from) + 1].first_edge++;
            graph->edge_count++;
        }
    for (uint32_t i = 1; i <= graph->node_count; i++)
        graph->nodes[i].first_edge += graph->nodes[i - 1].first_edge;
    graph->edges = ARENA_NEW_ARRAY(graph->arena, struct graph_edge, graph->edge_count + 1);
    uint32_t *next = ARENA_NEW_ARRAY(graph->arena, uint32_t, graph->node_count + 1);
    for (uint32_t i = 0; i < graph->node_count; i++)
        next[i] = graph->nodes[i].first_edge;
    for (uint32_t i = 0; i < builder->count; i++) {
        const struct trace_event_heap_edge *edge = &builder->items[i];
        if (!is_edge(making, edge))
            continue;
        uint32_t from = node_at(making, edge->from), to = node_at(making, edge->to);
        graph->edges[next[from]++] = (struct graph_edge){from, to, edge->index, edge->edge,
                                                         builder->names[i]};
        if (edge->edge == EDGE_PART)
            graph->nodes[to].owner = from;
    }
}

static void add_functions(struct making *making, const struct graph_builder *builder)
{
    struct heap_graph *graph = making->graph;
    graph->functions = ARENA_NEW_ARRAY(graph->arena, struct graph_function, builder->count + 1);
    for (uint32_t i = 0; i < builder->count; i++) {
        const struct trace_event_heap_edge *edge = &builder->items[i];
        uint32_t node = node_at(making, edge->from);
        struct graph_function *last = &graph->functions[graph->function_count];
        if (edge->edge == EDGE_SOURCE && node != HASH_TABLE_NONE)
            graph->functions[graph->function_count++] = (struct graph_function){
                node, builder->names[i], edge->index, 1};
        else if (edge->edge == EDGE_NTH && graph->function_count && last[-1].node == node)
            last[-1].nth = edge->index; // told directly behind the other
    }
}

void graph_build(const struct graph_builder *builder, const struct heap_replay *replay,
                 struct site_table *sites, struct heap_graph *graph)
{
    struct making making = {
        .graph = graph, .replay = replay, .sites = sites, .room = replay->live_count + 3};
    *graph = (struct heap_graph){.arena = builder->arena};
    graph->nodes = ARENA_NEW_ARRAY(graph->arena, struct graph_node, making.room);
    hash_table_init(&making.by_addr, graph->arena, making.room);
    add_nodes(&making, builder);
    add_edges(&making, builder); // the node behind the last one bounds its edges
    add_functions(&making, builder);
    dominators_find(graph);
}

// ---- ways ----

static bool is_name(struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool is_letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (!is_letter && c != '_' && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return text.bytes > 0;
}

static struct text step_name(const struct heap_graph *graph, const struct graph_edge *edge,
                             struct arena *arena)
{
    static const char *const roots[ROOT_COUNT] = {
        "main thread",    "registry", "(metatable of a type)", "(fixed)", "(finalizer)",
        "(open upvalue)", "(runtime)"};
    switch (edge->edge) {
    case EDGE_ROOT:
        return text_of(edge->index < ROOT_COUNT ? roots[edge->index] : "(runtime)");
    case EDGE_PART:
        return text_of(arena_format(arena, "(%s)", trace_kind_name(graph->nodes[edge->to].kind)));
    case EDGE_FIELD:
        if (is_name(edge->name))
            return text_of(arena_format(arena, ".%.*s", TEXT_ARGS(edge->name)));
        return text_of(arena_format(arena, "[\"%.*s\"]", TEXT_ARGS(edge->name)));
    case EDGE_ELEMENT:
        return text_of(arena_format(arena, "[%u]", edge->index));
    case EDGE_UPVALUE:
        if (edge->name.bytes)
            return text_of(arena_format(arena, "(upvalue %.*s)", TEXT_ARGS(edge->name)));
        return text_of(arena_format(arena, "(upvalue %u)", edge->index));
    case EDGE_LOCAL:
        return text_of(arena_format(arena, "(stack %u)", edge->index));
    case EDGE_GLOBALS:
        return text_of("globals");
    case EDGE_VALUE: // of an upvalue: the step before has its name
        return text_of(graph->nodes[edge->from].kind == KIND_UPVALUE ? "" : "[?]");
    default:
        return text_of(arena_format(arena, "(%s)", trace_edge_name(edge->edge)));
    }
}

// Steps of a name, the last one first.
struct steps {
    struct text items[GRAPH_STEPS_MAX + 1];
    uint32_t count;
};

// Result: where the way goes on.
static uint32_t take_steps(const struct heap_graph *graph, uint32_t from, uint32_t node,
                           uint32_t count, struct steps *steps, struct arena *arena)
{
    for (; count > 0 && node != from && graph->nodes[node].way != GRAPH_NONE; count--) {
        const struct graph_edge *edge = &graph->edges[graph->nodes[node].way];
        steps->items[steps->count++] = step_name(graph, edge, arena);
        node = edge->from;
    }
    return node;
}

static struct text join(const struct steps *steps, struct arena *arena)
{
    size_t bytes = 0, used = 0;
    for (uint32_t i = 0; i < steps->count; i++)
        bytes += steps->items[i].bytes;
    char *path = arena_alloc(arena, bytes + 1);
    for (uint32_t i = steps->count; i-- > 0; used += steps->items[i].bytes)
        memcpy(path + used, steps->items[i].data, steps->items[i].bytes);
    path[bytes] = '\0';
    if (bytes == 0)
        return text_of("(value)"); // of an upvalue
    return path[0] == '.' ? (struct text){path + 1, bytes - 1} : (struct text){path, bytes};
}

struct text graph_path(const struct heap_graph *graph, uint32_t from, uint32_t node,
                       struct arena *arena)
{
    struct steps steps = {.count = 0};
    uint32_t all = graph->nodes[node].steps;
    if (from == GRAPH_ROOT && all <= GRAPH_STEPS_MAX) {
        take_steps(graph, from, node, all, &steps, arena);
    } else if (from == GRAPH_ROOT) {
        take_steps(graph, from, node, GRAPH_TOP_STEPS, &steps, arena);
        steps.items[steps.count++] = text_of(
            arena_format(arena, "(... %u steps)", all - 2 * GRAPH_TOP_STEPS));
        take_steps(graph, from, graph->nodes[node].top, GRAPH_TOP_STEPS, &steps, arena);
    } else if (take_steps(graph, from, node, GRAPH_STEPS_MAX, &steps, arena) != from) {
        steps.items[GRAPH_TOP_STEPS] = text_of("(...)");
        steps.count = GRAPH_TOP_STEPS + 1;
    }
    return join(&steps, arena);
}
