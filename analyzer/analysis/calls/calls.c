// calls.c: stacks of sites as a tree of functions.

#include "analyzer/analysis/calls/calls.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash_table.h"

#define ROOT 0u
#define ROOM_START 256u
#define PAGE_PERCENT_MIN 1.0

struct node {
    uint32_t parent; // below its own index
    uint32_t level;
    struct text function;
    uint64_t own[EXPORT_METRIC_COUNT], total[EXPORT_METRIC_COUNT];
    uint32_t first_child, next; // in the order of rows; 0: none
};

struct tree {
    struct arena *arena;
    const struct export_profile *profile;
    struct node *nodes; // nodes[ROOT] is the program
    uint32_t count, room;
    struct hash_table by_content; // of (parent, function)
    enum export_metric by;
};

static uint32_t child_of(struct tree *tree, uint32_t parent, struct text function)
{
    uint32_t key = hash_u64((uint64_t)hash_text(function) << 32 | parent), i;
    HASH_TABLE_EACH (&tree->by_content, key, i)
        if (tree->nodes[i].parent == parent && text_is_equal(tree->nodes[i].function, function))
            return i;
    if (tree->count == tree->room) {
        tree->nodes = arena_grow_array(tree->arena, tree->nodes, tree->count, tree->room * 2,
                                       sizeof *tree->nodes);
        tree->room *= 2;
    }
    hash_table_add(&tree->by_content, key, tree->count);
    tree->nodes[tree->count] = (struct node){
        .parent = parent, .level = tree->nodes[parent].level + 1, .function = function};
    return tree->count++;
}

// The node of a site that was reached from `parent`: its function, and its C function below.
static uint32_t enter(struct tree *tree, uint32_t parent, const struct export_site *site)
{
    uint32_t node = child_of(tree, parent, text_of(export_function_name(tree->arena, site)));
    return site->source.bytes && site->c_function.bytes ? child_of(tree, node, site->c_function)
                                                        : node;
}

// Callers come before what they call, so their nodes are there.
static void add_stacks(struct tree *tree)
{
    const struct export_profile *profile = tree->profile;
    uint32_t *nodes = ARENA_NEW_ARRAY(tree->arena, uint32_t, profile->stack_count);
    for (size_t i = 0; i < profile->stack_count; i++) {
        const struct export_stack *stack = &profile->stacks[i];
        nodes[i] = enter(tree, stack->caller ? nodes[stack->caller] : ROOT,
                         &profile->sites[stack->site_idx]);
        for (unsigned m = 0; m < EXPORT_METRIC_COUNT; m++)
            tree->nodes[nodes[i]].own[m] += stack->metrics[m];
    }
    for (uint32_t i = tree->count; i-- > 0;)
        for (unsigned m = 0; m < EXPORT_METRIC_COUNT; m++) {
            tree->nodes[i].total[m] += tree->nodes[i].own[m];
            if (i != ROOT)
                tree->nodes[tree->nodes[i].parent].total[m] += tree->nodes[i].total[m];
        }
}

// ---- the order ----

static int compare_nodes(const void *left, const void *right, void *context)
{
    const struct tree *tree = context;
    const struct node *a = &tree->nodes[*(const uint32_t *)left];
    const struct node *b = &tree->nodes[*(const uint32_t *)right];
    if (a->total[tree->by] != b->total[tree->by])
        return a->total[tree->by] > b->total[tree->by] ? -1 : 1;
    return text_compare(a->function, b->function);
}

static void order(struct tree *tree)
{
    uint32_t *nodes = ARENA_NEW_ARRAY(tree->arena, uint32_t, tree->count);
    for (uint32_t i = 1; i < tree->count; i++)
        nodes[i] = i;
    qsort_r(nodes + 1, tree->count - 1, sizeof *nodes, compare_nodes, tree);
    for (uint32_t i = tree->count; i-- > 1;) { // the last one becomes the last child
        struct node *node = &tree->nodes[nodes[i]];
        struct node *parent = &tree->nodes[node->parent];
        node->next = parent->first_child;
        parent->first_child = nodes[i];
    }
}

// ---- the table ----

struct call_row {
    const struct node *node;
    uint32_t level;
    struct text call, function;
    double percent;
};

static struct report_value total_of(const void *context, const void *item, enum export_metric m)
{
    (void)context;
    return report_number((int64_t)((const struct call_row *)item)->node->total[m]);
}

static struct report_value own_of(const void *context, const void *item, enum export_metric m)
{
    (void)context;
    return report_number((int64_t)((const struct call_row *)item)->node->own[m]);
}

#define METRIC(name, source, metric)                                                               \
    static struct report_value name(const void *context, const void *item)                         \
    {                                                                                              \
        return source(context, item, metric);                                                      \
    }
METRIC(peak_total, total_of, EXPORT_PEAK_BYTES)
METRIC(peak_own, own_of, EXPORT_PEAK_BYTES)
METRIC(allocated_total, total_of, EXPORT_ALLOCATED_BYTES)
METRIC(allocated_own, own_of, EXPORT_ALLOCATED_BYTES)
METRIC(allocations_total, total_of, EXPORT_ALLOCATIONS)
METRIC(clocks_total, total_of, EXPORT_CLOCKS)

