// gc_mode_heap_test.c: the heap of a modelled mode, and runs that show what depends on it.

#include "analyzer/analysis/gc/gc_mode_heap.h"

#include "analyzer/analysis/gc/gc.h"
#include "analyzer/analysis/gc/gc_mode_cost.h"
#include "tests/support/trace_directory.h"

#define HEAP 0x3ffe8000u

static struct arena arena;

static struct gc_mode_heap *heap_of(uint32_t bytes)
{
    struct gc_mode_heap *heap = ARENA_NEW(&arena, struct gc_mode_heap);
    struct trace_event_boot boot = {.heap_bytes = bytes, .heap_addr = HEAP, .lua_bytes = 8};
    gc_mode_heap_boot(heap, &arena, &boot);
    CHECK(heap->is_known);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16);
    return heap;
}

static void die(struct gc_mode_heap *heap, uint32_t addr, struct gc_mode_heap_dead dead)
{
    dead.addr = addr;
    gc_mode_heap_died(heap, &dead);
}

// Free memory in pieces holds no block that is longer than a piece.
TEST(pieces)
{
    struct gc_mode_heap *heap = heap_of(16 + 10 * 64);
    for (uint32_t i = 0; i < 10; i++)
        CHECK(gc_mode_heap_take(heap, 0, HEAP + 16 + i * 64, 56));
    CHECK(!gc_mode_heap_fits(heap, 0, 8));
    for (uint32_t i = 0; i < 10; i += 2)
        gc_mode_heap_give(heap, HEAP + 16 + i * 64);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 5 * 64);
    CHECK(gc_mode_heap_fits(heap, 0, 56));
    CHECK(!gc_mode_heap_fits(heap, 0, 57));
    CHECK(!gc_mode_heap_take(heap, 0, HEAP + 16, 57));
    CHECK(gc_mode_heap_fits(heap, HEAP + 16 + 64, 120)); // onto the free one behind it
    CHECK(!gc_mode_heap_fits(heap, HEAP + 16 + 64, 121));
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 5 * 64);
}

// What would be left of a free block comes with the new one if it is too small for a block.
TEST(rests)
{
    struct gc_mode_heap *heap = heap_of(16 + 3 * 64);
    for (uint32_t i = 0; i < 3; i++)
        gc_mode_heap_take(heap, 0, HEAP + 16 + i * 64, 56);
    gc_mode_heap_give(heap, HEAP + 16 + 64);
    gc_mode_heap_take(heap, 0, HEAP + 16 + 64, 48); // 56 of 64
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 3 * 64);
    gc_mode_heap_give(heap, HEAP + 16 + 64);
    gc_mode_heap_take(heap, 0, HEAP + 16 + 64, 40); // 48
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 2 * 64 + 48);
}

// The dead keep their places until all go; but what waits for its finalizer stays once.
TEST(the_dead_stay)
{
    struct gc_mode_heap *heap = heap_of(4096);
    for (uint32_t i = 0; i < 3; i++)
        gc_mode_heap_take(heap, 0, HEAP + 16 + i * 64, 56);
    die(heap, HEAP + 16, (struct gc_mode_heap_dead){.waits_for_finalizer = true});
    die(heap, HEAP + 16 + 64, (struct gc_mode_heap_dead){.is_marked = true});
    die(heap, HEAP + 1024, (struct gc_mode_heap_dead){0}); // whose birth was lost
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 3 * 64);
    gc_mode_heap_take(heap, 0, HEAP + 16, 56); // where the dead one was recorded to be
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 4 * 64);
    gc_mode_heap_collect(heap);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 3 * 64);
    gc_mode_heap_collect(heap);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 2 * 64);
}

