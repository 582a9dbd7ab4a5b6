// qemu_merge_test.c: what comes through the emulator's pipe, in pieces of any size, becomes a trace
// that accounts for every sum; damage is refused.

#include <sys/stat.h>

#include "analyzer/trace/trace_reader.h"
#include "collectors/qemu/qemu_private.h"
#include "runtime/format/address_map.h"
#include "tests/support/tap.h"

static struct arena arena;
static struct problem problem;
static char directory[64];
static uint8_t stream[1u << 23];
static size_t stream_bytes;

// ---- the stream ----

static void put(const void *data, size_t bytes)
{
    CHECK(stream_bytes + bytes <= sizeof stream);
    if (bytes)
        memcpy(stream + stream_bytes, data, bytes);
    stream_bytes += bytes;
}

static uint8_t packet[TRACE_PACKET_BYTES];
static uint32_t packet_used;
static struct trace_packet_header header;

static void begin_packet(uint64_t clock, uint64_t sequence, uint64_t serial_first)
{
    header = (struct trace_packet_header){.magic = TRACE_MAGIC,
                                          .timestamp_begin = clock,
                                          .packet_seq_num = sequence,
                                          .serial_first = serial_first};
    trace_schema_uuid(header.uuid);
    packet_used = TRACE_PACKET_HEADER_BYTES;
}

static void put_event(uint32_t id, uint64_t clock, void *event, size_t bytes)
{
    uint32_t word = id | (uint32_t)clock << TRACE_ID_BITS;
    memcpy(event, &word, sizeof word);
    memcpy(packet + packet_used, event, bytes);
    packet_used += (uint32_t)bytes;
    header.timestamp_end = clock;
}

static void end_packet(void)
{
    uint32_t bytes = (packet_used + 7u) & ~7u;
    header.content_size = packet_used * 8;
    header.packet_size = bytes * 8;
    memset(packet + packet_used, 0, bytes - packet_used);
    memcpy(packet, &header, sizeof header);
    put(packet, bytes);
}

static void put_site(uint16_t id, uint64_t clock)
{
    struct trace_wire_site site = {.id = id, .line = id};
    put_event(TRACE_ID_site, clock, &site, sizeof site);
}

static void put_alloc(uint32_t addr, uint64_t clock)
{
    struct trace_wire_alloc alloc = {.addr = addr, .bytes = 8, .kind = KIND_TABLE};
    put_event(TRACE_ID_alloc, clock, &alloc, sizeof alloc);
}

static void put_end(uint64_t clock)
{
    struct trace_wire_end end = {.status = 0};
    put_event(TRACE_ID_end, clock, &end, sizeof end);
}

static void put_block(uint32_t flags, const struct wire_record *records, uint32_t count)
{
    struct wire_block block = {.magic = WIRE_MAGIC,
                               .flags = flags,
                               .record_count = count,
                               .totals.instructions = 1000 + count};
    put(&block, sizeof block);
    put(records, count * sizeof *records);
}

// ---- the recorder ----

static struct recorder_result result;
static struct recorder_setup setup;
static struct qemu_setup qemu;
static struct qemu_recorder recorder;

static void begin(void)
{
    arena_init(&arena);
    snprintf(directory, sizeof directory, "/tmp/frost-merge-test.%ld", (long)getpid());
    problem = (struct problem){0};
    result = (struct recorder_result){0};
    setup = (struct recorder_setup){.directory = directory,
                                    .output_fd = -1,
                                    .error_fd = -1,
                                    .command = "",
                                    .profile = "nodemcu",
                                    .number = "float",
                                    .build = "probed",
                                    .version = "test"};
    recorder = (struct qemu_recorder){.setup = &qemu,
                                      .host = {.arena = &arena,
                                               .setup = &setup,
                                               .result = &result,
                                               .problem = &problem,
                                               .events_fd = -1,
                                               .ring_fd = -1,
                                               .last_id = TRACE_ID_LIMIT},
                                      .packet = arena_alloc(&arena, TRACE_PACKET_BYTES_MAX)};
    stream_bytes = 0;
    CHECK_EQUAL(recorder_directory_begin(&recorder.host), STATUS_OK);
}

