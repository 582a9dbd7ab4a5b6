// trace_schema_test.c: traces of other event tables are read by what their metadata says: older and
// newer ones, cut and damaged metadata.

#include <sys/stat.h>

#include "analyzer/trace/trace_layout.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/trace/trace_schema.h"
#include "analyzer/trace/trace_tsdl.h"
#include "tests/support/tap.h"

static struct arena arena;
static char directory[64];
static const uint8_t uuid[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x8d, 0xef,
                                 0x81, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

// ---- a trace of a table that is not ours ----

#define TYPES                                                                                      \
    "/* CTF 1.8 */\n"                                                                              \
    "typealias integer { size = 3; align = 1; signed = false; } := u3;\n"                          \
    "typealias integer { size = 5; align = 1; signed = false; } := id_bits;\n"                     \
    "typealias integer { size = 8; align = 8; signed = false; } := u8;\n"                          \
    "typealias integer { size = 16; align = 8; signed = false; } := u16;\n"                        \
    "typealias integer { size = 32; align = 8; signed = false; } := u32;\n"                        \
    "typealias integer { size = 64; align = 8; signed = false; } := u64;\n"                        \
    "typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := text_byte;\n"  \
    "trace { major = 1; minor = 8; uuid = \"01234567-89ab-8def-8123-456789abcdef\"; "              \
    "byte_order = le; packet.header := struct { u32 magic; u8 uuid[16]; u8 stream_id; } "          \
    "align(8); };\n"                                                                               \
    "env { tracer_name = \"frost\"; version = \"99\"; };\n"                                        \
    "clock { name = vm; freq = 1000000000; offset = 0; };\n"                                       \
    "typealias integer { size = 27; align = 1; signed = false; map = clock.vm.value; }"            \
    " := stamp_bits;\n"                                                                            \
    "typealias integer { size = 64; align = 8; signed = false; map = clock.vm.value; }"            \
    " := clock_bits;\n"                                                                            \
    "typealias enum : u8 { \"novel\" = 0, \"string\" = 1, \"table\" = 2 } := kind;\n"              \
    "typealias enum : u3 { \"flash\" = 0, \"RAM\" = 1, \"elsewhere\" = 2 } := place;\n"
#define EVENT(id, name, fields)                                                                    \
    "event { id = " id "; name = \"" name "\"; stream_id = 0; fields := struct { " fields          \
    "} align(8); };\n"

static const char events_text[] =
    // Other order, another width, a field that we do not have, one missing (site).
    EVENT("5", "alloc", "kind _kind; u64 _bytes; u16 _why; u32 _addr; ")
    // One byte for three fields, and our name of before.
    EVENT("8", "string_new", "u32 _addr; u32 _text; u8 _flags; u8 _probes; ")
        EVENT("9", "string_found", "u32 _text; place _place; id_bits _age; u16 _site; u8 _probes; ")
    // Not known here, with a tail; another number for one that is.
    EVENT("30", "beacon", "u16 _length_of_it; u16 _text_length; text_byte _text[_text_length]; ")
        EVENT("99", "mark", "u8 _colour; u16 _text_length; text_byte _text[_text_length]; ");

static const char *metadata_of(int has_extended)
{
    return arena_format(&arena, "%sstream {%s};\n%s", TYPES, trace_tsdl_stream[has_extended],
                        events_text);
}

struct __attribute__((packed)) foreign {
    uint32_t alloc_header;
    struct __attribute__((packed)) {
        uint8_t kind;
        uint64_t bytes;
        uint16_t why;
        uint32_t addr;
    } alloc;
    uint32_t new_header;
    struct __attribute__((packed)) {
        uint32_t addr, text;
        uint8_t flags, probes;
    } new;
    uint32_t beacon_header;
    struct __attribute__((packed)) {
        uint16_t length, tail;
        char text[5];
    } beacon;
    uint32_t found_header;
    struct __attribute__((packed)) {
        uint32_t text;
        uint8_t place_age;
        uint16_t site;
        uint8_t probes;
    } found;
    struct trace_extended_header mark_header;
    struct __attribute__((packed)) {
        uint8_t colour;
        uint16_t tail;
        char text[2];
    } mark;
};

#define STAMP(clock) ((uint32_t)(clock) << TRACE_ID_BITS)

static const struct foreign sample = {
    5 | STAMP(10),     {2, 40, 7, 0x1000},      8 | STAMP(11),
    {0x2000, 3, 1, 2}, 30 | STAMP(12),          {1, 5, "hello"},
    9 | STAMP(13),     {3, 1 | 9 << 3, 4, 200}, {TRACE_ID_EXTENDED, 99, 1ull << 40},
    {1, 2, "hi"},
};

static void write_file(const char *name, const void *data, size_t bytes)
{
    FILE *file = fopen(arena_format(&arena, "%s/%s", directory, name), "wb");
    CHECK(file != NULL);
    CHECK(fwrite(data, 1, bytes, file) == bytes);
    CHECK(fclose(file) == 0);
}

static void write_packet(const void *events, size_t bytes, const uint8_t packet_uuid[16])
{
    uint8_t packet[1024];
    struct trace_packet_header header = {
        .magic = TRACE_MAGIC,
        .packet_size = (uint32_t)(sizeof header + bytes) * 8,
        .content_size = (uint32_t)(sizeof header + bytes) * 8,
        .timestamp_end = 1ull << 41,
        .serial_first = 1,
    };
    memcpy(header.uuid, packet_uuid, sizeof header.uuid);
    memcpy(packet, &header, sizeof header);
    memcpy(packet + sizeof header, events, bytes);
    write_file("events", packet, sizeof header + bytes);
}

static void begin(const char *metadata)
{
    snprintf(directory, sizeof directory, "/tmp/frost-schema-test.XXXXXX");
    CHECK(mkdtemp(directory) != NULL);
    write_file("metadata", metadata, strlen(metadata));
    write_packet(&sample, sizeof sample, uuid);
}

static void clear(void)
{
    unlink(arena_format(&arena, "%s/events", directory));
    unlink(arena_format(&arena, "%s/metadata", directory));
    rmdir(directory);
}

static struct trace *open_trace(void)
{
    struct trace *trace = NULL;
    struct problem problem = {0};
    int status = trace_open(&arena, directory, &trace, &problem);
    CHECK_TEXT(problem.message, "");
    CHECK_EQUAL(status, STATUS_OK);
    return trace;
}

TEST(a_newer_table_is_read_by_its_metadata)
{
    begin(metadata_of(1));
    struct trace *trace = open_trace();
    for (int pass = 0; pass < 2; pass++) {
        struct trace_event event;
        CHECK_EQUAL(trace_next(trace, &event), 1);
        CHECK_EQUAL(event.id, TRACE_ID_alloc);
        CHECK_EQUAL(event.clock, 10);
        CHECK_EQUAL(event.serial, 1);
        CHECK_EQUAL(event.alloc.kind, KIND_TABLE);
        CHECK_EQUAL(event.alloc.bytes, 40);
        CHECK_EQUAL(event.alloc.addr, 0x1000);
        CHECK_EQUAL(event.alloc.site, 0); // they do not tell
        CHECK_EQUAL(trace_next(trace, &event), 1);
        CHECK_EQUAL(event.id, TRACE_ID_string_new);
        CHECK_EQUAL(event.serial, 2);
        CHECK_EQUAL(event.string_new.origin, TRACE_ORIGIN_INPUT); // called flags
        CHECK_EQUAL(event.string_new.probes, 2);
        CHECK_EQUAL(trace_next(trace, &event), 1); // the beacon is left out
        CHECK_EQUAL(event.id, TRACE_ID_string_found);
        CHECK_EQUAL(event.clock, 13);
        CHECK_EQUAL(event.string_found.place, PLACE_RAM);
        CHECK_EQUAL(event.string_found.site, 4);
        CHECK_EQUAL(event.string_found.probes, 63); // the most that ours can say
        CHECK_EQUAL(trace_next(trace, &event), 1);
        CHECK_EQUAL(event.id, TRACE_ID_mark);
        CHECK_EQUAL(event.clock, 1ull << 40);
        CHECK(text_is_equal(event.mark.text, text_of("hi")));
        CHECK_EQUAL(trace_next(trace, &event), 0);
        CHECK_EQUAL(trace_loss(trace)->events_unknown, 1);
        CHECK_EQUAL(trace_rewind(trace), STATUS_OK);
    }
    trace_close(trace);
    clear();
}

TEST(words_that_we_do_not_have)
{
    begin(metadata_of(1));
    struct foreign events = sample;
    events.alloc.kind = 0;      // "novel": other
    events.found.place_age = 2; // "elsewhere": no word of ours comes near
    write_packet(&events, sizeof events, uuid);
    struct trace *trace = open_trace();
    struct trace_event event;
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(event.alloc.kind, KIND_OTHER);
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(event.id, TRACE_ID_mark);
    CHECK_EQUAL(trace_next(trace, &event), 0);
    CHECK_EQUAL(trace_loss(trace)->events_unknown, 2);
    trace_close(trace);
    clear();
}

// How the reader refuses the events.
static const char *damage(const struct foreign *events, const uint8_t packet_uuid[16])
{
    write_packet(events, sizeof *events, packet_uuid);
    struct trace *trace = open_trace();
    struct trace_event event;
    int more;
    while ((more = trace_next(trace, &event)) > 0)
        continue;
    const char *message = arena_format(&arena, "%s", trace_problem(trace)->message);
    CHECK_EQUAL(more, *message ? STATUS_DAMAGED : 0);
    trace_close(trace);
    return message;
}

TEST(damaged_events)
{
    uint8_t ours[16];
    trace_schema_uuid(ours);
    begin(metadata_of(1));
    CHECK_TEXT(damage(&sample, uuid), "");
    CHECK_TEXT(damage(&sample, ours), "events: packet of another table of events");
    struct foreign events = sample;
    events.alloc.kind = 3; // they have three words
    CHECK_TEXT(damage(&events, uuid), "events: event 'alloc' with a value outside its range");
    events = sample;
    events.new.text = TRACE_TEXT_ID_MAX + 1;
    CHECK_TEXT(damage(&events, uuid), "events: event 'string_new' with a value outside its range");
    events = sample;
    events.beacon_header = 29 | STAMP(12);
    CHECK_TEXT(damage(&events, uuid), "events: event of unknown kind 29");
    events = sample;
    events.beacon.tail = 999;
    CHECK_TEXT(damage(&events, uuid), "events: event extends beyond the end of its packet");
    events = sample;
    events.mark_header.clock = 12;
    CHECK_TEXT(damage(&events, uuid), "events: event of kind 99 is earlier than the one before");
    events = sample;
    events.mark_header.id = 5000;
    CHECK_TEXT(damage(&events, uuid), "events: event of unknown kind 5000");
    clear();
    // Without extended headers 31 is an id like any other.
    begin(metadata_of(0));
    CHECK_TEXT(damage(&sample, uuid), "events: event of unknown kind 31");
    clear();
}

static int read_layout(struct text metadata, unsigned *line)
{
    struct trace_layout layout;
    return trace_layout_read(&arena, metadata, &layout, line);
}

// Replaces the first `from` of the metadata and tells the line at which it is not understood, 0: it
// is.
static unsigned line_refused(const char *from, const char *to)
{
    const char *text = metadata_of(1), *at = strstr(text, from);
    CHECK(at != NULL);
    unsigned line = 0;
    const char *changed = arena_format(&arena, "%.*s%s%s", (int)(at - text), text, to,
                                       at + strlen(from));
    return read_layout(text_of(changed), &line) == STATUS_OK ? 0 : line;
}

TEST(metadata_that_says_something_else)
{
    CHECK_EQUAL(line_refused("size = 8", "size  =  /* eight */ 8"), 0);
    CHECK(line_refused("signed = false", "signed = true") == 2);
    CHECK(line_refused("size = 27", "size = 26") > 0);
    CHECK(line_refused("size = 3;", "size = 4;") > 0); // the fields of string_found do not fit
    CHECK(line_refused("align = 8", "align = 16") > 0);
    CHECK(line_refused("major = 1", "major = 2") > 0);
    CHECK(line_refused("byte_order = le", "byte_order = be") > 0);
    CHECK(line_refused("u8 stream_id", "u16 stream_id") > 0);
    CHECK(line_refused("01234567-", "0123456z-") > 0);
    CHECK(line_refused("-8123-", "-81-") > 0);
    CHECK(line_refused("u64 real_ns", "u32 real_ns") > 0);
    CHECK(line_refused("extended = 31", "extended = 30") > 0);
    CHECK(line_refused("\"string\" = 1", "\"string\" = 2") > 0);
    CHECK(line_refused("u16 _why", "u17 _why") > 0);
    CHECK(line_refused("u16 _why", "u16 why") > 0);
    CHECK(line_refused("u16 _text_length; text_byte", "u16 _text_length; u8 _x; text_byte") > 0);
    CHECK(line_refused("u16 _text_length; text_byte", "u32 _text_length; text_byte") > 0);
    CHECK(line_refused("_text[_text_length]", "_name[_text_length]") > 0);
    CHECK(line_refused("_text[_text_length]; }", "_text[_text_length]; u8 _more; }") > 0);
    CHECK(line_refused("id = 30", "id = 4096") > 0);
    CHECK(line_refused("stream_id = 0; fields", "stream_id = 1; fields") > 0);
    CHECK(line_refused("event {", "happening {") > 0);
}

// Of another kind than ours of that name; two of one id.
TEST(fields_that_cannot_be_ours)
{
    static const char *const changes[][2] = {
        {"u16 _text_length; text_byte _text[_text_length]; } align(8); };\nevent { id = 99",
         "u32 _text; } align(8); };\nevent { id = 99"},
        {"u8 _colour; u16 _text_length; text_byte _text[_text_length]; ", "u8 _text; "},
        {"kind _kind", "u8 _kind"},
        {"u32 _addr; u32 _text", "u32 _addr; kind _text"},
        {"id = 8;", "id = 5;"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *text = metadata_of(1), *at = strstr(text, changes[i][0]);
        CHECK(at != NULL);
        begin(arena_format(&arena, "%.*s%s%s", (int)(at - text), text, changes[i][1],
                           at + strlen(changes[i][0])));
        struct trace *trace = NULL;
        struct problem problem = {0};
        int status = trace_open(&arena, directory, &trace, &problem);
        CHECK_EQUAL(status,
                    i == 0 ? STATUS_OK : STATUS_VERSION); // nothing of ours is called beacon
        CHECK(i == 0 || strstr(problem.message, "cannot read") != NULL);
        trace_close(trace);
        clear();
    }
}

// Our own metadata is understood by the same parser, and says what our table says.
TEST(our_own_metadata)
{
    char *text = NULL;
    size_t bytes = 0;
    unsigned line = 0, known = 0;
    FILE *out = open_memstream(&text, &bytes);
    trace_tsdl_write(out, "test");
    fclose(out);
    struct trace_layout layout;
    uint8_t ours[16];
    trace_schema_uuid(ours);
    CHECK_EQUAL(trace_layout_read(&arena, (struct text){text, bytes}, &layout, &line), STATUS_OK);
    CHECK(memcmp(layout.uuid, ours, sizeof ours) == 0);
    CHECK(layout.has_extended);
    for (unsigned id = 0; id < TRACE_ID_LIMIT; id++)
        known += trace_event_is_known(id);
    CHECK_EQUAL(layout.event_count, known);
    for (uint32_t i = 0; i < layout.event_count; i++) {
        const struct trace_layout_event *event = &layout.events[i];
        CHECK(text_is_equal(event->name, text_of(trace_event_name(event->id))));
        if (event->id == TRACE_ID_string_found)
            CHECK_EQUAL(event->body_bytes, sizeof(struct trace_body_string_found));
        if (event->id == TRACE_ID_replay_difference)
            CHECK_EQUAL(event->body_bytes, sizeof(struct trace_body_replay_difference));
    }
    CHECK(trace_schema_known(ours) == NULL); // the table holds those that were
    free(text);
}

TEST(cut_and_changed_metadata)
{
    const char *text = metadata_of(1);
    size_t bytes = strlen(text);
    uint64_t seed = test_seed() + 5;
    unsigned line, good = 0;
    printf("# SEED=%llu\n", (unsigned long long)test_seed());
    for (size_t cut = 0; cut < bytes; cut++) {
        struct arena_mark mark = arena_mark(&arena);
        char *copy = malloc(cut + 1); // exactly as long, for the sanitizer
        memcpy(copy, text, cut);
        good += read_layout((struct text){copy, cut}, &line) == STATUS_OK;
        free(copy);
        arena_rewind(&arena, mark);
    }
    CHECK(good > 0 && good < 20); // between two events it is whole
    for (int round = 0; round < 5000; round++) {
        struct arena_mark mark = arena_mark(&arena);
        char *copy = malloc(bytes);
        memcpy(copy, text, bytes);
        copy[test_random(&seed) % bytes] = (char)test_random(&seed);
        good += read_layout((struct text){copy, bytes}, &line) == STATUS_OK;
        free(copy);
        arena_rewind(&arena, mark);
    }
    CHECK(good > 20);
}

TEST_MAIN
