// serial_ids.c: ids of the device become ids of the trace.
//
// The device begins its ids of names and sites again with each boot and each generation; in the
// trace an id has one meaning. So each name and site gets an id of the trace by its content. Ids of
// texts may be given again in a trace, too; what counts is whether the definition that belongs to a
// reference has arrived.
// Memory: the arena, by the number of different names and sites.

#include <string.h>

#include "analyzer/trace/trace_fields.h"
#include "collectors/serial/serial_private.h"

#define MAP_ITEMS_MAX 0x400000u
#define INTERNED_EXPECTED 256u

// ---- growing arrays ----

// The place of an id, NULL if it is beyond all reason.
static uint32_t *map_at(struct serial_recorder *recorder, struct serial_map *map, uint32_t id)
{
    if (id >= MAP_ITEMS_MAX)
        return NULL;
    if (id >= map->room) {
        uint32_t room = map->room ? map->room : 256;
        while (room <= id)
            room *= 2;
        map->items = arena_grow_array(recorder->arena, map->items, map->room, room,
                                      sizeof *map->items);
        memset(map->items + map->room, 0, (room - map->room) * sizeof *map->items);
        map->room = room;
    }
    if (id >= map->count)
        map->count = id + 1;
    return &map->items[id];
}

static uint32_t map_get(const struct serial_map *map, uint32_t id)
{
    return id < map->count ? map->items[id] : 0;
}

static void map_clear(struct serial_map *map)
{
    if (map->count)
        memset(map->items, 0, map->count * sizeof *map->items);
    map->count = 0;
}

// The id of a content in the trace; *is_known: it had one.
static uint32_t intern(struct serial_recorder *recorder, struct serial_intern *table, uint64_t hash,
                       bool *is_known)
{
    uint32_t key = hash_u64(hash), i;
    *is_known = true;
    if (table->count == 0)
        hash_table_init(&table->by_hash, recorder->arena, INTERNED_EXPECTED);
    HASH_TABLE_EACH (&table->by_hash, key, i)
        if (table->hashes[i] == hash)
            return i + 1;
    *is_known = false;
    if (table->count == table->room) {
        uint32_t room = table->room ? table->room * 2 : INTERNED_EXPECTED;
        table->hashes = arena_grow_array(recorder->arena, table->hashes, table->count, room,
                                         sizeof *table->hashes);
        table->room = room;
    }
    hash_table_add(&table->by_hash, key, table->count);
    table->hashes[table->count++] = hash;
    return table->count;
}

void serial_ids_forget_texts(struct serial_recorder *recorder)
{
    recorder->ids.epoch++;
}

void serial_ids_forget(struct serial_recorder *recorder)
{
    map_clear(&recorder->ids.name_map);
    map_clear(&recorder->ids.site_map);
    serial_ids_forget_texts(recorder);
}

void serial_ids_boot(struct serial_recorder *recorder)
{
    map_clear(&recorder->ids.text_hashes);
    serial_ids_forget(recorder);
}

// ---- definitions ----

static void take_name(struct serial_recorder *recorder, struct trace_event *event, bool *is_known)
{
    struct serial_ids *ids = &recorder->ids;
    uint32_t *place = map_at(recorder, &ids->name_map, event->name.id);
    uint64_t hash = trace_text_hash(event->name.text.data, event->name.text.bytes);
    event->name.id = intern(recorder, &ids->names, hash, is_known);
    if (place)
        *place = event->name.id;
}

// The name that stands for lost ones.
static int lost_name(struct serial_recorder *recorder, uint64_t clock, uint32_t *id)
{
    static const char text[] = "(lost on the line)";
    struct serial_ids *ids = &recorder->ids;
    int status = STATUS_OK;
    if (!ids->lost_name) {
        bool is_known;
        struct trace_event name = {.clock = clock, .id = TRACE_ID_name};
        name.name.text = (struct text){text, sizeof text - 1};
        ids->lost_name = name.name.id = intern(recorder, &ids->names,
                                               trace_text_hash(text, sizeof text - 1), &is_known);
        status = serial_out_event(recorder, &name);
    }
    *id = ids->lost_name;
    return status;
}

// Changes the id of a name; 0 stays.
static int change_name(struct serial_recorder *recorder, uint64_t clock, uint32_t *id)
{
    uint32_t found = map_get(&recorder->ids.name_map, *id);
    if (*id && !found)
        return lost_name(recorder, clock, id);
    *id = *id ? found : 0;
    return STATUS_OK;
}

// The id of the site or stack with that content; what the device calls it is `place`, may be NULL.
static uint16_t intern_place(struct serial_recorder *recorder, uint64_t content, uint32_t *place,
                             bool *is_known)
{
    uint32_t id = intern(recorder, &recorder->ids.sites, content, is_known);
    if (id > TRACE_SITE_MORE) {
        id = TRACE_SITE_MORE;
        *is_known = true;
    }
    if (place)
        *place = id;
    return (uint16_t)id;
}

