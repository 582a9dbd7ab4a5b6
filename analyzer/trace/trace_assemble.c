// trace_assemble.c: makes a trace from its text form (trace_text.h).
//
// Reads: a text file. Writes: a trace directory. Memory: the text and its strings, in the arena.

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "analyzer/base/output.h"
#include "analyzer/trace/trace_fields.h"
#include "analyzer/trace/trace_text.h"
#include "analyzer/trace/trace_writer.h"

#define TEXT_BYTES_MAX ((uint64_t)1 << 30)

struct assembler {
    struct arena *arena;
    const char *path;
    struct text content;
    const char *at;  // next character
    const char *end; // of the line
    unsigned line;
    uint64_t clock; // of the event before
    struct trace_writer *writer;
    struct problem *problem;
};

// ---- words and values ----

__attribute__((format(printf, 2, 3))) static int refuse(struct assembler *a, const char *format,
                                                        ...)
{
    char message[120];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    return problem_set(a->problem, STATUS_DAMAGED, text_of(a->path),
                       (uint64_t)(a->at - a->content.data), "line %u: %s", a->line, message);
}

static void skip_blanks(struct assembler *a)
{
    while (a->at < a->end && (*a->at == ' ' || *a->at == '\t' || *a->at == '\r'))
        a->at++;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == '+' || c == '/';
}

static struct text take_word(struct assembler *a)
{
    skip_blanks(a);
    const char *begin = a->at;
    while (a->at < a->end && is_word(*a->at))
        a->at++;
    return (struct text){begin, (size_t)(a->at - begin)};
}

static int take_number(struct assembler *a, uint64_t *value)
{
    struct text word = take_word(a);
    char digits[24];
    if (word.bytes == 0 || word.bytes >= sizeof digits || !isdigit((unsigned char)word.data[0])) {
        a->at = word.data;
        return refuse(a, "a number is expected");
    }
    memcpy(digits, word.data, word.bytes);
    digits[word.bytes] = '\0';
    bool is_hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    char *stop;
    *value = strtoull(digits, &stop, is_hex ? 16 : 10);
    if (*stop != '\0') {
        a->at = word.data;
        return refuse(a, "'%s' is not a number", digits);
    }
    return STATUS_OK;
}

// The value of two hexadecimal digits, -1 if they are none.
static int hex_byte(const char *at, const char *end)
{
    int value = 0;
    for (int i = 0; i < 2; i++) {
        if (at + i >= end || !isxdigit((unsigned char)at[i]))
            return -1;
        int c = tolower((unsigned char)at[i]);
        value = value * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
}

// The character after a backslash; -1 if it means nothing.
static int take_escape(struct assembler *a)
{
    if (a->at >= a->end)
        return -1;
    char c = *a->at++;
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '"':
    case '\\':
        return c;
    case 'x': {
        int value = hex_byte(a->at, a->end);
        a->at += value < 0 ? 0 : 2;
        return value;
    }
    default:
        return -1;
    }
}

static int take_string(struct assembler *a, struct text *string)
{
    skip_blanks(a);
    if (a->at >= a->end || *a->at != '"')
        return refuse(a, "a string in quotes is expected");
    a->at++;
    char *room = arena_alloc(a->arena, (size_t)(a->end - a->at) + 1);
    size_t used = 0;
    while (a->at < a->end && *a->at != '"') {
        int c = (unsigned char)*a->at++;
        if (c == '\\')
            c = take_escape(a);
        if (c < 0)
            return refuse(a, "unknown escape in a string");
        room[used++] = (char)c;
    }
    if (a->at >= a->end)
        return refuse(a, "string without its closing quote");
    a->at++;
    *string = (struct text){room, used};
    return STATUS_OK;
}

// ---- events ----

// The word of an enum, or the words of a set.
static int take_words(struct assembler *a, const struct trace_field *field, uint64_t *value)
{
    struct text word;
    int status = take_string(a, &word);
    if (status != STATUS_OK)
        return status;
    *value = 0;
    while (*value < field->limit && !text_is_equal(word, text_of(field->words[*value])))
        ++*value;
    bool is_bad = field->words ? *value == field->limit : trace_set_parse(word, value) != STATUS_OK;
    if (is_bad)
        return refuse(a, "'%.*s' is not a value of %s", (int)word.bytes, word.data, field->name);
    return STATUS_OK;
}

