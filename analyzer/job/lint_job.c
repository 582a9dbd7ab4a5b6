// lint_job.c: collects and compiles what is to be looked at.

#include "analyzer/job/lint_job.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/analysis/lint/lint_fix.h"
#include "analyzer/analysis/stock_trace.h"
#include "analyzer/base/output.h"
#include "analyzer/base/result.h"
#include "analyzer/job/app_directory.h"
#include "analyzer/job/program.h"

#define SOURCE_BYTES_MAX (16u << 20)
#define LIST_BYTES_MAX (1u << 20)
#define FILES_MAX 10000u
#define DEPTH_MAX 32u

struct lint_work {
    const struct job_context *context;
    const struct lint_request *request;
    struct arena *arena;
    const char *scratch, *compiler;
    struct program_server server; // the compiler
    struct lint_settings settings;
    struct lint lint;
    struct report *report;
    size_t file_count;
};

static int fail_io(const char *path, struct problem *problem)
{
    return problem_set(problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, text_of(path),
                       PROBLEM_NO_OFF, "%s", strerror(errno));
}

// ---- one file ----

// "net.http" of "net/http.lua"; NULL for what starts the device.
static const char *module_name(struct arena *arena, struct text path)
{
    struct text base = text_base_name(path);
    if (text_is_equal(base, text_of(APP_START_FILE)))
        return NULL;
    char *name = arena_copy_string(arena, arena_copy_text(arena, path).data);
    name[path.bytes - strlen(".lua")] = 0;
    for (char *at = name; *at; at++)
        if (*at == '/')
            *at = '.';
    return name;
}

// Compiles s.lua in the scratch directory, with so many locals allowed; one process compiles all
// files. Result: 1 if it could be, 0 if the compiler refused it, whose words are a finding.
static int compile(struct lint_work *work, const char *path, int locals, struct problem *problem)
{
    struct text words;
    const char *messages = arena_format(work->arena, "%s/messages", work->scratch);
    char *argv[] = {(char *)work->compiler, (char *)"--names", (char *)"--serve", NULL};
    int status = STATUS_OK;
    if (!work->server.child)
        status = program_server_start(&work->server, argv, work->scratch, problem);
    if (status != STATUS_OK)
        return status;
    const char *request = arena_format(work->arena, "%d\ts.lua\ts.lc\tmessages\n", locals);
    status = program_server_ask(&work->server, request, problem);
    if (status < 0)
        problem->file = text_of(path);
    if (status <= 0)
        return status < 0 ? status : 1;
    status = input_read(messages, LIST_BYTES_MAX, work->arena, &words, problem);
    if (status != STATUS_OK)
        return status;
    lint_add_compiler_message(&work->lint, path, "s.lua", words);
    return 0;
}

static int write_source(struct lint_work *work, const char *path, struct text source,
                        struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, work->arena, problem);
    if (status != STATUS_OK)
        return status;
    fwrite(source.data, 1, source.bytes, output.file);
    return output_close(&output, problem);
}

// What compile() reads.
static const char *scratch_source(struct lint_work *work)
{
    return arena_format(work->arena, "%s/s.lua", work->scratch);
}

static int add_source(struct lint_work *work, const char *path, const char *module,
                      struct problem *problem)
{
    struct lint_unit unit = {.path = path, .module = module};
    int status = input_read(path, SOURCE_BYTES_MAX, work->arena, &unit.source, problem);
    if (status == STATUS_OK)
        status = write_source(work, scratch_source(work), unit.source, problem);
    if (status != STATUS_OK)
        return status;
    lint_add_unit(&work->lint, &unit); // comments of the source are about its compilation, too
    int is_compiled = compile(work, path, 50, problem);
    if (is_compiled == 0) { // what else is wrong, if that was all
        size_t count = work->lint.finding_count;
        is_compiled = compile(work, path, 200, problem);
        work->lint.finding_count = count;
    }
    if (is_compiled < 0)
        return is_compiled;
    report_input_sum(
        report_add_input(work->report, text_of(path), "source", unit.source.bytes, true), path);
    struct lint_unit *kept = &work->lint.units[work->lint.unit_count - 1];
    return is_compiled
               ? image_read_file(work->arena, arena_format(work->arena, "%s/s.lc", work->scratch),
                                 NULL, &kept->image, problem)
               : STATUS_OK;
}

