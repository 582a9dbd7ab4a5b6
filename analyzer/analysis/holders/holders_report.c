// holders_report.c: the tree of holders, RAM by module and by function.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis/holders/holders.h"
#include "analyzer/base/number_text.h"

#define FAILURE_HOLDERS 4u // that the finding names

// ---- the tree ----

struct holder_row {
    uint32_t level;
    struct text holder, name, path, kind, site;
    uint64_t held_bytes, own_bytes;
    uint32_t held_blocks, chain;
    double percent;
};

static const struct report_column holder_columns[] = {
    {"holder", "holder", "", REPORT_MAY_CUT, REPORT_AT(holder_row, holder)},
    {"held_bytes", "holds", "bytes", 0, REPORT_AT(holder_row, held_bytes)},
    {"percent", "%", "", 0, REPORT_AT(holder_row, percent), .decimals = 1},
    {"own_bytes", "its own", "bytes", 0, REPORT_AT(holder_row, own_bytes)},
    {"held_blocks", "blocks", "", 0, REPORT_AT(holder_row, held_blocks)},
    {"kind", "kind", "", 0, REPORT_AT(holder_row, kind)},
    {"site", "made at", "", REPORT_MAY_CUT, REPORT_AT(holder_row, site)},
    {"name", "name", "", REPORT_DETAIL, REPORT_AT(holder_row, name)},
    {"level", "level", "", REPORT_DETAIL, REPORT_AT(holder_row, level)},
    {"chain", "in a chain", "", REPORT_DETAIL, REPORT_AT(holder_row, chain)},
    {"path", "path", "", REPORT_DETAIL | REPORT_KEY, REPORT_AT(holder_row, path)},
};

// Nodes by who holds them, most first.
struct tree {
    const struct holders *holders;
    const struct heap_graph *graph;
    struct arena *arena;
    uint32_t *first_child, *next; // by node; 0: none
    uint64_t *own_bytes;          // with the parts
    bool *is_link;                // of a chain: stands in the row of its first
    double least;
    uint64_t omitted;
    bool is_cut; // at LEVELS_MAX
};

#define LEVELS_MAX 48u // that are shown
#define LINKS_MIN 8u   // that make a chain

static int compare_held(const void *left, const void *right, void *context)
{
    const struct heap_graph *graph = context;
    const struct graph_node *a = &graph->nodes[*(const uint32_t *)left];
    const struct graph_node *b = &graph->nodes[*(const uint32_t *)right];
    if (a->held_bytes != b->held_bytes)
        return a->held_bytes > b->held_bytes ? -1 : 1;
    return (a->addr > b->addr) - (a->addr < b->addr);
}

static bool is_part(const struct heap_graph *graph, uint32_t node)
{
    const struct graph_node *n = &graph->nodes[node];
    return n->owner != node && n->holder == n->owner;
}

static void plant(struct tree *tree)
{
    const struct heap_graph *graph = tree->graph;
    uint32_t *sorted = ARENA_NEW_ARRAY(tree->arena, uint32_t, graph->reached_count);
    tree->first_child = ARENA_NEW_ARRAY(tree->arena, uint32_t, graph->node_count);
    tree->next = ARENA_NEW_ARRAY(tree->arena, uint32_t, graph->node_count);
    tree->own_bytes = ARENA_NEW_ARRAY(tree->arena, uint64_t, graph->node_count);
    tree->is_link = ARENA_NEW_ARRAY(tree->arena, bool, graph->node_count);
    memcpy(sorted, graph->order, graph->reached_count * sizeof *sorted);
    qsort_r(sorted + 1, graph->reached_count - 1, sizeof *sorted, compare_held, (void *)graph);
    for (uint32_t i = graph->reached_count; i-- > 1;) {
        uint32_t node = sorted[i], holder = graph->nodes[node].holder;
        if (is_part(graph, node)) {
            tree->own_bytes[holder] += graph->nodes[node].bytes;
            continue;
        }
        tree->own_bytes[node] += graph->nodes[node].bytes;
        tree->next[node] = tree->first_child[holder];
        tree->first_child[holder] = node;
    }
}

// ---- chains: lists, whose members hold one another ----

static bool is_alike(const struct graph_edge *a, const struct graph_edge *b)
{
    return a->edge == b->edge && a->index == b->index && text_is_equal(a->name, b->name);
}