static int take_value(struct assembler *a, struct trace_event *event,
                      const struct trace_field *field)
{
    if (field->bytes == 0)
        return take_string(a, trace_field_tail(event, field));
    uint64_t value = 0;
    bool is_quoted = a->at < a->end && *a->at == '"';
    int status = is_quoted && (field->words || trace_field_is_set(field))
                     ? take_words(a, field, &value)
                     : take_number(a, &value);
    if (status != STATUS_OK)
        return status;
    if (field->bits < 64 && value >> field->bits != 0)
        return refuse(a, "%" PRIu64 " does not fit the field %s", value, field->name);
    trace_field_set(event, field, value);
    return STATUS_OK;
}

// Takes "NAME=" and gives the name.
static int take_key(struct assembler *a, struct text *key)
{
    *key = take_word(a);
    if (key->bytes == 0 || a->at >= a->end || *a->at != '=')
        return refuse(a, "FIELD=VALUE is expected");
    a->at++;
    return STATUS_OK;
}

static bool is_at_end(struct assembler *a)
{
    skip_blanks(a);
    return a->at >= a->end || *a->at == '#';
}

static int take_event(struct assembler *a, uint64_t clock)
{
    struct text name = take_word(a);
    int id = trace_event_find(name);
    if (id < 0)
        return refuse(a, "unknown event '%.*s'", (int)name.bytes, name.data);
    struct trace_event event = {.clock = clock, .id = (uint32_t)id};
    bool has_hash = false, has_bytes = false;
    while (!is_at_end(a)) {
        struct text key;
        int status = take_key(a, &key);
        if (status != STATUS_OK)
            return status;
        const struct trace_field *field = trace_field_find(event.id, key);
        if (!field)
            return refuse(a, "event %s has no field '%.*s'", trace_event_name(event.id),
                          (int)key.bytes, key.data);
        has_hash |= strcmp(field->name, "hash") == 0;
        has_bytes |= strcmp(field->name, "bytes") == 0;
        status = take_value(a, &event, field);
        if (status != STATUS_OK)
            return status;
    }
    if (event.id == TRACE_ID_text && !has_hash)
        event.text.hash = trace_text_hash(event.text.text.data, event.text.text.bytes);
    if (event.id == TRACE_ID_text && !has_bytes)
        event.text.bytes = (uint32_t)event.text.text.bytes;
    a->clock = clock;
    return trace_writer_event(a->writer, &event);
}

// ---- other lines ----

static int take_packet(struct assembler *a)
{
    uint64_t sequence = TRACE_WRITER_AUTO, begin = TRACE_WRITER_AUTO, end = TRACE_WRITER_AUTO,
             discarded = TRACE_WRITER_AUTO, serial = TRACE_WRITER_AUTO, real_ns = 0, bytes = 0;
    const struct {
        const char *name;
        uint64_t *value;
    } keys[] = {{"sequence", &sequence},   {"begin", &begin},   {"end", &end},
                {"discarded", &discarded}, {"serial", &serial}, {"real_ns", &real_ns},
                {"bytes", &bytes}};
    while (!is_at_end(a)) {
        struct text key;
        int status = take_key(a, &key);
        if (status != STATUS_OK)
            return status;
        size_t i = 0;
        while (i < sizeof keys / sizeof *keys && !text_is_equal(key, text_of(keys[i].name)))
            i++;
        if (i == sizeof keys / sizeof *keys)
            return refuse(a, "a packet has no field '%.*s'", (int)key.bytes, key.data);
        status = take_number(a, keys[i].value);
        if (status != STATUS_OK)
            return status;
    }
    if (bytes > TRACE_PACKET_BYTES_MAX)
        return refuse(a, "packets have at most %u bytes", TRACE_PACKET_BYTES_MAX);
    struct trace_packet packet = {.bytes = (uint32_t)bytes,
                                  .clock_begin = begin,
                                  .clock_end = end,
                                  .events_discarded = discarded,
                                  .sequence = sequence,
                                  .serial_first = serial,
                                  .real_ns = real_ns};
    trace_writer_packet(a->writer, &packet);
    return STATUS_OK;
}

