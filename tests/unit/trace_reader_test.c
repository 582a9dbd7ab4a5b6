// trace_reader_test.c: what the writer writes and the text form says, the reader reads; cut off and
// damaged traces give what is whole, and a reason.

#include <sys/stat.h>

#include "analyzer/trace/trace_dict.h"
#include "analyzer/trace/trace_fields.h"
#include "analyzer/trace/trace_pieces.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/trace/trace_text.h"
#include "analyzer/trace/trace_writer.h"
#include "tests/support/tap.h"

static struct arena arena;
static char directory[64];

static const char *path_of(const char *name)
{
    return arena_format(&arena, "%s/%s", directory, name);
}

// A directory that does not exist yet, removed by clear().
static void begin(void)
{
    snprintf(directory, sizeof directory, "/tmp/frost-trace-test.XXXXXX");
    CHECK(mkdtemp(directory) != NULL);
}

static void clear(void)
{
    unlink(path_of("events"));
    unlink(path_of("metadata"));
    unlink(path_of(".frost/run.json"));
    unlink(path_of(".frost/a.img"));
    unlink(path_of(".frost/files"));
    rmdir(path_of(".frost"));
    rmdir(directory);
}

static void write_file(const char *name, const void *data, size_t bytes)
{
    FILE *file = fopen(path_of(name), "wb");
    CHECK(file != NULL);
    CHECK(fwrite(data, 1, bytes, file) == bytes);
    CHECK(fclose(file) == 0);
}

static void assemble(const char *text)
{
    struct problem problem = {0};
    int status = trace_text_assemble_text(&arena, text_of(text), "in.tracetxt", directory, "test",
                                          &problem);
    CHECK_TEXT(problem.message, "");
    CHECK_EQUAL(status, STATUS_OK);
}

static struct trace *open_trace(void)
{
    struct problem problem = {0};
    struct trace *trace = NULL;
    int status = trace_open(&arena, directory, &trace, &problem);
    CHECK_TEXT(problem.message, "");
    CHECK_EQUAL(status, STATUS_OK);
    return trace;
}

static const char sample[] =
    "run {\"schema\":\"frost/run/1\",\"command\":\"frost record x\",\"complete\":true,"
    "\"exit_status\":3,\"boots\":1,\"images\":[{\"file\":\"a.img\",\"addr\":1075838976,"
    "\"bytes\":2,\"crc\":7}]}\n"
    "packet sequence=0 begin=0 end=60 discarded=0 serial=1 real_ns=11 bytes=512\n"
    "0 boot number=1 flags=2 heap_bytes=45056 heap_addr=0x3ffe8000 lua_bytes=388 command=\"i\"\n"
    "1 name id=1 text=\"init.lua\"\n"
    "2 site id=1 source=1 line=5 defined=0 function=0 nth=2\n"
    "3 text id=1 hash=0xa430d84680aabd0b bytes=5 flash_addr=0x0 text=\"hello\"\n"
    "50 string_new addr=0x3ffe9000 text=1 site=1 probes=2 is_unaligned=0 origin=\"input,derived\"\n"
    "51 alloc addr=0x3ffe9100 bytes=32 kind=\"table\" site=1\n"
    "packet sequence=1 begin=200000060 end=200000100 discarded=0 serial=3 real_ns=22 bytes=128\n"
    "200000061 free addr=0x3ffe9000\n"
    "packet sequence=2 begin=200000100 end=200000100 discarded=0 serial=3 real_ns=33 bytes=128\n"
    "200000100 end status=0 lua_bytes=1 lua_bytes_max=2 stack_bytes=3\n";

TEST(text_and_back)
{
    begin();
    assemble(sample);
    struct trace *trace = open_trace();
    char *got = NULL;
    size_t got_bytes = 0;
    FILE *out = open_memstream(&got, &got_bytes);
    CHECK_EQUAL(trace_text_dump(trace, out, TRACE_TEXT_FULL, true, NULL), 0);
    fclose(out);
    CHECK_TEXT(got, sample);
    free(got);
    trace_close(trace);
    clear();
}

