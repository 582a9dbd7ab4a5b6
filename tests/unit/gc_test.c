// gc_test.c: collections, lives and modes, on traces assembled from text and on the models alone.

#include <math.h>

#include "analyzer/analysis/gc/gc.h"
#include "analyzer/analysis/gc/gc_mode_cost.h"
#include "analyzer/analysis/gc/gc_report.h"
#include "tests/support/trace_directory.h"

static struct arena arena;

static const char head[] = "0 boot number=1 heap_bytes=45056 heap_addr=0x3ffe8000 lua_bytes=388\n"
                           "0 name id=1 text=\"app.lua\"\n0 site id=1 source=1 line=3\n"
                           "0 site id=2 source=1 line=4\n0 site id=3 source=1 line=5\n";

static struct trace_directory make(const char *events)
{
    struct arena scratch;
    arena_init(&scratch);
    struct trace_directory made = trace_directory_make(
        arena_format(&scratch, "%s%s", head, events));
    arena_deinit(&scratch);
    return made;
}

static struct gc *analyse(const char *path, uint64_t short_lived)
{
    struct gc *gc = ARENA_NEW(&arena, struct gc);
    struct problem problem = {0};
    struct gc_settings settings = {
        .traces = &path, .trace_count = 1, .model = "nodemcu-3.0", .short_lived = short_lived};
    CHECK_EQUAL(gc_analyse(&settings, &arena, gc, &problem), STATUS_OK);
    CHECK_TEXT(problem.message, "");
    return gc;
}

static const struct gc_births *births_at_line(const struct gc *gc, uint32_t line)
{
    static const struct gc_births none;
    for (uint32_t i = 0; i < gc->sites.count; i++)
        if (gc->sites.items[i].line == line)
            return gc_site_births(gc, i);
    return &none;
}

// A collection before an allocation is that allocation's, one on request nobody's.
TEST(collections_belong_to_allocations)
{
    struct trace_directory made = make("1 gc_end reason=\"always\" visited=7\n"
                                       "1 alloc addr=0x3ffe9000 bytes=32 kind=\"table\" site=1\n"
                                       "2 gc_end reason=\"request\" visited=9\n"
                                       "3 alloc addr=0x3ffe9100 bytes=32 kind=\"table\" site=2\n"
                                       "4 gc_end reason=\"limit\" visited=5\n"
                                       "4 gc_end reason=\"failure\" visited=6\n"
                                       "4 resize old_addr=0x3ffe9100 addr=0x3ffe9200 bytes=64 "
                                       "kind=\"table\" site=3\n");
    struct gc *gc = analyse(made.path, 1);
    CHECK_EQUAL(births_at_line(gc, 3)->collections, 1);
    CHECK_EQUAL(births_at_line(gc, 3)->visited, 7);
    CHECK_EQUAL(births_at_line(gc, 4)->collections, 0);
    CHECK_EQUAL(births_at_line(gc, 5)->collections, 2);
    CHECK_EQUAL(births_at_line(gc, 5)->visited, 11);
    CHECK_EQUAL(births_at_line(gc, 5)->count, 0);
    CHECK_EQUAL(births_at_line(gc, 5)->bytes, 0); // the growth is the maker's
    CHECK_EQUAL(births_at_line(gc, 4)->bytes, 64);
    CHECK_EQUAL(births_at_line(gc, 4)->count, 1);
    CHECK_EQUAL(gc->collections, 4);
    CHECK_EQUAL(gc->reasons[GC_REASON_REQUEST].visited, 9);
    trace_directory_remove(&made);
}

// A block that grows keeps its age and the site that made it; steps count only as whole cycles.
TEST(ages)
{
    struct trace_directory made = make(
        "1 alloc addr=0x3ffe9000 bytes=32 kind=\"table nodes\" site=1\n"
        "2 gc_end reason=\"always\" visited=7\n2 gc_end reason=\"step\" visited=7\n"
        "3 resize old_addr=0x3ffe9000 addr=0x3ffe9100 bytes=64 kind=\"table nodes\" site=2\n"
        "4 gc_phase phase=\"propagate\"\n4 gc_phase phase=\"pause\"\n"
        "5 gc_begin reason=\"always\"\n5 free addr=0x3ffe9100\n5 gc_end reason=\"always\"\n"
        "6 alloc addr=0x3ffe9200 bytes=16 kind=\"buffer\" site=2\n6 free addr=0x3ffe9200\n");
    struct gc *gc = analyse(made.path, 3);
    CHECK_EQUAL(gc->ages[0].count, 1);
    CHECK_EQUAL(gc->ages[2].count, 1); // two cycles: one full, one by steps
    CHECK_EQUAL(gc->ages[2].bytes, 64);
    CHECK_EQUAL(births_at_line(gc, 3)->short_count, 1);
    CHECK_EQUAL(births_at_line(gc, 4)->short_count, 1);
    CHECK_EQUAL(births_at_line(gc, 4)->short_bytes, 16);
    gc = analyse(made.path, 2);
    CHECK_EQUAL(births_at_line(gc, 3)->short_count, 0);
    trace_directory_remove(&made);
}

