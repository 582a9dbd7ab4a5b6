// trace_dict.c: tables of texts, names and sites by id.
//
// Memory: texts in pieces of TRACE_DICT_PIECE, other arrays double; the content of a text is kept
// in a room that is used again when its id gets a new content of no greater length.

#include "analyzer/trace/trace_dict.h"

#include <assert.h>
#include <string.h>

// Room for id in an array of `*room` items; the new size is a power of two.
static void *make_room(struct arena *arena, void *items, uint32_t *room, uint32_t id,
                       size_t item_bytes)
{
    if (id < *room)
        return items;
    uint32_t wanted = *room ? *room : 64;
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

static struct trace_dict_text_slot *text_slot(struct trace_dict *dict, uint32_t id)
{
    uint32_t number = id / TRACE_DICT_PIECE;
    dict->pieces = make_room(dict->arena, dict->pieces, &dict->piece_room, number,
                             sizeof *dict->pieces);
    struct trace_dict_text_slot **piece = &dict->pieces[number];
    if (!*piece)
        *piece = ARENA_NEW_ARRAY(dict->arena, struct trace_dict_text_slot, TRACE_DICT_PIECE);
    return *piece + id % TRACE_DICT_PIECE;
}

static void note_text(struct trace_dict *dict, const struct trace_event_text *event,
                      uint32_t string_hash)
{
    struct trace_dict_text_slot *slot = text_slot(dict, event->id);
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
    if (text->generation == 0 || text->hash != event->hash || text->bytes != event->bytes) {
        text->generation++;
        memset(text->words, 0xff, sizeof text->words); // TRACE_DICT_UNSET
    }
    text->hash = event->hash;
    text->bytes = event->bytes;
    text->flash_addr = event->flash_addr;
    text->is_excluded = event->text.data == trace_excluded;
    text->string_hash = text->is_excluded ? string_hash : 0;
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
    struct trace_dict_site_slot *slot = &dict->sites[event->id];
    slot->is_defined = true;
    slot->site = (struct trace_dict_site){
        .number = ++dict->site_number,
        .source = trace_dict_name(dict, event->source),
        .line = event->line,
        .defined = event->defined,
        .nth = event->nth,
        .function = trace_dict_name(dict, event->function),
        .plain = event->id,
    };
    if (dict->site_count <= event->id)
        dict->site_count = event->id + 1u;
}

// A stack is its site with a caller; one whose site was lost is not defined either.
static void note_stack(struct trace_dict *dict, const struct trace_event_stack *event)
{
    dict->sites = make_room(dict->arena, dict->sites, &dict->site_room, event->id,
                            sizeof *dict->sites);
    if (dict->site_count <= event->id)
        dict->site_count = event->id + 1u;
    const struct trace_dict_site *site = trace_dict_site(dict, event->site);
    struct trace_dict_site_slot *slot = &dict->sites[event->id];
    slot->is_defined = site != NULL;
    if (!site)
        return;
    slot->site = *site;
    slot->site.number = ++dict->site_number;
    slot->site.caller = event->caller;
}

int trace_dict_note(struct trace_dict *dict, const struct trace_event *event,
                    struct problem *problem)
{
    uint32_t id = 0;
    uint32_t limit = TRACE_TEXT_ID_MAX;
    if (event->id == TRACE_ID_text) {
        id = event->text.id;
    } else if (event->id == TRACE_ID_name) {
        id = event->name.id;
        limit = TRACE_NAME_ID_MAX;
    }
    if (id > limit)
        return problem_set(problem, STATUS_LIMIT, (struct text){0}, PROBLEM_NO_OFF,
                           "event '%s' defines id %u, the limit is %u", trace_event_name(event->id),
                           id, limit);
    if (event->id == TRACE_ID_text)
        note_text(dict, &event->text, event->string_hash);
    else if (event->id == TRACE_ID_name)
        note_name(dict, &event->name);
    else if (event->id == TRACE_ID_site)
        note_site(dict, &event->site);
    else if (event->id == TRACE_ID_stack)
        note_stack(dict, &event->stack);
    return STATUS_OK;
}

struct text trace_dict_name(const struct trace_dict *dict, uint32_t id)
{
    return id < dict->name_count ? dict->names[id] : (struct text){0};
}

uint32_t trace_dict_text_count(const struct trace_dict *dict)
{
    return dict->text_count;
}