TEST(clock_serials_packets_and_run)
{
    begin();
    assemble(sample);
    struct trace *trace = open_trace();
    struct trace_event event;
    uint64_t clocks[] = {0, 1, 2, 3, 50, 51, 200000061, 200000100};
    uint64_t serials[] = {0, 0, 0, 0, 1, 2, 0, 0};
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < 8; i++) {
            CHECK_EQUAL(trace_next(trace, &event), 1);
            CHECK_EQUAL(event.clock, clocks[i]);
            CHECK_EQUAL(event.serial, serials[i]);
        }
        CHECK_EQUAL(trace_packet(trace)->sequence, 2);
        CHECK_EQUAL(trace_packet(trace)->real_ns, 33);
        CHECK_EQUAL(trace_next(trace, &event), 0);
        CHECK_EQUAL(trace_next(trace, &event), 0);
        CHECK_EQUAL(trace_bytes_done(trace), 512 + 128 + 128);
        CHECK(!trace_loss(trace)->is_unfinished);
        CHECK_EQUAL(trace_loss(trace)->bytes_cut, 0);
        CHECK_EQUAL(trace_rewind(trace), STATUS_OK);
    }
    const struct trace_run *run = trace_run(trace);
    CHECK(run->is_present && run->is_complete);
    CHECK_EQUAL(run->exit_status, 3);
    CHECK_EQUAL(run->boots, 1);
    CHECK_TEXT(run->command, "frost record x");
    CHECK_TEXT(run->profile, "");
    CHECK_EQUAL(run->image_count, 1);
    CHECK_EQUAL(run->images[0].addr, 1075838976);
    CHECK_TEXT(trace_image_path(trace, text_of("a.img")), path_of(".frost/a.img"));
    CHECK(trace_image_path(trace, text_of("../a.img")) == NULL);
    CHECK(trace_image_path(trace, text_of("a/b")) == NULL);
    trace_close(trace);
    clear();
}

// The ids of all events in turn.
static uint32_t some_id(unsigned i)
{
    uint32_t id = i % TRACE_ID_LIMIT;
    while (!trace_event_is_known(id))
        id = (id + 1) % TRACE_ID_LIMIT;
    return id;
}

// All kinds of events with random fields, written and read again.
TEST(every_event_round_trip)
{
    enum { ROUNDS = 3000 };
    begin();
    uint64_t seed = test_seed() * 77 + 1;
    printf("# SEED=%llu\n", (unsigned long long)test_seed());
    struct trace_writer *writer;
    struct problem problem = {0};
    CHECK_EQUAL(trace_writer_open(&arena, directory, "test", &writer, &problem), STATUS_OK);
    static struct trace_event events[ROUNDS];
    static char tail[3000];
    for (size_t i = 0; i < sizeof tail; i++)
        tail[i] = (char)test_random(&seed);
    uint64_t clock = 5;
    for (int i = 0; i < ROUNDS; i++) {
        struct trace_event *event = &events[i];
        event->id = some_id((unsigned)i);
        clock += test_random(&seed) % 7 == 0 ? test_random(&seed) : test_random(&seed) % 100;
        event->clock = clock;
        size_t count;
        const struct trace_field *fields = trace_fields(event->id, &count);
        for (size_t f = 0; f < count; f++) {
            if (fields[f].bytes == 0) {
                size_t bytes = test_random(&seed) % sizeof tail;
                *trace_field_tail(event, &fields[f]) = (struct text){tail + sizeof tail - bytes,
                                                                     bytes};
                continue;
            }
            uint64_t value = test_random(&seed) | (uint64_t)test_random(&seed) << 32;
            if (fields[f].limit)
                value %= fields[f].limit;
            else if (fields[f].bits < 64)
                value &= (1ull << fields[f].bits) - 1;
            trace_field_set(event, &fields[f], value);
        }
        CHECK_EQUAL(trace_writer_event(writer, event), STATUS_OK);
    }
    CHECK_EQUAL(trace_writer_close(writer, &problem), STATUS_OK);
    struct trace *trace = open_trace();
    struct trace_event event;
    for (int i = 0; i < ROUNDS; i++) {
        CHECK_EQUAL(trace_next(trace, &event), 1);
        CHECK_EQUAL(event.id, events[i].id);
        CHECK_EQUAL(event.clock, events[i].clock);
        size_t count;
        const struct trace_field *fields = trace_fields(event.id, &count);
        for (size_t f = 0; f < count; f++) {
            if (fields[f].bytes == 0)
                CHECK(text_is_equal(*trace_field_tail(&event, &fields[f]),
                                    *trace_field_tail(&events[i], &fields[f])));
            else
                CHECK_EQUAL(trace_field_get(&event, &fields[f]),
                            trace_field_get(&events[i], &fields[f]));
        }
    }
    CHECK_EQUAL(trace_next(trace, &event), 0);
    CHECK(trace_packet(trace)->sequence > 5);
    trace_close(trace);
    clear();
}

