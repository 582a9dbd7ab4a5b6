// bench_trace.c: how fast traces are read and analysed, and in how much memory.
//
// usage: bench_trace make EVENTS DIRECTORY     writes a trace of that many events
//        bench_trace read DIRECTORY            decodes it
//        bench_trace profile DIRECTORY         decodes, sums up by text, site, kind, highest point
// read and profile print "events microseconds rss_bytes" (processor time, largest resident size).
//
// The made trace is a program of a device: 44 KB heap, about a thousand live blocks, some constants
// that are found again and again, strings built from numbers that are ever new, tables that grow,
// collections. The same arguments give the same bytes.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "analyzer/analysis/heap/heap_profile.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/trace/trace_writer.h"

#define LIVE_MAX 1024
#define TEXT_IDS 16384 // of the writer on the host, for a heap of 44 KB about 9600
#define CONSTANTS 600
#define SITES 400
#define HEAP_BEGIN 0x3ffe8000u

static struct arena arena;

static _Noreturn void fail(const char *what, const struct problem *problem)
{
    fprintf(stderr, "bench_trace: %s: %s\n", what, problem ? problem->message : "");
    exit(1);
}

// ---- making ----

struct maker {
    struct trace_writer *writer;
    uint64_t left; // events to write
    uint64_t clock;
    uint64_t seed;
    uint32_t text_next; // next id to define, goes round
    uint64_t number;    // of ever new strings
    uint8_t is_string[LIVE_MAX];
    uint32_t lua_bytes;
    uint8_t is_live[LIVE_MAX];
};

static uint32_t random_below(struct maker *maker, uint32_t limit)
{
    maker->seed ^= maker->seed << 13;
    maker->seed ^= maker->seed >> 7;
    maker->seed ^= maker->seed << 17;
    return (uint32_t)(maker->seed >> 33) % limit;
}

static void put(struct maker *maker, struct trace_event event)
{
    if (maker->left == 0)
        return;
    maker->left--;
    maker->clock += random_below(maker, 12);
    event.clock = maker->clock;
    if (trace_writer_event(maker->writer, &event) != STATUS_OK)
        fail("event", NULL);
}

