// trace_dict.h: what the ids of a trace mean at the present point: texts, names and sites.
//
// Feed every event to trace_dict_note() before using it; then look up ids of that event.
// Memory: from the arena, in proportion to the ids that are in use at once (writers reuse the ids
// of texts), not to the length of the trace. Ids that were never defined (loss) give NULL.

#ifndef FROST_TRACE_DICT_H
#define FROST_TRACE_DICT_H

#include "analyzer/trace/trace_reader.h"

struct trace_dict;

// Identity of a text across redefinitions and runs: (hash, bytes).
struct trace_dict_text {
    uint64_t hash;       // of the whole content
    uint32_t bytes;      // length of the string
    uint32_t flash_addr; // 0: not in flash when it was defined
    uint32_t generation; // 1 for the first definition of the id, 2 for the second ...
    struct text text;    // content, at most TRACE_TEXT_BYTES_MAX; empty with --no-text
};

struct trace_dict_site {
    struct text source;   // chunk name; empty for site 0
    uint32_t line;        // 1 and up; 0 not known
    uint32_t defined;     // first line of the function; 0 main chunk
    struct text function; // C function that was running, empty if none
};

struct trace_dict *trace_dict_create(struct arena *arena);

// Takes in `text`, `name` and `site` events; ignores others.
//
// Errors: STATUS_LIMIT an id above TRACE_DICT_ID_MAX (`problem` says which); the event is skipped.
int trace_dict_note(struct trace_dict *dict, const struct trace_event *event,
                    struct problem *problem);
#define TRACE_DICT_ID_MAX 0x3fffffu

// NULL if the id was never defined. Valid until the id is redefined.
const struct trace_dict_text *trace_dict_text(const struct trace_dict *dict, uint32_t id);
struct text trace_dict_name(const struct trace_dict *dict, uint32_t id); // empty if not defined
const struct trace_dict_site *trace_dict_site(const struct trace_dict *dict, uint32_t id);

// Highest id + 1 that has been defined.
uint32_t trace_dict_text_count(const struct trace_dict *dict);

#endif
