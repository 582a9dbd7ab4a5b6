// site_table.c: sites by what they name, in a chained hash table.

#include "analyzer/analysis/site_table.h"

#define SITE_SLOTS 16384u
#define SITE_IDS 65536u // ids of the trace have 16 bits
#define ROOM_START 256u

static uint32_t line_slot(struct text source, uint32_t line)
{
    uint64_t hash = trace_text_hash(source.data, source.bytes);
    return (uint32_t)trace_hash_more(hash, &line, sizeof line) % SITE_SLOTS;
}

static bool is_same_line(const struct site *site, struct text source, uint32_t line)
{
    return site->line == line && text_is_equal(site->source, source);
}

// Sites of one line share a slot, so that the line's number is found on the way.
static uint32_t find_or_add(struct site_table *table, const struct site *wanted)
{
    uint32_t slot = line_slot(wanted->source, wanted->line), line_idx = table->line_count;
    for (uint32_t i = table->slots[slot]; i; i = table->items[i - 1].next) {
        const struct site *site = &table->items[i - 1];
        if (!is_same_line(site, wanted->source, wanted->line))
            continue;
        if (text_is_equal(site->function, wanted->function))
            return i - 1;
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
                          .function = arena_copy_text(table->arena, wanted->function),
                          .line_idx = line_idx,
                          .next = table->slots[slot]};
    table->line_count += line_idx == table->line_count;
    table->slots[slot] = ++table->count;
    return table->count - 1;
}

void site_table_init(struct site_table *table, struct arena *arena)
{
    static const struct site nowhere;
    *table = (struct site_table){.arena = arena, .room = ROOM_START};
    table->items = ARENA_NEW_ARRAY(arena, struct site, ROOM_START);
    table->slots = ARENA_NEW_ARRAY(arena, uint32_t, SITE_SLOTS);
    table->ids = ARENA_NEW_ARRAY(arena, uint32_t, SITE_IDS);
    (void)find_or_add(table, &nowhere);
}

void site_table_begin_run(struct site_table *table)
{
    memset(table->ids, 0, SITE_IDS * sizeof *table->ids);
}

uint32_t site_table_index(struct site_table *table, const struct trace_dict *dict, uint16_t id)
{
    if (table->ids[id])
        return table->ids[id] - 1;
    const struct trace_dict_site *named = trace_dict_site(dict, id);
    if (!named)
        return SITE_NOWHERE;
    struct site wanted = {.source = named->source, .line = named->line,
                          .defined = named->defined, .function = named->function};
    if (wanted.source.bytes && (wanted.source.data[0] == '@' || wanted.source.data[0] == '='))
        wanted.source = (struct text){wanted.source.data + 1, wanted.source.bytes - 1};
    uint32_t idx = find_or_add(table, &wanted);
    table->ids[id] = idx + 1;
    return idx;
}

struct text site_line_name(struct arena *arena, const struct site *site)
{
    if (site->source.bytes == 0)
        return text_of("-");
    return text_of(arena_format(arena, "%.*s:%u", TEXT_ARGS(site->source), site->line));
}

struct text site_name(struct arena *arena, const struct site *site)
{
    if (site->function.bytes == 0)
        return site_line_name(arena, site);
    if (site->source.bytes == 0)
        return text_of(arena_format(arena, "(%.*s)", TEXT_ARGS(site->function)));
    return text_of(arena_format(arena, "%.*s:%u (%.*s)", TEXT_ARGS(site->source), site->line,
                                TEXT_ARGS(site->function)));
}