static int take_hex(struct assembler *a, struct text *content)
{
    skip_blanks(a);
    char *room = arena_alloc(a->arena, (size_t)(a->end - a->at) / 2 + 1);
    size_t used = 0;
    for (; !is_at_end(a); a->at += 2) {
        int byte = hex_byte(a->at, a->end);
        if (byte < 0)
            return refuse(a, "two hexadecimal digits are expected");
        room[used++] = (char)byte;
    }
    *content = (struct text){room, used};
    return STATUS_OK;
}

static int take_image(struct assembler *a)
{
    struct text name = take_word(a);
    struct text how = take_word(a);
    struct text content;
    int status;
    if (name.bytes == 0 || name.data[0] == '.' || memchr(name.data, '/', name.bytes))
        return refuse(a, "an image needs a plain file name");
    if (text_is_equal(how, text_of("hex"))) {
        status = take_hex(a, &content);
    } else if (text_is_equal(how, text_of("from"))) {
        struct text file = take_word(a);
        const char *slash = strrchr(a->path, '/');
        int directory = slash ? (int)(slash - a->path) + 1 : 0;
        const char *path = arena_format(a->arena, "%.*s%.*s", directory, a->path, (int)file.bytes,
                                        file.data);
        status = input_read(path, TEXT_BYTES_MAX, a->arena, &content, a->problem);
    } else {
        return refuse(a, "image NAME hex BYTES or image NAME from FILE is expected");
    }
    if (status != STATUS_OK)
        return status;
    return trace_writer_file(a->writer, arena_format(a->arena, "%.*s", (int)name.bytes, name.data),
                             content);
}

static int take_line(struct assembler *a)
{
    if (is_at_end(a))
        return STATUS_OK;
    struct text word = take_word(a);
    if (text_is_equal(word, text_of("packet")))
        return take_packet(a);
    if (text_is_equal(word, text_of("image")))
        return take_image(a);
    if (text_is_equal(word, text_of("run"))) {
        skip_blanks(a);
        struct text json = {a->at, (size_t)(a->end - a->at)};
        a->at = a->end;
        return trace_writer_file(a->writer, "run.json", json);
    }
    bool is_relative = word.bytes > 0 && word.data[0] == '+';
    a->at = word.data + (is_relative ? 1 : 0);
    uint64_t clock;
    int status = take_number(a, &clock);
    if (status != STATUS_OK)
        return status;
    return take_event(a, is_relative ? a->clock + clock : clock);
}

int trace_text_assemble_text(struct arena *arena, struct text content, const char *path,
                             const char *directory, const char *version, struct problem *problem)
{
    struct assembler a = {.arena = arena, .path = path, .content = content, .problem = problem};
    struct problem close_problem = {0};
    int status = trace_writer_open(arena, directory, version, &a.writer, problem);
    if (status != STATUS_OK)
        return status;
    a.at = content.data;
    const char *content_end = content.data + content.bytes;
    while (status == STATUS_OK && a.at < content_end) {
        const char *newline = memchr(a.at, '\n', (size_t)(content_end - a.at));
        struct arena_mark mark = arena_mark(arena);
        a.end = newline ? newline : content_end;
        a.line++;
        status = take_line(&a);
        if (status == STATUS_OK)
            arena_rewind(arena, mark); // else the problem may name a path in there
        if (status == STATUS_OK && !is_at_end(&a))
            status = refuse(&a, "unexpected text at the end of the line");
        a.at = newline ? newline + 1 : content_end;
    }
    // A failure of the writer sticks, and closing it says which.
    bool is_text_bad = problem->status != STATUS_OK;
    int closed = is_text_bad ? STATUS_OK : trace_writer_close(a.writer, &close_problem);
    if (closed != STATUS_OK)
        status = problem_set(problem, closed, close_problem.file, close_problem.off, "%s",
                             close_problem.message);
    if (status != STATUS_OK)
        trace_writer_abandon(a.writer);
    return status;
}

int trace_text_assemble(struct arena *arena, const char *path, const char *directory,
                        const char *version, struct problem *problem)
{
    struct text content;
    int status = input_read(path, TEXT_BYTES_MAX, arena, &content, problem);
    if (status != STATUS_OK)
        return status;
    return trace_text_assemble_text(arena, content, path, directory, version, problem);
}
