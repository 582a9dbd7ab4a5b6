// serial_probe_test.c: the event writer at a port that drops packets, with filters: what arrives
// can be understood by itself.
//
// The sources of runtime/probe are compiled into this program; the test plays the core (site.h)
// and a port with one small packet, as the chip's (runtime/port/esp8266/trace.c).

#define FROST_PROBED

#include <sys/mman.h>

#include "analyzer/trace/trace_decode.h"
#include "runtime/probe/counters.c"
#include "runtime/probe/credentials.c"
#include "runtime/probe/event_writer.c"
#include "runtime/probe/packet.c"
#include "runtime/probe/places.c"
#include "runtime/probe/program.c"
#include "runtime/probe/sites.c"
#include "runtime/probe/snapshot.c"
#include "runtime/probe/sources.c"
#include "runtime/probe/stacks.c"
#include "runtime/probe/texts.c"
#include "tests/support/tap.h"

#define HEAP_BYTES 45056u
#define LOW_ADDR 0x3f000000u
#define PACKET_BYTES 512u

static uint8_t packet[PACKET_BYTES];
static struct trace_ring ring = {.slot_bytes = PACKET_BYTES};
static struct probe_site here;
static struct probe_site_source meaning;
static int (*is_dropped)(uint64_t number); // of packets, from 0
static char *heap;

// What arrived.
static uint32_t counts[TRACE_ID_LIMIT];
static uint64_t arrived, discarded, packets, commits, blocks_missing, next_serial = 1;
static uint32_t generation = UINT32_MAX;
static uint8_t is_text_known[4096], is_site_known[TRACE_SITE_MORE + 1];
static uint8_t is_block_known[HEAP_BYTES / 8];
static uint32_t undefined, unknown_frees;

// ---- the core ----

void probe_site_current(struct lua_State *L, struct probe_site *site)
{
    (void)L;
    *site = here;
}

void probe_site_source(struct lua_State *L, const struct probe_site *site,
                       struct probe_site_source *source)
{
    (void)L;
    *source = meaning;
    source->line = (uint32_t)site->pc + 1;
}

int probe_site_callers(struct lua_State *L, struct probe_site *frames, int room)
{
    (void)L;
    (void)frames;
    (void)room;
    return 0;
}

void probe_walk_heap(struct lua_State *L)
{
    (void)L;
}

void probe_site_frame(struct lua_State *L, struct probe_frame *frame)
{
    (void)L;
    *frame = (struct probe_frame){0};
}

unsigned probe_site_values(struct lua_State *L, const struct value *first, int count)
{
    (void)L, (void)first, (void)count;
    return 0;
}

uint32_t probe_site_object(struct lua_State *L)
{
    (void)L;
    return 0;
}

unsigned probe_site_nth(const struct proto *p)
{
    (void)p;
    return 0;
}

unsigned probe_function_sources(struct lua_State *L, uint32_t c_function)
{
    (void)L, (void)c_function;
    return 0;
}

void probe_site_secrets(struct lua_State *L, const struct proto *p)
{
    (void)L, (void)p;
}

void probe_heap_figures(struct lua_State *L, struct probe_heap_figures *figures)
{
    (void)L;
    *figures = (struct probe_heap_figures){1, 2, 3, 4, 5};
}

// ---- the port and the reader ----

static void take_event(const struct trace_event *event)
{
    counts[event->id]++;
    arrived++;
    switch (event->id) {
    case TRACE_ID_text:
        is_text_known[event->text.id] = 1;
        break;
    case TRACE_ID_site:
        is_site_known[event->site.id] = 1;
        break;
    case TRACE_ID_alloc:
        undefined += event->alloc.site && !is_site_known[event->alloc.site];
        is_block_known[(event->alloc.addr - LOW_ADDR) / 8] = 1;
        next_serial++;
        break;
    case TRACE_ID_resize:
        unknown_frees += !is_block_known[(event->resize.old_addr - LOW_ADDR) / 8];
        is_block_known[(event->resize.old_addr - LOW_ADDR) / 8] = 0;
        is_block_known[(event->resize.addr - LOW_ADDR) / 8] = 1;
        break;
    case TRACE_ID_string_new:
        undefined += !is_text_known[event->string_new.text];
        undefined += event->string_new.site && !is_site_known[event->string_new.site];
        is_block_known[(event->string_new.addr - LOW_ADDR) / 8] = 1;
        next_serial++;
        break;
    case TRACE_ID_content_read:
        undefined += !is_text_known[event->content_read.text];
        break;
    case TRACE_ID_free:
        unknown_frees += !is_block_known[(event->free.addr - LOW_ADDR) / 8];
        is_block_known[(event->free.addr - LOW_ADDR) / 8] = 0;
        break;
    }
}