// Gives the stream in pieces of `piece` bytes.
static int merge(size_t piece)
{
    for (size_t at = 0; at < stream_bytes; at += piece) {
        size_t bytes = stream_bytes - at < piece ? stream_bytes - at : piece;
        int status = qemu_merge(&recorder, stream + at, bytes);
        if (status != STATUS_OK)
            return status;
    }
    return qemu_merge_rest(&recorder);
}

static struct trace *finish(void)
{
    struct trace *trace = NULL;
    CHECK_EQUAL(recorder_directory_run(&recorder.host), STATUS_OK);
    CHECK_EQUAL(recorder_directory_finish(&recorder.host), STATUS_OK);
    CHECK_EQUAL(trace_open(&arena, directory, &trace, &problem), STATUS_OK);
    CHECK_TEXT(problem.message, "");
    return trace;
}

static void clear(struct trace *trace)
{
    static const char *const names[] = {"events", "metadata", ".frost/run.json", ".frost", ""};
    trace_close(trace);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(arena_format(&arena, "%s/%s", directory, names[i]));
    free(recorder.queue);
    free(recorder.records);
    arena_deinit(&arena);
}

struct sums {
    uint64_t loads, misses, instructions, fetches, events, site_zero, serial;
    uint32_t last_id;
};

static struct sums read_all(struct trace *trace)
{
    struct sums sums = {0};
    struct trace_event event;
    while (trace_next(trace, &event) == 1) {
        sums.events++;
        sums.last_id = event.id;
        if (event.serial)
            sums.serial = event.serial;
        if (event.id == TRACE_ID_flash_load) {
            sums.loads += event.flash_load.times;
            sums.site_zero += event.flash_load.site == 0;
        } else if (event.id == TRACE_ID_cache_miss) {
            sums.misses += event.cache_miss.times;
        } else if (event.id == TRACE_ID_machine_code) {
            sums.instructions += event.machine_code.instructions;
            sums.fetches += event.machine_code.fetches;
        }
    }
    CHECK_EQUAL(trace_problem(trace)->status, STATUS_OK);
    return sums;
}

static const struct wire_record some[] = {
    {.a = 0x40290000,
     .b = 0x40210000,
     .site = 1,
     .event = TRACE_ID_flash_load,
     .what = 1,
     .first = 5},
    {.a = 0x40290020,
     .b = 0x40210000,
     .site = 1,
     .event = TRACE_ID_cache_miss,
     .what = FLASH_USE_DATA,
     .first = 2},
    {.b = 0x40210000,
     .site = 1,
     .event = TRACE_ID_machine_code,
     .first = 0x300000007,
     .second = 0x100000001},
};

static void put_two_packets(void)
{
    put_block(WIRE_HELLO, NULL, 0);
    put_block(0, some, 3);
    begin_packet(10, 0, 1);
    put_site(1, 10);
    put_alloc(0x3FFE8000, 11);
    end_packet();
    put_block(0, some, 3);
    begin_packet(12, 1, 2);
    put_alloc(0x3FFE9000, 20);
    put_end(21);
    end_packet();
    put_block(WIRE_LAST, NULL, 0);
}

TEST(sums_stand_in_their_packet)
{
    for (size_t piece = 1; piece < 400; piece += piece < 20 ? 1 : 37) {
        begin();
        put_two_packets();
        CHECK_EQUAL(merge(piece), STATUS_OK);
        struct trace *trace = finish();
        struct sums sums = read_all(trace);
        CHECK_EQUAL(sums.loads, 10);
        CHECK_EQUAL(sums.misses, 4);
        CHECK_EQUAL(sums.instructions, 2 * 0x300000007);
        CHECK_EQUAL(sums.fetches, 2 * 0x100000001);
        CHECK_EQUAL(sums.last_id, TRACE_ID_end);
        CHECK_EQUAL(sums.serial, 2);
        CHECK_EQUAL(recorder.totals.instructions, 1000);
        CHECK(!trace_loss(trace)->is_unfinished);
        CHECK_EQUAL(trace_loss(trace)->packets_lost, 0);
        CHECK_EQUAL(trace_loss(trace)->blocks_lost, 0);
        CHECK_EQUAL(trace_packet(trace)->sequence, 1);
        clear(trace);
    }
}

