// stack_table.c: stacks by their site and their caller.

#include "analyzer/analysis/heap/stack_table.h"

#define ROOM_START 256u

static uint32_t find_or_add(struct stack_table *table, uint32_t site, uint32_t caller)
{
    uint32_t key = hash_u64((uint64_t)caller << 32 | site), i;
    HASH_TABLE_EACH (&table->by_content, key, i)
        if (table->items[i].site == site && table->items[i].caller == caller)
            return i;
    if (table->count == STACK_TABLE_MAX)
        return STACK_NOWHERE;
    if (table->count == table->room) {
        table->items = arena_grow_array(table->sites.arena, table->items, table->count,
                                        table->room * 2, sizeof *table->items);
        table->room *= 2;
    }
    table->items[table->count] = (struct stack){site, caller};
    hash_table_add(&table->by_content, key, table->count);
    return table->count++;
}

void stack_table_init(struct stack_table *table, struct arena *arena)
{
    *table = (struct stack_table){.room = ROOM_START};
    site_table_init(&table->sites, arena);
    table->items = ARENA_NEW_ARRAY(arena, struct stack, ROOM_START);
    hash_table_init(&table->by_content, arena, ROOM_START);
    table->ids = ARENA_NEW_ARRAY(arena, struct site_id, SITE_IDS);
    (void)find_or_add(table, SITE_NOWHERE, STACK_NOWHERE);
}

void stack_table_begin_run(struct stack_table *table)
{
    site_table_begin_run(&table->sites);
    memset(table->ids, 0, SITE_IDS * sizeof *table->ids);
}

// A damaged trace may have callers in a circle: `depth` ends them.
static uint32_t look_up(struct stack_table *table, const struct trace_dict *dict, uint16_t id,
                        unsigned depth)
{
    const struct trace_dict_site *named = trace_dict_site(dict, id);
    if (!named)
        return STACK_NOWHERE;
    struct site_id *known = &table->ids[id];
    if (known->number == named->number)
        return known->idx;
    uint32_t site = site_table_index(&table->sites, dict, id);
    uint32_t caller = named->caller && depth < TRACE_STACK_DEPTH_MAX
                          ? look_up(table, dict, named->caller, depth + 1)
                          : STACK_NOWHERE;
    uint32_t idx = find_or_add(table, site, caller);
    *known = (struct site_id){idx, named->number};
    return idx;
}

uint32_t stack_table_look_up(struct stack_table *table, const struct trace_dict *dict, uint16_t id)
{
    return look_up(table, dict, id, 0);
}
