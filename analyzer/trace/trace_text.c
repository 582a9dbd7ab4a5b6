// trace_text.c: writes traces as text. The other way: trace_assemble.c.
//
// Writes: the stream of the caller. Memory: none.

#include "analyzer/trace/trace_text.h"

#include <inttypes.h>
#include <jansson.h>

#include "analyzer/base/quoted.h"
#include "analyzer/base/safe_text.h"
#include "analyzer/trace/trace_fields.h"

const char *const trace_text_form_words[] = {"full", "events", "babeltrace", NULL};

// Length and hash in place of what the program was given.
static void hide_input(FILE *out, const char *separator, const char *equals, struct text data)
{
    fprintf(out, "data_bytes%s%zu%sdata_hash%s0x%" PRIx64, equals, data.bytes, separator, equals,
            trace_text_hash(data.data, data.bytes));
}

static bool is_hidden(const struct trace_event *event, const struct trace_field *field,
                      bool has_input)
{
    return event->id == TRACE_ID_input && field->bytes == 0 && !has_input;
}

static void print_event(FILE *out, struct trace_event *event, int form, bool has_input)
{
    fprintf(out, "%" PRIu64 " %s", event->clock, trace_event_name(event->id));
    size_t count;
    const struct trace_field *fields = trace_fields(event->id, &count);
    for (size_t i = 0; i < count; i++) {
        const struct trace_field *field = &fields[i];
        if (form == TRACE_TEXT_EVENTS && strcmp(field->name, "real_ns") == 0)
            continue;
        fputc(' ', out);
        if (is_hidden(event, field, has_input)) {
            hide_input(out, " ", "=", *trace_field_tail(event, field));
            continue;
        }
        fprintf(out, "%s=", field->name);
        if (field->bytes == 0) {
            quoted_print(*trace_field_tail(event, field), QUOTED_C, out);
            continue;
        }
        uint64_t value = trace_field_get(event, field);
        if (field->words)
            quoted_print(text_of(field->words[value]), QUOTED_C, out);
        else if (trace_field_is_set(field))
            trace_set_print(value, out);
        else
            fprintf(out, trace_field_is_hex(field) ? "0x%" PRIx64 : "%" PRIu64, value);
    }
    fputc('\n', out);
}

// ---- as babeltrace2 ----

// Characters up to the first NUL, with the escapes of C. babeltrace2 prints bytes above 0x7F as
// they are; here those stay that are characters, and none that a terminal obeys.
static void print_c_string(FILE *out, struct text text)
{
    static const char plain[] = "\a\b\t\n\v\f\r\033\"'\\?";
    static const char letters[] = "abtnvfre\"'\\?";
    size_t count = strnlen(text.data ? text.data : "", text.bytes), bytes;
    fputc('"', out);
    for (size_t i = 0; i < count; i += bytes ? bytes : 1) {
        unsigned char c = (unsigned char)text.data[i];
        const char *at = strchr(plain, c);
        bytes = utf8_character_bytes((struct text){text.data + i, count - i});
        if (at)
            fprintf(out, "\\%c", letters[at - plain]);
        else if (bytes)
            fwrite(text.data + i, 1, bytes, out);
        else
            fprintf(out, "\\x%02x", c);
    }
    fputc('"', out);
}

static void print_like_babeltrace(FILE *out, struct trace_event *event,
                                  const struct trace_packet *packet, bool has_input)
{
    fprintf(out, "[%020" PRIu64 "] %s: { serial_first = %" PRIu64 ", real_ns = %" PRIu64 " }, {",
            event->clock, trace_event_name(event->id), packet->serial_first, packet->real_ns);
    size_t count;
    const struct trace_field *fields = trace_fields(event->id, &count);
    for (size_t i = 0; i < count; i++) {
        const struct trace_field *field = &fields[i];
        fputs(i ? ", " : " ", out);
        if (is_hidden(event, field, has_input)) {
            hide_input(out, ", ", " = ", *trace_field_tail(event, field));
            continue;
        }
        if (field->bytes == 0) {
            struct text *tail = trace_field_tail(event, field);
            fprintf(out, "%s_length = %zu, %s = ", field->name, tail->bytes, field->name);
            print_c_string(out, *tail);
            continue;
        }
        uint64_t value = trace_field_get(event, field);
        if (field->words)
            fprintf(out, "%s = ( \"%s\" : container = %" PRIu64 " )", field->name,
                    field->words[value], value);
        else
            fprintf(out, "%s = %" PRIu64, field->name, value);
    }
    fputs(" }\n", out);
}

