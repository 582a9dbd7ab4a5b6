// trace_dict.h: what the ids of a trace mean at the present point: texts, names and sites.
//
// Feed every event to trace_dict_note() before using it; then look up ids of that event.
// Memory: from the arena, in proportion to the ids that are in use at once (writers reuse the ids
// of texts), not to the length of the trace. Ids that were never defined (loss) give NULL.

#ifndef FROST_TRACE_DICT_H
#define FROST_TRACE_DICT_H

#include "analyzer/trace/trace_reader.h"

// Words that observers keep at each text, so that they look it up once a definition and not once an
// event; each observer has its own.
enum trace_dict_word { TRACE_DICT_PROFILE, TRACE_DICT_EXPORT, TRACE_DICT_WORDS };
#define TRACE_DICT_UNSET UINT32_MAX

// Identity of a text across redefinitions and runs: (hash, bytes).
struct trace_dict_text {
    uint64_t hash;                    // of the whole content
    uint32_t bytes;                   // length of the string
    uint32_t flash_addr;              // 0: not in flash when it was defined
    bool is_excluded;                 // its content is left out (--exclude)
    uint32_t string_hash;             // if so, Lua's hash of it
    uint32_t generation;              // 1 for the first definition of the id, 2 for the second ...
    struct text text;                 // content, at most TRACE_TEXT_BYTES_MAX; empty with --no-text
    uint32_t words[TRACE_DICT_WORDS]; // TRACE_DICT_UNSET when the id gets another text
};

struct trace_dict_site {
    uint32_t number;      // of the definition, from 1: another one where the id means another site
    struct text source;   // chunk name; empty for site 0
    uint32_t line;        // 1 and up; 0 not known
    uint32_t defined;     // first line of the function; 0 main chunk
    uint32_t nth;         // of the functions that begin there, from 1; 0 main chunk, or not known
    struct text function; // C function that was running, empty if none
    uint16_t plain;       // the same without callers: the id itself if it is no stack
    uint16_t caller;      // of a stack: the site, or stack, it was called from; else 0
};

#define TRACE_DICT_PIECE 256u

// The tables, by id. The room of a content is used again when its id gets a new one of no greater
// length.
struct trace_dict {
    struct arena *arena;
    struct trace_dict_text_slot {
        struct trace_dict_text text;
        char *room;
        uint32_t room_bytes;
    } * *pieces;        // of texts, by id / TRACE_DICT_PIECE; NULL: none of them is defined
    struct text *names; // data NULL: not defined
    struct trace_dict_site_slot {
        struct trace_dict_site site;
        bool is_defined;
    } * sites;
    uint32_t piece_room, text_count; // text_count: the highest id + 1
    uint32_t name_room, name_count;
    uint32_t site_room, site_count;
    uint32_t site_number; // of the last definition
};

struct trace_dict *trace_dict_create(struct arena *arena);

// Takes in `text`, `name`, `site` and `stack` events; ignores others.
//
// Errors: STATUS_LIMIT an id above TRACE_TEXT_ID_MAX or TRACE_NAME_ID_MAX (`problem` says which);
// the
//         event is skipped. The reader refuses such events before.
int trace_dict_note(struct trace_dict *dict, const struct trace_event *event,
                    struct problem *problem);

// NULL if the id was never defined. Valid until the id is redefined; `words` are the caller's.
static inline struct trace_dict_text *trace_dict_text(const struct trace_dict *dict, uint32_t id)
{
    if (id >= dict->text_count || !dict->pieces[id / TRACE_DICT_PIECE])
        return NULL;
    struct trace_dict_text *text = &dict->pieces[id / TRACE_DICT_PIECE][id % TRACE_DICT_PIECE].text;
    return text->generation ? text : NULL;
}

static inline const struct trace_dict_site *trace_dict_site(const struct trace_dict *dict,
                                                            uint32_t id)
{
    return id < dict->site_count && dict->sites[id].is_defined ? &dict->sites[id].site : NULL;
}

struct text trace_dict_name(const struct trace_dict *dict, uint32_t id); // empty if not defined

// Highest id + 1 that has been defined.
uint32_t trace_dict_text_count(const struct trace_dict *dict);

#endif