// A damaged trace may make a table of a string: it counts for the site where it became one.
TEST(blocks_that_change_their_kind)
{
    struct trace_directory made = make(
        "1 text id=1 hash=0xfffffffffffffff1 bytes=3 text=\"abc\"\n"
        "1 string_new addr=0x3ffe9000 text=1 site=1\n"
        "2 resize old_addr=0x3ffe9000 addr=0x3ffe9100 bytes=64 kind=\"table\" site=2\n"
        "3 alloc addr=0x3ffe9200 bytes=64 kind=\"table\" site=3\n"
        "3 resize old_addr=0x3ffe9200 addr=0x3ffe9300 bytes=64 kind=\"string\" site=2\n"
        "4 gc_end reason=\"always\" visited=7\n4 free addr=0x3ffe9100\n4 free addr=0x3ffe9300\n");
    uint64_t before = arena_total_bytes();
    struct gc *gc = analyse(made.path, 3);
    CHECK(arena_total_bytes() - before < 64u << 20);
    CHECK_EQUAL(births_at_line(gc, 4)->short_count, 2);
    CHECK_EQUAL(births_at_line(gc, 4)->short_bytes, 128);
    trace_directory_remove(&made);
}

TEST(boot_ends_lives)
{
    struct trace_directory made = make("1 alloc addr=0x3ffe9000 bytes=1000 kind=\"table\" site=1\n"
                                       "2 boot number=2 heap_bytes=45056 lua_bytes=388\n"
                                       "3 alloc addr=0x3ffe9000 bytes=10 kind=\"table\" site=2\n"
                                       "4 end status=0\n5 free addr=0x3ffe9000\n");
    struct gc *gc = analyse(made.path, 1);
    CHECK_EQUAL(gc->peak_bytes, 1388);
    CHECK_EQUAL(gc_amount_at_peak(gc, &births_at_line(gc, 3)->peak).bytes, 1000);
    CHECK_EQUAL(gc_amount_at_peak(gc, &births_at_line(gc, 4)->peak).bytes, 0);
    CHECK_EQUAL(gc->peak_state_bytes, 388);
    CHECK_EQUAL(gc->survivors.count, 2);
    CHECK_EQUAL(gc->runs[0].end_bytes, 398);
    CHECK_EQUAL(gc->ages[0].count, 0);
    trace_directory_remove(&made);
}

// Random lives against sums that are kept beside them.
TEST(random_lives_add_up)
{
    enum { ROUNDS = 3000, PLACES = 50 };
    uint64_t seed = test_seed() * 77777 + 5, births = 0, bytes_born = 0, ledger = 388, peak = 0;
    uint32_t bytes_at[PLACES] = {0};
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t place = test_random(&seed) % PLACES, bytes = 8 + test_random(&seed) % 200;
        uint32_t addr = 0x3ffe9000 + place * 256;
        if (bytes_at[place]) {
            fprintf(out, "+1 free addr=%u\n", addr);
            ledger -= bytes_at[place];
            bytes_at[place] = 0;
            continue;
        }
        fprintf(out, "+1 alloc addr=%u bytes=%u kind=\"%s\" site=%u\n", addr, bytes,
                trace_kind_name(test_random(&seed) % KIND_COUNT), 1 + test_random(&seed) % 3);
        bytes_at[place] = bytes;
        births++;
        bytes_born += bytes;
        ledger += bytes;
        peak = ledger > peak ? ledger : peak;
    }
    fclose(out);
    printf("# SEED=%llu\n", (unsigned long long)test_seed());
    struct trace_directory made = make(text);
    struct gc *gc = analyse(made.path, 1);
    uint64_t count = 0, bytes = 0, peak_sites = 388, peak_kinds = 388, end = 388;
    for (uint32_t i = 0; i < gc->sites.count; i++) {
        const struct gc_births *site = gc_site_births(gc, i);
        count += site->count;
        bytes += site->bytes;
        end += site->end_bytes;
        peak_sites += gc_amount_at_peak(gc, &site->peak).bytes;
    }
    for (unsigned k = 0; k < KIND_COUNT; k++)
        peak_kinds += gc_amount_at_peak(gc, &gc->kinds[k].peak).bytes;
    CHECK_EQUAL(count, births);
    CHECK_EQUAL(bytes, bytes_born);
    CHECK_EQUAL(end, ledger);
    CHECK_EQUAL(gc->peak_bytes, peak);
    CHECK_EQUAL(peak_sites, peak);
    CHECK_EQUAL(peak_kinds, peak);
    CHECK_EQUAL(gc->ages[0].count + gc->survivors.count, births);
    free(text);
    trace_directory_remove(&made);
}

TEST(string_table)
{
    struct trace_directory made = make(
        "0 string_table slots=2 strings=0\n1 text id=1 text=\"a\"\n1 text id=2 text=\"b\"\n"
        "1 text id=3 text=\"c\"\n1 string_new addr=0x3ffe9000 text=1 probes=0\n"
        "1 string_new addr=0x3ffe9100 text=2 probes=1\n"
        "1 string_new addr=0x3ffe9200 text=3 probes=100\n"
        "2 string_found text=1 probes=1 place=\"RAM\"\n"
        "2 string_table slots=4 strings=3\n2 string_table slots=4 strings=3\n"
        "3 string_table slots=2 strings=3\n");
    struct gc *gc = analyse(made.path, 1);
    const struct gc_strings *strings = &gc->strings;
    CHECK_EQUAL(strings->growths, 1);
    CHECK_EQUAL(strings->shrinks, 1);
    CHECK_EQUAL(strings->strings_max, 3);
    CHECK_EQUAL(strings->load_max * 2, 3);
    CHECK_EQUAL(strings->lookups[GC_LOOKUP_NEW].count, 3);
    CHECK_EQUAL(strings->lookups[GC_LOOKUP_NEW].probes, 101);
    CHECK_EQUAL(strings->lookups[GC_LOOKUP_NEW].by_probes[GC_PROBES - 1], 1);
    CHECK_EQUAL(strings->lookups[GC_LOOKUP_RAM].count, 1);
    CHECK_EQUAL(strings->ram.strings, 3);
    CHECK_EQUAL(strings->ram.unknown, 0);
    // Of one character: hash 1 ^ ((1 << 5) + (1 >> 2) + c), so 'a' and 'c' meet in slot 0 of 2.
    CHECK_EQUAL(strings->ram.by_length[1], 1);
    CHECK_EQUAL(strings->ram.by_length[2], 1);
    CHECK_EQUAL(strings->ram.probes, 4);
    trace_directory_remove(&made);
}

