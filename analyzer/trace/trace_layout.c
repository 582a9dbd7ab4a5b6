// trace_layout.c: takes the metadata of a trace apart, as far as it speaks of events.
//
// Errors stick in the parser: after the first one every token is empty.

#include "analyzer/trace/trace_layout.h"

#include <ctype.h>

#include "analyzer/trace/trace_tsdl.h"
#include "runtime/format/status.h"

#define EVENTS_MAX (TRACE_LAYOUT_ID_MAX + 1)
#define FIELDS_MAX 64u
#define TYPES_MAX 256u
#define WORDS_MAX 256u

struct type {
    struct text name;
    uint32_t bits, align;
    const struct trace_layout_enum *words;
};

struct parser {
    struct arena *arena;
    const char *at, *end;
    unsigned line;
    struct text token; // empty at the end and after an error
    bool is_string;    // the token stood in quotes, which are not in it
    bool is_bad;
    struct type *types; // TYPES_MAX
    uint32_t type_count;
    uint32_t event_room;
    struct trace_layout *layout;
};

// ---- tokens ----

static void fail(struct parser *p)
{
    p->is_bad = true;
    p->is_string = false;
    p->token = (struct text){0};
}

static void skip_blanks(struct parser *p)
{
    while (p->at < p->end) {
        if (isspace((unsigned char)*p->at)) {
            p->line += *p->at++ == '\n';
        } else if (p->end - p->at >= 2 && memcmp(p->at, "/*", 2) == 0) {
            const char *close = memmem(p->at + 2, (size_t)(p->end - p->at) - 2, "*/", 2);
            p->at = close ? close + 2 : p->end;
        } else {
            return;
        }
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static void next(struct parser *p)
{
    p->token = (struct text){0};
    p->is_string = false;
    skip_blanks(p);
    if (p->is_bad || p->at == p->end)
        return;
    const char *begin = p->at++;
    if (*begin == '"') {
        const char *close = memchr(p->at, '"', (size_t)(p->end - p->at));
        if (!close) {
            fail(p);
            return;
        }
        p->is_string = true;
        p->token = (struct text){p->at, (size_t)(close - p->at)};
        p->at = close + 1;
        return;
    }
    while (is_word(*begin) && p->at < p->end && is_word(*p->at))
        p->at++;
    p->token = (struct text){begin, (size_t)(p->at - begin)};
}

static bool is_at_end(const struct parser *p)
{
    return p->token.bytes == 0 && !p->is_string;
}

static bool is_token(const struct parser *p, const char *word)
{
    return !p->is_string && text_is_equal(p->token, text_of(word));
}

// Goes on after the token if it is that one.
static bool accept(struct parser *p, const char *word)
{
    if (!is_token(p, word))
        return false;
    next(p);
    return true;
}

static void want(struct parser *p, const char *word)
{
    if (!accept(p, word))
        fail(p);
}

// ":=" is two tokens.
static void want_assign(struct parser *p)
{
    want(p, ":");
    want(p, "=");
}

static struct text take(struct parser *p)
{
    struct text token = p->token;
    if (is_at_end(p))
        fail(p);
    next(p);
    return p->is_bad ? (struct text){0} : token;
}

static uint32_t take_number(struct parser *p, uint32_t most)
{
    uint32_t value = 0;
    struct text token = p->is_string ? (struct text){0} : p->token;
    bool is_good = token.bytes > 0 && token.bytes < 10;
    for (size_t i = 0; is_good && i < token.bytes; i++) {
        is_good = isdigit((unsigned char)token.data[i]);
        value = value * 10 + (uint32_t)(token.data[i] - '0');
    }
    if (!is_good || value > most)
        fail(p);
    next(p);
    return p->is_bad ? 0 : value;
}

// Skips { ... } with what is nested in it. Result: the text between the braces.
static struct text take_block(struct parser *p)
{
    unsigned depth = 1;
    want(p, "{");
    const char *begin = p->token.data, *end = begin;
    while (depth > 0 && !is_at_end(p)) {
        end = p->token.data;
        depth += is_token(p, "{");
        depth -= is_token(p, "}");
        next(p);
    }
    if (depth > 0)
        fail(p);
    return p->is_bad ? (struct text){0} : (struct text){begin, (size_t)(end - begin)};
}

// Do the two texts have the same tokens?
static bool is_same(struct text a, const char *b)
{
    struct parser p = {.at = a.data, .end = a.data + a.bytes};
    struct parser q = {.at = b, .end = b + strlen(b)};
    bool is_equal = true;
    do {
        next(&p);
        next(&q);
        is_equal = p.is_string == q.is_string && text_is_equal(p.token, q.token);
    } while (is_equal && !is_at_end(&p));
    return is_equal && !p.is_bad;
}

// ---- types ----

static const struct type *find_type(struct parser *p, struct text name)
{
    for (uint32_t i = 0; i < p->type_count; i++)
        if (text_is_equal(p->types[i].name, name))
            return &p->types[i];
    fail(p);
    static const struct type none = {.bits = 8, .align = 8};
    return &none;
}

static void add_type(struct parser *p, const struct type *type)
{
    if (p->type_count == TYPES_MAX || (type->align != 1 && type->align != 8) || type->bits == 0 ||
        type->bits > 64)
        fail(p);
    else
        p->types[p->type_count++] = *type;
}

// { size = 8; align = 8; signed = false; ... } := NAME
static void take_integer(struct parser *p)
{
    struct type type = {.align = 1};
    want(p, "{");
    while (!is_at_end(p) && !is_token(p, "}")) {
        struct text key = take(p);
        want(p, "=");
        if (text_is_equal(key, text_of("size")))
            type.bits = take_number(p, 64);
        else if (text_is_equal(key, text_of("align")))
            type.align = take_number(p, 64);
        else if (text_is_equal(key, text_of("signed")))
            want(p, "false");
        else
            take(p); // encoding, map
        want(p, ";");
    }
    want(p, "}");
    want_assign(p);
    type.name = take(p);
    add_type(p, &type);
}

// : u8 { "word" = 0, ... } := NAME, values in order
static void take_enum(struct parser *p)
{
    want(p, ":");
    struct type type = *find_type(p, take(p));
    struct trace_layout_enum *words = ARENA_NEW(p->arena, struct trace_layout_enum);
    words->words = ARENA_NEW_ARRAY(p->arena, struct text, WORDS_MAX);
    want(p, "{");
    do {
        if (words->count == WORDS_MAX || !p->is_string) {
            fail(p);
            break;
        }
        words->words[words->count] = take(p);
        want(p, "=");
        if (take_number(p, WORDS_MAX) != words->count++)
            fail(p);
    } while (accept(p, ","));
    want(p, "}");
    want_assign(p);
    type.name = take(p);
    type.words = words;
    if (type.bits > 8)
        fail(p);
    add_type(p, &type);
}

// ---- trace and stream ----

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void take_uuid(struct parser *p)
{
    struct text text = take(p);
    unsigned digits = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        int digit = hex_digit(text.data[i]);
        if (text.data[i] == '-')
            continue;
        if (digit < 0 || digits == 32) {
            fail(p);
            return;
        }
        p->layout->uuid[digits / 2] |= (uint8_t)(digit << (digits % 2 ? 0 : 4));
        digits++;
    }
    if (digits != 32)
        fail(p);
}

static void take_trace(struct parser *p)
{
    static const char *const before[] = {"{", "major", "=", "1",    ";", "minor",
                                         "=", "8",     ";", "uuid", "="};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        want(p, before[i]);
    take_uuid(p);
    const char *begin = p->token.data;
    while (!is_at_end(p) && !is_token(p, "}"))
        if (is_token(p, "{"))
            take_block(p);
        else
            next(p);
    if (p->is_bad ||
        !is_same((struct text){begin, (size_t)(p->token.data - begin)}, trace_tsdl_packet_header))
        fail(p);
    want(p, "}");
    want(p, ";");
}

static void take_stream(struct parser *p)
{
    struct text block = take_block(p);
    p->layout->has_extended = is_same(block, trace_tsdl_stream[1]);
    if (!p->layout->has_extended && !is_same(block, trace_tsdl_stream[0]))
        fail(p);
    want(p, ";");
}

// ---- events ----

// TYPE _name; or text_byte _name[_name_length]; after u16 _name_length;
static void take_field(struct parser *p, struct trace_layout_event *event, uint32_t *bits)
{
    const struct type *type = find_type(p, take(p));
    struct text name = take(p);
    struct trace_layout_field *last = event->field_count ? &event->fields[event->field_count - 1]
                                                         : NULL;
    if (name.bytes < 2 || name.data[0] != '_' || (last && last->is_tail)) {
        fail(p);
        return;
    }
    if (accept(p, "[")) {
        struct text length = take(p);
        want(p, "]");
        want(p, ";");
        name = (struct text){name.data + 1, name.bytes - 1};
        struct text stem = {length.data, length.bytes > 7 ? length.bytes - 7 : 0};
        if (!last || last->bits != 16 || last->words || type->bits != 8 ||
            !text_ends_with(length, "_length") || stem.bytes != name.bytes + 1 ||
            memcmp(stem.data + 1, name.data, name.bytes) != 0 ||
            last->name.bytes != length.bytes - 1) {
            fail(p);
            return;
        }
        last->name = name;
        last->is_tail = true;
        return;
    }
    want(p, ";");
    *bits = (*bits + type->align - 1) / type->align * type->align;
    bool is_whole = *bits % 8 == 0 &&
                    (type->bits == 8 || type->bits == 16 || type->bits == 32 || type->bits == 64);
    if (event->field_count == FIELDS_MAX || (!is_whole && *bits % 8 + type->bits > 8)) {
        fail(p);
        return;
    }
    event->fields[event->field_count++] = (struct trace_layout_field){
        .name = {name.data + 1, name.bytes - 1},
        .words = type->words,
        .bit_off = *bits,
        .bits = (uint8_t)type->bits,
    };
    *bits += type->bits;
}

static struct trace_layout_event *new_event(struct parser *p)
{
    struct trace_layout *layout = p->layout;
    if (layout->event_count == EVENTS_MAX)
        fail(p);
    if (layout->event_count == p->event_room && !p->is_bad) {
        uint32_t room = p->event_room ? p->event_room * 2 : 64;
        layout->events = arena_grow_array(p->arena, layout->events, p->event_room, room,
                                          sizeof *layout->events);
        p->event_room = room;
    }
    return p->is_bad ? NULL : &layout->events[layout->event_count++];
}

// { id = N; name = "x"; stream_id = 0; fields := struct { ... } align(8); };
static void take_event(struct parser *p)
{
    struct trace_layout_event *event = new_event(p);
    if (!event)
        return;
    uint32_t bits = 0;
    want(p, "{");
    want(p, "id");
    want(p, "=");
    event->id = take_number(p, TRACE_LAYOUT_ID_MAX);
    want(p, ";");
    want(p, "name");
    want(p, "=");
    event->name = take(p);
    static const char *const before[] = {";",      "stream_id", "=", "0",      ";",
                                         "fields", ":",         "=", "struct", "{"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        want(p, before[i]);
    event->fields = ARENA_NEW_ARRAY(p->arena, struct trace_layout_field, FIELDS_MAX);
    while (!is_at_end(p) && !is_token(p, "}"))
        take_field(p, event, &bits);
    if (bits % 8 != 0)
        fail(p);
    event->body_bytes = bits / 8;
    static const char *const behind[] = {"}", "align", "(", "8", ")", ";", "}", ";"};
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
        want(p, behind[i]);
}

static void take_statement(struct parser *p)
{
    if (accept(p, "typealias")) {
        if (accept(p, "integer"))
            take_integer(p);
        else if (accept(p, "enum"))
            take_enum(p);
        else
            fail(p);
        want(p, ";");
    } else if (accept(p, "trace")) {
        take_trace(p);
    } else if (accept(p, "stream")) {
        take_stream(p);
    } else if (accept(p, "event")) {
        take_event(p);
    } else if (accept(p, "env") || accept(p, "clock")) {
        take_block(p);
        want(p, ";");
    } else {
        fail(p);
    }
}

// The types that the stream block names have the widths that it was compared for.
static void check_header_types(struct parser *p)
{
    static const struct {
        const char *name;
        uint32_t bits, align;
    } types[] = {{"id_bits", 5, 1}, {"stamp_bits", 27, 1}, {"clock_bits", 64, 8},
                 {"u8", 8, 8},      {"u32", 32, 8},        {"u64", 64, 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct type *type = find_type(p, text_of(types[i].name));
        if (type->bits != types[i].bits || type->align != types[i].align)
            fail(p);
    }
}

int trace_layout_read(struct arena *arena, struct text metadata, struct trace_layout *layout,
                      unsigned *line)
{
    struct parser *p = ARENA_NEW(arena, struct parser);
    *p = (struct parser){
        .arena = arena,
        .at = metadata.data,
        .end = metadata.data + metadata.bytes,
        .line = 1,
        .types = ARENA_NEW_ARRAY(arena, struct type, TYPES_MAX),
        .layout = layout,
    };
    *layout = (struct trace_layout){0};
    next(p);
    while (!is_at_end(p))
        take_statement(p);
    check_header_types(p);
    if (layout->event_count == 0)
        fail(p);
    *line = p->line;
    return p->is_bad ? STATUS_VERSION : STATUS_OK;
}