// Strings go by their chains, and only those without a mark; one that is made again lives.
TEST(strings_by_chains)
{
    struct gc_mode_heap *heap = heap_of(4096);
    struct gc_mode_heap_dead found;
    for (uint32_t i = 0; i < 8; i++) {
        gc_mode_heap_take(heap, 0, HEAP + 16 + i * 64, 50 + i % 2);
        die(heap, HEAP + 16 + i * 64,
            (struct gc_mode_heap_dead){.step = 100 + i / 2, // two in one
                                       .bytes = 50 + i % 2,
                                       .text = i,
                                       .hash = 40 + i,
                                       .is_string = true,
                                       .is_marked = i == 7});
    }
    CHECK(gc_mode_heap_revive(heap, 100, 0, HEAP + 16, &found));
    CHECK_EQUAL(found.hash, 40);
    CHECK(!found.is_doomed);
    CHECK(!gc_mode_heap_revive(heap, 100, 0, HEAP + 16, &found));
    gc_mode_heap_end_marking(heap);
    CHECK_EQUAL(gc_mode_heap_sweep_strings(heap, 0, 3, 8), 101); // the second and third
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 6 * 64);
    CHECK(!gc_mode_heap_revive(heap, 101, 2, HEAP + 16 + 64, &found));
    CHECK(gc_mode_heap_revive(heap, 101, 3, HEAP + 16 + 64, &found));
    CHECK(found.is_doomed);
    CHECK_EQUAL(gc_mode_heap_sweep_strings(heap, 3, 8, 8), 50 + 51 + 50);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 3 * 64);
    gc_mode_heap_end_marking(heap); // its mark was that cycle's
    CHECK_EQUAL(gc_mode_heap_sweep_strings(heap, 0, 8, 8), 51);
}

// Other blocks go by shares; a mode's vector is as long as it was until it is shrunk.
TEST(objects_and_vectors)
{
    struct gc_mode_heap *heap = heap_of(4096);
    for (uint32_t i = 0; i < 4; i++) {
        gc_mode_heap_take(heap, 0, HEAP + 16 + i * 64, 56);
        die(heap, HEAP + 16 + i * 64, (struct gc_mode_heap_dead){.text = HEAP_NO_TEXT});
    }
    gc_mode_heap_end_marking(heap);
    gc_mode_heap_sweep_objects(heap, 1, 2);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 2 * 64);
    gc_mode_heap_sweep_objects(heap, 1, 1);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16);
    gc_mode_heap_take(heap, 0, HEAP + 16, 1016);
    gc_mode_heap_rename(heap, HEAP + 16, HEAP + 512, 240, KIND_CALLS);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 1024);
    gc_mode_heap_shrink(heap); // by halves
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 520);
    gc_mode_heap_shrink(heap);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 264);
    gc_mode_heap_shrink(heap); // not below what is recorded
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 264);
    gc_mode_heap_rename(heap, HEAP + 512, HEAP + 512, 200, KIND_STACK);
    gc_mode_heap_shrink(heap); // half of it, and its reserve
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 208);
    gc_mode_heap_set_table(heap, 120);
    gc_mode_heap_set_table(heap, 248);
    CHECK_EQUAL(gc_mode_heap_used(heap), 16 + 208 + 256);
}

// ---- runs ----

static struct gc *analyse(const char *events, uint64_t limit)
{
    struct trace_directory made = trace_directory_make(
        arena_format(&arena,
                     "0 boot number=1 heap_bytes=4096 heap_addr=%u lua_bytes=8\n"
                     "0 name id=1 text=\"app.lua\"\n0 site id=1 source=1 line=3\n%s",
                     HEAP, events));
    const char *path = made.path;
    struct gc *gc = ARENA_NEW(&arena, struct gc);
    struct problem problem = {0};
    struct gc_settings settings = {.traces = &path,
                                   .trace_count = 1,
                                   .model = "nodemcu-3.0",
                                   .limit_bytes = limit,
                                   .reserve_bytes = 8};
    CHECK_EQUAL(gc_analyse(&settings, &arena, gc, &problem), STATUS_OK);
    CHECK_TEXT(problem.message, "");
    trace_directory_remove(&made);
    return gc;
}

