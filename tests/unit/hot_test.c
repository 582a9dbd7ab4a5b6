// hot_test.c: reads of flash are counted where they belong, on traces assembled from text.

#include "analyzer/analysis/hot/hot.h"

#include "analyzer/analysis/hot/hot_annotate.h"
#include "analyzer/analysis/hot/hot_groups.h"
#include "tests/support/trace_directory.h"

static struct arena arena;

static const char head[] = "0 boot number=1 heap_bytes=45056 heap_addr=0x3ffe8000 lua_bytes=388\n"
                           "0 name id=1 text=\"@app.lua\"\n0 name id=2 text=\"string.find\"\n"
                           "0 site id=1 source=1 line=3 function=2\n0 site id=2 source=1 line=3\n"
                           "0 site id=3 source=1 line=4\n";

static void analyse(struct hot *hot, const char *path, const char *if_moved)
{
    struct problem problem = {0};
    struct hot_settings settings = {
        .traces = &path, .trace_count = 1, .model = "nodemcu-3.0", .if_moved = if_moved};
    CHECK_EQUAL(hot_analyse(&settings, &arena, hot, &problem), STATUS_OK);
    CHECK_TEXT(problem.message, "");
}

static uint64_t sum_of(const struct hot *hot, unsigned what, unsigned place)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (hot->cells[i].what == what && hot->cells[i].place == place)
            sum += hot->cells[i].count;
    return sum;
}

static struct trace_directory make(const char *events)
{
    struct arena scratch;
    arena_init(&scratch);
    struct trace_directory made = trace_directory_make(
        arena_format(&scratch, "%s%s", head, events));
    arena_deinit(&scratch);
    return made;
}

TEST(flash_and_ram_are_told_apart)
{
    struct trace_directory made = make(
        "1 text id=1 text=\"abc\" flash_addr=0x40290010\n1 text id=2 text=\"xyz\"\n"
        "2 content_read text=1 first=1 bytes=2 site=1 function=\"pattern\" times=5\n"
        "2 content_read text=2 first=0 bytes=3 site=1 function=\"pattern\" times=7\n"
        "2 content_read text=9 first=0 bytes=1 site=1 function=\"pattern\" times=1\n");
    struct hot hot;
    analyse(&hot, made.path, NULL);
    CHECK_EQUAL(sum_of(&hot, CONTENT_MATCH_PATTERN, HOT_FLASH), 10);
    CHECK_EQUAL(hot.cells[0].times, 5);
    CHECK_EQUAL(hot.ram_characters, 22);
    CHECK(hot.runs[0].input.loss.is_unfinished);
    trace_directory_remove(&made);
}

// A text that was in flash before a boot lies there again only if it is defined again; one that
// moves to flash in a run counts from its new definition on.
TEST(definitions_and_boots)
{
    struct trace_directory made = make(
        "1 text id=1 text=\"abc\" flash_addr=0x40290010\n1 text id=2 text=\"xyz\"\n"
        "2 content_read text=2 bytes=1 site=1 function=\"byte\" times=1\n"
        "3 text id=2 text=\"xyz\" flash_addr=0x40290030\n"
        "4 content_read text=2 bytes=1 site=1 function=\"byte\" times=10\n"
        "5 boot number=2 lua_bytes=388\n"
        "6 content_read text=1 bytes=1 site=1 function=\"byte\" times=100\n"
        "6 content_read text=2 bytes=1 site=1 function=\"byte\" times=1000\n"
        "7 text id=1 text=\"abc\" flash_addr=0x40290010\n"
        "8 content_read text=1 bytes=1 site=1 function=\"byte\" times=10000\n");
    struct hot hot;
    analyse(&hot, made.path, NULL);
    CHECK_EQUAL(sum_of(&hot, CONTENT_BYTE, HOT_FLASH), 10010);
    CHECK_EQUAL(hot.ram_characters, 1101);
    trace_directory_remove(&made);
}

