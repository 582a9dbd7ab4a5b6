// trace_dict.c: tables of texts, names and sites by id.
//
// Memory: arrays in the arena that double; the content of a text is kept in a piece that is used
// again when its id gets a new content of no greater length.

#include "analyzer/trace/trace_dict.h"

#include <assert.h>
#include <string.h>

struct text_slot {
    struct trace_dict_text text;
    char *room;
    uint32_t room_bytes;
};

struct site_slot {
    struct trace_dict_site site;
    bool is_defined;
};

struct trace_dict {
    struct arena *arena;
    struct text_slot **texts; // by id; NULL: not defined
    struct text *names;       // by id; data NULL: not defined
    struct site_slot *sites;  // by id
    uint32_t text_room, text_count;
    uint32_t name_room, name_count;
    uint32_t site_room, site_count;
};

// A site takes two names at most, and there are at most 65536 sites.
#define NAME_ID_MAX 0x1ffffu

// Room for id in an array of `*room` items; the new size is a power of two.
static void *make_room(struct arena *arena, void *items, uint32_t *room, uint32_t id,
                       size_t item_bytes)
{
    if (id < *room)
        return items;
    uint32_t wanted = *room ? *room : 256;
    while (wanted <= id)
        wanted *= 2;
    void *grown = items ? arena_grow_array(arena, items, *room, wanted, item_bytes)
                        : arena_alloc_array(arena, wanted, item_bytes);
    *room = wanted;
    return grown;
}

struct trace_dict *trace_dict_create(struct arena *arena)
{
    struct trace_dict *dict = ARENA_NEW(arena, struct trace_dict);
    dict->arena = arena;
    dict->sites = make_room(arena, NULL, &dict->site_room, 0, sizeof *dict->sites);
    dict->sites[0].is_defined = true;
    dict->site_count = 1;
    return dict;
}

static void note_text(struct trace_dict *dict, const struct trace_event_text *event)
{
    dict->texts = make_room(dict->arena, dict->texts, &dict->text_room, event->id,
                            sizeof *dict->texts);
    struct text_slot *slot = dict->texts[event->id];
    if (!slot)
        slot = dict->texts[event->id] = ARENA_NEW(dict->arena, struct text_slot);
    if (dict->text_count <= event->id)
        dict->text_count = event->id + 1;
    size_t bytes = event->text.bytes;
    if (bytes > slot->room_bytes) {
        uint32_t wanted = 16;
        while (wanted < bytes)
            wanted *= 2;
        slot->room = arena_alloc(dict->arena, wanted);
        slot->room_bytes = wanted;
    }
    if (bytes)
        memcpy(slot->room, event->text.data, bytes);
    struct trace_dict_text *text = &slot->text;
    if (text->generation == 0 || text->hash != event->hash || text->bytes != event->bytes)
        text->generation++;
    text->hash = event->hash;
    text->bytes = event->bytes;
    text->flash_addr = event->flash_addr;
    text->text = (struct text){slot->room, bytes};
}

static void note_name(struct trace_dict *dict, const struct trace_event_name *event)
{
    dict->names = make_room(dict->arena, dict->names, &dict->name_room, event->id,
                            sizeof *dict->names);
    if (dict->name_count <= event->id)
        dict->name_count = event->id + 1;
    if (!text_is_equal(dict->names[event->id], event->text) || !dict->names[event->id].data)
        dict->names[event->id] = arena_copy_text(dict->arena, event->text);
}

static void note_site(struct trace_dict *dict, const struct trace_event_site *event)
{
    dict->sites = make_room(dict->arena, dict->sites, &dict->site_room, event->id,
                            sizeof *dict->sites);
    struct site_slot *slot = &dict->sites[event->id];
    slot->is_defined = true;
    slot->site = (struct trace_dict_site){
        .source = trace_dict_name(dict, event->source),
        .line = event->line,
        .defined = event->defined,
        .function = trace_dict_name(dict, event->function),
    };
    if (dict->site_count <= event->id)
        dict->site_count = event->id + 1u;
}

int trace_dict_note(struct trace_dict *dict, const struct trace_event *event,
                    struct problem *problem)
{
    uint32_t id = 0;
    uint32_t limit = TRACE_DICT_ID_MAX;
    if (event->id == TRACE_ID_text) {
        id = event->text.id;
    } else if (event->id == TRACE_ID_name) {
        id = event->name.id;
        limit = NAME_ID_MAX;
    }
    if (id > limit)
        return problem_set(problem, STATUS_LIMIT, (struct text){0}, PROBLEM_NO_OFF,
                           "event '%s' defines id %u, the limit is %u",
                           trace_event_name(event->id), id, limit);
    if (event->id == TRACE_ID_text)
        note_text(dict, &event->text);
    else if (event->id == TRACE_ID_name)
        note_name(dict, &event->name);
    else if (event->id == TRACE_ID_site)
        note_site(dict, &event->site);
    return STATUS_OK;
}

const struct trace_dict_text *trace_dict_text(const struct trace_dict *dict, uint32_t id)
{
    return id < dict->text_count && dict->texts[id] ? &dict->texts[id]->text : NULL;
}

struct text trace_dict_name(const struct trace_dict *dict, uint32_t id)
{
    return id < dict->name_count ? dict->names[id] : (struct text){0};
}

const struct trace_dict_site *trace_dict_site(const struct trace_dict *dict, uint32_t id)
{
    return id < dict->site_count && dict->sites[id].is_defined ? &dict->sites[id].site : NULL;
}

uint32_t trace_dict_text_count(const struct trace_dict *dict)
{
    return dict->text_count;
}
