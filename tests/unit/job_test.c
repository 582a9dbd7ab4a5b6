// job_test.c: jobs as a caller that is no command has them: programs, command lines of the VM.

#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/output.h"
#include "analyzer/job/app_runner.h"
#include "analyzer/job/program.h"
#include "analyzer/job/vm_settings.h"
#include "runtime/format/status.h"

#include "tests/support/tap.h"

TEST(a_program_beside_this_one_is_found)
{
    struct arena arena;
    struct problem problem = {0};
    const char *path = NULL;
    arena_init(&arena);
    CHECK_EQUAL(program_find(&arena, "frostvm-float-plain", &path, &problem), STATUS_OK);
    CHECK(path && strstr(path, "/../libexec/frost/frostvm-float-plain"));
    CHECK_EQUAL(program_find(&arena, "frostvm-none", &path, &problem), STATUS_NOT_FOUND);
    CHECK_TEXT(problem.file.data, "frostvm-none");
    arena_deinit(&arena);
}

// The words of argv, joined by blanks.
static char *joined(struct arena *arena, char **argv)
{
    char *all = arena_copy_string(arena, argv[0]);
    for (size_t i = 1; argv[i]; i++)
        all = arena_format(arena, "%s %s", all, argv[i]);
    return all;
}

TEST(settings_become_words_of_the_vm)
{
    struct arena arena;
    const char *chunks[] = {"x = 1", "app"};
    static const char *const more[] = {"--heap=9000", NULL};
    int kinds[] = {VM_CHUNK_CODE, VM_CHUNK_MODULE};
    char *operands[] = {(char *)"init.lua", (char *)"-x", NULL};
    char *words[] = {(char *)"frost", (char *)"run", operands[0], operands[1], NULL};
    struct vm_settings vm = {.profile = VM_PROFILE_PC,
                             .lfs = "app.img",
                             .stack_bytes = 65536,
                             .boots_max = 3,
                             .egc = "limit:-4096",
                             .options = more,
                             .chunks = {chunks, kinds, 2}};
    arena_init(&arena);
    vm_settings_take_words(&vm, words, &words[2]);
    CHECK_TEXT(joined(&arena, vm_make_argv(&arena, "vm", &vm, operands, 2)),
               "vm --profile=pc --lfs=app.img --egc=limit:-4096 --stack=65536 --max-boots=3 "
               "--heap=9000 --execute=x = 1 --library=app --word=frost --word=run -- init.lua -x");
    CHECK_TEXT(vm_program_name(&vm, "probed"), "frostvm-float-probed");
    CHECK_TEXT(vm_chip_build(&vm, "plain"), "float-plain");
    arena_deinit(&arena);
}

TEST(a_collector_mode_has_its_form)
{
    static const char *const good[] = {"none", "failure", "always", "limit:1", "limit:-0x800"};
    static const char *const bad[] = {"", "limit", "limit:", "limit:0", "limit:1k", "Always"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct problem problem = {0};
        struct vm_settings vm = {.egc = good[i]};
        CHECK_EQUAL(vm_settings_check(&vm, &problem), STATUS_OK);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct problem problem = {0};
        struct vm_settings vm = {.egc = bad[i]};
        CHECK_EQUAL(vm_settings_check(&vm, &problem), STATUS_USAGE);
    }
}

// ---- an application in two ways ----

static void write_file(const char *directory, const char *name, const char *content)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(content, file) >= 0 && fclose(file) == 0);
}

static void make_app(const char *directory)
{
    write_file(directory, "init.lua",
               "local m = node.LFS.get and node.LFS.get('m')\n"
               "m = m and m() or require 'm'\nprint(m.sum(3))\n");
    write_file(directory, "m.lua",
               "local m = {}\nfunction m.sum(n)\n  local s = 0\n"
               "  for i = 1, n do s = s + i end\n  return s\nend\n"
               "m.names = {'a long enough string', 'and another string'}\n"
               "return m\n");
}

// Code in flash takes no RAM: the row of a table says all that differs.
TEST(an_application_runs_from_ram_and_from_flash)
{
    static const char *const options[] = {"--egc=always", NULL};
    static const struct app_variant variants[] = {
        {.has_image = true, .options = options},
        {.has_image = false, .options = options},
    };
    char directory[] = "/tmp/frost-job-test.XXXXXX", app[64], work[64];
    struct arena arena;
    struct terminal err;
    struct problem problem = {0};
    struct app_run runs[2];
    const struct app_plan_settings plan = {0};
    arena_init(&arena);
    terminal_init(&err, stderr, TERMINAL_COLOR_NEVER);
    struct job_context context = {
        .command = "test", .arena = &arena, .err = &err, .is_quiet = true};
    struct app_runner runner = {
        .context = &context, .vm = {.stack_bytes = 1 << 20, .boots_max = 1}, .scratch = work};
    CHECK(mkdtemp(directory) != NULL);
    snprintf(app, sizeof app, "%s/app", directory);
    snprintf(work, sizeof work, "%s/work", directory);
    CHECK_EQUAL(mkdir(app, 0777), 0);
    CHECK_EQUAL(mkdir(work, 0777), 0);
    make_app(app);
    CHECK_EQUAL(app_runner_begin(&runner, app, &problem), STATUS_OK);
    CHECK_EQUAL(app_runner_plan(&runner, &plan, &problem), STATUS_OK);
    for (size_t i = 0; i < 2; i++) {
        struct text printed;
        app_run_name(&runs[i], &arena, directory, i + 1);
        CHECK_EQUAL(app_runner_record(&runner, &variants[i], NULL, &runs[i], &problem), STATUS_OK);
        CHECK_TEXT(problem.message, "");
        CHECK_EQUAL(runs[i].result.exit_status, 0);
        CHECK_EQUAL(app_run_measure(&runs[i], false, &arena, &problem), STATUS_OK);
        CHECK_EQUAL(input_read(runs[i].output_path, 1000, &arena, &printed, &problem), STATUS_OK);
        CHECK(text_is_equal(printed, text_of("6\n")));
    }
    CHECK(runs[0].image && !runs[1].image);
    CHECK(runs[0].heap->moment_bytes[HEAP_MOMENT_PEAK] + 300 <
          runs[1].heap->moment_bytes[HEAP_MOMENT_PEAK]);
    for (size_t i = 0; i < 2; i++)
        heap_profile_deinit(runs[i].heap);
    app_remove_directory(directory);
    arena_deinit(&arena);
}

TEST_MAIN