int ring_is_ours(const struct trace_ring *any)
{
    return any == &ring;
}

uint8_t *ring_begin(struct trace_ring *any, const struct ring_port *port)
{
    (void)any;
    (void)port;
    return packet;
}

int ring_commit(struct trace_ring *any, const struct ring_port *port)
{
    (void)any;
    (void)port;
    const struct trace_packet_header *header = (const void *)packet;
    struct probe_packet_facts facts;
    probe_packet_facts(&facts);
    if (is_dropped && is_dropped(commits++))
        return 0;
    CHECK_EQUAL(header->packet_seq_num, packets);
    CHECK(header->serial_first >= next_serial);
    blocks_missing += header->serial_first - next_serial;
    next_serial = header->serial_first;
    discarded = header->events_discarded;
    packets++;
    if (facts.generation != generation) {
        CHECK_EQUAL(facts.generation, header->packet_seq_num);
        generation = facts.generation;
        memset(is_text_known, 0, sizeof is_text_known);
        memset(is_site_known, 0, sizeof is_site_known);
    }
    struct trace_event event = {.clock = header->timestamp_begin};
    uint64_t before = arrived;
    for (uint32_t at = TRACE_PACKET_HEADER_BYTES; at < header->content_size / 8;) {
        int32_t n = trace_decode(packet + at, header->content_size / 8 - at, &event);
        CHECK(n > 0);
        if (n <= 0)
            break;
        at += (uint32_t)n;
        take_event(&event);
    }
    CHECK_EQUAL(arrived - before, facts.events);
    return 1;
}

void ring_send_image(struct trace_ring *any, const struct ring_port *port, const char *name,
                     const void *image, uint32_t bytes)
{
    (void)any, (void)port, (void)name, (void)image, (void)bytes;
}

void ring_close(struct trace_ring *any, const struct ring_port *port)
{
    (void)any, (void)port;
}

static uint64_t now_ns(void)
{
    return 0;
}

static struct lua_State *const L = (struct lua_State *)16; // only passed on