static const struct gc_mode_sim *mode_of(const struct gc *gc, enum gc_mode mode)
{
    unsigned m = 0;
    while (gc->modes[m].mode != mode)
        m++;
    return &gc->modes[m];
}

#define ALWAYS(events)                                                                             \
    "1 gc_begin reason=\"always\"\n" events "1 gc_end reason=\"always\" visited=5\n"
#define BLOCK(addr, bytes, kind) "1 alloc addr=" addr " bytes=" bytes " kind=\"" kind "\" site=1\n"
#define FREE(addr) "1 free addr=" addr "\n"

// In all there is room enough, but not in one piece: the mode that waits for a failure collects.
TEST(a_failure_by_pieces)
{
    struct gc *gc = analyse(ALWAYS("") BLOCK("0x3ffe8018", "1000", "table array") ALWAYS("")
                                BLOCK("0x3ffe8408", "1000", "table array") ALWAYS("")
                                    BLOCK("0x3ffe87f8", "1000", "table array")
                                        ALWAYS(FREE("0x3ffe8018"))
                                            BLOCK("0x3ffe8018", "500", "table array") ALWAYS("")
                                                BLOCK("0x3ffe8210", "400", "table array"),
                            100000);
    const struct gc_mode_sim *failure = mode_of(gc, GC_MODE_ON_FAILURE);
    CHECK_EQUAL(failure->cycles, 0);
    CHECK_EQUAL(failure->failures, 0);
    CHECK_EQUAL(failure->heap_bytes_max, 16 + 3 * 1008 + 512 + 408);
    gc = analyse(ALWAYS("") BLOCK("0x3ffe8018", "1000", "table array") ALWAYS("")
                     BLOCK("0x3ffe8408", "1000", "table array") ALWAYS("")
                         BLOCK("0x3ffe87f8", "900", "table array") FREE("0x3ffe8408")
                             ALWAYS(FREE("0x3ffe8018")) BLOCK("0x3ffe8018", "1200", "table array"),
                 100000);
    failure = mode_of(gc, GC_MODE_ON_FAILURE); // 2 * 1000 bytes are free, the dead one is between
    CHECK_EQUAL(failure->cycles, 2);           // that one, and then a cycle by steps
    CHECK_EQUAL(failure->failures, 0);
    CHECK(mode_of(gc, GC_MODE_OFF)->failures > 0);
}

// A stack grows without a collection: near the limit it may fail, and memory is short.
TEST(a_stack_grows_without_a_collection)
{
    static const char start[] = ALWAYS("") BLOCK("0x3ffe8018", "100", "stack") ALWAYS("")
        BLOCK("0x3ffe8100", "300", "table array") ALWAYS(FREE("0x3ffe8100"))
            BLOCK("0x3ffe8300", "8", "table array");
    struct gc *gc = analyse(
        arena_format(
            &arena, "%s%s", start,
            "1 resize old_addr=0x3ffe8018 addr=0x3ffe8018 bytes=200 kind=\"stack\" site=1\n"),
        500);
    CHECK_EQUAL(mode_of(gc, GC_MODE_LIMIT)->stack_failures, 1);
    CHECK_EQUAL(mode_of(gc, GC_MODE_LIMIT)->failures, 0);
    CHECK_EQUAL(gc_mode_cost(gc, 2).room, GC_ROOM_TIGHT);
    CHECK_EQUAL(mode_of(gc, GC_MODE_LIMIT)->cycles, 0);
    gc = analyse(
        arena_format(&arena, "%s%s", start, ALWAYS("") BLOCK("0x3ffe8100", "100", "table array")),
        500);
    CHECK_EQUAL(mode_of(gc, GC_MODE_LIMIT)->failures, 0);
    CHECK_EQUAL(mode_of(gc, GC_MODE_LIMIT)->garbage.bytes, 0);
}