static int add_image(struct lint_work *work, const char *path, struct problem *problem)
{
    struct lint_unit unit = {.path = path};
    int status = image_read_file(work->arena, path, NULL, &unit.image, problem);
    if (status != STATUS_OK)
        return status;
    report_input_sum(report_add_input(work->report, text_of(path),
                                      unit.image->form == IMAGE_CHUNK ? "chunk" : "image",
                                      unit.image->file_bytes, true),
                     path);
    lint_add_unit(&work->lint, &unit);
    return STATUS_OK;
}

// ---- directories ----

static int compare_names(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int add_directory(struct lint_work *work, const char *path, const char *prefix,
                         unsigned depth, struct problem *problem);

static int add_entry(struct lint_work *work, const char *directory, const char *prefix,
                     const char *name, unsigned depth, struct problem *problem)
{
    struct stat info;
    const char *path = arena_format(work->arena, "%s/%s", directory, name);
    const char *relative = arena_format(work->arena, "%s%s", prefix, name);
    if (lstat(path, &info) != 0)
        return fail_io(path, problem);
    if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX && !result_is(work->arena, path))
        return add_directory(work, path, arena_format(work->arena, "%s/", relative), depth + 1,
                             problem);
    if (!S_ISREG(info.st_mode) || !text_ends_with(text_of(name), ".lua"))
        return STATUS_OK;
    if (++work->file_count > FILES_MAX)
        return problem_set(problem, STATUS_LIMIT, text_of(directory), PROBLEM_NO_OFF,
                           "more than %u files", FILES_MAX);
    return add_source(work, path, module_name(work->arena, text_of(relative)), problem);
}

static int add_directory(struct lint_work *work, const char *path, const char *prefix,
                         unsigned depth, struct problem *problem)
{
    const char **names = NULL;
    size_t count = 0, room = 0;
    DIR *directory = opendir(path);
    if (!directory)
        return fail_io(path, problem);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        if (count == room) {
            room = room ? 2 * room : 64;
            names = arena_grow_array(work->arena, names, count, room, sizeof *names);
        }
        names[count++] = arena_copy_string(work->arena, entry->d_name);
    }
    closedir(directory);
    if (count)
        qsort(names, count, sizeof *names, compare_names);
    int status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = add_entry(work, path, prefix, names[i], depth, problem);
    return status;
}

static int add_path(struct lint_work *work, const char *path, struct problem *problem)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return fail_io(path, problem);
    if (S_ISDIR(info.st_mode))
        return add_directory(work, path, "", 0, problem);
    if (text_ends_with(text_of(path), ".lua"))
        return add_source(work, path, module_name(work->arena, text_base_name(text_of(path))),
                          problem);
    return add_image(work, path, problem);
}

// ---- lists of modules ----

static int read_list(struct lint_work *work, const char *runtime, const char *option,
                     struct text *list, struct problem *problem)
{
    const char *path = arena_format(work->arena, "%s/list", work->scratch);
    char *argv[] = {(char *)runtime, arena_format(work->arena, "--%s=%s", option, path), NULL};
    int status = program_run(argv, ".", true, problem);
    if (status > 0)
        return problem_set(problem, STATUS_IO, text_of(runtime), PROBLEM_NO_OFF,
                           "cannot list the firmware's modules");
    return status == STATUS_OK ? input_read(path, LIST_BYTES_MAX, work->arena, list, problem)
                               : status;
}

#define MODULE_MACRO "LUA_USE_MODULES_"

// "file" of "#define LUA_USE_MODULES_FILE"; a line that is a comment has none.
static struct text defined_module(struct text line)
{
    const char *name = line.bytes
                           ? memmem(line.data, line.bytes, MODULE_MACRO, strlen(MODULE_MACRO))
                           : NULL;
    size_t before = name ? (size_t)(name - line.data) : 0, end = before + strlen(MODULE_MACRO);
    if (!name || memmem(line.data, before, "//", 2) || !memmem(line.data, before, "#define", 7))
        return (struct text){0};
    size_t begin = end;
    while (end < line.bytes && (isalnum((unsigned char)line.data[end]) || line.data[end] == '_'))
        end++;
    return (struct text){line.data + begin, end - begin};
}