// ---- whole traces ----

static void print_packet(FILE *out, const struct trace_packet *packet)
{
    fprintf(out,
            "packet sequence=%" PRIu64 " begin=%" PRIu64 " end=%" PRIu64 " discarded=%" PRIu64
            " serial=%" PRIu64 " real_ns=%" PRIu64 " bytes=%" PRIu32 "\n",
            packet->sequence, packet->clock_begin, packet->clock_end, packet->events_discarded,
            packet->serial_first, packet->real_ns, packet->bytes);
}

static json_t *json_without(const json_t *value, const struct exclude *exclude);

// Keys may be names of files.
static json_t *object_without(const json_t *value, const struct exclude *exclude)
{
    json_t *copy = json_object(), *item;
    const char *key;
    char room[EXCLUDE_STAND_IN_BYTES];
    json_object_foreach((json_t *)value, key, item)
    {
        const char *shown = exclude_matches(exclude, text_of(key))
                                ? exclude_stand_in(text_of(key), room).data
                                : key;
        json_object_set_new(copy, shown, json_without(item, exclude));
    }
    return copy;
}

// A copy of the value without the strings that match.
static json_t *json_without(const json_t *value, const struct exclude *exclude)
{
    json_t *copy, *item;
    size_t i;
    char room[EXCLUDE_STAND_IN_BYTES];
    if (json_is_object(value))
        return object_without(value, exclude);
    copy = json_deep_copy(value);
    if (json_is_string(copy) && exclude_matches(exclude, text_of(json_string_value(copy))))
        json_string_set(copy, exclude_stand_in(text_of(json_string_value(copy)), room).data);
    json_array_foreach(copy, i, item) json_array_set_new(copy, i, json_without(item, exclude));
    return copy;
}

static void print_run(FILE *out, const struct trace_run *run, const struct exclude *exclude)
{
    if (!run->json)
        return;
    fputs("run ", out);
    json_t *shown = json_without(run->json, exclude);
    json_dumpf(shown, out, JSON_COMPACT | JSON_ENSURE_ASCII); // nothing that is obeyed
    json_decref(shown);
    fputc('\n', out);
}

// What is in pieces cannot be judged piece by piece, and names of image files are no tails that the
// reader replaces.
static void leave_out(struct trace_event *event, const struct exclude *exclude, char *room)
{
    static const struct text none;
    if (event->id == TRACE_ID_console)
        event->console.text = none;
    else if (event->id == TRACE_ID_input)
        event->input.data = none;
    else if (event->id == TRACE_ID_output)
        event->output.data = none;
    else if (event->id == TRACE_ID_image_mounted &&
             exclude_matches(exclude, event->image_mounted.file))
        event->image_mounted.file = exclude_stand_in(event->image_mounted.file, room);
}

int trace_text_dump(struct trace *trace, FILE *out, int form, bool has_input,
                    const struct exclude *exclude)
{
    struct trace_event event;
    uint64_t packet_off = UINT64_MAX;
    char room[EXCLUDE_STAND_IN_BYTES];
    int more;
    if (form == TRACE_TEXT_FULL)
        print_run(out, trace_run(trace), exclude);
    while ((more = trace_next(trace, &event)) > 0) {
        const struct trace_packet *packet = trace_packet(trace);
        if (form == TRACE_TEXT_FULL && packet->off != packet_off)
            print_packet(out, packet);
        packet_off = packet->off;
        if (exclude)
            leave_out(&event, exclude, room);
        if (form == TRACE_TEXT_BABELTRACE)
            print_like_babeltrace(out, &event, packet, has_input);
        else
            print_event(out, &event, form, has_input);
    }
    return more;
}
