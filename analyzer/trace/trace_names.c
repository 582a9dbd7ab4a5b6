// trace_names.c: words for the ids and enum values of a trace.
//
// Memory: static tables made from runtime/format/trace_events.h.

#include "analyzer/trace/trace_reader.h"

#define NAMES_WORD(name, text) text,
#define NAMES_NOTHING(...)
#define NAMES_EVENT(id, name, fields) [id] = #name,

static const char *const kind_words[] = {TRACE_KINDS(NAMES_WORD)};
static const char *const content_words[] = {TRACE_CONTENT_FUNCTIONS(NAMES_WORD)};
static const char *const vm_event_words[] = {TRACE_VM_EVENTS(NAMES_WORD)};
static const char *const gc_reason_words[] = {TRACE_GC_REASONS(NAMES_WORD)};
static const char *const gc_phase_words[] = {TRACE_GC_PHASES(NAMES_WORD)};
static const char *const edge_words[] = {TRACE_EDGES(NAMES_WORD)};
static const char *const moment_words[] = {TRACE_MOMENTS(NAMES_WORD)};
static const char *const world_words[] = {TRACE_WORLD_KINDS(NAMES_WORD)};
static const char *const event_words[TRACE_ID_LIMIT] = {
    TRACE_EVENTS(NAMES_EVENT, NAMES_NOTHING, NAMES_NOTHING)};

const char *trace_kind_name(unsigned kind)
{
    return kind < KIND_COUNT ? kind_words[kind] : "?";
}

const char *trace_content_name(unsigned function)
{
    return function < CONTENT_COUNT ? content_words[function] : "?";
}

const char *trace_vm_event_name(unsigned what)
{
    return what < VM_EVENT_COUNT ? vm_event_words[what] : "?";
}

const char *trace_gc_reason_name(unsigned reason)
{
    return reason < GC_REASON_COUNT ? gc_reason_words[reason] : "?";
}

const char *trace_gc_phase_name(unsigned phase)
{
    return phase < GC_PHASE_COUNT ? gc_phase_words[phase] : "?";
}

const char *trace_edge_name(unsigned edge)
{
    return edge < EDGE_COUNT ? edge_words[edge] : "?";
}

const char *trace_moment_name(unsigned moment)
{
    return moment < MOMENT_COUNT ? moment_words[moment] : "?";
}

const char *trace_world_name(unsigned kind)
{
    return kind < WORLD_COUNT ? world_words[kind] : "?";
}

const char *trace_event_name(unsigned id)
{
    return trace_event_is_known(id) ? event_words[id] : "?";
}

bool trace_event_is_known(unsigned id)
{
    return id < TRACE_ID_LIMIT && event_words[id] != NULL;
}