static void begin(void)
{
    static const struct probe_sizes sizes = {
        .text_room = 100,
        .flash_ids = 16,
        .site_cache = 16,
        .site_room = 40,
        .site_heads = 16,
        .name_room = 16,
        .name_heads = 8,
        .counter_room = 8,
        .counter_heads = 16,
        .tail_bytes_max = 64,
    };
    heap = mmap((void *)(uintptr_t)LOW_ADDR, HEAP_BYTES, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(heap == (void *)(uintptr_t)LOW_ADDR);
    struct probe_setup setup = {
        .memory = calloc(1, 100000),
        .memory_bytes = 100000,
        .sizes = &sizes,
        .heap_bytes = HEAP_BYTES,
        .ring = &ring,
        .now_ns = now_ns,
    };
    trace_schema_uuid(ring.uuid);
    meaning = (struct probe_site_source){.source = "app.lua", .source_bytes = 7};
    CHECK_EQUAL(probe_start(&setup), 1);
    probe_boot(1, 0, LOW_ADDR, HEAP_BYTES, 388, "init.lua");
}

// A string of number `n` at a place of the heap. Result: its characters.
static char *make_string(uint32_t n, uint32_t off)
{
    char *text = heap + off + STRING_HEADER_BYTES;
    uint32_t bytes = (uint32_t)snprintf(text, 40, "text number %u", n);
    memcpy(text - 4, &bytes, sizeof bytes);
    probe_string_new(L, text, text, 0, 0);
    return text;
}

// A program of 400 rounds: strings that are made, read and die, blocks that move, many lines.
static void run(void)
{
    for (uint32_t round = 0; round < 400; round++) {
        uint32_t off = 64 * (round % 200);
        probe_clock += 3;
        here = (struct probe_site){.proto = 1000, .pc = (int32_t)(round % 60)};
        char *text = make_string(round % 150, off);
        probe_content_read(L, text, 0, 4, CONTENT_BYTE);
        probe_content_read(L, text, 0, 4, CONTENT_BYTE);
        char *block = heap + 20000 + off;
        probe_alloc(L, block, 16 + round % 64, KIND_TABLE);
        int site = probe_site_id(L);
        probe_resize(L, site, block, block + 8, 100, KIND_TABLE);
        probe_free(L, block + 8);
        probe_gc_begin(L, GC_REASON_STEP, 1);
        probe_gc_end(L, GC_REASON_STEP, 1, 2, 3);
        probe_free(L, text - STRING_HEADER_BYTES);
    }
    probe_end(0, 1, 2, 3);
}

static int drops_none(uint64_t number)
{
    (void)number;
    return 0;
}

static int drops_most(uint64_t number)
{
    return number % 7 < 5 && number < 400;
}

static int drops_some(uint64_t number)
{
    return number % 5 == 3;
}

TEST(nothing_is_dropped)
{
    is_dropped = drops_none;
    begin();
    run();
    CHECK_EQUAL(undefined, 0);
    CHECK_EQUAL(unknown_frees, 0);
    CHECK_EQUAL(discarded, 0);
    CHECK_EQUAL(blocks_missing, 0);
    CHECK_EQUAL(counts[TRACE_ID_string_new], 400);
    CHECK_EQUAL(counts[TRACE_ID_alloc], 400);
    CHECK_EQUAL(counts[TRACE_ID_free], 800);
    CHECK(generation > 0); // more lines than the table of sites has room for
    CHECK(!is_site_known[TRACE_SITE_MORE]);
    CHECK_EQUAL(counts[TRACE_ID_end], 1);
}

TEST(what_arrives_is_defined)
{
    for (int most = 0; most < 2; most++) {
        fflush(stdout);
        if (fork() != 0)
            continue;
        is_dropped = most ? drops_most : drops_some;
        begin();
        run();
        CHECK_EQUAL(undefined, 0);
        CHECK(discarded > 500);
        CHECK(counts[TRACE_ID_string_new] > 20);
        CHECK(counts[TRACE_ID_string_new] < 400);
        // Those after the last packet that arrived are in no gap.
        blocks_missing += probe_writer.serial + 1 - next_serial;
        CHECK_EQUAL(blocks_missing, 800 - counts[TRACE_ID_string_new] - counts[TRACE_ID_alloc]);
        fflush(stdout);
        _exit(test_failures != 0);
    }
    for (int status; wait(&status) > 0;)
        CHECK_EQUAL(status, 0);
}

TEST(small_blocks_are_left_out)
{
    begin();
    probe_filter.bytes_min = 64;
    run();
    CHECK_EQUAL(unknown_frees, 0);
    CHECK_EQUAL(counts[TRACE_ID_string_new], 0);
    CHECK_EQUAL(counts[TRACE_ID_alloc], 400); // those below 64 begin when they have grown
    CHECK(counts[TRACE_ID_resize] < 400);
    CHECK_EQUAL(counts[TRACE_ID_free], 400);
    CHECK(probe_filter.left_out > 1000);
}

TEST(kinds_are_left_out)
{
    begin();
    probe_filter.kept = 1u << TRACE_ID_gc_end | 1u << TRACE_ID_content_read;
    run();
    CHECK_EQUAL(counts[TRACE_ID_gc_end], 400);
    CHECK(counts[TRACE_ID_content_read] > 300);
    CHECK(counts[TRACE_ID_text] > 100);
    CHECK_EQUAL(undefined, 0);
    CHECK_EQUAL(counts[TRACE_ID_gc_begin] + counts[TRACE_ID_alloc] + counts[TRACE_ID_resize] +
                    counts[TRACE_ID_free] + counts[TRACE_ID_string_new] + counts[TRACE_ID_heap],
                0);
}

TEST(a_chunk_is_left_out)
{
    begin();
    memcpy(probe_filter.chunk, "other", 6);
    run();
    CHECK_EQUAL(counts[TRACE_ID_alloc] + counts[TRACE_ID_string_new] +
                    counts[TRACE_ID_content_read] + counts[TRACE_ID_site] + counts[TRACE_ID_text],
                0);
    CHECK_EQUAL(counts[TRACE_ID_gc_end], 400);
    CHECK_EQUAL(unknown_frees, 0);
}

TEST(a_generation_on_request)
{
    begin();
    here = (struct probe_site){.proto = 1000, .pc = 5};
    char *text = make_string(1, 0);
    probe_content_read(L, text, 0, 1, CONTENT_BYTE);
    probe_flush();
    probe_content_read(L, text, 0, 1, CONTENT_BYTE);
    CHECK_EQUAL(packets, 1);
    CHECK_EQUAL(counts[TRACE_ID_text], 1);
    probe_forget();
    probe_content_read(L, text, 0, 1, CONTENT_BYTE);
    probe_end(0, 1, 2, 3);
    CHECK_EQUAL(counts[TRACE_ID_text], 2);
    CHECK_EQUAL(counts[TRACE_ID_site], 2);
    CHECK_EQUAL(undefined, 0);
    CHECK_EQUAL(generation, 2);
}

TEST_MAIN