// The names of a list or of the firmware's user_modules.h, one a line.
static struct text parse_modules(struct arena *arena, struct text words)
{
    bool is_header = words.bytes &&
                     memmem(words.data, words.bytes, MODULE_MACRO, strlen(MODULE_MACRO));
    char *out = arena_alloc(arena, words.bytes + 2);
    size_t bytes = 0;
    for (size_t at = 0; at < words.bytes;) {
        size_t end = at;
        while (end < words.bytes && !strchr(is_header ? "\n" : ", \t\r\n", words.data[end]))
            end++;
        struct text name = {words.data + at, end - at};
        if (is_header)
            name = defined_module(name);
        for (size_t i = 0; i < name.bytes; i++)
            out[bytes++] = (char)tolower((unsigned char)name.data[i]);
        if (name.bytes)
            out[bytes++] = '\n';
        at = end + 1;
    }
    return (struct text){out, bytes};
}

static int read_modules(struct lint_work *work, struct problem *problem)
{
    const char *runtime, *words = work->request->modules;
    struct text content = text_of(words);
    int status = program_find(work->arena, "frostvm-float-plain", &runtime, problem);
    if (status == STATUS_OK)
        status = read_list(work, runtime, "module-list", &work->settings.firmware_modules, problem);
    if (status == STATUS_OK)
        status = read_list(work, runtime, "absent-list", &work->settings.absent_names, problem);
    if (status != STATUS_OK || !words)
        return status;
    if (access(words, F_OK) == 0 || strchr(words, '/'))
        status = input_read(words, LIST_BYTES_MAX, work->arena, &content, problem);
    if (status == STATUS_OK)
        work->settings.built_modules = parse_modules(work->arena, content);
    return status;
}

// ---- the size of an image of all sources ----

static int check_size(struct lint_work *work, struct problem *problem)
{
    const struct lint *lint = &work->lint;
    char **argv = ARENA_NEW_ARRAY(work->arena, char *, lint->unit_count + 8);
    const char *path = arena_format(work->arena, "%s/all.img", work->scratch), *first = NULL;
    size_t count = 0, modules = 0;
    const struct image *image;
    argv[count++] = (char *)work->compiler;
    argv[count++] = (char *)"--locals=200";
    argv[count++] = (char *)"--first-wins";
    argv[count++] = (char *)"-f";
    argv[count++] = (char *)"-o";
    argv[count++] = (char *)path;
    for (size_t i = 0; i < lint->unit_count; i++) {
        const struct lint_unit *unit = &lint->units[i];
        if (!unit->module || !unit->image)
            continue;
        first = first ? first : unit->path;
        argv[count++] = arena_format(work->arena, "%s=%s", unit->module, unit->path);
        modules++;
    }
    if (!work->settings.lfs_bytes || modules == 0 || modules > APP_MODULES_MAX)
        return STATUS_OK;
    int status = program_run(argv, ".", true, problem);
    if (status != 0)
        return status < 0 ? status
                          : problem_set(problem, STATUS_IO, text_of(work->compiler), PROBLEM_NO_OFF,
                                        "cannot build an image of the modules");
    status = image_read_file(work->arena, path, NULL, &image, problem);
    if (status == STATUS_OK)
        lint_check_size(&work->lint, first, image->bytes);
    return status;
}

// ---- mending ----

// Is the mended source, which compile() reads, one for the firmware's compiler, too, if it was?
static int compiles_as_before(struct lint_work *work, const struct lint_unit *unit,
                              struct text mended, struct problem *problem)
{
    int is_compiled = compile(work, unit->path, 50, problem);
    if (is_compiled != 0)
        return is_compiled;
    int status = write_source(work, scratch_source(work), unit->source, problem);
    int was_compiled = status == STATUS_OK ? compile(work, unit->path, 50, problem) : status;
    if (was_compiled != 0)
        return was_compiled < 0 ? was_compiled : 0;
    status = write_source(work, scratch_source(work), mended, problem);
    return status == STATUS_OK ? compile(work, unit->path, 200, problem) : status;
}