static struct report_value path_of(const void *context, const void *item)
{
    const struct tree *tree = context;
    const struct node *node = ((const struct call_row *)item)->node;
    struct text path = node->function;
    while (node->parent != ROOT) {
        node = &tree->nodes[node->parent];
        path = text_of(
            arena_format(tree->arena, "%.*s;%.*s", TEXT_ARGS(node->function), TEXT_ARGS(path)));
    }
    return report_text(path);
}

static const struct report_column columns[] = {
    {"call", "call", "", REPORT_MAY_CUT, REPORT_AT(call_row, call)},
    {"peak_bytes", "at the peak", "bytes", 0, REPORT_BY(REPORT_NUMBER, peak_total)},
    {"percent", "%", "", 0, REPORT_AT(call_row, percent), .decimals = 1},
    {"peak_own_bytes", "its own", "bytes", 0, REPORT_BY(REPORT_NUMBER, peak_own)},
    {"allocated_bytes", "allocated", "bytes", 0, REPORT_BY(REPORT_NUMBER, allocated_total)},
    {"allocations", "blocks", "", 0, REPORT_BY(REPORT_NUMBER, allocations_total)},
    {"clocks", "clocks", "clocks", 0, REPORT_BY(REPORT_NUMBER, clocks_total)},
    {"allocated_own_bytes", "allocated itself", "bytes", REPORT_DETAIL,
     REPORT_BY(REPORT_NUMBER, allocated_own)},
    {"function", "function", "", REPORT_DETAIL, REPORT_AT(call_row, function)},
    {"level", "level", "", REPORT_DETAIL, REPORT_AT(call_row, level)},
    {"path", "path", "", REPORT_DETAIL | REPORT_KEY, REPORT_BY(REPORT_TEXT, path_of)},
};

static void put_row(const struct tree *tree, struct report_table *table, const struct node *node)
{
    uint64_t all = tree->nodes[ROOT].total[tree->by];
    struct call_row row = {
        .node = node,
        .level = node->level,
        .call = text_of(arena_format(tree->arena, "%*s%.*s", 2 * (int)(node->level - 1), "",
                                     TEXT_ARGS(node->function))),
        .function = node->function,
        .percent = all ? (double)node->total[tree->by] * 100 / (double)all : 0,
    };
    report_add_row(table, tree, &row);
}

// Nodes in the order of rows. What lies under one that is left out is left out with it.
static void put_rows(const struct tree *tree, struct report_table *table, double percent_min)
{
    double least = (double)tree->nodes[ROOT].total[tree->by] * percent_min / 100;
    uint64_t rows = 0;
    for (uint32_t i = tree->nodes[ROOT].first_child; i != ROOT;) {
        const struct node *node = &tree->nodes[i];
        bool is_shown = node->total[tree->by] > 0 && (double)node->total[tree->by] >= least;
        if (is_shown) {
            put_row(tree, table, node);
            rows++;
        }
        if (is_shown && node->first_child) {
            i = node->first_child;
            continue;
        }
        while (i != ROOT && tree->nodes[i].next == 0)
            i = tree->nodes[i].parent;
        i = tree->nodes[i].next;
    }
    report_omit(table, tree->count - 1 - rows, "each a smaller share than --min asks for");
}

static const char *const tree_columns[EXPORT_METRIC_COUNT] = {
    [EXPORT_ALLOCATIONS] = "allocations",
    [EXPORT_ALLOCATED_BYTES] = "allocated_bytes",
    [EXPORT_PEAK_BYTES] = "peak_bytes",
    [EXPORT_CLOCKS] = "clocks",
};

void calls_fill(const struct export_profile *profile, enum export_metric by, double percent_min,
                struct report *report)
{
    struct tree tree = {
        .arena = report->arena, .profile = profile, .room = ROOM_START, .count = 1, .by = by};
    tree.nodes = ARENA_NEW_ARRAY(report->arena, struct node, tree.room);
    hash_table_init(&tree.by_content, report->arena, tree.room);
    add_stacks(&tree);
    order(&tree);
    const uint64_t *total = tree.nodes[ROOT].total;
    report_add_number(report, "peak_bytes", "bytes at the highest point", "bytes",
                      (int64_t)total[EXPORT_PEAK_BYTES]);
    report_add_number(report, "allocated_bytes", "bytes allocated", "bytes",
                      (int64_t)total[EXPORT_ALLOCATED_BYTES]);
    report_add_number(report, "allocations", "blocks allocated", "",
                      (int64_t)total[EXPORT_ALLOCATIONS]);
    report_add_number(report, "clocks", "clocks of flash loads and collections, modelled", "clocks",
                      (int64_t)total[EXPORT_CLOCKS]);
    struct report_table *table = REPORT_ADD_TABLE(report, "calls", "By call", columns);
    report_set_tree(table, "function", "level", tree_columns[by]);
    put_rows(&tree, table, percent_min);
    if (!profile->has_callers)
        report_add_note(report, REPORT_NOTE,
                        "the trace has no callers: frost record --stacks 16 keeps them");
}

struct report *calls_report(const struct export_profile *profile, struct arena *arena)
{
    struct report *report = report_create(arena, "calls", 1, "What was taken, by call");
    report_take_inputs(report, profile->inputs);
    calls_fill(profile, EXPORT_PEAK_BYTES, PAGE_PERCENT_MIN, report);
    return report;
}
