// trace_fields.c: tables of fields, made from the event table.
//
// Memory: static.

#include "analyzer/trace/trace_fields.h"

#include <assert.h>

#define FIELDS_WORD(name, text) text,
static const char *const words_kind[] = {TRACE_KINDS(FIELDS_WORD)};
static const char *const words_content[] = {TRACE_CONTENT_FUNCTIONS(FIELDS_WORD)};
static const char *const words_vm_what[] = {TRACE_VM_EVENTS(FIELDS_WORD)};
static const char *const words_gc_reason[] = {TRACE_GC_REASONS(FIELDS_WORD)};
static const char *const words_gc_phase[] = {TRACE_GC_PHASES(FIELDS_WORD)};
static const char *const words_place[] = {TRACE_PLACES(FIELDS_WORD)};
static const char *const words_flash_use[] = {TRACE_FLASH_USES(FIELDS_WORD)};
#define words_u8 NULL
#define words_u16 NULL
#define words_u32 NULL
#define words_u64 NULL

const struct trace_field *trace_fields(uint32_t id, size_t *count)
{
#define FIELDS_OFF(name) (uint16_t)(offsetof(struct trace_event, end) + offsetof(this_event, name))
#define FIELDS_FIELD(type, name)                                                                  \
    {#name, words_##type, TRACE_LIMIT_##type, FIELDS_OFF(name), sizeof(TRACE_CTYPE_##type)},
#define FIELDS_TAIL(name) {#name, NULL, 0, FIELDS_OFF(name), 0},
#define FIELDS_EVENT(number, name, fields)                                                        \
    case number: {                                                                                \
        typedef struct trace_event_##name this_event;                                             \
        static const struct trace_field table[] = {fields};                                       \
        *count = sizeof table / sizeof *table;                                                    \
        return table;                                                                             \
    }
    switch (id) {
        TRACE_EVENTS(FIELDS_EVENT, FIELDS_FIELD, FIELDS_TAIL)
    default:
        *count = 0;
        return NULL;
    }
}

int trace_event_find(struct text name)
{
    for (int id = 0; id < TRACE_EVENT_COUNT; id++)
        if (text_is_equal(name, text_of(trace_event_name((unsigned)id))))
            return id;
    return -1;
}

uint64_t trace_field_get(const struct trace_event *event, const struct trace_field *field)
{
    assert(field->bytes > 0);
    uint64_t value = 0;
    memcpy(&value, (const char *)event + field->event_off, field->bytes);
    return value;
}

void trace_field_set(struct trace_event *event, const struct trace_field *field, uint64_t value)
{
    assert(field->bytes > 0);
    memcpy((char *)event + field->event_off, &value, field->bytes);
}

struct text *trace_field_tail(struct trace_event *event, const struct trace_field *field)
{
    assert(field->bytes == 0);
    return (struct text *)(void *)((char *)event + field->event_off);
}

bool trace_field_is_hex(const struct trace_field *field)
{
    struct text name = text_of(field->name);
    bool is_addr = name.bytes >= 4 && strcmp(name.data + name.bytes - 4, "addr") == 0;
    return is_addr || strcmp(name.data, "pc") == 0 || strcmp(name.data, "hash") == 0 ||
           strcmp(name.data, "crc") == 0;
}