// ---- the models ----

static struct gc_live live_of(uint64_t bytes)
{
    return (struct gc_live){.lua_bytes = bytes, .heap_bytes = bytes, .objects = 10};
}

static void note_dead(struct gc_mode_sim *sim, uint64_t bytes, uint64_t heap_bytes)
{
    struct gc_garbage dead = {.bytes = bytes, .heap_bytes = heap_bytes};
    struct gc_live live = {.objects = 1}; // of a trace that does not tell places
    gc_mode_note_dead(sim, &live, &dead, 0);
}

TEST(mode_always_and_on_failure)
{
    struct gc_mode_sim always = {.mode = GC_MODE_ALWAYS, .heap_room_bytes = 1000};
    struct gc_mode_sim failure = {.mode = GC_MODE_ON_FAILURE, .heap_room_bytes = 1000};
    struct gc_live live = live_of(400), full = live_of(990);
    gc_mode_boot(&always, 1000);
    gc_mode_boot(&failure, 1000);
    for (int i = 0; i < 3; i++)
        gc_mode_before_alloc(&always, &live, i == 2 ? 0 : 8, 8); // shrinking collects, too
    CHECK_EQUAL(always.cycles, 3);
    CHECK_EQUAL(always.visited, 30);
    note_dead(&failure, 590, 590);
    gc_mode_before_alloc(&failure, &live, 10, 10); // just fits
    CHECK_EQUAL(failure.cycles, 0);
    gc_mode_after_alloc(&failure, &live);
    CHECK_EQUAL(failure.lua_bytes_max, 990);
    gc_mode_before_alloc(&failure, &live, 11, 11);
    CHECK_EQUAL(failure.cycles, 1);
    CHECK_EQUAL(failure.garbage.bytes, 0);
    CHECK_EQUAL(failure.failures, 0);
    gc_mode_before_alloc(&failure, &full, 11, 11);
    CHECK_EQUAL(failure.failures, 1);
}

TEST(modes_with_limits)
{
    struct gc_mode_sim limit = {.mode = GC_MODE_LIMIT, .limit_bytes = 500};
    struct gc_mode_sim reserve = {
        .mode = GC_MODE_RESERVE, .limit_bytes = 200, .heap_room_bytes = 1000};
    struct gc_live live = live_of(400), more = live_of(495);
    gc_mode_boot(&limit, 1000);
    gc_mode_boot(&reserve, 1000);
    note_dead(&limit, 90, 90);
    gc_mode_before_alloc(&limit, &live, 9, 9);
    CHECK_EQUAL(limit.cycles, 0);
    live.swept_objects = more.swept_objects = 300; // steps sweep 200
    limit.born_objects = 400;                      // no more than there are
    gc_mode_before_alloc(&limit, &live, 10, 10);   // until enough is free
    CHECK_EQUAL(limit.garbage.bytes,
                90 - 90 * 40 / 300 - 78 * 40 / 260 - 66 * 40 / 220 - 55 * 40 / 180 - 43 * 40 / 140);
    CHECK_EQUAL(limit.cycles, 0);
    CHECK_EQUAL(limit.failures, 0);
    gc_mode_before_alloc(&limit, &more, 10, 10); // to the end of the cycle, and one more
    CHECK_EQUAL(limit.garbage.bytes, 0);
    CHECK_EQUAL(limit.cycles, 2);
    CHECK_EQUAL(limit.failures, 1);
    note_dead(&reserve, 400, 400);
    gc_mode_before_alloc(&reserve, &live, 10, 10);
    CHECK_EQUAL(reserve.cycles, 0);
    note_dead(&reserve, 1, 1);
    gc_mode_before_alloc(&reserve, &live, 10, 10);
    CHECK_EQUAL(reserve.cycles, 1);
}

// By steps of 2000 units of work: begins at the threshold, goes on each 1024 bytes, frees what died
// before the marks were complete.
TEST(mode_by_steps)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = {.lua_bytes = 4000,
                           .heap_bytes = 4000,
                           .marked_bytes = 2000,
                           .objects = 10,
                           .string_slots = 100,
                           .swept_objects = 70};
    gc_mode_boot(&sim, 1000);
    note_dead(&sim, 100, 100);
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.phase, GC_PHASE_PROPAGATE);
    CHECK_EQUAL(sim.mark_done, 2000);
    CHECK_EQUAL(sim.debt_bytes, 100);
    CHECK_EQUAL(sim.threshold_bytes, 4100 + 1024);
    live.lua_bytes += 1023;
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.phase, GC_PHASE_PROPAGATE);
    live.lua_bytes += 1; // 1000 units for the strings, 400 for each 40 objects begun
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.phase, GC_PHASE_PAUSE);
    CHECK_EQUAL(sim.cycles, 1);
    CHECK_EQUAL(sim.visited, 10);
    CHECK_EQUAL(sim.garbage.bytes, 0);
    CHECK_EQUAL(sim.threshold_bytes, 5024 / 100 * 110);
}

