// stack_table.h: the places of a program with the calls that led there.
//
// A stack is a site and the stack that it was called from; without callers in the trace
// (record --stacks), each site is one. Its index stays the same for all runs.
// Memory: in proportion to the distinct stacks in the traces, at most STACK_TABLE_MAX, in the
// arena; those beyond become STACK_NOWHERE.

#ifndef FROST_ANALYSIS_STACK_TABLE_H
#define FROST_ANALYSIS_STACK_TABLE_H

#include "analyzer/analysis/heap/site_table.h"

#define STACK_TABLE_MAX 262144u
#define STACK_NOWHERE 0u // index of the stack of SITE_NOWHERE, which calls nothing

struct stack {
    uint32_t site;   // index in the table's sites
    uint32_t caller; // index of a stack, below its own; STACK_NOWHERE: none is known
};

struct stack_table {
    struct site_table sites;
    struct stack *items; // items[STACK_NOWHERE] is always there
    uint32_t count, room;
    struct hash_table by_content;
    struct site_id *ids; // by id of the present run's trace
};

void stack_table_init(struct stack_table *table, struct arena *arena);

// Forgets the ids of the run before.
void stack_table_begin_run(struct stack_table *table);

// Finds the stack of an id that is new or means another one.
uint32_t stack_table_look_up(struct stack_table *table, const struct trace_dict *dict, uint16_t id);

// Index of the stack with this id, STACK_NOWHERE if the trace does not define it.
static inline uint32_t stack_table_index(struct stack_table *table, const struct trace_dict *dict,
                                         uint16_t id)
{
    const struct trace_dict_site *named = trace_dict_site(dict, id);
    if (!named)
        return STACK_NOWHERE;
    const struct site_id *known = &table->ids[id];
    return known->number == named->number ? known->idx : stack_table_look_up(table, dict, id);
}

#endif