// The member that `node` holds the way it is held itself; GRAPH_ROOT: none.
static uint32_t next_link(const struct tree *tree, uint32_t node)
{
    const struct heap_graph *graph = tree->graph;
    const struct graph_node *n = &graph->nodes[node];
    uint32_t child = tree->first_child[node];
    for (; child != GRAPH_ROOT; child = tree->next[child]) {
        const struct graph_node *c = &graph->nodes[child];
        if (c->kind == n->kind && c->site == n->site && graph->edges[c->way].from == node &&
            is_alike(&graph->edges[c->way], &graph->edges[n->way]))
            break;
    }
    return child;
}

// How many there are from `node` on, itself included, 0 if they are few. They are marked.
static uint32_t take_chain(struct tree *tree, uint32_t node)
{
    uint32_t count = 1;
    for (uint32_t link = next_link(tree, node); link != GRAPH_ROOT; link = next_link(tree, link))
        count++;
    if (count < LINKS_MIN)
        return 0;
    for (uint32_t link = next_link(tree, node); link != GRAPH_ROOT; link = next_link(tree, link))
        tree->is_link[link] = true;
    return count;
}

// ---- rows ----

static void put_holder(struct tree *tree, struct report_table *table, uint32_t node, uint32_t level)
{
    const struct graph_node *n = &tree->graph->nodes[node];
    struct text name = graph_path(tree->graph, n->holder, node, tree->arena);
    uint32_t chain = take_chain(tree, node);
    const char *shown = arena_format(tree->arena, "%*s%.*s", 2 * (int)(level - 1), "",
                                     TEXT_ARGS(name));
    struct holder_row row = {
        .level = level,
        .chain = chain,
        .holder = text_of(chain ? arena_format(tree->arena, "%s (%u in a chain)", shown, chain)
                                : shown),
        .name = name,
        .path = graph_path(tree->graph, GRAPH_ROOT, node, tree->arena),
        .kind = text_of(trace_kind_name(n->kind)),
        .site = site_name(tree->arena, &tree->holders->sites.items[n->site]),
        .held_bytes = n->held_bytes,
        .own_bytes = tree->own_bytes[node],
        .held_blocks = n->held_blocks,
        .percent = (double)n->held_bytes * 100 / (double)tree->graph->reached_bytes,
    };
    report_add_row(table, NULL, &row);
}

// Shows a node at a level, unless it is in a chain that is shown. Result: go on below it?
static bool visit(struct tree *tree, struct report_table *table, uint32_t node, uint32_t level)
{
    const struct graph_node *n = &tree->graph->nodes[node];
    if (tree->is_link[node])
        return true;
    if ((double)n->held_bytes >= tree->least && level <= LEVELS_MAX) {
        put_holder(tree, table, node, level);
        return true;
    }
    tree->is_cut |= (double)n->held_bytes >= tree->least;
    tree->omitted += n->held_blocks;
    return false;
}

// Depth first, without recursion: lists of ten thousand members of two kinds are as deep.
static void put_holders(struct tree *tree, struct report_table *table)
{
    uint32_t node = tree->first_child[GRAPH_ROOT], level = 1;
    while (node != GRAPH_ROOT) {
        if (visit(tree, table, node, level) && tree->first_child[node]) {
            level += !tree->is_link[node];
            node = tree->first_child[node];
            continue;
        }
        while (node != GRAPH_ROOT && tree->next[node] == 0) {
            node = tree->graph->nodes[node].holder;
            level -= !tree->is_link[node];
        }
        node = node == GRAPH_ROOT ? GRAPH_ROOT : tree->next[node];
    }
}

static void add_tree(const struct holders *holders, double percent_min, struct report *report)
{
    struct tree tree = {.holders = holders, .graph = &holders->graph, .arena = report->arena};
    struct report_table *table = REPORT_ADD_TABLE(report, "holders", "Who holds it",
                                                  holder_columns);
    table->explanation = "A holder holds what would go with it: all ways to that lead through it. "
                         "What several hold stands under what holds these.";
    report_set_tree(table, "name", "level", "held_bytes");
    tree.least = (double)holders->graph.reached_bytes * percent_min / 100;
    plant(&tree);
    put_holders(&tree, table);
    report_omit(table, tree.omitted,
                tree.is_cut
                    ? "blocks under holders with a smaller share than --min, or further down"
                    : "blocks under holders with a smaller share than --min");
}