// What is behind is made up for by more steps at once, and what cannot be done stops nothing.
TEST(mode_by_steps_pays_its_debt)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = {.lua_bytes = 4000 + 2048, .marked_bytes = 20000, .objects = 10};
    gc_mode_boot(&sim, 1000);
    live.is_blocked = true;
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.phase, GC_PHASE_PAUSE);
    live.is_blocked = false;
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.mark_done, 6000);
    gc_mode_end(&sim, &live); // with 3 tenths of its marks
    CHECK_EQUAL(sim.visited, 3);
}

// Of what dies while marks are made, this has its mark, and stays: all, once the main thread has
// been reached; before that, variables of closures made since, and of what is older as much as has
// been passed.
TEST(mode_by_steps_keeps_what_was_marked)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = {
        .lua_bytes = 4000, .marked_bytes = 5000, .stack_bytes = 1000, .objects = 10, .step = 7};
    const struct gc_garbage table = {.bytes = 100}, variable = {.bytes = 24, .is_upvalue = true};
    gc_mode_boot(&sim, 1000);
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.mark_roots, 4000);
    gc_mode_note_dead(&sim, &live, &table, 8);
    gc_mode_note_dead(&sim, &live, &variable, 8);
    CHECK_EQUAL(sim.marked.bytes, 24 * 1024);
    gc_mode_note_dead(&sim, &live, &table, 7); // half is done
    CHECK_EQUAL(sim.marked.bytes, (24 + 50) * 1024);
    live.lua_bytes += 1024;
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.mark_done, 4000);
    gc_mode_note_dead(&sim, &live, &table, 8);
    CHECK_EQUAL(sim.marked.bytes, (24 + 50 + 100) * 1024);
    live.lua_bytes += 1024;
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.phase, GC_PHASE_PAUSE);
    CHECK_EQUAL(sim.garbage.bytes, 24 + 50 + 100);
}

// What a trace that tells places says of marking: 4000 units of work up to the main thread's stack,
// 900 for that, 300 for what it holds.
static struct gc_live told_live(uint64_t step)
{
    return (struct gc_live){.lua_bytes = 9000,
                            .heap_bytes = 9000,
                            .objects = 10,
                            .step = step,
                            .mark_work = 5200,
                            .stack_work = 4000,
                            .main_bytes = 900,
                            .swept_objects = 10,
                            .tells_checks = true};
}

// The trace tells when a step may come, and no more come.
TEST(mode_by_steps_as_often_as_was_checked)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = told_live(7);
    gc_mode_boot(&sim, 1000);
    gc_mode_start(&sim, 2251);
    gc_mode_after_alloc(&sim, &live);
    gc_mode_checks(&sim, &live, 3);
    CHECK_EQUAL(sim.phase, GC_PHASE_PAUSE); // 9004 bytes are needed
    gc_mode_start(&sim, 2250);
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.phase, GC_PHASE_PAUSE);
    gc_mode_checks(&sim, &live, 1);
    CHECK_EQUAL(sim.mark_done, 2000);
    gc_mode_checks(&sim, &live, 3); // the step before has moved the threshold
    CHECK_EQUAL(sim.mark_done, 2000);
    live.lua_bytes += 4 * 1024; // three steps behind
    gc_mode_checks(&sim, &live, 1);
    CHECK_EQUAL(sim.mark_done, 4000);
    gc_mode_checks(&sim, &live, 1); // the main thread in one piece, and the rest
    CHECK_EQUAL(sim.visited, 10);
    CHECK(sim.phase != GC_PHASE_PROPAGATE);
}

static struct gc_garbage dead_at(uint64_t place)
{
    return (struct gc_garbage){.bytes = 100, .objects = 1, .place = place};
}

// What dies has its mark if marking passed its place while it was there.
TEST(marks_by_place)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = told_live(7);
    const struct gc_garbage early = dead_at(1984), late = dead_at(2016),
                            held = dead_at(GC_PLACE_STACK);
    const struct gc_garbage variable = {.bytes = 24, .is_upvalue = true, .place = GC_PLACE_STACK};
    gc_mode_boot(&sim, 1000);
    gc_mode_start(&sim, 1000);
    gc_mode_checks(&sim, &live, 1);
    CHECK_EQUAL(sim.mark_done, 2000);
    gc_mode_note_dead(&sim, &live, &late, 3);
    gc_mode_note_dead(&sim, &live, &held, 3);
    CHECK_EQUAL(sim.marked.bytes, 0);
    gc_mode_note_dead(&sim, &live, &early, 3);
    CHECK_EQUAL(sim.marked.bytes, 100 * 1024);
    gc_mode_note_dead(&sim, &live, &early, 8); // made behind the marks
    CHECK_EQUAL(sim.marked.bytes, 100 * 1024);
    gc_mode_note_dead(&sim, &live, &variable, 8); // it has its mark from the start
    CHECK_EQUAL(sim.marked.bytes, 124 * 1024);
    live.lua_bytes += 1024;
    live.step = 9;
    gc_mode_checks(&sim, &live, 1);
    CHECK_EQUAL(sim.mark_done, 4000);
    gc_mode_note_dead(&sim, &live, &late, 8); // made before the marks came
    CHECK_EQUAL(sim.marked.bytes, 224 * 1024);
    gc_mode_note_dead(&sim, &live, &held, 8);
    CHECK_EQUAL(sim.marked.bytes, 224 * 1024);
    live.lua_bytes += 1024;
    live.mark_work = 9000; // so that the stack has been reached, and the end has not
    gc_mode_checks(&sim, &live, 1);
    CHECK_EQUAL(sim.phase, GC_PHASE_PROPAGATE);
    gc_mode_note_dead(&sim, &live, &held, 8);
    CHECK_EQUAL(sim.marked.bytes, 324 * 1024);
    gc_mode_note_dead(&sim, &live, &held, 10); // later than the stack's marks
    CHECK_EQUAL(sim.marked.bytes, 324 * 1024);
}

