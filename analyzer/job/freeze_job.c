// freeze_job.c: see freeze_job.h.

#include "analyzer/job/freeze_job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/lua_literal.h"
#include "analyzer/base/output.h"
#include "analyzer/job/app_directory.h"
#include "analyzer/job/program.h"
#include "analyzer/job/vm_settings.h"
#include "runtime/format/address_map.h"

extern const char template_freeze_lua[];
extern const char template_unfreeze_lua[];

#define HEAP_BYTES 0x1000000u // any module compiles; no address of it is in an area
#define STACK_BYTES 0x800000u
#define REPLY_BYTES_MAX 0x1000000u

struct work {
    const struct job_context *context;
    struct arena *arena;
    char *scratch;
};

static int begin(const struct job_context *context, struct work *work, struct problem *problem)
{
    const char *parent = getenv("TMPDIR");
    *work = (struct work){.context = context, .arena = context->arena};
    work->scratch = arena_format(work->arena, "%s/frost-freeze.XXXXXX",
                                 parent && *parent ? parent : "/tmp");
    if (!mkdtemp(work->scratch))
        return problem_set(problem, STATUS_IO, text_of(work->scratch), PROBLEM_NO_OFF, "%s",
                           strerror(errno));
    return STATUS_OK;
}

static void end(struct work *work)
{
    app_remove_directory(work->scratch);
}

static char *inside(const struct work *work, const char *name)
{
    return arena_format(work->arena, "%s/%s", work->scratch, name);
}

// ---- running a script in the runtime ----

struct script {
    const char *values; // Lua code in front of it
    const char *code;
    bool is_integer;
    const char *lfs, *flash, *fs;
};

// Result: STATUS_OK and what it printed, one line after the other.
static int run_script(struct work *work, const struct script *script, struct text *reply,
                      struct problem *problem)
{
    const char *options[] = {
        arena_format(work->arena, "--execute=%s\n%s", script->values, script->code), NULL};
    struct vm_settings vm = {
        .is_integer = script->is_integer,
        .lfs = script->lfs,
        .flash = script->flash,
        .fs = script->fs,
        .egc = "none", // else joined strings have a limit
        .heap_bytes = HEAP_BYTES,
        .stack_bytes = STACK_BYTES,
        .boots_max = 1,
        .options = options,
    };
    char *const nothing[] = {NULL};
    const char *program, *output = inside(work, "reply");
    int status = program_find(work->arena, vm_program_name(&vm, "plain"), &program, problem);
    if (status != STATUS_OK)
        return status;
    char **argv = vm_make_argv(work->arena, program, &vm, nothing, 0);
    status = program_run_output(argv, ".", output, problem);
    if (status > 0)
        return problem_set(problem, STATUS_DAMAGED, text_of(script->lfs ? script->lfs : "runtime"),
                           PROBLEM_NO_OFF, "the runtime has ended with status %d", status);
    return status == STATUS_OK ? input_read(output, REPLY_BYTES_MAX, work->arena, reply, problem)
                               : status;
}

// The next field of a line, which ends it if it is the last one.
static char *next_field(char **at)
{
    char *field = *at, *behind = field + strcspn(field, "\t\n");
    *at = *behind ? behind + 1 : behind;
    *behind = '\0';
    return field;
}

// Five fields of a line; the fifth may hold tabs. False at the end.
static bool next_line(char **at, char *fields[5])
{
    if (!**at)
        return false;
    for (int i = 0; i < 4; i++)
        fields[i] = next_field(at);
    size_t bytes = strcspn(*at, "\n");
    fields[4] = *at;
    *at += bytes + (fields[4][bytes] == '\n');
    fields[4][bytes] = '\0';
    return true;
}

static enum freeze_outcome outcome_of(const char *word)
{
    return strcmp(word, "frozen") == 0    ? FREEZE_ITEM_FROZEN
           : strcmp(word, "refused") == 0 ? FREEZE_ITEM_REFUSED
                                          : FREEZE_ITEM_FAILED;
}