TEST(strings_that_might_move)
{
    struct trace_directory made = make(
        "1 text id=1 text=\"moves\"\n1 text id=2 text=\"stays\"\n1 text id=3 text=\"input\"\n"
        "1 gc_end reason=\"always\" visited=5\n"
        "1 string_new addr=0x3ffe9000 text=1 site=1 flags=2\n"
        "1 string_new addr=0x3ffe9100 text=2 site=1\n"
        "1 string_new addr=0x3ffe9200 text=3 site=1 flags=1\n"
        "2 content_read text=1 bytes=5 site=1 function=\"format\" times=3\n"
        "2 content_read text=2 bytes=5 site=1 function=\"format\" times=4\n"
        "2 content_read text=3 bytes=5 site=1 function=\"format\" times=5\n"
        "3 gc_end reason=\"step\" visited=1\n"
        "3 gc_end reason=\"always\" visited=5\n3 gc_end reason=\"always\" visited=5\n"
        "4 free addr=0x3ffe9000\n"
        "5 string_new addr=0x3ffe9000 text=1 site=1 flags=2\n"
        "6 gc_end reason=\"always\" visited=5\n");
    const char *list = trace_directory_write(
        &made, "list.lua", "local a = 'moves', [[moves]], \"not met\" -- 'stays'");
    struct hot hot;
    analyse(&hot, made.path, list);
    CHECK_EQUAL(sum_of(&hot, CONTENT_FORMAT, HOT_MOVED), 15);
    CHECK_EQUAL(sum_of(&hot, CONTENT_FORMAT, HOT_FLASH), 0);
    CHECK_EQUAL(sum_of(&hot, HOT_VM_FIRST + VM_VISIT_STRING, HOT_MOVED), 3);
    CHECK_EQUAL(hot.ram_characters, 45);
    CHECK_EQUAL(hot.moved_count, 2);
    CHECK_EQUAL(hot.moved_met, 1);
    analyse(&hot, made.path, "all");
    CHECK_EQUAL(sum_of(&hot, CONTENT_FORMAT, HOT_MOVED), 15);
    CHECK_EQUAL(hot.moved_met, 1);
    trace_directory_remove(&made);
}

// The bytes of an image that cannot be read as one are mapped all the same.
TEST(reads_by_byte)
{
    struct trace_directory made = make(
        "image app.img hex 00\n"
        "0 image_mounted addr=0x40290000 bytes=256 crc=1 file=\"app.img\"\n"
        "1 text id=1 text=\"abcdef\" flash_addr=0x40290010\n"
        "2 content_read text=1 first=1 bytes=3 site=1 function=\"pattern\" times=5\n"
        "2 content_read text=1 first=3 bytes=900 site=1 function=\"pattern\" times=1\n"
        "2 vm_event what=\"call of a flash function\" site=2 addr=0x40290080 times=10\n"
        "2 vm_event what=\"collector visit of a flash string\" addr=0x40290000 times=7\n"
        "2 vm_event what=\"store of a flash string\" addr=0x40280000 times=7\n");
    struct hot hot;
    analyse(&hot, made.path, NULL);
    CHECK_EQUAL(hot.objects.image_count, 1);
    CHECK_EQUAL(hot.objects.unreadable_count, 1);
    const uint64_t *reads = hot.objects.images[0].reads;
    CHECK_EQUAL(reads[0x10], 0);
    CHECK_EQUAL(reads[0x11], 5);
    CHECK_EQUAL(reads[0x12], 5);
    CHECK_EQUAL(reads[0x13], 6);
    CHECK_EQUAL(reads[0x14], 1);
    CHECK_EQUAL(reads[255], 1);
    CHECK_EQUAL(reads[5], 7);
    CHECK_EQUAL(reads[0x80 + 69], 1 + 10);
    CHECK_EQUAL(reads[0x80 + 70], 1 + 10);
    CHECK_EQUAL(reads[0x80 + 71], 1 + 20);
    CHECK_EQUAL(reads[0x80 + 68], 1);
    trace_directory_remove(&made);
}