// The byte at which the events of the only packet begin.
static uint8_t *first_packet(size_t *bytes)
{
    uint8_t *content = test_read_file(path_of("events"), bytes);
    CHECK(*bytes > TRACE_PACKET_HEADER_BYTES);
    return content;
}

// Puts the bytes in the place of the events of a trace with one packet.
static void write_events(const void *data, size_t bytes, uint64_t clock_end)
{
    assemble("0 mark\n");
    size_t before;
    uint8_t *content = first_packet(&before);
    static uint8_t packet[4096];
    struct trace_packet_header header;
    memcpy(&header, content, sizeof header);
    free(content);
    header.packet_size = header.content_size = (uint32_t)(sizeof header + bytes) * 8;
    header.timestamp_end = clock_end;
    memcpy(packet, &header, sizeof header);
    memcpy(packet + sizeof header, data, bytes);
    write_file("events", packet, sizeof header + bytes);
}

// Any event may have an extended header, also one with a compact id; its clock is the whole one.
TEST(extended_headers)
{
    struct __attribute__((packed)) {
        struct trace_extended_header header;
        struct trace_body_free body;
        struct trace_wire_free compact;
        struct trace_wire_stack stack;
    } events = {
        .header = {0xe0 | TRACE_ID_EXTENDED, TRACE_ID_free, 5ull << 40},
        .body = {16},
        .compact = {TRACE_ID_free | 7u << TRACE_ID_BITS, 32},
        .stack = {{TRACE_ID_EXTENDED, TRACE_ID_stack, (5ull << 40) + 7}, 3, 2, 1},
    };
    struct trace_event event;
    begin();
    write_events(&events, sizeof events, 6ull << 40);
    struct trace *trace = open_trace();
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(event.id, TRACE_ID_free);
    CHECK_EQUAL(event.free.addr, 16);
    CHECK_EQUAL(event.clock, 5ull << 40);
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(event.free.addr, 32);
    CHECK_EQUAL(event.clock, (5ull << 40) + 7);
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(event.id, TRACE_ID_stack);
    CHECK_EQUAL(event.stack.caller, 1);
    CHECK_EQUAL(trace_next(trace, &event), 0);
    trace_close(trace);
    clear();
    begin();
    events.stack.header.clock--; // before the event in front of it
    write_events(&events, sizeof events, 6ull << 40);
    trace = open_trace();
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(trace_next(trace, &event), STATUS_DAMAGED);
    CHECK_TEXT(trace_problem(trace)->message,
               "events: event of kind 34 is earlier than the one before");
    trace_close(trace);
    clear();
}

// A stack is its site with a caller.
TEST(stacks_in_the_dictionary)
{
    begin();
    assemble(
        "0 name id=1 text=\"a.lua\"\n0 site id=1 source=1 line=4\n0 site id=2 source=1 line=9\n"
        "0 stack id=3 site=2 caller=1\n0 stack id=4 site=3 caller=3\n0 stack id=5 site=77\n");
    struct trace *trace = open_trace();
    struct trace_dict *dict = trace_dict_create(&arena);
    struct trace_event event;
    while (trace_next(trace, &event) > 0)
        CHECK_EQUAL(trace_dict_note(dict, &event, NULL), STATUS_OK);
    const struct trace_dict_site *site = trace_dict_site(dict, 4);
    CHECK_EQUAL(site->line, 9);
    CHECK_EQUAL(site->plain, 2);
    CHECK_EQUAL(site->caller, 3);
    CHECK_EQUAL(trace_dict_site(dict, 3)->caller, 1);
    CHECK_EQUAL(trace_dict_site(dict, 1)->plain, 1);
    CHECK_EQUAL(trace_dict_site(dict, 1)->caller, 0);
    CHECK(trace_dict_site(dict, 5) == NULL);
    trace_close(trace);
    clear();
}