// ---- modules ----

struct module_row {
    struct text module;
    uint64_t code_bytes, closure_bytes, string_bytes, table_bytes, other_bytes, bytes;
};

static const struct report_column module_columns[] = {
    {"module", "module", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(module_row, module)},
    {"bytes", "in all", "bytes", REPORT_SUMMED, REPORT_AT(module_row, bytes)},
    {"code_bytes", "its code", "bytes", REPORT_SUMMED, REPORT_AT(module_row, code_bytes)},
    {"closure_bytes", "closures made", "bytes", REPORT_SUMMED,
     REPORT_AT(module_row, closure_bytes)},
    {"string_bytes", "strings made", "bytes", REPORT_SUMMED, REPORT_AT(module_row, string_bytes)},
    {"table_bytes", "tables made", "bytes", REPORT_SUMMED, REPORT_AT(module_row, table_bytes)},
    {"other_bytes", "other", "bytes", REPORT_SUMMED, REPORT_AT(module_row, other_bytes)},
};

struct modules {
    struct arena *arena;
    struct module_row *items;
    uint32_t count, room;
    struct hash_table by_name;
};

static struct text plain_source(struct text source)
{
    if (source.bytes && (source.data[0] == '@' || source.data[0] == '='))
        return (struct text){source.data + 1, source.bytes - 1};
    return source;
}

static struct module_row *module_of(struct modules *modules, struct text source)
{
    struct text name = source.bytes ? source : text_of(SITE_NOWHERE_NAME);
    uint32_t key = hash_text(name), i;
    HASH_TABLE_EACH (&modules->by_name, key, i)
        if (text_is_equal(modules->items[i].module, name))
            return &modules->items[i];
    if (modules->count == modules->room) {
        modules->items = arena_grow_array(modules->arena, modules->items, modules->count,
                                          modules->room * 2, sizeof *modules->items);
        modules->room *= 2;
    }
    hash_table_add(&modules->by_name, key, modules->count);
    name = arena_copy_text(modules->arena, name); // those of the graph live less long
    modules->items[modules->count] = (struct module_row){.module = name};
    return &modules->items[modules->count++];
}

static uint64_t *figure_of(struct module_row *row, uint8_t kind)
{
    switch (kind) {
    case KIND_STRING:
        return &row->string_bytes;
    case KIND_TABLE:
    case KIND_TABLE_ARRAY:
    case KIND_TABLE_NODES:
        return &row->table_bytes;
    case KIND_CLOSURE:
    case KIND_UPVALUE:
        return &row->closure_bytes;
    default:
        return &row->other_bytes;
    }
}

static int compare_modules(const void *left, const void *right)
{
    const struct module_row *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return text_compare(a->module, b->module);
}

// The code of a module is what its functions say they are of; all else is of the line that made it.
static void add_modules(const struct holders *holders, struct report *report)
{
    const struct heap_graph *graph = &holders->graph;
    struct modules modules = {.arena = report->arena, .room = 16};
    struct text *sources = ARENA_NEW_ARRAY(report->arena, struct text, graph->node_count);
    modules.items = ARENA_NEW_ARRAY(report->arena, struct module_row, modules.room);
    hash_table_init(&modules.by_name, report->arena, modules.room);
    for (uint32_t i = 0; i < graph->function_count; i++)
        sources[graph->functions[i].node] = plain_source(graph->functions[i].source);
    for (uint32_t i = 1; i < graph->node_count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        bool is_code = graph->nodes[node->owner].kind == KIND_PROTO;
        if (!node->is_reached)
            continue;
        struct module_row *row = module_of(
            &modules, is_code ? sources[node->owner] : holders->sites.items[node->site].source);
        *(is_code ? &row->code_bytes : figure_of(row, node->kind)) += node->bytes;
        row->bytes += node->bytes;
    }
    qsort(modules.items, modules.count, sizeof *modules.items, compare_modules);
    struct report_table *table = REPORT_ADD_TABLE(report, "modules", "By module", module_columns);
    REPORT_ADD_ROWS(table, NULL, modules.items, modules.count);
}

// ---- functions ----

struct function_row {
    struct text function;
    uint64_t code_bytes, closure_bytes;
    uint32_t loaded, closures;
};