static double total_clocks(const struct hot_groups *groups)
{
    double clocks = 0;
    for (size_t i = 0; i < groups->count; i++)
        clocks += groups->items[i].clocks[HOT_MODEL];
    return clocks;
}

// Random events against sums that are kept beside them; groups add up to the same in every way.
TEST(random_events_add_up)
{
    enum { ROUNDS = 4000, TEXTS = 20 };
    uint64_t seed = test_seed() * 2654435761u + 3, want[HOT_LOAD_FIRST] = {0};
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    for (unsigned i = 1; i <= TEXTS; i++)
        fprintf(out, "1 text id=%u text=\"text %u\" flash_addr=0x4029%04x\n", i, i, i * 64);
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t times = 1 + test_random(&seed) % 9, site = 1 + test_random(&seed) % 3;
        uint32_t what = test_random(&seed) % HOT_LOAD_FIRST, length = 1 + test_random(&seed) % 6;
        want[what] += hot_is_content(what) ? (uint64_t)times * length : times;
        if (hot_is_content(what))
            fprintf(out, "+1 content_read text=%u bytes=%u site=%u function=\"%s\" times=%u\n",
                    1 + test_random(&seed) % TEXTS, length, site, hot_what_name(what), times);
        else
            fprintf(out, "+1 vm_event what=\"%s\" site=%u addr=0x4029%04x times=%u\n",
                    hot_what_name(what), site, test_random(&seed) % 1024 * 4, times);
    }
    fclose(out);
    printf("# SEED=%llu\n", (unsigned long long)test_seed());
    struct trace_directory made = make(text);
    struct hot hot;
    analyse(&hot, made.path, NULL);
    double clocks = 0;
    for (unsigned what = 0; what < HOT_LOAD_FIRST; what++) {
        CHECK_EQUAL(sum_of(&hot, what, HOT_FLASH), want[what]);
        double loads = hot_is_content(what)
                           ? hot.models[HOT_MODEL].character_loads[what]
                           : hot.models[HOT_MODEL].event_loads[what - HOT_VM_FIRST];
        clocks += (double)want[what] * loads * hot.models[HOT_MODEL].emulated_load_clocks;
    }
    struct hot_groups lines = hot_groups_create(&arena, hot.sites.line_count);
    struct hot_groups objects = hot_groups_create(&arena, hot.objects.count);
    for (uint32_t i = 0; i < hot.cell_count; i++) {
        hot_groups_add(&lines, &hot, hot.sites.items[hot.cells[i].site].line_idx, i);
        hot_groups_add(&objects, &hot, hot.cells[i].object, i);
    }
    hot_groups_sort(&lines, &hot);
    hot_groups_sort(&objects, &hot);
    CHECK_EQUAL(lines.count, 3); // lines 3 and 4, and the collector's
    CHECK_EQUAL(total_clocks(&lines), clocks);
    CHECK_EQUAL(total_clocks(&objects), clocks);
    CHECK_EQUAL(hot_run_clocks(&hot, HOT_MODEL) - hot_base_clocks(&hot, HOT_MODEL), clocks);
    CHECK(lines.items[0].clocks[HOT_MODEL] >= lines.items[1].clocks[HOT_MODEL]);
    free(text);
    trace_directory_remove(&made);
}

// Memory does not grow with the length of the trace.
TEST(memory_is_bounded)
{
    uint64_t used[2] = {0};
    for (int round = 0; round < 2; round++) {
        char *text = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&text, &bytes);
        fputs("1 text id=1 text=\"abc\" flash_addr=0x40290010\n1 text id=2 text=\"def\"\n", out);
        for (int i = 0; i < (round ? 40000 : 400); i++)
            fprintf(out,
                    "+1 string_new addr=0x3ffe9%03x text=2 site=1\n"
                    "+1 content_read text=1 bytes=3 site=1 function=\"pattern\" times=%d\n",
                    i % 64 * 32, i + 1);
        fclose(out);
        struct trace_directory made = make(text);
        struct hot hot;
        uint64_t before = arena.used_bytes;
        analyse(&hot, made.path, NULL);
        used[round] = arena.used_bytes - before;
        free(text);
        trace_directory_remove(&made);
    }
    CHECK_EQUAL(used[0], used[1]);
}