TEST(loss_is_counted)
{
    begin();
    assemble("packet\n0 alloc addr=8\npacket sequence=3 discarded=9 serial=5\n1 alloc addr=16\n");
    struct trace *trace = open_trace();
    struct trace_event event;
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(event.serial, 1);
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(event.serial, 5);
    CHECK_EQUAL(trace_next(trace, &event), 0);
    const struct trace_loss *loss = trace_loss(trace);
    CHECK_EQUAL(loss->events_discarded, 9);
    CHECK_EQUAL(loss->packets_lost, 2);
    CHECK_EQUAL(loss->blocks_lost, 3);
    CHECK(loss->is_unfinished);
    trace_close(trace);
    clear();
}

// What a converter counts as lost between two packets and within one reaches the trace.
TEST(a_writer_counts_what_is_lost)
{
    begin();
    struct trace_writer *writer;
    struct problem problem = {0};
    struct trace_event event = {.id = TRACE_ID_free};
    CHECK_EQUAL(trace_writer_open(&arena, directory, "test", &writer, &problem), STATUS_OK);
    trace_writer_lost(writer, 2);
    CHECK_EQUAL(trace_writer_event(writer, &event), STATUS_OK);
    trace_writer_lost(writer, 3); // the open packet's
    struct trace_packet packet = {
        .clock_begin = TRACE_WRITER_AUTO,
        .clock_end = TRACE_WRITER_AUTO,
        .events_discarded = TRACE_WRITER_AUTO,
        .sequence = TRACE_WRITER_AUTO,
        .serial_first = TRACE_WRITER_AUTO,
    };
    trace_writer_packet(writer, &packet);
    CHECK_EQUAL(trace_writer_event(writer, &event), STATUS_OK);
    trace_writer_lost(writer, 4);
    CHECK_EQUAL(trace_writer_close(writer, &problem), STATUS_OK);
    struct trace *trace = open_trace();
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(trace_loss(trace)->events_discarded, 5);
    CHECK_EQUAL(trace_next(trace, &event), 1);
    CHECK_EQUAL(trace_loss(trace)->events_discarded, 9);
    trace_close(trace);
    clear();
}

// Pieces that are missing cost their input or output alone.
TEST(inputs_with_lost_pieces)
{
    begin();
    assemble("1 input piece=1 data=\"lost\"\n1 input piece=2 is_last=1 data=\"its end\"\n"
             "2 input turn=2 piece=0 data=\"a\"\n2 output turn=2 piece=0 data=\"x\"\n"
             "2 input turn=2 piece=1 is_last=1 data=\"b\"\n2 output turn=2 piece=1 is_last=1 "
             "data=\"y\"\n"
             "3 input turn=3 piece=0 data=\"c\"\n3 input turn=3 piece=2 data=\"e\"\n"
             "3 input turn=3 piece=3 is_last=1 data=\"f\"\n"
             "4 input turn=4 object=1 piece=0 data=\"g\"\n"
             "4 input turn=4 object=2 piece=1 is_last=1 data=\"h\"\n"
             "5 input turn=5 piece=0 data=\"i\"\n6 input turn=6 piece=0 is_last=1 data=\"j\"\n"
             "7 output turn=7 piece=0 data=\"z\"\n");
    struct trace *trace = open_trace();
    struct trace_event event;
    struct trace_pieces pieces;
    struct trace_whole whole;
    const char *got = "";
    trace_pieces_init(&pieces, &arena);
    while (trace_next(trace, &event) > 0)
        if (trace_pieces_add(&pieces, &event, &whole))
            got = arena_format(&arena, "%s %u:%.*s", got, whole.turn, TEXT_ARGS(whole.data));
    CHECK_TEXT(got, " 2:ab 2:xy 6:j");
    CHECK_EQUAL(pieces.incomplete, 4); // of turns 0, 3, 4 and 5
    trace_pieces_end(&pieces);
    CHECK_EQUAL(pieces.incomplete, 5);
    trace_close(trace);
    clear();
}