static const struct report_column function_columns[] = {
    {"function", "function", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(function_row, function)},
    {"code_bytes", "code", "bytes", REPORT_SUMMED, REPORT_AT(function_row, code_bytes)},
    {"loaded", "loaded", "times", 0, REPORT_AT(function_row, loaded)},
    {"closures", "closures", "", REPORT_SUMMED, REPORT_AT(function_row, closures)},
    {"closure_bytes", "in closures", "bytes", REPORT_SUMMED,
     REPORT_AT(function_row, closure_bytes)},
};

static int compare_functions(const void *left, const void *right)
{
    const struct function_row *a = left, *b = right;
    uint64_t x = a->code_bytes + a->closure_bytes, y = b->code_bytes + b->closure_bytes;
    if (x != y)
        return x > y ? -1 : 1;
    return text_compare(a->function, b->function);
}

static struct text function_name(struct arena *arena, const struct graph_function *function)
{
    struct text source = plain_source(function->source);
    if (function->line == 0)
        return text_of(arena_format(arena, "%.*s:main", TEXT_ARGS(source)));
    const char *name = arena_format(arena, "%.*s:%u", TEXT_ARGS(source), function->line);
    return text_of(function->nth > 1 ? arena_format(arena, "%s#%u", name, function->nth) : name);
}

// Rows by the functions' names; *row_of: by node of a function, the row + 1.
static uint32_t name_functions(const struct holders *holders, struct arena *arena,
                               struct function_row *rows, uint32_t *row_of)
{
    const struct heap_graph *graph = &holders->graph;
    struct hash_table by_name;
    uint32_t count = 0;
    hash_table_init(&by_name, arena, graph->function_count + 1);
    for (uint32_t i = 0; i < graph->function_count; i++) {
        const struct graph_function *function = &graph->functions[i];
        if (!graph->nodes[function->node].is_reached)
            continue;
        struct text name = function_name(arena, function);
        uint32_t key = hash_text(name), row = HASH_TABLE_NONE, candidate;
        HASH_TABLE_EACH (&by_name, key, candidate)
            if (text_is_equal(rows[candidate].function, name))
                row = candidate;
        if (row == HASH_TABLE_NONE) {
            row = count++;
            rows[row] = (struct function_row){.function = name};
            hash_table_add(&by_name, key, row);
        }
        rows[row].loaded++;
        row_of[function->node] = row + 1;
    }
    return count;
}

static void add_functions(const struct holders *holders, struct report *report)
{
    const struct heap_graph *graph = &holders->graph;
    struct function_row *rows = ARENA_NEW_ARRAY(report->arena, struct function_row,
                                                graph->function_count + 1);
    uint32_t *row_of = ARENA_NEW_ARRAY(report->arena, uint32_t, graph->node_count);
    uint32_t count = name_functions(holders, report->arena, rows, row_of);
    for (uint32_t i = 1; i < graph->node_count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        if (node->is_reached && row_of[node->owner])
            rows[row_of[node->owner] - 1].code_bytes += node->bytes;
        for (uint32_t e = node->first_edge; e < graph->nodes[i + 1].first_edge; e++) {
            uint32_t row = row_of[graph->edges[e].to];
            if (node->is_reached && node->kind == KIND_CLOSURE && row &&
                graph->edges[e].edge == EDGE_FUNCTION) {
                rows[row - 1].closures++;
                rows[row - 1].closure_bytes += node->bytes;
            }
        }
    }
    qsort(rows, count, sizeof *rows, compare_functions);
    struct report_table *table = REPORT_ADD_TABLE(report, "functions", "By function",
                                                  function_columns);
    REPORT_ADD_ROWS(table, NULL, rows, count);
}

struct moment_row {
    const char *moment;
    uint32_t number, boot;
    uint64_t clock, lua_bytes, reached_bytes, unreached_bytes;
};

static const struct report_column moment_columns[] = {
    {"number", "number", "", 0, REPORT_AT(moment_row, number)},
    {"moment", "snapshot", "", 0, REPORT_AT(moment_row, moment)},
    {"boot", "boot", "", 0, REPORT_AT(moment_row, boot)},
    {"clock", "instructions", "", 0, REPORT_AT(moment_row, clock)},
    {"lua_bytes", "Lua bytes", "bytes", 0, REPORT_AT(moment_row, lua_bytes)},
    {"reached_bytes", "held", "bytes", 0, REPORT_AT(moment_row, reached_bytes)},
    {"unreached_bytes", "garbage", "bytes", 0, REPORT_AT(moment_row, unreached_bytes)},
};