// A userdata with a finalizer is visited once more, is not in the estimate, and goes one cycle
// later.
TEST(finalizers_take_a_cycle_more)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = told_live(7);
    const struct gc_garbage dead = {
        .bytes = 60, .objects = 1, .finalizers = 1, .place = GC_PLACE_FINALIZER};
    gc_mode_boot(&sim, 1000);
    gc_mode_note_dead(&sim, &live, &dead, 3);
    gc_mode_request(&sim, &live);
    CHECK_EQUAL(sim.garbage.bytes, 60);
    CHECK_EQUAL(sim.visited, 11);
    CHECK_EQUAL(sim.estimate_bytes, 9000);
    gc_mode_request(&sim, &live);
    CHECK_EQUAL(sim.garbage.bytes, 0);
    CHECK_EQUAL(sim.visited, 21);
}

// An emergency collection leaves finalizers to be called, which the next step does and no more; one
// on request calls them itself.
TEST(finalizers_that_had_to_wait)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_ON_FAILURE, .heap_room_bytes = 10000};
    struct gc_live live = told_live(7);
    const struct gc_garbage dead = {
        .bytes = 60, .heap_bytes = 64, .objects = 1, .finalizers = 1, .place = GC_PLACE_FINALIZER};
    gc_mode_boot(&sim, 10000);
    gc_mode_note_dead(&sim, &live, &dead, 3);
    gc_mode_before_alloc(&sim, &live, 2000, 2000);
    CHECK_EQUAL(sim.cycles, 1);
    CHECK_EQUAL(sim.threshold_bytes, 0);
    gc_mode_checks(&sim, &live, 1);
    CHECK_EQUAL(sim.collections, 2);
    CHECK_EQUAL(sim.phase, GC_PHASE_PAUSE);
    CHECK_EQUAL(sim.threshold_bytes, 9000 / 100 * 110);
    gc_mode_note_dead(&sim, &live, &dead, 3);
    gc_mode_request(&sim, &live);
    CHECK_EQUAL(sim.threshold_bytes, 9000 / 100 * 110);
}

// How many objects marking has visited when it is given up: as was told for its steps, and evenly
// between them and up to the end.
TEST(visits_of_a_cycle_in_vain)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_ON_FAILURE, .heap_room_bytes = 10000};
    struct gc_live live = told_live(7);
    uint16_t told[TRACE_VISITED_STEPS_MAX + 1] = {1, 7, 8};
    live.visited = told;
    gc_mode_boot(&sim, 1000);
    gc_mode_start(&sim, 1000);
    gc_mode_checks(&sim, &live, 1); // 2000 of 5200
    gc_mode_before_alloc(&sim, &live, 2000, 2000);
    CHECK_EQUAL(sim.visited, 7 + 10);
    told[1] = 0; // not told: from 1 up to 10
    gc_mode_start(&sim, 1000);
    gc_mode_checks(&sim, &live, 1);
    gc_mode_before_alloc(&sim, &live, 2000, 2000);
    CHECK_EQUAL(sim.visited, 17 + (1 + 9 * 2000 / 5200) + 10);
}

// More to mark counts if it lies ahead of the marks, and a share of it if nobody says where it
// lies.
TEST(more_to_mark_ahead_and_behind)
{
    static const struct {
        unsigned from;
        uint64_t roots;
    } cases[] = {{1, 4000}, {2, 5000}, {3, 5000}, {0, 4500}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
        struct gc_live live = told_live(7);
        gc_mode_boot(&sim, 1000);
        gc_mode_start(&sim, 1000);
        gc_mode_checks(&sim, &live, 1);
        CHECK_EQUAL(sim.mark_done, 2000);
        live.stack_work = 5000;
        gc_mode_note_marking(&sim, &live, cases[i].from);
        CHECK_EQUAL(sim.mark_roots, cases[i].roots);
    }
}

// Work is told without what the main thread costs beyond the step that it ends.
TEST(the_main_thread_ends_its_step)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = told_live(7);
    live.stack_work = 1500; // and 500 of the thread's 900 in the first step, then 3200
    gc_mode_boot(&sim, 1000);
    gc_mode_start(&sim, 1000);
    gc_mode_checks(&sim, &live, 1);
    CHECK_EQUAL(sim.mark_done, 2400);
    CHECK_EQUAL(sim.mark_total, 1500 + 900 + 3200);
}

