// replay_test.c: several observers of one replay, passes, ids out of range; the heap of a replay
// against a list that is searched from its beginning.

#include "analyzer/analysis/heap/replay.h"

#include "tests/support/trace_directory.h"

enum { PLACES = 120, EVENTS = 6000 };

// What an observer has seen.
struct seen {
    uint64_t events, clocks, births, deaths, last_step;
    uint32_t begins, ends;
    uint64_t lua_bytes, live_count, moves;
    uint32_t moved_from, moved_to; // by the last move
    bool is_checked;               // looks at the heap at every step
    const struct heap_replay *heap;
};

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct seen *seen = context;
    seen->begins++;
    seen->heap = replay->heap;
    (void)problem;
    return STATUS_OK;
}

static void note_step(void *context, struct heap_step *step)
{
    struct seen *seen = context;
    seen->events++;
    seen->clocks += step->event->clock;
    seen->births += step->born != NULL;
    seen->deaths += step->died != NULL;
    seen->moves += step->moved != NULL;
    if (step->moved) {
        seen->moved_from = step->moved_from;
        seen->moved_to = step->moved->addr;
    }
    CHECK(seen->heap->step_count > seen->last_step);
    seen->last_step = seen->heap->step_count;
    if (seen->is_checked)
        heap_replay_check(seen->heap);
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct seen *seen = context;
    seen->ends++;
    seen->lua_bytes = replay->heap->lua_bytes;
    seen->live_count = replay->heap->live_count;
    (void)problem;
    return STATUS_OK;
}

static struct replay_observer observer(struct seen *seen, uint64_t events, bool wants_heap)
{
    return (struct replay_observer){seen, events, wants_heap, begin_run, note_step, end_run};
}

static int run(const char *path, const struct replay_observer *observers, size_t count,
               struct problem *problem)
{
    const char *paths[] = {path, path};
    struct replay_settings settings = {.traces = paths, .trace_count = 2};
    return replay_run(&settings, observers, count, problem);
}

static const char some[] = "0 boot number=1 heap_bytes=4096 heap_addr=0x3ffe8000 lua_bytes=388\n"
                           "1 alloc addr=0x3ffe8010 bytes=16 kind=\"table\"\n"
                           "2 text id=1 text=\"abc\"\n2 string_new addr=0x3ffe8100 text=1\n"
                           "3 mark text=\"one\"\n4 string_found text=1 place=\"RAM\"\n"
                           "5 free addr=0x3ffe8010\n6 mark text=\"two\"\n7 end\n";

TEST(observers_see_what_they_want_in_one_pass)
{
    struct trace_directory made = trace_directory_make(some);
    struct problem problem = {0};
    struct seen all = {0}, marks = {0}, frees = {0};
    struct replay_observer observers[] = {observer(&all, UINT64_MAX, true),
                                          observer(&marks, REPLAY_EVENT(mark), false),
                                          observer(&frees, REPLAY_EVENT(free), false)};
    uint32_t before = trace_passes();
    CHECK_EQUAL(run(made.path, observers, 3, &problem), STATUS_OK);
    CHECK_EQUAL(trace_passes() - before, 2); // two traces, once each
    CHECK_EQUAL(all.begins, 2);
    CHECK_EQUAL(all.ends, 2);
    CHECK_EQUAL(all.events, 2 * 9);
    CHECK_EQUAL(all.births, 2 * 2);
    CHECK_EQUAL(all.deaths, 2 * 1);
    CHECK_EQUAL(all.lua_bytes, 388 + 20);
    CHECK_EQUAL(marks.events, 2 * 2);
    CHECK_EQUAL(marks.clocks, 2 * (3 + 6));
    CHECK_EQUAL(frees.events, 2);
    CHECK_EQUAL(frees.deaths, 2); // it sees the block that died, though it wants no births
    CHECK_EQUAL(frees.last_step, all.last_step - 2);
    trace_directory_remove(&made);
}