static void add_moments(const struct holders *holders, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "snapshots", "Snapshots", moment_columns);
    for (uint32_t i = 0; i < holders->moment_count; i++) {
        const struct holders_moment *moment = &holders->moments[i];
        struct moment_row row = {trace_moment_name(moment->moment),
                                 i + 1,
                                 moment->boot,
                                 moment->clock,
                                 moment->lua_bytes,
                                 moment->reached_bytes,
                                 moment->unreached_bytes};
        report_add_row(table, NULL, &row);
    }
}

// ---- memory that ran out ----

static const char *bytes_text(uint64_t bytes, struct arena *arena)
{
    return number_text_rounded((double)bytes, arena);
}

// With the holders that stand below the root.
static void say_failure(const struct holders *holders, struct report *report)
{
    const struct holders_moment *moment = &holders->moments[holders->shown_moment];
    const struct heap_graph *graph = &holders->graph;
    uint32_t largest[FAILURE_HOLDERS] = {0};
    for (uint32_t i = 1; i < graph->node_count; i++) {
        uint32_t node = i;
        if (!graph->nodes[i].is_reached || graph->nodes[i].holder != GRAPH_ROOT)
            continue;
        for (unsigned k = 0; k < FAILURE_HOLDERS && node; k++)
            if (!largest[k] ||
                graph->nodes[node].held_bytes > graph->nodes[largest[k]].held_bytes) {
                uint32_t other = largest[k];
                largest[k] = node;
                node = other;
            }
    }
    const char *list = "";
    for (unsigned k = 0; k < FAILURE_HOLDERS && largest[k]; k++) {
        struct text path = graph_path(graph, GRAPH_ROOT, largest[k], report->arena);
        list = arena_format(report->arena, "%s%s%.*s %s bytes", list, k ? ", " : "",
                            TEXT_ARGS(path),
                            bytes_text(graph->nodes[largest[k]].held_bytes, report->arena));
    }
    report_add_note(report, REPORT_FINDING,
                    "memory ran out with %s Lua bytes taken. The largest holders: %s",
                    bytes_text(moment->lua_bytes, report->arena), list);
    report_add_note(
        report, REPORT_NOTE,
        "garbage: what nothing refers to yet, such as the code that was being compiled");
}

// ---- the report ----

static int refuse(const struct holders *holders, struct problem *problem)
{
    const struct holders_wanted *wanted = &holders->wanted;
    if (wanted->number && holders->moment_count)
        return problem_set(problem, STATUS_USAGE, holders->input.name, PROBLEM_NO_OFF,
                           "has %" PRIu32 " snapshots, none with number %" PRIu32,
                           holders->moment_count, wanted->number);
    bool is_any = wanted->number || wanted->moment == HOLDERS_ANY;
    return problem_set(problem, STATUS_USAGE, holders->input.name, PROBLEM_NO_OFF,
                       "has no snapshot%s%s (frost record --snapshot=end)",
                       is_any ? "" : " of the moment ",
                       is_any ? "" : trace_moment_name((unsigned)wanted->moment));
}

int holders_report(struct holders *holders, double percent_min, struct report *report,
                   struct problem *problem)
{
    if (!holders->has_graph)
        return refuse(holders, problem);
    const struct holders_moment *moment = &holders->moments[holders->shown_moment];
    run_input_report(&holders->input, report);
    report_add_text(report, "moment", "snapshot", text_of(trace_moment_name(moment->moment)));
    report_add_number(report, "lua_bytes", "Lua bytes then", "bytes", (int64_t)moment->lua_bytes);
    report_add_number(report, "held_bytes", "of them, held", "bytes",
                      (int64_t)moment->reached_bytes);
    report_add_number(report, "garbage_bytes", "of them, garbage", "bytes",
                      (int64_t)moment->unreached_bytes);
    report_add_number(report, "garbage_blocks", "blocks of garbage", "",
                      (int64_t)moment->unreached_blocks);
    report_add_number(report, "edges", "references", "", (int64_t)holders->graph.edge_count);
    add_tree(holders, percent_min, report);
    add_modules(holders, report);
    add_functions(holders, report);
    holders_add_growth(holders, report);
    add_moments(holders, report);
    if (moment->moment == MOMENT_FAILURE)
        say_failure(holders, report);
    return STATUS_OK;
}
