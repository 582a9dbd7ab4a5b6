// recorder_drain_test.c: what the recorder makes of a ring: packets, an open one, a ring gone wild.

#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/trace/trace_reader.h"
#include "collectors/host/recorder_private.h"
#include "tests/support/tap.h"

static struct arena arena;
static char directory[64];
static struct recorder_setup setup;
static struct recorder_result result;
static struct problem problem;
static struct recorder recorder;

static void begin(void)
{
    arena_init(&arena);
    snprintf(directory, sizeof directory, "/tmp/frost-drain-test.%ld", (long)getpid());
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
    recorder = (struct recorder){.arena = &arena,
                                 .setup = &setup,
                                 .result = &result,
                                 .problem = &problem,
                                 .events_fd = -1,
                                 .ring_fd = -1,
                                 .last_id = TRACE_ID_LIMIT};
    recorder.ring = mmap(NULL, TRACE_RING_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    recorder.ring->magic = TRACE_RING_MAGIC;
    recorder.ring->slot_bytes = TRACE_PACKET_BYTES;
    recorder.ring->slot_count = TRACE_RING_SLOTS;
    CHECK_EQUAL(recorder_directory_begin(&recorder), STATUS_OK);
}

static struct trace *finish(void)
{
    struct trace *trace = NULL;
    CHECK_EQUAL(recorder_directory_run(&recorder), STATUS_OK);
    CHECK_EQUAL(recorder_directory_finish(&recorder), STATUS_OK);
    CHECK_EQUAL(trace_open(&arena, directory, &trace, &problem), STATUS_OK);
    CHECK_TEXT(problem.message, "");
    munmap(recorder.ring, TRACE_RING_BYTES);
    return trace;
}

static void clear(struct trace *trace)
{
    trace_close(trace);
    CHECK_EQUAL(system(arena_format(&arena, "rm -r '%s'", directory)), 0);
    arena_deinit(&arena);
}

// Puts a packet of two events into the next slot: a compact one and an extended one. Result: bytes.
static uint32_t put_packet(uint64_t sequence, uint64_t clock, uint64_t discarded)
{
    struct __attribute__((packed)) {
        struct trace_packet_header header;
        struct trace_wire_free free;
        struct trace_wire_stack stack;
    } packet = {
        .header = {.magic = TRACE_MAGIC,
                   .timestamp_begin = clock,
                   .timestamp_end = clock,
                   .events_discarded = discarded,
                   .packet_seq_num = sequence,
                   .serial_first = 1},
        .free = {TRACE_ID_free | (uint32_t)clock << TRACE_ID_BITS, 16},
        .stack = {{TRACE_ID_EXTENDED, TRACE_ID_stack, clock}, 2, 1, 1},
    };
    trace_schema_uuid(packet.header.uuid);
    uint32_t bytes = ((uint32_t)sizeof packet + 7u) & ~7u;
    packet.header.packet_size = bytes * 8;
    packet.header.content_size = (uint32_t)sizeof packet * 8;
    memcpy(trace_ring_slot(recorder.ring, recorder.ring->filled), &packet, sizeof packet);
    return (uint32_t)sizeof packet;
}

static unsigned count_events(struct trace *trace)
{
    struct trace_event event;
    unsigned count = 0;
    while (trace_next(trace, &event) > 0)
        count++;
    CHECK_TEXT(trace_problem(trace)->message, "");
    return count;
}

TEST(the_open_packet_of_a_dead_program)
{
    begin();
    put_packet(0, 10, 3);
    recorder.ring->filled++;
    CHECK_EQUAL(recorder_drain(&recorder), 1);
    CHECK_EQUAL(result.event_count, 2);
    // Sums that were not written yet are lost with the program, beside what was lost before.
    recorder.ring->open_bytes = put_packet(1, 20, 3);
    recorder.ring->open_clock = 25;
    recorder.ring->open_counters = 5;
    CHECK_EQUAL(recorder_drain_rest(&recorder), STATUS_OK);
    CHECK_EQUAL(recorder.discarded, 8);
    struct trace *trace = finish();
    CHECK_EQUAL(count_events(trace), 4);
    CHECK_EQUAL(trace_loss(trace)->events_discarded, 8);
    CHECK_EQUAL(trace_packet(trace)->clock_end, 25);
    clear(trace);
}

TEST(no_open_packet)
{
    begin();
    put_packet(0, 10, 0);
    recorder.ring->filled++;
    put_packet(1, 20, 0);
    recorder.ring->open_counters = 5;
    recorder.ring->open_bytes = TRACE_PACKET_HEADER_BYTES; // nothing in it
    CHECK_EQUAL(recorder_drain_rest(&recorder), STATUS_OK);
    struct trace *trace = finish();
    CHECK_EQUAL(count_events(trace), 2);
    CHECK_EQUAL(trace_loss(trace)->events_discarded, 0);
    clear(trace);
}

TEST(what_a_program_gone_wild_leaves)
{
    static const char *const faults[] = {"not a packet", "cannot be read", "destroyed the ring"};
    for (int fault = 0; fault < 3; fault++) {
        begin();
        put_packet(0, 10, 0);
        uint8_t *packet = trace_ring_slot(recorder.ring, 0);
        if (fault == 0)
            packet[0]++;
        else if (fault == 1) // an extended event of no known kind
            packet[TRACE_PACKET_HEADER_BYTES + sizeof(struct trace_wire_free) + 1] = 99;
        else
            recorder.ring->slot_count = 3;
        recorder.ring->filled++;
        CHECK_EQUAL(recorder_drain(&recorder), STATUS_DAMAGED);
        CHECK(strstr(problem.message, faults[fault]) != NULL);
        recorder_directory_abandon(&recorder);
        munmap(recorder.ring, TRACE_RING_BYTES);
        arena_deinit(&arena);
    }
}

TEST_MAIN