static int mend_unit(struct lint_work *work, const struct lint_unit *unit, struct problem *problem)
{
    struct text mended;
    size_t count = lint_fix_source(&work->lint, unit, &mended);
    if (count == 0)
        return STATUS_OK;
    int status = write_source(work, scratch_source(work), mended, problem);
    if (status != STATUS_OK)
        return status;
    int is_compiled = compiles_as_before(work, unit, mended, problem);
    if (is_compiled <= 0) // it is left alone
        return is_compiled < 0 ? is_compiled : STATUS_OK;
    status = write_source(work, unit->path, mended, problem);
    if (status == STATUS_OK)
        job_say(work->context, "%s: literals that are made at run time now: %zu", unit->path,
                count);
    return status;
}

static int mend(struct lint_work *work, struct problem *problem)
{
    int status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < work->lint.unit_count; i++)
        if (work->lint.units[i].source.data && work->lint.units[i].image)
            status = mend_unit(work, &work->lint.units[i], problem);
    return status;
}

// ---- the whole ----

static int check_rules(const struct lint_request *request, struct problem *problem)
{
    const struct option_list *disabled = &request->settings.disabled;
    for (size_t i = 0; i < disabled->count; i++)
        if (lint_rule_named(text_of(disabled->items[i])) == LINT_RULE_COUNT)
            return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                               "there is no rule '%.60s'", disabled->items[i]);
    return STATUS_OK;
}

static int add_traces(struct lint_work *work, struct problem *problem)
{
    const struct option_list *traces = &work->request->traces;
    struct heap_profile profile;
    int status = stock_trace_refuse(work->arena, traces->items, traces->count,
                                    "which line makes a text", problem);
    heap_profile_init(&profile, work->arena);
    for (size_t i = 0; i < traces->count && status == STATUS_OK; i++)
        status = heap_profile_add(&profile, traces->items[i], NULL, work->context->exclude,
                                  problem);
    if (status == STATUS_OK && traces->count) {
        heap_profile_add_inputs(&profile, work->report);
        lint_add_trace(&work->lint, &profile);
    }
    heap_profile_deinit(&profile);
    return status;
}

static int look(struct lint_work *work, size_t *serious_count, struct problem *problem)
{
    const char *compiler = work->settings.numbers == 2 ? "frostluac-integer" : "frostluac-float";
    int status = program_find(work->arena, compiler, &work->compiler, problem);
    if (status == STATUS_OK)
        status = read_modules(work, problem);
    for (size_t i = 0; i < work->request->count && status == STATUS_OK; i++)
        status = add_path(work, work->request->paths[i], problem);
    if (status == STATUS_OK)
        status = check_size(work, problem);
    if (status != STATUS_OK)
        return status;
    lint_run(&work->lint);
    status = add_traces(work, problem);
    if (status != STATUS_OK)
        return status;
    if (work->request->is_mended)
        return mend(work, problem);
    *serious_count = lint_fill_report(&work->lint, work->report);
    return STATUS_OK;
}

static int run_once(const struct job_context *context, const struct lint_request *request,
                    struct report **report, size_t *serious_count, struct problem *problem)
{
    struct lint_work work = {.context = context, .request = request, .arena = context->arena};
    const char *parent = getenv("TMPDIR");
    char *scratch = arena_format(work.arena, "%s/frost-lint.XXXXXX",
                                 parent && *parent ? parent : "/tmp");
    int status = check_rules(request, problem);
    if (status != STATUS_OK)
        return status;
    if (!mkdtemp(scratch))
        return problem_set(problem, STATUS_IO, text_of(scratch), PROBLEM_NO_OFF, "%s",
                           strerror(errno));
    work.scratch = scratch;
    work.settings = request->settings;
    work.report = report_create(work.arena, "lint", 1, "What to look at in the sources and images");
    lint_init(&work.lint, work.arena, &work.settings);
    status = look(&work, serious_count, problem);
    program_server_stop(&work.server);
    app_remove_directory(scratch);
    if (status == STATUS_OK)
        *report = work.report;
    return status;
}

int lint_job(const struct job_context *context, const struct lint_request *request,
             struct report **report, size_t *serious_count, struct problem *problem)
{
    struct lint_request looking = *request;
    int status = STATUS_OK;
    looking.is_mended = false;
    if (request->is_mended)
        status = run_once(context, request, report, serious_count, problem);
    return status == STATUS_OK ? run_once(context, &looking, report, serious_count, problem)
                               : status;
}
