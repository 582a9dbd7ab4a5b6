// probe_places_test.c: what the probes tell for predictions of the collector's modes.

#include "tests/support/probe_run.h"

// What a collection frees was reached at places, which are told when they change; how much there is
// to mark only if it has changed by more than a little; checks only if they are not one.
TEST(places_of_marking)
{
    begin(0, HEAP_BYTES);
    const void *first = heap + 64, *second = heap + 128, *third = heap + 192;
    probe_gc_checks(1);
    probe_gc_begin(L, GC_REASON_ALWAYS, 77);
    probe_place_set(first, 9);
    probe_place_set(second, 9);
    probe_gc_marked(40, 50);
    probe_gc_freed(third); // no place: as at the start
    probe_gc_freed(first);
    probe_gc_freed(second);
    probe_gc_freed(first); // what lies there now has none
    probe_gc_finalizer(third);
    probe_gc_checks(70000);
    probe_gc_begin(L, GC_REASON_ALWAYS, 78);
    probe_gc_marked(44, 46);
    probe_gc_freed(first);
    probe_gc_marked(45, 46);
    probe_gc_freed(heap - 4096); // not of the heap
    expect_events(BOOT "0 gc_begin reason=\"always\" lua_bytes=77\n"
                       "0 gc_marked stack=40 end=50 from=1\n"
                       "0 gc_place at=9\n"
                       "0 gc_place at=0\n"
                       "0 gc_finalizer addr=0x3f0000c0\n"
                       "0 gc_checks times=65535\n"
                       "0 gc_begin reason=\"always\" lua_bytes=78\n"
                       "0 gc_marked stack=45 end=46 from=1\n"
                       "0" END);
}

// A marking whose three steps end with these objects, and which passes `later` 40 places later than
// the second step's end.
static void mark_steps(const char *const *last, const char *later, unsigned stack)
{
    probe_gc_visited(0, 3, NULL);
    probe_place_passed(later, 251 + 40);
    for (unsigned i = 0; i < 3; i++) {
        probe_place_passed(last[i], 1 + 125 * (i + 1));
        probe_gc_visited(i + 1, 10 + 10 * i, last[i]);
    }
    probe_gc_marked(stack, stack);
}

// What was visited is told if it has changed by more than an eighth, and by more than a few; where
// marking has changed most is told by what ended its steps.
TEST(visits_and_the_step_that_changed)
{
    begin(0, HEAP_BYTES);
    const char *first[] = {heap + 64, heap + 128, heap + 192};
    const char *second[] = {heap + 64, heap + 256, heap + 320};
    mark_steps(first, heap + 512, 380);
    mark_steps(second, first[1], 425);   // 5 more behind it; the third one's end is gone
    mark_steps(second, heap + 512, 475); // after the third
    probe_gc_visited(1, 16, heap);
    probe_gc_visited(1, 17, heap);
    probe_gc_visited(TRACE_VISITED_STEPS_MAX + 1, 9000, heap);
    expect_events(BOOT "0 gc_visited steps=0 objects=3\n"
                       "0 gc_visited steps=1 objects=10\n"
                       "0 gc_visited steps=2 objects=20\n"
                       "0 gc_visited steps=3 objects=30\n"
                       "0 gc_marked stack=380 end=380 from=1\n"
                       "0 gc_marked stack=425 end=425 from=2\n"
                       "0 gc_marked stack=475 end=475 from=4\n"
                       "0 gc_visited steps=1 objects=17\n"
                       "0" END);
}

// What else other modes of the collector depend on.
TEST(blocks_of_the_firmware_and_orders)
{
    begin(0, HEAP_BYTES);
    probe_firmware_alloc(heap + 64, 100);
    probe_firmware_free(heap + 64);
    probe_gc_control(GC_ORDER_PAUSE, 150);
    probe_gc_held(heap + 64, NULL, heap + 128);
    expect_events(BOOT "0 firmware_alloc addr=0x3f000040 bytes=100\n"
                       "0 firmware_free addr=0x3f000040\n"
                       "0 gc_control order=\"pause\" value=150\n"
                       "0 gc_held addr=0x3f000040 array_addr=0x0 nodes_addr=0x3f000080\n"
                       "0" END);
}

TEST_MAIN