// ---- flash files ----

// Puts a flash file into the scratch directory, where the runtime may change it.
static int put_flash(struct work *work, struct flash_file *file, const char *name,
                     struct problem *problem)
{
    struct text path = file->path;
    file->path = text_of(inside(work, name));
    int status = flash_file_write(work->arena, file, problem);
    file->path = path;
    return status;
}

static int begin_flash(struct work *work, const char *path, struct problem *problem)
{
    struct flash_file *file;
    if (!path)
        return STATUS_OK; // the runtime makes it
    int status = flash_file_read(work->arena, path, &file, problem);
    return status == STATUS_OK ? put_flash(work, file, "flash", problem) : status;
}

static const struct flash_partition *area_range(const struct flash_file *file)
{
    return &file->layout.parts[PARTITION_FREEZER];
}

struct text freeze_area(const struct flash_file *file)
{
    const struct flash_partition *range = area_range(file);
    uint32_t bytes = flash_file_programmed(file, range->off, range->bytes);
    return (struct text){(const char *)file->bytes + range->off, (bytes + 3) & ~3u};
}

int freeze_flash_of_area(const struct job_context *context, const struct freezer_view *view,
                         struct flash_file **file, struct problem *problem)
{
    struct flash_file *made = flash_file_create(context->arena, view->path.data, FLASH_FILE_BYTES);
    const struct flash_partition *range = area_range(made);
    uint32_t bytes = view->data_bytes;
    if (view->header.area_addr != WINDOW_ADDR + range->off || bytes > range->bytes)
        return problem_set(problem, STATUS_USAGE, view->path, PROBLEM_NO_OFF,
                           "it lies at another place than in the default layout: a flash file is "
                           "needed");
    memcpy(made->bytes + range->off, view->data, bytes);
    *file = made;
    return STATUS_OK;
}

// ---- making ----

static const char *quoted(struct work *work, const char *word)
{
    return lua_literal_quote(work->arena, text_of(word)).data;
}

static const char *items_code(struct work *work, const struct freeze_request *request)
{
    const char *code = "ITEMS = {";
    for (size_t i = 0; i < request->count; i++) {
        const struct freeze_item *item = &request->items[i];
        code = arena_format(work->arena, "%s{'%s', %s, %s}, ", code,
                            item->is_data ? "data" : "module", quoted(work, item->name),
                            item->file ? quoted(work, item->file) : "nil");
    }
    return arena_format(work->arena, "%s}", code);
}

static int make(struct work *work, struct freeze_request *request, struct flash_file **file,
                struct problem *problem)
{
    struct text reply;
    char *fields[5];
    struct script script = {
        .values = items_code(work, request),
        .code = template_freeze_lua,
        .is_integer = request->is_integer,
        .lfs = request->lfs,
        .flash = inside(work, "flash"),
        .fs = request->fs,
    };
    int status = begin_flash(work, request->flash, problem);
    if (status == STATUS_OK)
        status = run_script(work, &script, &reply, problem);
    if (status != STATUS_OK)
        return status;
    for (char *at = (char *)reply.data; next_line(&at, fields);) {
        size_t number = strtoul(fields[1], NULL, 10);
        if (number == 0 || number > request->count)
            continue; // the program's own
        struct freeze_item *item = &request->items[number - 1];
        item->outcome = outcome_of(fields[0]);
        item->flash_bytes = (uint32_t)strtoul(fields[2], NULL, 10);
        item->saved_bytes = (uint32_t)strtoul(fields[3], NULL, 10);
        item->why = fields[4];
    }
    return flash_file_read(work->arena, script.flash, file, problem);
}

int freeze_make(const struct job_context *context, struct freeze_request *request,
                struct flash_file **file, struct problem *problem)
{
    struct work work;
    int status = begin(context, &work, problem);
    if (status != STATUS_OK)
        return status;
    status = make(&work, request, file, problem);
    end(&work);
    return status;
}