TEST(annotated_source)
{
    struct hot_view view = {0};
    struct trace_directory made = make(
        "1 text id=1 text=\"abc\" flash_addr=0x40290010\n"
        "2 content_read text=1 bytes=3 site=1 function=\"pattern\" times=5\n"
        "2 vm_event what=\"call of a flash function\" site=3 addr=0x40290080 times=2\n");
    struct hot hot;
    struct report *report;
    struct problem problem = {0};
    const char *path = trace_directory_write(&made, "app.lua", "one\ntwo\n\tthree\r\nfour");
    analyse(&hot, made.path, NULL);
    CHECK_EQUAL(hot_annotate(&hot, &view, "app.lua", made.path, &arena, &report, &problem),
                STATUS_OK);
    const struct report_table *table = report_find_table(report, "annotate");
    CHECK_EQUAL(table->row_count, 4);
    const struct report_value *row = &table->cells[2 * table->column_count];
    CHECK_EQUAL(row[0].number, 15);
    CHECK(!row[1].is_present);
    CHECK_EQUAL(row[4].real, 15 * 190);
    CHECK_EQUAL(row[7].number, 3);
    CHECK(text_is_equal(row[8].text, text_of("    three")));
    row += table->column_count;
    CHECK_EQUAL(row[1].number, 2);
    CHECK_EQUAL(row[4].real, 2 * 4 * 190);
    CHECK_EQUAL(hot_annotate(&hot, &view, path, "/nowhere", &arena, &report, &problem), STATUS_OK);
    CHECK_EQUAL(hot_annotate(&hot, &view, "other.lua", made.path, &arena, &report, &problem),
                STATUS_NOT_FOUND);
    problem = (struct problem){0};
    trace_directory_write(&made, "list.lua", "x\n");
    CHECK_EQUAL(hot_annotate(&hot, &view, "list.lua", made.path, &arena, &report, &problem),
                STATUS_USAGE);
    CHECK(strstr(problem.message, "app.lua") != NULL);
    trace_directory_write(&made, "app.lua", "one\ntwo\n");
    CHECK_EQUAL(hot_annotate(&hot, &view, "app.lua", made.path, &arena, &report, &problem),
                STATUS_OK);
    CHECK(report->notes != NULL && report->notes->kind == REPORT_WARNING);
    trace_directory_remove(&made);
}

TEST(bad_input)
{
    struct trace_directory made = make("");
    struct hot hot;
    const char *paths[] = {made.path, "/nowhere"};
    struct hot_settings settings = {.traces = paths, .trace_count = 1, .model = "none"};
    struct problem problem = {0};
    CHECK_EQUAL(hot_analyse(&settings, &arena, &hot, &problem), STATUS_NOT_FOUND);
    settings.model = "nodemcu-3.0";
    settings.trace_count = 2;
    problem = (struct problem){0};
    CHECK(hot_analyse(&settings, &arena, &hot, &problem) < 0);
    CHECK(text_is_equal(problem.file, text_of("/nowhere")));
    settings.trace_count = 1;
    settings.if_moved = "/nowhere/list.lua";
    problem = (struct problem){0};
    CHECK_EQUAL(hot_analyse(&settings, &arena, &hot, &problem), STATUS_NOT_FOUND);
    settings.if_moved = trace_directory_write(&made, "list.lua", "local a = \"open");
    problem = (struct problem){0};
    CHECK_EQUAL(hot_analyse(&settings, &arena, &hot, &problem), STATUS_DAMAGED);
    trace_directory_remove(&made);
}

TEST_MAIN
