// probe_run.h: the event writer of the runtime in a test: probes in, packets through a ring in
// memory, events out, which the reader of the analyzer reads.
//
// The sources of runtime/probe are compiled into the program that includes this; it plays the core
// (site.h), the port (the ring is drained when it is full) and the recorder.

#ifndef FROST_TESTS_PROBE_RUN_H
#define FROST_TESTS_PROBE_RUN_H

#define FROST_PROBED

#include <sys/mman.h>

#include "analyzer/trace/trace_dict.h"
#include "analyzer/trace/trace_pieces.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/trace/trace_text.h"
#include "analyzer/trace/trace_writer.h"
#include "runtime/format/address_map.h"
#include "runtime/probe/counters.c"
#include "runtime/probe/credentials.c"
#include "runtime/probe/event_writer.c"
#include "runtime/probe/packet.c"
#include "runtime/probe/places.c"
#include "runtime/probe/program.c"
#include "runtime/probe/ring.c"
#include "runtime/probe/sites.c"
#include "runtime/probe/snapshot.c"
#include "runtime/probe/sources.c"
#include "runtime/probe/stacks.c"
#include "runtime/probe/texts.c"
#include "runtime/probe/world.c"
#include "tests/support/tap.h"

#define HEAP_BYTES 45056u
#define LOW_ADDR 0x3f000000u // where this test has its heap; below 4 GiB like the runtime's

static struct arena arena;
static char directory[64];
static struct trace_ring *ring;
static FILE *events;
static char *heap;
static struct probe_site here;
static struct probe_site_source meaning;
static int decode_count;
static struct probe_site callers[TRACE_STACK_DEPTH_MAX]; // of `here`, the outermost first
static int caller_count;
static int look_count;       // for callers
static unsigned stack_depth; // of the next begin()
static struct probe_frame here_frame;
static unsigned function_sources;
static uint64_t real_ns;

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
    decode_count++;
    *source = meaning;
    source->line = (uint32_t)site->pc + 10;
    probe_content_read(L, "\0\0\0\0", 0, 1, CONTENT_LINES); // must be ignored
}

int probe_site_callers(struct lua_State *L, struct probe_site *frames, int room)
{
    (void)L;
    int count = caller_count < room ? caller_count : room;
    look_count++;
    memcpy(frames, callers, (size_t)count * sizeof *callers);
    return count;
}

void probe_walk_heap(struct lua_State *L)
{
    (void)L;
}

void probe_site_frame(struct lua_State *L, struct probe_frame *frame)
{
    (void)L;
    *frame = here_frame;
}

unsigned probe_site_values(struct lua_State *L, const struct value *first, int count)
{
    (void)L, (void)first, (void)count;
    return 0;
}

uint32_t probe_site_object(struct lua_State *L)
{
    (void)L;
    return here_frame.object;
}

unsigned probe_site_nth(const struct proto *p)
{
    (void)p;
    return 0;
}