TEST(orders_to_the_collector)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = told_live(7);
    gc_mode_boot(&sim, 1000);
    gc_mode_order(&sim, &live, GC_ORDER_STOP, 0);
    gc_mode_checks(&sim, &live, 9);
    CHECK_EQUAL(sim.collections, 0);
    gc_mode_order(&sim, &live, GC_ORDER_RESTART, 0);
    CHECK_EQUAL(sim.threshold_bytes, 9000);
    gc_mode_order(&sim, &live, GC_ORDER_MULTIPLIER, 300);
    gc_mode_checks(&sim, &live, 1);
    CHECK_EQUAL(sim.mark_done, 3000);
    gc_mode_order(&sim, &live, GC_ORDER_PAUSE, 150);
    gc_mode_order(&sim, &live, GC_ORDER_STEP, 100); // to the end of the cycle
    CHECK_EQUAL(sim.phase, GC_PHASE_PAUSE);
    CHECK_EQUAL(sim.cycles, 1);
    CHECK_EQUAL(sim.threshold_bytes, 9000 / 100 * 150);
    uint64_t before = sim.collections;
    live.is_blocked = true;
    gc_mode_order(&sim, &live, GC_ORDER_STEP, 100);
    CHECK_EQUAL(sim.collections, before);
}

// While a chunk is compiled nothing is collected: what the heap had then decides, too.
TEST(memory_while_nothing_is_collected)
{
    struct gc gc = {.mode_count = 1, .request_max = 100, .live_heap_max = 500};
    struct gc_mode_sim *sim = &gc.modes[0];
    *sim = (struct gc_mode_sim){.mode = GC_MODE_ON_FAILURE, .heap_room_bytes = 4096};
    struct gc_live live = live_of(3997);
    gc_mode_boot(sim, 10000);
    gc_mode_after_alloc(sim, &live);
    CHECK_EQUAL(gc_mode_cost(&gc, 0).room, GC_ROOM_ENOUGH);
    live = live_of(3996);
    live.is_blocked = true;
    gc_mode_after_alloc(sim, &live);
    CHECK_EQUAL(gc_mode_cost(&gc, 0).room, GC_ROOM_ENOUGH);
    live = live_of(3997);
    live.is_blocked = true;
    gc_mode_after_alloc(sim, &live);
    CHECK_EQUAL(gc_mode_cost(&gc, 0).room, GC_ROOM_TIGHT);
}

// What one cycle more or less would be.
TEST(one_cycle_of_the_visits)
{
    struct gc gc = {.mode_count = 1};
    struct gc_mode_sim *sim = &gc.modes[0];
    *sim = (struct gc_mode_sim){.mode = GC_MODE_OFF};
    struct gc_live live = told_live(7);
    gc_mode_boot(sim, 10000);
    CHECK(isnan(gc_mode_cost(&gc, 0).cycle_percent));
    for (int i = 0; i < 4; i++)
        gc_mode_request(sim, &live);
    CHECK(fabs(gc_mode_cost(&gc, 0).cycle_percent - 25) < 1e-9);
}

// For a block of the firmware's own nothing is collected.
TEST(blocks_of_the_firmware)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_ON_FAILURE, .heap_room_bytes = 1000};
    struct gc_live live = live_of(990);
    gc_mode_boot(&sim, 1000);
    note_dead(&sim, 10, 10);
    gc_mode_note_firmware(&sim, &live, 0x3ffe8100, 100);
    CHECK_EQUAL(sim.failures, 0); // `live` has it already
    note_dead(&sim, 1, 1);
    gc_mode_note_firmware(&sim, &live, 0x3ffe8200, 100);
    CHECK_EQUAL(sim.failures, 1);
    CHECK_EQUAL(sim.collections, 0);
    CHECK_EQUAL(sim.heap_bytes_max, 1001);
}

// The string table also holds the strings that are dead.
TEST(modes_have_their_own_string_table)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = {.lua_bytes = 400, .strings = 100, .string_slots = 128};
    const struct gc_garbage string = {.bytes = 20, .string_bytes = 20, .objects = 1};
    gc_mode_boot(&sim, 1000);
    for (int i = 0; i < 28; i++) {
        gc_mode_note_string(&sim, &live);
        gc_mode_note_dead(&sim, &live, &string, 0);
    }
    CHECK_EQUAL(sim.string_slots, 128);
    gc_mode_note_string(&sim, &live);
    CHECK_EQUAL(sim.string_slots, 256);
    gc_mode_after_alloc(&sim, &live);
    CHECK_EQUAL(sim.lua_bytes_max, 400 + 28 * 20 + 128 * 4);
    CHECK(gc_mode_finds(&sim, 1, &(struct heap_block){.bytes = 20})); // one lives again
    CHECK_EQUAL(sim.garbage.objects, 27);
}

// A dead string that is not freed is found; a stack that was not shrunk does not grow.
TEST(modes_use_garbage_again)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_RESERVE, .limit_bytes = 8, .heap_room_bytes = 1000};
    struct gc_mode_sim always = {.mode = GC_MODE_ALWAYS};
    struct gc_live live = live_of(400);
    const struct heap_block string = {.bytes = 50};
    uint64_t bytes = 100, heap_bytes = 104;
    gc_mode_boot(&sim, 1000);
    note_dead(&sim, string.bytes, heap_layout_block_bytes(string.bytes));
    CHECK(gc_mode_finds(&sim, 7, &string));
    CHECK_EQUAL(sim.garbage.bytes + sim.garbage.heap_bytes, 0);
    CHECK(!gc_mode_finds(&always, 7, &string));
    gc_mode_note_shrunk(&sim, KIND_STACK, 60, 64);
    gc_mode_take_slack(&sim, KIND_BUFFER, &bytes, &heap_bytes);
    CHECK_EQUAL(bytes, 100);
    gc_mode_take_slack(&sim, KIND_STACK, &bytes, &heap_bytes);
    CHECK_EQUAL(bytes, 40);
    CHECK_EQUAL(heap_bytes, 40);
    CHECK_EQUAL(sim.garbage.bytes + sim.garbage.heap_bytes, 0);
    gc_mode_note_shrunk(&sim, KIND_STACK, 60, 64);
    live.step = 9;
    gc_mode_before_alloc(&sim, &live, 500, 500);
    CHECK_EQUAL(sim.cycles, 0);
    live.heap_bytes = 990;
    gc_mode_before_alloc(&sim, &live, 8, 8);
    CHECK_EQUAL(sim.cycles, 1);
    CHECK_EQUAL(sim.slack[KIND_STACK].bytes, 30); // halved
    CHECK(!gc_mode_finds(&sim, 9, &string));      // free by now
    CHECK(gc_mode_finds(&sim, 10, &string));
}