// Ids above the limits are damage, in definitions and in references.
TEST(ids_have_limits)
{
    static const struct {
        const char *line;
        bool is_good;
    } lines[] = {
        {"0 text id=4194303", true},
        {"0 text id=4194304", false},
        {"0 string_new text=4194303", true},
        {"0 string_new text=4294967295", false},
        {"0 string_found text=4194304", false},
        {"0 content_read text=4194304", false},
        {"0 name id=131071", true},
        {"0 name id=131072", false},
        {"0 site id=65535 source=131071", true},
        {"0 site source=131072", false},
        {"0 site function=4294967295", false},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        begin();
        assemble(lines[i].line);
        struct trace *trace = open_trace();
        struct trace_event event;
        CHECK_EQUAL(trace_next(trace, &event), lines[i].is_good ? 1 : STATUS_DAMAGED);
        CHECK(lines[i].is_good || strstr(trace_problem(trace)->message, "outside its range"));
        trace_close(trace);
        clear();
    }
}

// Reads all events; returns how many, and how it ended in *more.
static int read_all(struct trace *trace, int *more)
{
    struct trace_event event;
    int count = 0;
    uint64_t clock = 0;
    while ((*more = trace_next(trace, &event)) > 0) {
        CHECK(event.clock >= clock);
        CHECK(trace_event_is_known(event.id));
        clock = event.clock;
        count++;
    }
    return count;
}

// Do the first `length` bytes of a trace end inside a packet, before its padding?
static bool ends_in_content(const uint8_t *bytes, size_t length)
{
    struct trace_packet_header header;
    for (size_t off = 0; off < length; off += header.packet_size / 8) {
        if (length - off < sizeof header)
            return true;
        memcpy(&header, bytes + off, sizeof header);
        if (length - off < header.content_size / 8)
            return true;
    }
    return false;
}

TEST(cut_off_at_every_byte)
{
    begin();
    assemble(sample);
    size_t bytes;
    uint8_t *content = test_read_file(path_of("events"), &bytes);
    int before = 0;
    for (size_t length = 0; length <= bytes; length++) {
        struct arena_mark mark = arena_mark(&arena);
        write_file("events", content, length);
        struct trace *trace = open_trace();
        int more;
        int count = read_all(trace, &more);
        CHECK_EQUAL(more, 0);
        CHECK(count >= before && count <= before + 1);
        before = count;
        const struct trace_loss *loss = trace_loss(trace);
        CHECK(loss->is_unfinished == (count < 8));
        bool is_whole = length == 0 || length == 512 || length == 640 || length == 768;
        CHECK((loss->bytes_cut == 0) || !is_whole);
        CHECK(loss->bytes_cut <= length);
        CHECK_EQUAL(loss->is_cut, ends_in_content(content, length));
        CHECK_EQUAL(trace_bytes_done(trace), length);
        trace_close(trace);
        arena_rewind(&arena, mark);
    }
    CHECK_EQUAL(before, 8);
    free(content);
    clear();
}