// ---- from one form into the other ----

// Names and files that unfreeze.lua has made.
static void read_names(struct work *work, struct text reply, struct freeze_item **items,
                       size_t *count)
{
    char *fields[5];
    *count = 0;
    for (size_t i = 0; i < reply.bytes; i++)
        *count += reply.data[i] == '\n';
    *items = ARENA_NEW_ARRAY(work->arena, struct freeze_item, *count + 1);
    size_t n = 0;
    for (char *at = (char *)reply.data; n < *count && next_line(&at, fields); n++) {
        char *rest = fields[4];
        (*items)[n] = (struct freeze_item){
            .outcome = outcome_of(fields[0]),
            .file = arena_format(work->arena, "%s.lc", fields[1]),
        };
        (*items)[n].name = next_field(&rest);
        (*items)[n].why = rest;
    }
    *count = n;
}

// Writes the functions of an image or an area as .lc files into `scratch`/files.
static int take_apart(struct work *work, struct script *script, struct freeze_item **items,
                      size_t *count, struct problem *problem)
{
    struct text reply;
    script->code = template_unfreeze_lua;
    script->fs = inside(work, "files");
    int status = output_make_directory(script->fs, problem);
    if (status == STATUS_OK)
        status = run_script(work, script, &reply, problem);
    if (status == STATUS_OK)
        read_names(work, reply, items, count);
    return status;
}

static int compile(struct work *work, bool is_integer, const char *output,
                   const struct freeze_item *items, size_t count, struct problem *problem)
{
    const char *compiler, *image = inside(work, "image");
    int status = program_find(work->arena, is_integer ? "frostluac-integer" : "frostluac-float",
                              &compiler, problem);
    char **argv = ARENA_NEW_ARRAY(work->arena, char *, count + 6);
    size_t n = 0;
    if (status != STATUS_OK)
        return status;
    char *const head[] = {(char *)compiler, (char *)"-f", (char *)"--names", (char *)"-o",
                          (char *)image};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        argv[n++] = head[i];
    for (size_t i = 0; i < count; i++)
        if (items[i].outcome == FREEZE_ITEM_FROZEN)
            argv[n++] = arena_format(work->arena, "%s=%s", items[i].name, items[i].file);
    if (n == sizeof head / sizeof *head)
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "the area has no named function");
    argv[n] = NULL;
    status = program_run(argv, inside(work, "files"), false, problem);
    if (status > 0)
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "the image cannot be made");
    return status == STATUS_OK ? app_copy_file(work->arena, image, output, problem) : status;
}

int freeze_to_lfs(const struct job_context *context, struct flash_file *file, const char *lfs,
                  bool is_integer, const char *output, struct freeze_item **items, size_t *count,
                  struct problem *problem)
{
    struct work work;
    struct script script = {.values = "SOURCE = 'freezer'", .is_integer = is_integer, .lfs = lfs};
    int status = begin(context, &work, problem);
    if (status != STATUS_OK)
        return status;
    script.flash = inside(&work, "flash");
    status = put_flash(&work, file, "flash", problem);
    if (status == STATUS_OK)
        status = take_apart(&work, &script, items, count, problem);
    if (status == STATUS_OK)
        status = compile(&work, is_integer, output, *items, *count, problem);
    end(&work);
    return status;
}

int freeze_from_lfs(const struct job_context *context, const char *image, bool is_integer,
                    struct freeze_request *request, struct flash_file **file,
                    struct problem *problem)
{
    struct work work;
    struct script script = {.values = "SOURCE = 'lfs'", .is_integer = is_integer, .lfs = image};
    int status = begin(context, &work, problem);
    if (status != STATUS_OK)
        return status;
    status = take_apart(&work, &script, &request->items, &request->count, problem);
    if (status == STATUS_OK) {
        request->is_integer = is_integer;
        request->fs = inside(&work, "files");
        status = make(&work, request, file, problem);
    }
    end(&work);
    return status;
}