// What a cycle has marked when a full collection interrupts it was marked in vain.
TEST(a_failure_interrupts_a_cycle)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_ON_FAILURE, .heap_room_bytes = 10000};
    struct gc_live live = {
        .lua_bytes = 4000, .heap_bytes = 4000, .marked_bytes = 4000, .objects = 10};
    gc_mode_boot(&sim, 1000);
    gc_mode_after_alloc(&sim, &live); // half of the marks
    note_dead(&sim, 1, 1000);
    gc_mode_before_alloc(&sim, &live, 5000, 5000);
    CHECK_EQUAL(sim.cycles, 0);
    gc_mode_before_alloc(&sim, &live, 5001, 5001);
    CHECK_EQUAL(sim.cycles, 1);
    CHECK_EQUAL(sim.visited, 15);
    CHECK_EQUAL(sim.failures, 0);
}

// What a block takes of the heap is more than its bytes in the ledger.
TEST(modes_count_heap_bytes_apart)
{
    struct gc_mode_sim off = {.mode = GC_MODE_OFF, .heap_room_bytes = 2000};
    struct gc_mode_sim always = {.mode = GC_MODE_ALWAYS, .heap_room_bytes = 2000};
    struct gc_mode_sim failure = {.mode = GC_MODE_ON_FAILURE, .heap_room_bytes = 2000};
    struct gc_mode_sim reserve = {
        .mode = GC_MODE_RESERVE, .limit_bytes = 600, .heap_room_bytes = 2000};
    struct gc_mode_sim *all[] = {&off, &always, &failure, &reserve};
    struct gc_live live = {.lua_bytes = 500, .heap_bytes = 1200, .objects = 10};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        gc_mode_boot(all[i], 100000);
        note_dead(all[i], 100, 200);
        gc_mode_after_alloc(all[i], &live);
    }
    CHECK_EQUAL(off.lua_bytes_max, 600);
    CHECK_EQUAL(off.heap_bytes_max, 1400);
    CHECK_EQUAL(always.lua_bytes_max, 500);
    CHECK_EQUAL(always.heap_bytes_max, 1200);
    gc_mode_before_alloc(&reserve, &live, 8, 16); // just the reserve is left
    CHECK_EQUAL(reserve.cycles, 0);
    note_dead(&reserve, 1, 8);
    gc_mode_before_alloc(&reserve, &live, 8, 16);
    CHECK_EQUAL(reserve.cycles, 1);
    CHECK_EQUAL(reserve.garbage.heap_bytes, 0);
    gc_mode_before_alloc(&failure, &live, 8, 600);
    CHECK_EQUAL(failure.cycles, 0);
    gc_mode_before_alloc(&failure, &live, 8, 601);
    CHECK_EQUAL(failure.cycles, 1);
    CHECK_EQUAL(failure.garbage.heap_bytes, 0);
    CHECK_EQUAL(failure.failures, 0);
    gc_mode_before_alloc(&failure, &live, 8, 801);
    CHECK_EQUAL(failure.failures, 1);
    note_dead(&off, 10, 24);
    gc_mode_request(&off, &live);
    gc_mode_after_alloc(&off, &live);
    CHECK_EQUAL(off.garbage.heap_bytes, 0);
    CHECK_EQUAL(off.heap_bytes_max, 1400);
}

// A cycle frees of the heap what died before it was marked, header and rounding included.
TEST(a_cycle_by_steps_frees_heap_bytes)
{
    struct gc_mode_sim sim = {.mode = GC_MODE_OFF};
    struct gc_live live = {.lua_bytes = 4000, .heap_bytes = 6000, .objects = 10};
    gc_mode_boot(&sim, 1000);
    note_dead(&sim, 100, 160);
    gc_mode_after_alloc(&sim, &live); // the cycle begins
    gc_mode_after_alloc(&sim, &live); // nothing to mark, nothing to sweep
    CHECK_EQUAL(sim.cycles, 1);
    CHECK_EQUAL(sim.garbage.heap_bytes, 0);
    CHECK_EQUAL(sim.heap_bytes_max, 6160);
}

static int64_t mode_heap_bytes(const struct report *report, const char *mode)
{
    const struct report_table *table = report_find_table(report, "modes");
    size_t column = 0;
    while (strcmp(table->columns[column].name, "heap_bytes") != 0)
        column++;
    for (size_t row = 0; row < table->row_count; row++) {
        const struct report_value *cells = &table->cells[row * table->column_count];
        if (text_is_equal(cells[0].text, text_of(mode)))
            return cells[column].number;
    }
    return -1;
}