// A block that only gets another address is moved: it neither dies nor is born.
TEST(blocks_that_move_live_on)
{
    struct trace_directory made = trace_directory_make(
        "0 boot number=1 heap_bytes=4096 heap_addr=0x3ffe8000 lua_bytes=388\n"
        "1 alloc addr=0x3ffe8010 bytes=16 kind=\"table\"\n"
        "2 resize old_addr=0x3ffe8010 addr=0x3ffe8040 bytes=16 kind=\"table\"\n"
        "3 resize old_addr=0x3ffe8040 addr=0x3ffe8080 bytes=24 kind=\"table\"\n7 end\n");
    struct problem problem = {0};
    struct seen all = {.is_checked = true};
    struct replay_observer only = observer(&all, UINT64_MAX, true);
    CHECK_EQUAL(run(made.path, &only, 1, &problem), STATUS_OK);
    CHECK_EQUAL(all.moves, 2 * 1);
    CHECK_EQUAL(all.moved_from, 0x3ffe8010);
    CHECK_EQUAL(all.moved_to, 0x3ffe8040);
    CHECK_EQUAL(all.births, 2 * 2);
    CHECK_EQUAL(all.deaths, 2 * 1);
    trace_directory_remove(&made);
}

// Where nobody wants the heap no block is followed; steps are counted all the same.
TEST(events_that_nobody_wants_are_counted)
{
    struct trace_directory made = trace_directory_make(some);
    struct problem problem = {0};
    struct seen marks = {0};
    struct replay_observer only = observer(&marks, REPLAY_EVENT(mark), false);
    CHECK_EQUAL(run(made.path, &only, 1, &problem), STATUS_OK);
    CHECK_EQUAL(marks.live_count, 0);
    CHECK_EQUAL(marks.last_step, 9 + 1 + 8);
    trace_directory_remove(&made);
}

TEST(ids_that_no_trace_has_are_damage)
{
    static const char *const lines[] = {"1 text id=4194304 text=\"abc\"\n",
                                        "1 text id=4294967295 text=\"abc\"\n",
                                        "1 name id=131072 text=\"abc\"\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct trace_directory made = trace_directory_make(lines[i]);
        struct problem problem = {0};
        struct seen all = {0};
        struct replay_observer only = observer(&all, UINT64_MAX, true);
        CHECK_EQUAL(run(made.path, &only, 1, &problem), STATUS_DAMAGED);
        CHECK(strstr(problem.message, "outside its range") != NULL);
        CHECK_EQUAL(all.ends, 0);
        trace_directory_remove(&made);
    }
}

// ---- the heap ----

// Places inside the heap, off its granule, after it.
static uint32_t place_addr(uint32_t place)
{
    return place % 3 == 0   ? 0x3ffe8000u + place * 16
           : place % 3 == 1 ? 0x3ffe8000u + place * 16 + 4
                            : 0x10000000u + place * 8;
}

TEST(heap_against_a_list)
{
    uint64_t seed = test_seed() * 31 + 7, lua_bytes = 388;
    uint32_t bytes_at[PLACES] = {0}, live = 0;
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    fprintf(out, "0 boot number=1 heap_bytes=2048 heap_addr=0x3ffe8000 lua_bytes=388\n");
    for (uint32_t i = 0; i < EVENTS; i++) {
        uint32_t place = test_random(&seed) % PLACES, bytes = 8 + test_random(&seed) % 100;
        uint32_t other = test_random(&seed) % PLACES;
        if (i == EVENTS / 2) { // another heap: all of the old one is gone
            fprintf(out, "+0 boot number=2 heap_bytes=1024 heap_addr=0x10000000 lua_bytes=400\n");
            memset(bytes_at, 0, sizeof bytes_at);
            lua_bytes = 400;
            live = 0;
        } else if (bytes_at[place] == 0) {
            fprintf(out, "+1 alloc addr=%u bytes=%u kind=\"table\"\n", place_addr(place), bytes);
            bytes_at[place] = bytes;
            lua_bytes += bytes;
            live++;
        } else if (test_random(&seed) % 2 && (bytes_at[other] == 0 || other == place)) {
            fprintf(out, "+1 resize old_addr=%u addr=%u bytes=%u kind=\"table\"\n",
                    place_addr(place), place_addr(other), bytes);
            lua_bytes += (uint64_t)bytes - bytes_at[place];
            bytes_at[place] = 0;
            bytes_at[other] = bytes;
        } else {
            fprintf(out, "+1 free addr=%u\n", place_addr(place));
            lua_bytes -= bytes_at[place];
            bytes_at[place] = 0;
            live--;
        }
    }
    fclose(out);
    struct trace_directory made = trace_directory_make(text);
    struct problem problem = {0};
    struct seen all = {.is_checked = true};
    struct replay_observer only = observer(&all, UINT64_MAX, true);
    CHECK_EQUAL(run(made.path, &only, 1, &problem), STATUS_OK);
    CHECK_EQUAL(all.lua_bytes, lua_bytes);
    CHECK_EQUAL(all.live_count, live);
    trace_directory_remove(&made);
    free(text);
}

TEST_MAIN