// A userdata that waits for its finalizer stays through one collection on request, and so does the
// block that it has in the heap.
TEST(finalizers_in_a_run)
{
    static const char run[] = ALWAYS("") BLOCK("0x3ffe8018", "56", "userdata") ALWAYS("")
        BLOCK("0x3ffe8100", "8", "table array") "%s" ALWAYS(FREE("0x3ffe8018")) BLOCK(
            "0x3ffe8200", "8",
            "table array") "2 gc_begin reason=\"request\"\n2 gc_end reason=\"request\" visited=5\n";
    struct gc *gc = analyse(arena_format(&arena, run, "1 gc_finalizer addr=0x3ffe8018\n"), 100000);
    const struct gc_mode_sim *off = mode_of(gc, GC_MODE_OFF);
    CHECK_EQUAL(off->garbage.bytes, 56);
    CHECK_EQUAL(off->visited, 6);
    CHECK_EQUAL(gc_mode_heap_used(&off->heap), 16 + 64 + 2 * 16);
    gc = analyse(arena_format(&arena, run, "1 gc_finalizer addr=0x3ffe8100\n"), 100000);
    off = mode_of(gc, GC_MODE_OFF);
    CHECK_EQUAL(off->garbage.bytes, 0);
    CHECK_EQUAL(off->visited, 5);
    CHECK_EQUAL(gc_mode_heap_used(&off->heap), 16 + 2 * 16);
}

// What the firmware takes is in the heap of each mode, and where the heap is followed; what it does
// not find is a failure, for which nothing is collected.
TEST(blocks_of_the_firmware_in_a_run)
{
    static const char run[] = ALWAYS("") BLOCK("0x3ffe8018", "1000", "table array") ALWAYS("")
        BLOCK("0x3ffe8408", "8", "table array") ALWAYS(FREE("0x3ffe8018")) "%s";
    struct gc *gc = analyse(arena_format(&arena, run,
                                         "1 firmware_alloc addr=0x3ffe8018 bytes=1100\n"
                                         "1 firmware_alloc addr=0x3ffe8418 bytes=1500\n"),
                            100000);
    CHECK_EQUAL(gc->live_heap_max, 16 + 16 + 1112 + 1512);
    gc = analyse(arena_format(&arena, run, "1 firmware_alloc addr=0x3ffe8018 bytes=1000\n"),
                 100000);
    CHECK_EQUAL(gc->heap.last.firmware_bytes, 1008);
    CHECK_EQUAL(gc->heap.last.used_bytes, 16 + 1008 + 16);
    CHECK_EQUAL(gc_mode_heap_used(&mode_of(gc, GC_MODE_OFF)->heap), 16 + 2 * 1008 + 16);
    gc = analyse(arena_format(&arena, run,
                              "1 firmware_alloc addr=0x3ffe8018 bytes=1000\n"
                              "1 firmware_free addr=0x3ffe8018\n"),
                 100000);
    CHECK_EQUAL(gc->heap.last.firmware_bytes, 0);
    CHECK_EQUAL(gc->heap.last.used_bytes, 16 + 16);
    CHECK_EQUAL(gc_mode_heap_used(&mode_of(gc, GC_MODE_OFF)->heap), 16 + 1008 + 16);
    gc = analyse(arena_format(&arena, run, "1 firmware_alloc addr=0x3ffe8418 bytes=3040\n"),
                 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->failures, 0);
    gc = analyse(arena_format(&arena, run, "1 firmware_alloc addr=0x3ffe8418 bytes=3056\n"),
                 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->failures, 1);
    CHECK_EQUAL(mode_of(gc, GC_MODE_ON_FAILURE)->cycles, 0);
}