#define PUT(maker, name, ...)                                                                      \
    put(maker, (struct trace_event){.id = TRACE_ID_##name, .name = {__VA_ARGS__}})

static void put_text(struct maker *maker, uint32_t id, const char *content)
{
    struct text text = text_of(content);
    PUT(maker, text, .id = id, .hash = trace_text_hash(text.data, text.bytes),
        .bytes = (uint32_t)text.bytes, .text = text);
}

static void begin_trace(struct maker *maker)
{
    char content[64];
    PUT(maker, boot, .number = 1, .heap_bytes = 45056, .heap_addr = HEAP_BEGIN,
        .command = text_of("init.lua"));
    PUT(maker, name, .id = 1, .text = text_of("init.lua"));
    for (uint16_t site = 1; site <= SITES; site++)
        PUT(maker, site, .id = site, .source = 1, .line = site, .defined = 1);
    for (uint32_t id = 1; id <= CONSTANTS; id++) {
        snprintf(content, sizeof content, "constant text number %u", id);
        put_text(maker, id, content);
    }
    maker->text_next = CONSTANTS + 1;
}

static void release(struct maker *maker, uint32_t slot)
{
    PUT(maker, free, .addr = HEAP_BEGIN + slot * 64);
    maker->is_live[slot] = 0;
}

static void make_string(struct maker *maker, uint32_t slot, uint16_t site)
{
    uint32_t id = 1 + random_below(maker, CONSTANTS);
    if (random_below(maker, 4) == 0) { // never seen before
        char content[64];
        snprintf(content, sizeof content, "value %llu", (unsigned long long)maker->number++);
        id = maker->text_next;
        maker->text_next = id + 1 < TEXT_IDS ? id + 1 : CONSTANTS + 1;
        put_text(maker, id, content);
    }
    PUT(maker, string_new, .addr = HEAP_BEGIN + slot * 64, .text = id, .site = site, .probes = 1);
    maker->is_live[slot] = 1;
}

static void make_block(struct maker *maker, uint32_t slot, uint16_t site)
{
    uint8_t kind = (uint8_t)(KIND_TABLE + random_below(maker, 5));
    PUT(maker, alloc, .addr = HEAP_BEGIN + slot * 64, .bytes = 16 + random_below(maker, 48),
        .kind = kind, .site = site);
    if (random_below(maker, 4) == 0)
        PUT(maker, resize, .old_addr = HEAP_BEGIN + slot * 64, .addr = HEAP_BEGIN + slot * 64,
            .bytes = 64, .kind = kind, .site = site);
    maker->is_live[slot] = 1;
}

static void make_one(struct maker *maker)
{
    uint32_t slot = random_below(maker, LIVE_MAX);
    uint16_t site = (uint16_t)(1 + random_below(maker, SITES));
    uint32_t what = random_below(maker, 100);
    if (maker->is_live[slot])
        release(maker, slot);
    if (what < 40)
        make_string(maker, slot, site);
    else if (what < 70)
        make_block(maker, slot, site);
    else if (what < 92)
        PUT(maker, string_found, .text = 1 + random_below(maker, CONSTANTS), .site = site,
            .probes = 1, .place = (uint8_t)random_below(maker, 2));
    else if (what < 96)
        PUT(maker, content_read, .text = 1 + random_below(maker, CONSTANTS), .bytes = 9,
            .site = site, .function = CONTENT_FORMAT, .times = 3);
    else if (what < 98)
        PUT(maker, vm_event, .what = VM_FLASH_CALL, .site = site, .addr = 0x40290000, .times = 5);
    else if (what < 99)
        PUT(maker, gc_begin, .reason = GC_REASON_STEP, .lua_bytes = 20000);
    else
        PUT(maker, gc_end, .reason = GC_REASON_STEP, .lua_bytes = 20000, .visited = 900);
}

static void make(uint64_t count, const char *directory)
{
    struct problem problem = {0};
    struct maker maker = {.left = count, .seed = 88172645463325252u};
    if (trace_writer_open(&arena, directory, "bench", &maker.writer, &problem) != STATUS_OK)
        fail(directory, &problem);
    maker.left--; // of the end event
    begin_trace(&maker);
    while (maker.left > 0)
        make_one(&maker);
    maker.left = 1;
    PUT(&maker, end, .lua_bytes = 1);
    if (trace_writer_close(maker.writer, &problem) != STATUS_OK)
        fail(directory, &problem);
}

// ---- measuring ----

static void print_result(uint64_t events)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    long us = (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000L + use.ru_utime.tv_usec +
              use.ru_stime.tv_usec;
    printf("%llu %ld %ld\n", (unsigned long long)events, us, use.ru_maxrss * 1024);
}

static void read_only(const char *directory)
{
    struct problem problem = {0};
    struct trace *trace;
    struct trace_event event;
    uint64_t events = 0, sum = 0;
    int more;
    if (trace_open(&arena, directory, &trace, &problem) != STATUS_OK)
        fail(directory, &problem);
    while ((more = trace_next(trace, &event)) > 0) {
        events++;
        sum += event.clock ^ event.id;
    }
    if (more < 0 || sum == 0)
        fail(directory, trace_problem(trace));
    print_result(events);
    trace_close(trace);
}

static void profile(const char *directory)
{
    struct problem problem = {0};
    struct heap_profile *heap = ARENA_NEW(&arena, struct heap_profile);
    heap_profile_init(heap, &arena);
    if (heap_profile_add(heap, directory, NULL, NULL, &problem) != STATUS_OK)
        fail(directory, &problem);
    print_result(heap->runs[0].steps);
    heap_profile_deinit(heap);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        make(strtoull(argv[2], NULL, 10), argv[3]);
    else if (argc == 3 && strcmp(argv[1], "read") == 0)
        read_only(argv[2]);
    else if (argc == 3 && strcmp(argv[1], "profile") == 0)
        profile(argv[2]);
    else
        return fputs("usage: bench_trace make EVENTS DIRECTORY | read DIRECTORY | profile "
                     "DIRECTORY\n",
                     stderr),
               2;
    return 0;
}