unsigned probe_function_sources(struct lua_State *L, uint32_t c_function)
{
    (void)L, (void)c_function;
    return function_sources;
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

// ---- the port and the recorder ----

static void drain(void)
{
    for (; ring->drained != ring->filled; ring->drained++) {
        const struct trace_packet_header *header = (const void *)trace_ring_slot(ring,
                                                                                 ring->drained);
        CHECK(fwrite(header, 1, header->packet_size / 8, events) == header->packet_size / 8);
    }
    ring->image_bytes = 0;
}

static void wait_for_recorder(uint32_t *word, uint32_t value)
{
    CHECK_EQUAL(*word, value);
    drain();
}

static void wake_recorder(struct trace_ring *woken)
{
    CHECK(woken == ring);
}

static uint64_t now_ns(void)
{
    return real_ns++;
}

static struct lua_State *const L = (struct lua_State *)16; // only passed on

static const char literals[] = "a literal";

static void begin(unsigned flags, size_t heap_bytes)
{
    snprintf(directory, sizeof directory, "/tmp/frost-probe-test.XXXXXX");
    CHECK(mkdtemp(directory) != NULL);
    struct trace_writer *empty;
    struct problem problem = {0};
    CHECK_EQUAL(trace_writer_open(&arena, directory, "test", &empty, &problem), STATUS_OK);
    CHECK_EQUAL(trace_writer_close(empty, &problem), STATUS_OK);
    events = fopen(arena_format(&arena, "%s/events", directory), "wb");
    ring = mmap(NULL, TRACE_RING_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ring->magic = TRACE_RING_MAGIC;
    ring->slot_bytes = TRACE_PACKET_BYTES;
    ring->slot_count = TRACE_RING_SLOTS;
    trace_schema_uuid(ring->uuid);
    heap = mmap((void *)(uintptr_t)LOW_ADDR, heap_bytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(heap == (void *)(uintptr_t)LOW_ADDR);
    size_t bytes = probe_memory_bytes(heap_bytes);
    probe_literals_between(literals, literals + sizeof literals);
    struct probe_setup setup = {
        .memory = calloc(1, bytes),
        .memory_bytes = bytes,
        .heap_bytes = heap_bytes,
        .ring = ring,
        .port = {wait_for_recorder, wake_recorder},
        .now_ns = now_ns,
        .flags = flags,
        .stack_depth = stack_depth,
    };
    CHECK_EQUAL(probe_start(&setup), 1);
    probe_boot(1, 0, LOW_ADDR, (uint32_t)heap_bytes, 388, "init.lua");
}

static struct trace *finish(void)
{
    probe_end(0, 1, 2, 3);
    probe_end(0, 1, 2, 3); // the second one does nothing
    CHECK_EQUAL(ring->is_closed, 1);
    drain();
    fclose(events);
    struct trace *trace = NULL;
    struct problem problem = {0};
    CHECK_EQUAL(trace_open(&arena, directory, &trace, &problem), STATUS_OK);
    return trace;
}

static void clear(void)
{
    unlink(arena_format(&arena, "%s/events", directory));
    unlink(arena_format(&arena, "%s/metadata", directory));
    unlink(arena_format(&arena, "%s/.frost/files", directory));
    rmdir(arena_format(&arena, "%s/.frost", directory));
    rmdir(directory);
}

// A string at an offset of the heap, as the core lays it out. Returns its characters.
static inline const char *put_string(uint32_t off, const char *text)
{
    uint32_t bytes = (uint32_t)strlen(text);
    memcpy(heap + off + 12, &bytes, sizeof bytes);
    memcpy(heap + off + 16, text, bytes + 1);
    return heap + off + 16;
}

static inline void at_site(int pc, uint32_t c_function, const char *function)
{
    here = (struct probe_site){
        .proto = LOW_ADDR + 8, .pc = pc, .c_function = c_function, .call = 1};
    meaning = (struct probe_site_source){
        .source = "init.lua", .source_bytes = 8, .function = function};
}

// Everything as text, without packets and real time.
static void expect_events(const char *want)
{
    struct trace *trace = finish();
    char *got = NULL;
    size_t got_bytes = 0;
    FILE *out = open_memstream(&got, &got_bytes);
    int more = trace_text_dump(trace, out, TRACE_TEXT_EVENTS, true, NULL);
    CHECK_TEXT(trace_problem(trace)->message, "");
    CHECK_EQUAL(more, 0);
    fclose(out);
    CHECK_TEXT(got, want);
    free(got);
    trace_close(trace);
    clear();
}

#define BOOT_OF(command)                                                                           \
    "0 boot number=1 flags=0 heap_bytes=45056 heap_addr=0x3f000000 lua_bytes=388 "                 \
    "command=\"" command "\"\n"
#define BOOT BOOT_OF("init.lua")
#define HIDDEN_BOOT BOOT_OF("")
#define END " end status=0 lua_bytes=1 lua_bytes_max=2 stack_bytes=3\n"

#endif
