// trace_text.c: writes traces as text. The other way: trace_assemble.c.
//
// Writes: the stream of the caller. Memory: none.

#include "analyzer/trace/trace_text.h"

#include <inttypes.h>
#include <jansson.h>

#include "analyzer/base/quoted.h"
#include "analyzer/trace/trace_fields.h"

const char *const trace_text_form_words[] = {"full", "events", "babeltrace", NULL};

static void print_event(FILE *out, struct trace_event *event, int form)
{
    fprintf(out, "%" PRIu64 " %s", event->clock, trace_event_name(event->id));
    size_t count;
    const struct trace_field *fields = trace_fields(event->id, &count);
    for (size_t i = 0; i < count; i++) {
        const struct trace_field *field = &fields[i];
        if (form == TRACE_TEXT_EVENTS && strcmp(field->name, "real_ns") == 0)
            continue;
        fprintf(out, " %s=", field->name);
        if (field->bytes == 0) {
            quoted_print(*trace_field_tail(event, field), QUOTED_C, out);
            continue;
        }
        uint64_t value = trace_field_get(event, field);
        if (field->words)
            quoted_print(text_of(field->words[value]), QUOTED_C, out);
        else
            fprintf(out, trace_field_is_hex(field) ? "0x%" PRIx64 : "%" PRIu64, value);
    }
    fputc('\n', out);
}

// ---- as babeltrace2 ----

// Characters up to the first NUL, with the escapes of C.
static void print_c_string(FILE *out, struct text text)
{
    static const char plain[] = "\a\b\t\n\v\f\r\033\"'\\?";
    static const char letters[] = "abtnvfre\"'\\?";
    fputc('"', out);
    for (size_t i = 0; i < text.bytes && text.data[i] != '\0'; i++) {
        unsigned char c = (unsigned char)text.data[i];
        const char *at = strchr(plain, c);
        if (at)
            fprintf(out, "\\%c", letters[at - plain]);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void print_like_babeltrace(FILE *out, struct trace_event *event,
                                  const struct trace_packet *packet)
{
    fprintf(out,
            "[%020" PRIu64 "] %s: { serial_first = %" PRIu64 ", real_ns = %" PRIu64 " }, {",
            event->clock, trace_event_name(event->id), packet->serial_first, packet->real_ns);
    size_t count;
    const struct trace_field *fields = trace_fields(event->id, &count);
    for (size_t i = 0; i < count; i++) {
        const struct trace_field *field = &fields[i];
        fputs(i ? ", " : " ", out);
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

static void print_run(FILE *out, const struct trace_run *run)
{
    if (!run->json)
        return;
    fputs("run ", out);
    json_dumpf(run->json, out, JSON_COMPACT);
    fputc('\n', out);
}

int trace_text_dump(struct trace *trace, FILE *out, int form)
{
    struct trace_event event;
    uint64_t packet_off = UINT64_MAX;
    int more;
    if (form == TRACE_TEXT_FULL)
        print_run(out, trace_run(trace));
    while ((more = trace_next(trace, &event)) > 0) {
        const struct trace_packet *packet = trace_packet(trace);
        if (form == TRACE_TEXT_FULL && packet->off != packet_off)
            print_packet(out, packet);
        packet_off = packet->off;
        if (form == TRACE_TEXT_BABELTRACE)
            print_like_babeltrace(out, &event, packet);
        else
            print_event(out, &event, form);
    }
    return more;
}