// What is stored in a closed variable while marks are made stays through that cycle, with its
// vectors; what is not, goes.
TEST(what_a_closed_variable_holds)
{
    static const char run[] =
        "1 boot number=2 flags=16 heap_bytes=4096 heap_addr=%u lua_bytes=8\n" ALWAYS(
            "1 gc_marked stack=1000 end=1000 from=1\n") BLOCK("0x3ffe8018", "32", "table")
            ALWAYS("") BLOCK("0x3ffe8040", "64", "table nodes")
                ALWAYS("") "%s" BLOCK("0x3ffe8100", "8", "table array")
                    ALWAYS(FREE("0x3ffe8018") FREE("0x3ffe8040"));
    static const char held[] = "1 gc_held addr=0x3ffe8018 array_addr=0x0 nodes_addr=0x3ffe8040\n";
    struct gc *gc = analyse(arena_format(&arena, run, HEAP, held), 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->phase, GC_PHASE_PROPAGATE);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->marked.bytes, 96 * 1024);
    gc = analyse(arena_format(&arena, run, HEAP, ""), 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->phase, GC_PHASE_PROPAGATE);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->marked.bytes, 0);
}

// The main thread's stack is longer in a mode that has not shrunk it: it need not grow, and is then
// shorter than recorded, until it must.
TEST(the_main_stack_of_a_mode)
{
    static const char run[] = ALWAYS("")
        BLOCK("0x3ffe8018", "540",
              "stack") "1 resize old_addr=0x3ffe8018 addr=0x3ffe8018 bytes=1152 kind=\"stack\" "
                       "site=1\n" ALWAYS("1 resize old_addr=0x3ffe8018 addr=0x3ffe8018 bytes=648 "
                                         "kind=\"stack\" site=1\n") "1 resize old_addr=0x3ffe8018 "
                                                                    "addr=0x3ffe8018 bytes=1368 "
                                                                    "kind=\"stack\" site=1\n%s";
    const struct gc_mode_sim *off = mode_of(analyse(arena_format(&arena, run, ""), 100000),
                                            GC_MODE_OFF);
    CHECK_EQUAL(off->lua_bytes_max, 8 + 1152);
    CHECK_EQUAL(off->lack[KIND_STACK], 1368 - 1152);
    CHECK_EQUAL(gc_mode_heap_used(&off->heap), 16 + 1160);
    off = mode_of(analyse(arena_format(&arena, run,
                                       "1 resize old_addr=0x3ffe8018 addr=0x3ffe8018 bytes=2808 "
                                       "kind=\"stack\" site=1\n"),
                          100000),
                  GC_MODE_OFF);
    CHECK_EQUAL(off->lua_bytes_max, 8 + 2808);
    CHECK_EQUAL(off->lack[KIND_STACK], 0);
}

// A stopped collector of the pc profile makes no steps until it is started again; the device's is
// blocked, which allocations tell.
TEST(the_collector_is_stopped)
{
    static const char run[] =
        "1 boot number=2 flags=%u heap_bytes=4096 heap_addr=%u lua_bytes=1000\n"
        "1 gc_control order=\"stop\" value=0\n%s";
    static const char restart[] = "1 gc_control order=\"restart\" value=0\n";
    unsigned places = TRACE_BOOT_PLACES;
    struct gc *gc = analyse(arena_format(&arena, run, places | TRACE_BOOT_PC, HEAP, ""), 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->threshold_bytes, UINT32_MAX);
    gc = analyse(arena_format(&arena, run, places | TRACE_BOOT_PC, HEAP, restart), 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->threshold_bytes, 1000);
    gc = analyse(arena_format(&arena, run, places, HEAP, restart), 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->threshold_bytes, 4000);
}

// The pc profile waits until the ledger is twice the estimate.
TEST(the_pause_of_the_profile)
{
    static const char run[] =
        "1 boot number=2 flags=%u heap_bytes=4096 heap_addr=%u lua_bytes=1000\n"
        "2 gc_begin reason=\"request\"\n2 gc_end reason=\"request\"\n";
    struct gc *gc = analyse(arena_format(&arena, run, 0u, HEAP), 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->threshold_bytes, 1100);
    gc = analyse(arena_format(&arena, run, TRACE_BOOT_PC, HEAP), 100000);
    CHECK_EQUAL(mode_of(gc, GC_MODE_OFF)->threshold_bytes, 2000);
}

TEST_MAIN
