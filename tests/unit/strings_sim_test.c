// strings_sim_test.c: heap, texts and predictions on traces assembled from text, against a
// computation that keeps everything.

#include <ftw.h>

#include "analyzer/analysis/heap/heap_profile.h"
#include "analyzer/analysis/strings/strings.h"
#include "analyzer/analysis/strings/strings_choose.h"
#include "analyzer/analysis/strings/strings_sim.h"
#include "analyzer/trace/trace_text.h"

#include "tests/support/tap.h"

static char directory[] = "/tmp/frost-sim-test.XXXXXX";
static uint32_t state;

static uint32_t random_below(uint32_t limit)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

// A trace of that text in a new directory; its path.
static const char *assemble(struct arena *arena, const char *text, const char *name)
{
    struct problem problem = {0};
    const char *path = arena_format(arena, "%s/%s", directory, name);
    int status = trace_text_assemble_text(arena, text_of(text), "test", path, "0", &problem);
    if (status != STATUS_OK)
        printf("# %s\n", problem.message);
    CHECK_EQUAL(status, STATUS_OK);
    return path;
}

static void begin(void)
{
    memcpy(directory, "/tmp/frost-sim-test.XXXXXX", sizeof directory);
    CHECK(mkdtemp(directory) != NULL);
}

static void end(void)
{
    nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

// ---- a random run, and its ledger computed the long way ----

#define TEXTS 40
#define BLOCKS 60
#define STEPS 1500

struct model {
    FILE *out;
    bool in_ram[TEXTS];
    uint32_t text_bytes[TEXTS], block_bytes[BLOCKS];
    uint64_t heights[STEPS * 2]; // of the ledger without the strings of `moved`, after each step
    bool lives[STEPS * 2][TEXTS];
    uint32_t step_count;
    bool moved[TEXTS];
};

static uint64_t ledger_of(const struct model *model)
{
    uint64_t bytes = 388 + 4096;
    for (int i = 0; i < TEXTS; i++)
        if (model->in_ram[i] && !model->moved[i])
            bytes += 17 + model->text_bytes[i];
    for (int i = 0; i < BLOCKS; i++)
        bytes += model->block_bytes[i];
    return bytes;
}

static void note_step(struct model *model)
{
    model->heights[model->step_count] = ledger_of(model);
    memcpy(model->lives[model->step_count], model->in_ram, sizeof model->in_ram);
    model->step_count++;
}

static void flip_text(struct model *model, unsigned i)
{
    if (model->in_ram[i])
        fprintf(model->out, "+1 free addr=0x%x\n", 0x3fff0000 + i * 256);
    else
        fprintf(model->out, "+1 string_new addr=0x%x text=%u site=0\n", 0x3fff0000 + i * 256,
                i + 1);
    model->in_ram[i] = !model->in_ram[i];
    note_step(model);
}

static void change_block(struct model *model, unsigned i)
{
    unsigned addr = 0x3ffe8000 + i * 512;
    uint32_t bytes = random_below(3) ? 1 + random_below(400) : 0;
    if (bytes == 0 && model->block_bytes[i] == 0)
        return;
    if (bytes == 0)
        fprintf(model->out, "+1 free addr=0x%x\n", addr);
    else if (model->block_bytes[i] == 0)
        fprintf(model->out, "+1 alloc addr=0x%x bytes=%u kind=\"table nodes\"\n", addr, bytes);
    else
        fprintf(model->out, "+1 resize old_addr=0x%x addr=0x%x bytes=%u kind=\"table nodes\"\n",
                addr, addr, bytes);
    model->block_bytes[i] = bytes;
    note_step(model);
}

// The string table has 1024 slots throughout, so that it does not matter here.
static char *make_run(struct model *model)
{
    char *text;
    size_t bytes;
    model->out = open_memstream(&text, &bytes);
    fprintf(model->out, "0 boot number=1 heap_bytes=45056 heap_addr=0x3ffe8000 lua_bytes=388\n"
                        "0 alloc addr=0x3ffe7000 bytes=4096 kind=\"string table\"\n");
    for (unsigned i = 0; i < TEXTS; i++) {
        char content[100];
        model->text_bytes[i] = (uint32_t)snprintf(
            content, sizeof content, "text %u %.*s", i, (int)random_below(60),
            "so long so long so long so long so long so long so long so");
        fprintf(model->out, "0 text id=%u text=\"%s\"\n", i + 1, content);
    }
    while (model->step_count < STEPS) {
        if (random_below(3))
            flip_text(model, random_below(TEXTS));
        else
            change_block(model, random_below(BLOCKS));
    }
    fprintf(model->out, "+1 end status=0\n");
    fclose(model->out);
    return text;
}

static uint64_t highest(const struct model *model, uint32_t *at)
{
    uint64_t peak = 0;
    for (uint32_t i = 0; i < model->step_count; i++)
        if (model->heights[i] > peak) {
            peak = model->heights[i];
            *at = i;
        }
    return peak;
}

// The model's text with that index, as the profile knows it.
static uint32_t find_text(const struct heap_profile *profile, const struct model *model, unsigned i)
{
    char head[20];
    snprintf(head, sizeof head, "text %u ", i);
    for (uint32_t t = 0; t < profile->texts.count; t++)
        if (text_begins_with(profile->texts.items[t].content, head) &&
            profile->texts.items[t].bytes == model->text_bytes[i])
            return t;
    return HEAP_NO_TEXT;
}

static int replay_with_record(struct heap_profile *profile, struct strings_record *record,
                              const char *path)
{
    struct problem problem = {0};
    struct replay_observer observers[] = {heap_profile_observer(profile),
                                          strings_record_observer(record)};
    struct replay_settings settings = {.traces = &path, .trace_count = 1, .first_step = 1};
    return replay_run(&settings, observers, 2, &problem);
}

TEST(highest_point_and_who_lived_then)
{
    begin();
    for (int round = 0; round < 8; round++) {
        struct arena arena;
        struct problem problem = {0};
        static struct heap_profile profile;
        static struct model model;
        uint32_t at = 0;
        arena_init(&arena);
        memset(&model, 0, sizeof model);
        state = (uint32_t)test_seed() * 100 + (uint32_t)round;
        char *text = make_run(&model);
        heap_profile_init(&profile, &arena);
        const char *path = assemble(&arena, text, arena_format(&arena, "a%d", round));
        CHECK_EQUAL(heap_profile_add(&profile, path, NULL, NULL, &problem), STATUS_OK);
        CHECK_EQUAL(profile.moment_bytes[HEAP_MOMENT_PEAK], highest(&model, &at));
        uint64_t string_bytes = 0;
        for (unsigned i = 0; i < TEXTS; i++) {
            uint32_t t = find_text(&profile, &model, i);
            bool lives = t != HEAP_NO_TEXT &&
                         heap_lives_at(&profile, &profile.texts.items[t], HEAP_MOMENT_PEAK);
            CHECK_EQUAL(lives, model.lives[at][i]);
            string_bytes += lives ? 17 + model.text_bytes[i] : 0;
        }
        CHECK_EQUAL(heap_amount_at_peak(&profile, &profile.kinds[KIND_STRING]).bytes, string_bytes);
        CHECK_EQUAL(profile.peak_string_bytes, string_bytes);
        heap_profile_deinit(&profile);
        arena_deinit(&arena);
        free(text);
    }
    end();
}

TEST(ledger_with_strings_in_flash)
{
    begin();
    for (int round = 0; round < 8; round++) {
        struct arena arena;
        struct problem problem = {0};
        static struct heap_profile profile;
        static struct model model, moved;
        uint32_t set[TEXTS], count = 0, at = 0;
        arena_init(&arena);
        memset(&model, 0, sizeof model);
        memset(&moved, 0, sizeof moved);
        for (unsigned i = 0; i < TEXTS; i++)
            moved.moved[i] = (i * 7 + (unsigned)round) % 3 == 0;
        state = (uint32_t)test_seed() * 100 + (uint32_t)round;
        char *text = make_run(&model);
        state = (uint32_t)test_seed() * 100 + (uint32_t)round;
        free(make_run(&moved));
        heap_profile_init(&profile, &arena);
        const char *path = assemble(&arena, text, arena_format(&arena, "b%d", round));
        struct strings_record *record = strings_record_open(&profile, &arena);
        CHECK_EQUAL(replay_with_record(&profile, record, path), STATUS_OK);
        for (unsigned i = 0; i < TEXTS; i++)
            if (moved.moved[i] && find_text(&profile, &model, i) != HEAP_NO_TEXT)
                set[count++] = find_text(&profile, &model, i);
        struct strings_sim *sim = strings_sim_create(&profile, record, NULL, &arena);
        sim->watched = strings_sim_add(sim, set, count);
        CHECK_EQUAL(strings_sim_run(sim, &problem), STATUS_OK);
        CHECK_EQUAL(sim->peaks[STRINGS_SET_NONE].bytes, highest(&model, &at));
        CHECK_EQUAL(sim->peaks[sim->watched].bytes, highest(&moved, &at));
        for (unsigned i = 0; i < TEXTS; i++) {
            uint32_t t = find_text(&profile, &model, i);
            if (t != HEAP_NO_TEXT)
                CHECK_EQUAL(strings_sim_lived(sim, t), moved.lives[at][i]);
        }
        strings_record_close(record);
        heap_profile_deinit(&profile);
        arena_deinit(&arena);
        free(text);
    }
    end();
}

// ---- collections ----

// A run in mode ALWAYS, and beside it the same one with some texts in flash: each allocation is
// preceded by a collection, except where the collector is stopped; no allocation, no collection.
#define THINGS 60 // texts, then blocks

struct collected {
    bool is_there[2][THINGS], is_dead[THINGS]; // in RAM; [1]: with the moved texts in flash
    uint32_t bytes[THINGS];
    uint64_t peaks[2];
    bool was_born[THINGS];
    FILE *out;
};

static bool is_text(unsigned i)
{
    return i < TEXTS;
}

static bool is_moved(unsigned i)
{
    return is_text(i) && i % 3 == 0;
}

static unsigned addr_of(unsigned i)
{
    return 0x3ffe8000 + i * 512;
}

static void sweep(struct collected *run, unsigned which)
{
    for (unsigned i = 0; i < THINGS; i++) {
        if (!run->is_dead[i] || !run->is_there[which][i])
            continue;
        run->is_there[which][i] = false;
        if (which == 0)
            fprintf(run->out, "+0 free addr=0x%x\n", addr_of(i));
    }
}

static void make_thing(struct collected *run, unsigned i, bool is_stopped)
{
    // Not what is there already, dead or not; blocks are made once, since they are not found again.
    bool is_found = is_text(i) && run->is_there[1][i]; // where it has stayed
    if (run->is_there[0][i] || (run->was_born[i] && !is_text(i)))
        return;
    if (!is_stopped) {
        fprintf(run->out, "+1 gc_begin reason=\"always\" lua_bytes=1\n");
        sweep(run, 0);
        fprintf(run->out, "+0 gc_end reason=\"always\" lua_bytes=1\n");
        if (!is_moved(i) && !is_found)
            sweep(run, 1);
    }
    run->was_born[i] = true;
    run->is_dead[i] = false;
    run->is_there[0][i] = true;
    run->is_there[1][i] = !is_moved(i);
    if (is_text(i))
        fprintf(run->out, "+0 string_new addr=0x%x text=%u site=0\n", addr_of(i), i + 1);
    else
        fprintf(run->out, "+0 alloc addr=0x%x bytes=%u kind=\"table\"\n", addr_of(i),
                run->bytes[i]);
    for (unsigned which = 0; which < 2; which++) {
        uint64_t bytes = 388 + 256; // with the string table
        for (unsigned n = 0; n < THINGS; n++)
            bytes += run->is_there[which][n] ? run->bytes[n] : 0;
        run->peaks[which] = bytes > run->peaks[which] ? bytes : run->peaks[which];
    }
}

static char *make_collected_run(struct collected *run)
{
    char *text;
    size_t bytes;
    bool is_stopped = false;
    *run = (struct collected){.out = open_memstream(&text, &bytes)};
    fprintf(run->out, "0 boot number=1 heap_bytes=45056 heap_addr=0x3ffe8000 lua_bytes=388\n"
                      "0 alloc addr=0x3ffe7000 bytes=256 kind=\"string table\"\n");
    for (unsigned i = 0; i < THINGS; i++) {
        run->bytes[i] = 20 + random_below(300);
        if (is_text(i))
            run->bytes[i] = 17 + (uint32_t)snprintf(NULL, 0, "text %u %0*u", i, 1 + (int)i, 0);
        if (is_text(i))
            fprintf(run->out, "0 text id=%u text=\"text %u %0*u\"\n", i + 1, i, 1 + (int)i, 0);
    }
    for (unsigned n = 0; n < 400; n++) {
        unsigned i = random_below(THINGS);
        if (random_below(12) == 0)
            is_stopped = !is_stopped;
        if (random_below(20) == 0)
            fprintf(run->out, "+0 gc_begin reason=\"step\" lua_bytes=1\n"
                              "+0 gc_end reason=\"step\" lua_bytes=1\n");
        if (random_below(3) == 0)
            run->is_dead[i] |= run->is_there[0][i];
        else
            make_thing(run, i, is_stopped);
    }
    fprintf(run->out, "+1 end status=0\n");
    fclose(run->out);
    return text;
}

TEST(what_a_collection_for_a_string_would_have_freed_stays)
{
    unsigned differences = 0;
    begin();
    for (int round = 0; round < 40; round++) {
        struct arena arena;
        struct problem problem = {0};
        static struct heap_profile profile;
        static struct collected run;
        uint32_t set[TEXTS], count = 0;
        arena_init(&arena);
        state = (uint32_t)test_seed() * 100 + (uint32_t)round;
        char *text = make_collected_run(&run);
        const char *path = assemble(&arena, text, arena_format(&arena, "d%d", round));
        heap_profile_init(&profile, &arena);
        struct strings_record *record = strings_record_open(&profile, &arena);
        CHECK_EQUAL(replay_with_record(&profile, record, path), STATUS_OK);
        for (uint32_t t = 0; t < profile.texts.count; t++)
            if (profile.texts.items[t].births > 0 &&
                is_moved((unsigned)strtoul(profile.texts.items[t].content.data + 5, NULL, 10)))
                set[count++] = t;
        struct strings_sim *sim = strings_sim_create(&profile, record, NULL, &arena);
        uint32_t moved = strings_sim_add(sim, set, count);
        CHECK_EQUAL(strings_sim_run(sim, &problem), STATUS_OK);
        CHECK_EQUAL(sim->peaks[STRINGS_SET_NONE].bytes, run.peaks[0]);
        CHECK_EQUAL(sim->peaks[moved].bytes, run.peaks[1]);
        strings_record_close(record);
        heap_profile_deinit(&profile);
        arena_deinit(&arena);
        free(text);
        differences += run.peaks[0] != run.peaks[1];
    }
    end();
    CHECK(differences > 20);
}

// ---- the whole analysis ----

static struct strings_settings settings_for(const char *const *traces, size_t count)
{
    return (struct strings_settings){.traces = traces,
                                     .trace_count = count,
                                     .budget_bytes = UINT64_MAX,
                                     .clocks_percent_max = 1,
                                     .return_min = 0.1,
                                     .model = "nodemcu-3.0"};
}

TEST(the_chosen_list_saves_what_it_predicts)
{
    begin();
    for (int round = 0; round < 4; round++) {
        struct arena arena;
        struct problem problem = {0};
        struct strings strings = {0};
        static struct model model, moved;
        uint32_t at;
        arena_init(&arena);
        memset(&model, 0, sizeof model);
        memset(&moved, 0, sizeof moved);
        state = (uint32_t)test_seed() * 100 + (uint32_t)round;
        char *text = make_run(&model);
        const char *path = assemble(&arena, text, arena_format(&arena, "c%d", round));
        struct strings_settings settings = settings_for(&path, 1);
        CHECK_EQUAL(strings_analyse(&settings, &arena, &strings, &problem), STATUS_OK);
        CHECK(strings.chosen.saved_bytes > 0);
        for (unsigned i = 0; i < TEXTS; i++) {
            uint32_t t = find_text(strings.profile, &model, i);
            moved.moved[i] = t != HEAP_NO_TEXT && strings.verdicts[t] == STRINGS_CHOSEN;
        }
        state = (uint32_t)test_seed() * 100 + (uint32_t)round;
        free(make_run(&moved));
        // The string table is left out: with so few strings it would shrink at once.
        uint64_t table = strings.chosen.table_slots * 4;
        CHECK_EQUAL(strings.chosen.peak_bytes - table, highest(&moved, &at) - 4096);
        strings_deinit(&strings);
        arena_deinit(&arena);
        free(text);
    }
    end();
}

// With as much flash as the plain dump takes, the list saves what that saves, or more.
static void compare_with_dump(const char *path, unsigned origins, unsigned *count)
{
    struct arena arena;
    struct problem problem = {0};
    struct strings strings = {0};
    struct strings_settings settings = settings_for(&path, 1);
    arena_init(&arena);
    settings.return_min = 0;
    settings.origins = origins;
    settings.clocks_percent_max = 100;
    CHECK_EQUAL(strings_analyse(&settings, &arena, &strings, &problem), STATUS_OK);
    struct strings_list dump = origins ? strings.dump : strings.dump_taken;
    dump.is_plain = true;
    strings_list_measure(&strings, &dump);
    settings.budget_bytes = dump.flash_bytes;
    strings_deinit(&strings);
    CHECK_EQUAL(strings_analyse(&settings, &arena, &strings, &problem), STATUS_OK);
    CHECK(strings.chosen.saved_bytes >= dump.saved_bytes);
    CHECK(strings.chosen.flash_bytes <= dump.flash_bytes);
    *count += dump.saved_bytes > 0;
    strings_deinit(&strings);
    arena_deinit(&arena);
}

TEST(a_list_of_the_same_flash_saves_no_less_than_a_plain_dump)
{
    unsigned counts[2] = {0};
    begin();
    for (int round = 0; round < 30; round++) {
        struct arena arena;
        static struct model model;
        static struct collected run;
        arena_init(&arena);
        memset(&model, 0, sizeof model);
        state = (uint32_t)test_seed() * 100 + (uint32_t)round;
        char *text = round % 3 ? make_collected_run(&run) : make_run(&model);
        const char *path = assemble(&arena, text, arena_format(&arena, "e%d", round));
        compare_with_dump(path, 0, &counts[0]);
        compare_with_dump(path, STRINGS_ORIGINS_ALL, &counts[1]);
        arena_deinit(&arena);
        free(text);
    }
    end();
    CHECK(counts[0] > 10);
    CHECK(counts[1] > 10);
}

// What a run nobody has seen may save is what the list saves in each: in the higher of these runs
// it also has a text that the other one holds away from its highest point.
TEST(the_least_of_the_runs)
{
    static const char *const runs[] = {
        "0 boot number=1 lua_bytes=388\n+0 alloc addr=0x3ffe7000 bytes=256 kind=\"string table\"\n"
        "+0 text id=1 text=\"there in every run, at its highest point\"\n+0 string_new addr=0x100 "
        "text=1\n"
        "+0 text id=2 text=\"by what one was given\"\n+0 string_new addr=0x200 text=2\n"
        "+0 alloc addr=0x900 bytes=999 kind=\"table\"\n+1 end\n",
        "0 boot number=1 lua_bytes=388\n+0 alloc addr=0x3ffe7000 bytes=256 kind=\"string table\"\n"
        "+0 text id=1 text=\"there in every run, at its highest point\"\n+0 string_new addr=0x100 "
        "text=1\n"
        "+0 text id=2 text=\"by what one was given\"\n+0 string_new addr=0x200 text=2\n"
        "+0 free addr=0x200\n+0 alloc addr=0x900 bytes=900 kind=\"table\"\n+1 end\n"};
    struct arena arena;
    struct problem problem = {0};
    struct strings strings = {0};
    const char *paths[2];
    begin();
    arena_init(&arena);
    for (int i = 0; i < 2; i++)
        paths[i] = assemble(&arena, runs[i], i ? "lower" : "higher");
    struct strings_settings settings = settings_for(paths, 2);
    CHECK_EQUAL(strings_analyse(&settings, &arena, &strings, &problem), STATUS_OK);
    CHECK_EQUAL(strings.chosen.count, 2);
    CHECK_EQUAL(strings.chosen.saved_bytes, 17 + 40 + 17 + 21);
    CHECK_EQUAL(strings.run_saved_bytes[0], 17 + 40 + 17 + 21);
    CHECK_EQUAL(strings_least_saved(&strings), 17 + 40);
    strings_deinit(&strings);
    arena_deinit(&arena);
    end();
}

// ---- the string table that is modelled ----

// Slots at the highest point, which comes after a collection for `reason` that finds `strings`
// strings in a table of `slots`.
static uint32_t slots_after(unsigned slots, unsigned strings, const char *reason)
{
    struct arena arena;
    struct problem problem = {0};
    struct strings result = {0};
    char *text;
    size_t bytes;
    arena_init(&arena);
    FILE *out = open_memstream(&text, &bytes);
    fprintf(out,
            "0 boot number=1 lua_bytes=388\n"
            "0 alloc addr=0x3ffe7000 bytes=%u kind=\"string table\"\n",
            slots * 4);
    for (unsigned i = 1; i <= strings; i++)
        fprintf(out, "0 text id=%u text=\"text %u\"\n0 string_new addr=%u text=%u\n", i, i,
                0x3fff0000 + i * 64, i);
    fprintf(out,
            "1 gc_begin reason=\"%s\" lua_bytes=9000\n1 gc_end reason=\"%s\" lua_bytes=9000\n"
            "2 alloc addr=0x3ffea000 bytes=20000 kind=\"table nodes\"\n3 end status=0\n",
            reason, reason);
    fclose(out);
    const char *path = assemble(&arena, text, "slots");
    struct strings_settings settings = settings_for(&path, 1);
    CHECK_EQUAL(strings_analyse(&settings, &arena, &result, &problem), STATUS_OK);
    uint32_t slots_left = result.table_slots;
    strings_deinit(&result);
    arena_deinit(&arena);
    free(text);
    return slots_left;
}

// A full collection looks at the table twice, one by steps once; never below 64 slots.
TEST(a_table_shrinks_as_often_as_the_collector_looks)
{
    static const struct {
        unsigned slots, strings;
        const char *reason;
        uint32_t left;
    } rows[] = {
        {1024, 3, "always", 256},  {1024, 3, "request", 256},  {1024, 3, "failure", 256},
        {1024, 3, "step", 512},    {1024, 3, "limit", 512},    {1024, 255, "always", 512},
        {1024, 256, "step", 1024}, {1024, 127, "always", 256}, {1024, 128, "always", 512},
        {128, 3, "always", 64},    {64, 3, "always", 64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        CHECK_EQUAL(slots_after(rows[i].slots, rows[i].strings, rows[i].reason), rows[i].left);
        end();
    }
}

// A string that finds the table full has it doubled, though the collection that makes room for the
// string frees others.
TEST(a_table_grows_before_the_collection)
{
    struct arena arena;
    struct problem problem = {0};
    struct strings result = {0};
    char *text;
    size_t bytes;
    begin();
    arena_init(&arena);
    FILE *out = open_memstream(&text, &bytes);
    fprintf(out, "0 boot number=1 lua_bytes=388\n"
                 "0 alloc addr=0x3ffe7000 bytes=256 kind=\"string table\"\n");
    for (unsigned i = 1; i <= 65; i++)
        fprintf(out, "0 text id=%u text=\"text %u\"\n", i, i);
    for (unsigned i = 1; i <= 64; i++)
        fprintf(out, "0 string_new addr=%u text=%u\n", 0x3fff0000 + i * 64, i);
    fprintf(out, "1 gc_begin reason=\"always\" lua_bytes=9000\n");
    for (unsigned i = 1; i <= 32; i++)
        fprintf(out, "1 free addr=%u\n", 0x3fff0000 + i * 64);
    fprintf(out, "1 gc_end reason=\"always\" lua_bytes=9000\n2 string_new addr=0x3ffe9000 text=65\n"
                 "2 alloc addr=0x3ffea000 bytes=20000 kind=\"table nodes\"\n3 end status=0\n");
    fclose(out);
    const char *path = assemble(&arena, text, "grows");
    struct strings_settings settings = settings_for(&path, 1);
    CHECK_EQUAL(strings_analyse(&settings, &arena, &result, &problem), STATUS_OK);
    CHECK_EQUAL(result.table_slots, 128);
    strings_deinit(&result);
    arena_deinit(&arena);
    free(text);
    end();
}

TEST(verdicts)
{
    static const char *const runs[] = {
        "0 boot number=1 lua_bytes=388\n"
        "+0 text id=1 text=\"from input\"\n+0 string_new addr=0x100 text=1 flags=1\n"
        "+0 text id=2 text=\"input but constant\"\n+0 string_new addr=0x200 text=2 flags=3\n"
        "+0 text id=3 text=\"only in the first run\"\n+0 string_new addr=0x300 text=3\n"
        "+0 text id=4 text=\"in both, at the peak\"\n+0 string_new addr=0x400 text=4\n"
        "+0 text id=5 text=\"read byte by byte\"\n+0 string_new addr=0x500 text=5\n"
        "+0 content_read text=5 bytes=17 times=5000 function=\"pattern\"\n"
        "+0 text id=6 bytes=9 hash=77\n+0 string_new addr=0x600 text=6\n"
        "+0 text id=7 text=\"flash\" flash_addr=0x40290040\n"
        "+0 string_found text=7 place=\"flash\"\n"
        "+0 text id=8 text=\"left out\"\n+0 string_new addr=0x700 text=8\n"
        "+0 text id=9 text=\"late\"\n+0 alloc addr=0x900 bytes=999 kind=\"table\"\n"
        "+10000 free addr=0x900\n+0 free addr=0x400\n+1 string_new addr=0x800 text=9\n"
        "+1 end\n",
        "0 boot number=1 lua_bytes=388\n"
        "+0 text id=1 text=\"from input\"\n+0 string_new addr=0x100 text=1\n"
        "+0 text id=2 text=\"input but constant\"\n+0 string_new addr=0x200 text=2\n"
        "+0 text id=4 text=\"in both, at the peak\"\n+0 string_new addr=0x400 text=4\n"
        "+0 text id=5 text=\"read byte by byte\"\n+0 string_new addr=0x500 text=5\n"
        "+0 text id=6 bytes=9 hash=77\n+0 string_new addr=0x600 text=6\n"
        "+0 text id=8 text=\"left out\"\n+0 string_new addr=0x700 text=8\n"
        "+0 text id=9 text=\"late\"\n+0 free addr=0x400\n+0 string_new addr=0x800 text=9\n"
        "+10 end\n"};
    static const struct {
        const char *text;
        enum strings_verdict verdict;
    } want[] = {{"from input", STRINGS_INPUT},
                {"input but constant", STRINGS_CHOSEN},
                {"only in the first run", STRINGS_UNSTABLE},
                {"in both, at the peak", STRINGS_CHOSEN},
                {"read byte by byte", STRINGS_COSTLY},
                {"flash", STRINGS_IN_FLASH},
                {"left out", STRINGS_EXCLUDED},
                {"late", STRINGS_IDLE}};
    static const char *const patterns[] = {"^left"};
    struct arena arena;
    struct problem problem = {0};
    struct strings strings = {0};
    const char *paths[2];
    begin();
    arena_init(&arena);
    for (int i = 0; i < 2; i++)
        paths[i] = assemble(&arena, runs[i], i ? "second" : "first");
    struct strings_settings settings = settings_for(paths, 2);
    struct exclude *exclude;
    CHECK_EQUAL(exclude_compile(&arena, patterns, 1, &exclude, &problem), STATUS_OK);
    settings.exclude = exclude;
    CHECK_EQUAL(strings_analyse(&settings, &arena, &strings, &problem), STATUS_OK);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct text text = text_of(want[i].text);
        uint32_t t = heap_texts_find(&strings.profile->texts,
                                     trace_text_hash(text.data, text.bytes), (uint32_t)text.bytes);
        CHECK(t != HEAP_NO_TEXT);
        if (t != HEAP_NO_TEXT)
            CHECK_TEXT(strings_verdict_name(strings.verdicts[t]),
                       strings_verdict_name(want[i].verdict));
    }
    uint32_t unknown = heap_texts_find(&strings.profile->texts, 77, 9);
    CHECK(unknown != HEAP_NO_TEXT && strings.verdicts[unknown] == STRINGS_UNKNOWN);
    strings_deinit(&strings);
    arena_deinit(&arena);
    end();
}

#define FEW_TEXTS 16384u // instead of HEAP_TEXTS_MAX, which is no quicker to test

// More texts than the table holds: the ones at the highest point are exact, the rest is counted.
TEST(texts_beyond_the_table)
{
    struct arena arena;
    struct problem problem = {0};
    static struct heap_profile profile;
    char *text;
    size_t bytes;
    begin();
    arena_init(&arena);
    FILE *out = open_memstream(&text, &bytes);
    const unsigned many = FEW_TEXTS + 20000;
    fprintf(out, "0 boot number=1 lua_bytes=388\n0 text id=1 text=\"kept\"\n"
                 "0 string_new addr=0x100 text=1\n");
    for (unsigned i = 0; i < many; i++)
        fprintf(out,
                "+1 text id=2 text=\"number %u\"\n+0 string_new addr=0x200 text=2\n"
                "+1 free addr=0x200\n",
                i);
    fprintf(out, "+0 free addr=0x100\n+0 string_new addr=0x100 text=1\n+1 end\n");
    fclose(out);
    heap_profile_init(&profile, &arena);
    profile.texts.limit = FEW_TEXTS;
    const char *path = assemble(&arena, text, "many");
    CHECK_EQUAL(heap_profile_add(&profile, path, NULL, NULL, &problem), STATUS_OK);
    CHECK(profile.texts.count <= FEW_TEXTS);
    CHECK(profile.texts.dropped_count > 0);
    heap_profile_begin_recount(&profile);
    CHECK_EQUAL(heap_profile_add(&profile, path, NULL, NULL, &problem), STATUS_OK);
    uint64_t births = profile.births_unknown;
    for (uint32_t i = 0; i < profile.texts.count; i++)
        births += profile.texts.items[i].births;
    CHECK_EQUAL(births, many + 2);
    uint32_t kept = heap_texts_find(&profile.texts, trace_text_hash("kept", 4), 4);
    CHECK(kept != HEAP_NO_TEXT && profile.texts.items[kept].births == 2);
    heap_profile_deinit(&profile);
    arena_deinit(&arena);
    free(text);
    end();
}

// More texts live at once than the table holds at first: all are kept, and none costs more than the
// first ones did (with a drop for each of them this would take minutes).
TEST(texts_that_all_live)
{
    struct arena arena;
    struct problem problem = {0};
    static struct heap_profile profile;
    char *text;
    size_t bytes;
    begin();
    arena_init(&arena);
    FILE *out = open_memstream(&text, &bytes);
    const unsigned many = 2 * FEW_TEXTS + 1000;
    fprintf(out, "0 boot number=1 lua_bytes=388\n");
    for (unsigned i = 0; i < many; i++)
        fprintf(out, "+1 text id=%u text=\"number %u\"\n+0 string_new addr=%u text=%u\n", i + 1, i,
                0x10000 + 64 * i, i + 1);
    fprintf(out, "+1 end\n");
    fclose(out);
    heap_profile_init(&profile, &arena);
    profile.texts.limit = FEW_TEXTS;
    const char *path = assemble(&arena, text, "live");
    CHECK_EQUAL(heap_profile_add(&profile, path, NULL, NULL, &problem), STATUS_OK);
    CHECK_EQUAL(profile.texts.dropped_count, 0);
    CHECK_EQUAL(profile.texts.count, many);
    CHECK_EQUAL(profile.peak_string_count, many);
    CHECK(profile.texts.limit <= 4 * FEW_TEXTS);
    heap_profile_deinit(&profile);
    arena_deinit(&arena);
    free(text);
    end();
}

TEST_MAIN