static void intern_site(struct serial_recorder *recorder, struct trace_event_site *site,
                        uint32_t *place, bool *is_known)
{
    uint32_t key[] = {site->source, site->line, site->defined, site->function, site->nth};
    site->id = intern_place(recorder, trace_text_hash(key, sizeof key), place, is_known);
}

static int take_site(struct serial_recorder *recorder, struct trace_event *event, bool *is_known)
{
    struct trace_event_site *site = &event->site;
    uint32_t *place = map_at(recorder, &recorder->ids.site_map, site->id);
    uint32_t source = site->source, function = site->function;
    int status = change_name(recorder, event->clock, &source);
    if (status == STATUS_OK)
        status = change_name(recorder, event->clock, &function);
    site->source = source;
    site->function = function;
    if (status == STATUS_OK)
        intern_site(recorder, site, place, is_known);
    return status;
}

static void take_text(struct serial_recorder *recorder, const struct trace_event *event)
{
    struct serial_ids *ids = &recorder->ids;
    uint32_t *epoch = map_at(recorder, &ids->text_epochs, event->text.id);
    uint32_t *hash = map_at(recorder, &ids->text_hashes, event->text.id);
    uint32_t low = (uint32_t)event->text.hash | 1; // never 0
    if (!epoch || !hash)
        return;
    ids->texts_redefined += *hash != 0 && *hash != low;
    *hash = low;
    *epoch = ids->epoch + 1;
}

// ---- references ----

// The site that stands for lost ones.
static int lost_site(struct serial_recorder *recorder, uint64_t clock, uint32_t *id)
{
    struct serial_ids *ids = &recorder->ids;
    int status = STATUS_OK;
    if (!ids->lost_site) {
        bool is_known;
        struct trace_event event = {.clock = clock, .id = TRACE_ID_site};
        status = lost_name(recorder, clock, id);
        event.site.source = *id;
        intern_site(recorder, &event.site, NULL, &is_known);
        ids->lost_site = event.site.id;
        if (status == STATUS_OK)
            status = serial_out_event(recorder, &event);
    }
    *id = ids->lost_site;
    return status;
}

// Changes the id of a site; 0 stays.
static int change_site(struct serial_recorder *recorder, uint64_t clock, uint32_t *id)
{
    uint32_t found = map_get(&recorder->ids.site_map, *id);
    if (*id == 0)
        return STATUS_OK;
    recorder->ids.unknown_sites += found == 0;
    if (found == 0)
        return lost_site(recorder, clock, id);
    *id = found;
    return STATUS_OK;
}

static int take_stack(struct serial_recorder *recorder, struct trace_event *event, bool *is_known)
{
    struct trace_event_stack *stack = &event->stack;
    uint32_t site = stack->site, caller = stack->caller;
    int status = change_site(recorder, event->clock, &site);
    if (status == STATUS_OK)
        status = change_site(recorder, event->clock, &caller);
    uint32_t *place = map_at(recorder, &recorder->ids.site_map, stack->id);
    uint32_t key[] = {site, caller};
    stack->site = (uint16_t)site;
    stack->caller = (uint16_t)caller;
    stack->id = intern_place(recorder, trace_text_hash(key, sizeof key), place, is_known);
    return status;
}

static int change_references(struct serial_recorder *recorder, struct trace_event *event)
{
    struct serial_ids *ids = &recorder->ids;
    size_t count;
    const struct trace_field *fields = trace_fields(event->id, &count);
    for (size_t i = 0; i < count; i++) {
        const struct trace_field *field = &fields[i];
        uint64_t value = field->bytes ? trace_field_get(event, field) : 0;
        if (value == 0)
            continue;
        if (strcmp(field->name, "site") == 0) {
            uint32_t site = (uint32_t)value;
            int status = change_site(recorder, event->clock, &site);
            if (status != STATUS_OK)
                return status;
            trace_field_set(event, field, site);
        } else if (strcmp(field->name, "text") == 0 &&
                   map_get(&ids->text_epochs, (uint32_t)value) != ids->epoch + 1) {
            ids->unknown_texts++;
            trace_field_set(event, field, 0);
        } else if (strcmp(field->name, "real_ns") == 0) {
            trace_field_set(event, field, value + recorder->boot.real_base);
        }
    }
    return STATUS_OK;
}

int serial_ids_change(struct serial_recorder *recorder, struct trace_event *event, bool *is_known)
{
    *is_known = false;
    switch (event->id) {
    case TRACE_ID_name:
        take_name(recorder, event, is_known);
        return STATUS_OK;
    case TRACE_ID_site:
        return take_site(recorder, event, is_known);
    case TRACE_ID_stack:
        return take_stack(recorder, event, is_known);
    case TRACE_ID_text:
        take_text(recorder, event);
        return STATUS_OK;
    default:
        return change_references(recorder, event);
    }
}
