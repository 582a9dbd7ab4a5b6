// site_table.c: sites by what they name.

#include "analyzer/analysis/heap/site_table.h"

#define ROOM_START 256u

static uint32_t line_key(struct text source, uint32_t line)
{
    uint64_t hash = trace_text_hash(source.data, source.bytes);
    return hash_u64(trace_hash_more(hash, &line, sizeof line));
}

// Sites of one line share a key, so that the line's number, and whether other functions have it,
// are found on the way.
static uint32_t find_or_add(struct site_table *table, const struct site *wanted)
{
    uint32_t key = line_key(wanted->source, wanted->line), line_idx = table->line_count, i;
    bool has_twin = wanted->nth > 1;
    HASH_TABLE_EACH (&table->by_line, key, i) {
        struct site *site = &table->items[i];
        if (site->line != wanted->line || !text_is_equal(site->source, wanted->source))
            continue;
        if (site->defined != wanted->defined || site->nth != wanted->nth) {
            site->has_twin = has_twin = true;
            continue;
        }
        if (text_is_equal(site->function, wanted->function))
            return i;
        line_idx = site->line_idx;
    }
    if (table->count == SITE_TABLE_MAX)
        return SITE_NOWHERE;
    if (table->count == table->room) {
        table->items = arena_grow_array(table->arena, table->items, table->count, table->room * 2,
                                        sizeof *table->items);
        table->room *= 2;
    }
    struct site *site = &table->items[table->count];
    *site = (struct site){.source = arena_copy_text(table->arena, wanted->source),
                          .line = wanted->line,
                          .defined = wanted->defined,
                          .nth = wanted->nth,
                          .function = arena_copy_text(table->arena, wanted->function),
                          .line_idx = line_idx,
                          .has_twin = has_twin};
    table->line_count += line_idx == table->line_count;
    hash_table_add(&table->by_line, key, table->count);
    return table->count++;
}

void site_table_init(struct site_table *table, struct arena *arena)
{
    static const struct site nowhere = {.nth = 1};
    *table = (struct site_table){.arena = arena, .room = ROOM_START};
    table->items = ARENA_NEW_ARRAY(arena, struct site, ROOM_START);
    hash_table_init(&table->by_line, arena, ROOM_START);
    table->ids = ARENA_NEW_ARRAY(arena, struct site_id, SITE_IDS);
    (void)find_or_add(table, &nowhere);
}

void site_table_begin_run(struct site_table *table)
{
    memset(table->ids, 0, SITE_IDS * sizeof *table->ids);
}

uint32_t site_table_look_up(struct site_table *table, const struct trace_dict_site *named,
                            uint16_t id)
{
    struct site wanted = {.source = named->source,
                          .line = named->line,
                          .defined = named->defined,
                          .nth = named->nth ? named->nth : 1,
                          .function = named->function};
    if (wanted.source.bytes && (wanted.source.data[0] == '@' || wanted.source.data[0] == '='))
        wanted.source = (struct text){wanted.source.data + 1, wanted.source.bytes - 1};
    uint32_t idx = find_or_add(table, &wanted);
    table->ids[id] = (struct site_id){idx, named->number};
    return idx;
}

struct text site_line_name(struct arena *arena, const struct site *site)
{
    if (site->source.bytes == 0)
        return text_of(SITE_NOWHERE_NAME);
    const char *line = arena_format(arena, "%.*s:%u", TEXT_ARGS(site->source), site->line);
    if (site->nth > 1)
        line = arena_format(arena, "%s in function %u#%u", line, site->defined, site->nth);
    else if (site->has_twin && site->defined)
        line = arena_format(arena, "%s in function %u", line, site->defined);
    else if (site->has_twin)
        line = arena_format(arena, "%s in main", line);
    return text_of(line);
}

struct text site_name(struct arena *arena, const struct site *site)
{
    if (site->function.bytes == 0)
        return site_line_name(arena, site);
    if (site->source.bytes == 0)
        return text_of(arena_format(arena, "(%.*s)", TEXT_ARGS(site->function)));
    return text_of(arena_format(arena, "%.*s (%.*s)", TEXT_ARGS(site_line_name(arena, site)),
                                TEXT_ARGS(site->function)));
}
