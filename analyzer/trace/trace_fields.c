// trace_fields.c: tables of fields, made from the event table.
//
// Memory: static.

#include "analyzer/trace/trace_fields.h"

#include <assert.h>

#define FIELDS_WORD(name, text) text,
#define FIELDS_BIT(name, text, bit) [bit] = text,
#define FIELDS_ENUM(type, list, count)                                                             \
    static const char *const words_##type[] = {list(FIELDS_WORD)};
TRACE_ENUMS(FIELDS_ENUM)
static const char *const origin_words[] = {TRACE_ORIGINS(FIELDS_BIT)};
#define words_origin NULL
#define words_text_id NULL
#define words_name_id NULL
#define words_u1 NULL
#define words_u6 NULL
#define words_u7 NULL
#define words_u8 NULL
#define words_u16 NULL
#define words_u32 NULL
#define words_u64 NULL

#define FIELDS_ENUM_ROW(type, list, count) {#type, words_##type, count, TRACE_BITS(type)},
const struct trace_enum trace_enums[] = {TRACE_ENUMS(FIELDS_ENUM_ROW){0}};

const struct trace_field *trace_fields(uint32_t id, size_t *count)
{
#define FIELDS_OFF(name) (uint16_t)(offsetof(struct trace_event, end) + offsetof(this_event, name))
#define FIELDS_FIELD(type, name)                                                                   \
    {#name,                                                                                        \
     #type,                                                                                        \
     words_##type,                                                                                 \
     TRACE_LIMIT(type),                                                                            \
     FIELDS_OFF(name),                                                                             \
     sizeof(TRACE_CTYPE(type)),                                                                    \
     TRACE_BITS(type)},
#define FIELDS_TAIL(name) {#name, "tail", NULL, 0, FIELDS_OFF(name), 0, 0},
#define FIELDS_EVENT(number, name, fields)                                                         \
    case number: {                                                                                 \
        typedef struct trace_event_##name this_event;                                              \
        static const struct trace_field table[] = {fields};                                        \
        *count = sizeof table / sizeof *table;                                                     \
        return table;                                                                              \
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
    for (int id = 0; id < (int)TRACE_ID_LIMIT; id++)
        if (trace_event_is_known((unsigned)id) &&
            text_is_equal(name, text_of(trace_event_name((unsigned)id))))
            return id;
    return -1;
}

// Fields that were called otherwise. Their values mean the same.
static const struct {
    uint32_t id;
    const char *before, *now;
} renamed[] = {
    {TRACE_ID_string_new, "flags", "origin"}, // bits 0 and 1 were input and constant
};

const struct trace_field *trace_field_find(uint32_t id, struct text name)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        if (renamed[i].id == id && text_is_equal(name, text_of(renamed[i].before)))
            name = text_of(renamed[i].now);
    size_t count;
    const struct trace_field *fields = trace_fields(id, &count);
    for (size_t i = 0; i < count; i++)
        if (text_is_equal(name, text_of(fields[i].name)))
            return &fields[i];
    return NULL;
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

bool trace_field_is_set(const struct trace_field *field)
{
    return strcmp(field->type, "origin") == 0;
}

void trace_set_print(uint64_t set, FILE *out)
{
    const char *comma = "";
    fputc('"', out);
    for (unsigned bit = 0; bit < sizeof origin_words / sizeof *origin_words; bit++) {
        if (!(set >> bit & 1))
            continue;
        fprintf(out, "%s%s", comma, origin_words[bit]);
        comma = ",";
    }
    fputc('"', out);
}

int trace_set_parse(struct text words, uint64_t *set)
{
    *set = 0;
    while (words.bytes) {
        const char *comma = memchr(words.data, ',', words.bytes);
        struct text word = {words.data, comma ? (size_t)(comma - words.data) : words.bytes};
        unsigned bit = 0;
        while (bit < sizeof origin_words / sizeof *origin_words &&
               !text_is_equal(word, text_of(origin_words[bit])))
            bit++;
        if (bit == sizeof origin_words / sizeof *origin_words)
            return STATUS_DAMAGED;
        *set |= 1ull << bit;
        size_t used = word.bytes + (comma != NULL);
        words = (struct text){words.data + used, words.bytes - used};
    }
    return STATUS_OK;
}

bool trace_field_is_hex(const struct trace_field *field)
{
    struct text name = text_of(field->name);
    bool is_addr = name.bytes >= 4 && strcmp(name.data + name.bytes - 4, "addr") == 0;
    return is_addr || strcmp(name.data, "pc") == 0 || strcmp(name.data, "hash") == 0 ||
           strcmp(name.data, "crc") == 0;
}