TEST(more_than_a_packet_holds)
{
    enum { COUNT = 130000 };
    static struct wire_record many[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        many[i] = (struct wire_record){.a = WINDOW_ADDR + 4 * i,
                                       .b = 0x40210000,
                                       .site = 1,
                                       .event = TRACE_ID_flash_load,
                                       .what = 4,
                                       .first = 1};
    begin();
    put_block(0, many, COUNT);
    begin_packet(10, 0, 1);
    put_site(1, 10);
    put_alloc(0x3FFE8000, 10);
    end_packet();
    begin_packet(12, 1, 2);
    put_alloc(0x3FFE9000, 20);
    end_packet();
    put_block(0, many, COUNT);
    begin_packet(20, 2, 3);
    put_end(21);
    end_packet();
    CHECK_EQUAL(merge(5000), STATUS_OK);
    CHECK_EQUAL(result.packet_count, 3 + 4);
    struct trace *trace = finish();
    struct sums sums = read_all(trace);
    CHECK_EQUAL(sums.loads, 2 * COUNT);
    CHECK_EQUAL(sums.events, 2 * COUNT + 4);
    CHECK_EQUAL(sums.last_id, TRACE_ID_end);
    CHECK_EQUAL(sums.serial, 2);
    CHECK_EQUAL(trace_loss(trace)->packets_lost, 0);
    CHECK_EQUAL(trace_loss(trace)->blocks_lost, 0);
    clear(trace);
}

// The emulator died: the sums since its last packet are kept, but not sites that nobody defined.
TEST(without_an_end)
{
    const struct wire_record late[] = {{.a = 0x40290000,
                                        .b = 0x40210000,
                                        .site = 1,
                                        .event = TRACE_ID_flash_load,
                                        .what = 1,
                                        .first = 5},
                                       {.a = 0x40290000,
                                        .b = 0x40210000,
                                        .site = 2,
                                        .event = TRACE_ID_flash_load,
                                        .what = 1,
                                        .first = 7},
                                       {.a = 0x40290000,
                                        .b = 0x40210000,
                                        .site = TRACE_SITE_MORE,
                                        .event = TRACE_ID_flash_load,
                                        .what = 1,
                                        .first = 9}};
    begin();
    begin_packet(10, 0, 1);
    put_site(1, 10);
    put_alloc(0x3FFE8000, 10);
    end_packet();
    put_block(WIRE_LAST, late, 3);
    put("\0", 1); // and a part of what was to come
    CHECK_EQUAL(merge(77), STATUS_OK);
    struct trace *trace = finish();
    struct sums sums = read_all(trace);
    CHECK_EQUAL(sums.loads, 21);
    CHECK_EQUAL(sums.site_zero, 2);
    CHECK(trace_loss(trace)->is_unfinished);
    CHECK_EQUAL(trace_loss(trace)->packets_lost, 0);
    CHECK_EQUAL(trace_loss(trace)->blocks_lost, 0);
    clear(trace);
}

// Every cut of the stream gives a trace of what came whole.
TEST(cut_at_every_byte)
{
    begin();
    put_two_packets();
    size_t whole = stream_bytes;
    clear(finish());
    for (size_t cut = 0; cut < whole; cut += 3) {
        begin();
        put_two_packets();
        stream_bytes = cut;
        CHECK_EQUAL(merge(64), STATUS_OK);
        struct trace *trace = finish();
        struct sums sums = read_all(trace);
        CHECK(sums.loads == 0 || sums.loads == 5 || sums.loads == 10);
        clear(trace);
    }
}

TEST(damage_is_refused)
{
    uint64_t refused = 0, count = 0;
    for (size_t bit = 0; bit < 8 * 600; bit += 5) {
        begin();
        put_two_packets();
        stream[bit / 8] ^= (uint8_t)(1u << bit % 8);
        int status = merge(4096);
        CHECK(status == STATUS_OK || status == STATUS_DAMAGED);
        CHECK(status == STATUS_OK || problem.message[0] != 0);
        refused += status != STATUS_OK;
        count++;
        recorder_directory_abandon(&recorder.host);
        free(recorder.queue);
        free(recorder.records);
        arena_deinit(&arena);
    }
    printf("# %llu of %llu refused\n", (unsigned long long)refused, (unsigned long long)count);
    CHECK(refused > 20);
}

TEST_MAIN