TEST(every_flipped_bit)
{
    begin();
    assemble(sample);
    size_t bytes;
    uint8_t *content = test_read_file(path_of("events"), &bytes);
    int refused = 0;
    for (size_t bit = 0; bit < bytes * 8; bit += TEST_STEP(5)) {
        struct arena_mark mark = arena_mark(&arena);
        content[bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_file("events", content, bytes);
        content[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct trace *trace = open_trace();
        int more;
        read_all(trace, &more);
        if (more < 0) {
            refused++;
            CHECK_EQUAL(more, STATUS_DAMAGED);
            CHECK(trace_problem(trace)->message[0] != '\0');
            CHECK(trace_problem(trace)->off < bytes);
        }
        trace_close(trace);
        arena_rewind(&arena, mark);
    }
    // Magic, uuid, stream, sequence and so on of three packets cannot be wrong unseen.
    CHECK(refused > 3 * 8 * 21 / (int)TEST_STEP(5));
    free(content);
    clear();
}

TEST(no_packet_at_all_is_damage)
{
    begin();
    assemble(sample);
    write_file("events", "garbage", 7);
    struct trace *trace = open_trace();
    int more;
    CHECK_EQUAL(read_all(trace, &more), 0);
    CHECK_EQUAL(more, STATUS_DAMAGED);
    CHECK_TEXT(trace_problem(trace)->message, "events: no packet begins here");
    trace_close(trace);
    clear();
}

static const char *why_not(void)
{
    static struct problem problem;
    struct trace *trace;
    problem = (struct problem){0};
    CHECK(trace_open(&arena, directory, &trace, &problem) < 0);
    return problem.message;
}

TEST(what_is_not_a_trace)
{
    begin();
    CHECK(strstr(why_not(), "no file 'metadata'") != NULL);
    write_file("metadata", "hello", 5);
    CHECK(strstr(why_not(), "does not begin") != NULL);
    const char *other = "/* CTF 1.8 */\ntrace { uuid = \"00000000-0000-0000-0000-000000000000\"; }";
    write_file("metadata", other, strlen(other));
    CHECK(strstr(why_not(), "another table of events") != NULL);
    clear();
    begin();
    assemble(sample);
    unlink(path_of("events"));
    CHECK(strstr(why_not(), "no file 'events'") != NULL);
    write_file("events", "", 0);
    write_file(".frost/run.json", "{\"schema\":", 10);
    CHECK(strstr(why_not(), "not a JSON object") != NULL);
    write_file(".frost/run.json", "{\"schema\":\"frost/run/9\"}", 24);
    CHECK(strstr(why_not(), "frost/run/9") != NULL);
    clear();
    CHECK(strstr(why_not(), "No such file") != NULL);
}

static void check_text_fault(const char *text, const char *want, uint64_t off)
{
    struct problem problem = {0};
    begin();
    int status = trace_text_assemble_text(&arena, text_of(text), "t", directory, "test", &problem);
    CHECK(status < 0);
    CHECK(strstr(problem.message, want) != NULL);
    if (!strstr(problem.message, want))
        printf("# got: %s\n", problem.message);
    CHECK_EQUAL(problem.off, off);
    clear();
}

TEST(text_with_faults)
{
    check_text_fault("# x\n5 alooc addr=1\n", "line 2: unknown event 'alooc'", 11);
    check_text_fault("5 alloc adr=1\n", "no field 'adr'", 12);
    check_text_fault("5 alloc addr=0x1z\n", "'0x1z' is not a number", 13);
    check_text_fault("5 alloc site=70000\n", "does not fit the field site", 18);
    check_text_fault("5 alloc kind=\"tabel\"\n", "'tabel' is not a value of kind", 20);
    check_text_fault("5 mark text=\"a\n", "without its closing quote", 14);
    check_text_fault("5 mark text=\"\\q\"\n", "unknown escape", 15);
    check_text_fault("5 free\n4 free\n", "comes before", PROBLEM_NO_OFF);
    check_text_fault("image ../x hex 00\n", "plain file name", 14);
}

TEST(dictionary_follows_redefinitions)
{
    begin();
    assemble("0 name id=1 text=\"a.lua\"\n0 name id=2 text=\"string.format\"\n"
             "0 site id=7 source=1 line=9 defined=3 function=2 nth=3\n"
             "1 text id=300 text=\"one\"\n2 text id=300 text=\"one\" flash_addr=0x40291000\n"
             "3 text id=300 text=\"a longer text than that\"\n4 text id=4000000000 text=\"x\"\n");
    struct trace *trace = open_trace();
    struct trace_dict *dict = trace_dict_create(&arena);
    struct trace_event event;
    unsigned generations[8] = {0, 0, 0, 1, 1, 2, 2};
    for (int i = 0; trace_next(trace, &event) > 0; i++) {
        struct problem problem = {0};
        int status = trace_dict_note(dict, &event, &problem);
        CHECK_EQUAL(status, i == 6 ? STATUS_LIMIT : STATUS_OK);
        const struct trace_dict_text *text = trace_dict_text(dict, 300);
        CHECK_EQUAL(text ? text->generation : 0, generations[i]);
        if (i == 4)
            CHECK_EQUAL(text->flash_addr, 0x40291000);
        if (i == 5)
            CHECK(text_is_equal(text->text, text_of("a longer text than that")));
    }
    const struct trace_dict_site *site = trace_dict_site(dict, 7);
    CHECK(site && text_is_equal(site->source, text_of("a.lua")) && site->line == 9);
    CHECK(site && site->defined == 3 && site->nth == 3);
    CHECK(site && text_is_equal(site->function, text_of("string.format")));
    CHECK(trace_dict_site(dict, 0) && trace_dict_site(dict, 0)->line == 0);
    CHECK(trace_dict_site(dict, 6) == NULL && trace_dict_site(dict, 65535) == NULL);
    CHECK(trace_dict_text(dict, 0) == NULL && trace_dict_text(dict, 4000000000u) == NULL);
    trace_close(trace);
    clear();
}

TEST_MAIN