// 10 bytes take 24 of the heap, 100 take 112, 5 take 16; the state's 388 take 400.
TEST(heap_bytes_of_the_modes)
{
    struct trace_directory made = make(
        "1 alloc addr=0x3ffe9000 bytes=16 kind=\"table\" site=1\n"
        "1 alloc addr=0x3ffe9100 bytes=97 kind=\"table nodes\" site=1\n"
        "2 gc_begin reason=\"always\" lua_bytes=501\n2 free addr=0x3ffe9100\n"
        "2 gc_end reason=\"always\" lua_bytes=404 visited=2\n"
        "3 alloc addr=0x3ffe9100 bytes=5 kind=\"userdata\" site=2\n"
        "3 resize old_addr=0x3ffe9100 addr=0x3ffe9100 bytes=12 kind=\"userdata\" site=2\n");
    const struct report *report = gc_report(analyse(made.path, 1), &arena);
    CHECK_EQUAL(mode_heap_bytes(report, "ALWAYS"), 400 + 24 + 112);
    CHECK_EQUAL(mode_heap_bytes(report, "NOT_ACTIVE"), 400 + 24 + 112 + 24);
    trace_directory_remove(&made);
}

// ---- histograms and curves ----

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

TEST(quantiles_are_near)
{
    enum { COUNT = 5000 };
    static uint64_t values[COUNT];
    static struct histogram histogram;
    uint64_t seed = test_seed() * 31 + 7;
    for (int i = 0; i < COUNT; i++) {
        values[i] = test_random(&seed) >> test_random(&seed) % 32;
        if (i % 100 == 0)
            values[i] = UINT64_MAX - (uint64_t)i;
        histogram_add(&histogram, values[i]);
    }
    qsort(values, COUNT, sizeof *values, compare);
    for (int i = 1; i <= 100; i++) {
        uint64_t exact = values[COUNT * i / 100 - 1];
        uint64_t got = histogram_quantile(&histogram, i / 100.0);
        CHECK(got >= exact);
        CHECK(got - exact <= exact / HISTOGRAM_STEPS);
    }
    CHECK_EQUAL(histogram.max == UINT64_MAX, 1);
}

TEST(curves_join)
{
    static struct curve curve;
    uint64_t sum = 0, max = 0, seed = test_seed() + 11;
    for (uint64_t time = 0; time < 5000000; time += 1 + test_random(&seed) % 1000) {
        uint64_t value = test_random(&seed) % 100000;
        curve_add(&curve, time, value);
        sum += value;
        max = value > max ? value : max;
    }
    uint64_t got_sum = 0, got_max = 0;
    for (uint32_t i = 0; i < curve.used; i++) {
        got_sum += curve.buckets[i].sum;
        got_max = curve.buckets[i].max > got_max ? curve.buckets[i].max : got_max;
    }
    CHECK_EQUAL(got_sum, sum);
    CHECK_EQUAL(got_max, max);
    CHECK(curve.used > CURVE_BUCKETS / 2 && curve.used <= CURVE_BUCKETS);
    CHECK(curve.width * curve.used >= 4999000);
}

// ---- the whole ----

TEST(report_of_nothing)
{
    struct trace_directory made = trace_directory_make("");
    struct gc *gc = analyse(made.path, 0);
    struct report *report = gc_report(gc, &arena);
    CHECK(report_find_table(report, "modes") != NULL);
    CHECK_EQUAL(report_find_total(report, "collections")->value.number, 0);
    CHECK_EQUAL(gc->settings.short_lived, GC_SHORT_LIVED_DEFAULT);
    trace_directory_remove(&made);
}

TEST(memory_is_bounded)
{
    uint64_t used[2] = {0};
    for (int round = 0; round < 2; round++) {
        char *text = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&text, &bytes);
        fputs("0 string_table slots=32\n1 text id=1 text=\"def\"\n", out);
        for (int i = 0; i < (round ? 30000 : 300); i++)
            fprintf(out,
                    "+100 gc_begin reason=\"always\" lua_bytes=1000\n"
                    "+0 gc_end reason=\"always\" lua_bytes=900 visited=%d\n"
                    "+0 string_new addr=0x3ffe9%03x text=1 site=1\n"
                    "+0 string_table slots=%d strings=3\n",
                    i, i % 64 * 32, i % 2 ? 32 : 64);
        fclose(out);
        struct trace_directory made = make(text);
        uint64_t before = arena.used_bytes;
        analyse(made.path, 1);
        used[round] = arena.used_bytes - before;
        free(text);
        trace_directory_remove(&made);
    }
    CHECK_EQUAL(used[0], used[1]);
}

// A mode that leaves the highest point where it is, is not said to bring it from there to there.
TEST(an_unchanged_highest_point_is_no_change)
{
    char events[8192] = "1 alloc addr=0x3ffe9000 bytes=9000 kind=\"table nodes\" site=1\n";
    for (int i = 0; i < 40; i++) {
        size_t used = strlen(events);
        snprintf(events + used, sizeof events - used,
                 "%d gc_begin reason=\"always\" lua_bytes=9400\n"
                 "%d gc_end reason=\"always\" lua_bytes=9400 visited=500\n"
                 "%d alloc addr=0x3fff%04x bytes=1 kind=\"userdata\" site=2\n",
                 2 + i, 2 + i, 2 + i, i * 16);
    }
    struct trace_directory made = make(events);
    struct gc *gc = analyse(made.path, 1);
    const struct report_note *note = gc_report(gc, &arena)->notes;
    while (note && !text_begins_with(note->text, "mode ALWAYS"))
        note = note->next;
    CHECK(note != NULL);
    if (note) {
        CHECK(strstr(note->text.data, "leave the highest point at 9,428 bytes, ") != NULL);
        CHECK(strstr(note->text.data, " from ") == NULL);
    }
    trace_directory_remove(&made);
}

TEST_MAIN
