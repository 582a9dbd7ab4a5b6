// app_uses.c: see app_uses.h.

#include "analyzer/job/app_uses.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/image/image_calls.h"
#include "analyzer/job/program.h"

struct visit {
    struct arena *arena;
    struct app_uses *uses;
    const char *path;
};

static void add(struct visit *visit, enum app_use_kind kind, struct text name, int32_t line)
{
    struct app_uses *uses = visit->uses;
    if (uses->count == uses->room) {
        size_t room = uses->room ? 2 * uses->room : 256;
        struct app_use *items = ARENA_NEW_ARRAY(visit->arena, struct app_use, room);
        if (uses->count)
            memcpy(items, uses->items, uses->count * sizeof *items);
        uses->items = items;
        uses->room = room;
    }
    uses->items[uses->count++] = (struct app_use){kind, name, visit->path, line};
}

// Functions whose first argument names a file.
static const struct {
    const char *name;
    enum app_use_kind kind;
} functions[] = {
    {"require", APP_USE_MODULE},
    {"node.LFS.get", APP_USE_MODULE},
    {"node.flashindex", APP_USE_MODULE},
    {"LFS.get", APP_USE_MODULE},
    {"dofile", APP_USE_CODE},
    {"loadfile", APP_USE_CODE},
    {"node.compile", APP_USE_CODE},
    {"file.open", APP_USE_DATA},
    {"file.getcontents", APP_USE_DATA},
    {"file.putcontents", APP_USE_DATA},
    {"file.rename", APP_USE_DATA},
    {"file.stat", APP_USE_DATA},
    {"file.exists", APP_USE_DATA},
};

static void note(void *context, const struct image_call *call)
{
    struct visit *visit = context;
    if (call->is_write)
        return;
    if (!call->is_call) {
        add(visit, APP_USE_FIELD, call->name, call->line);
        if (text_begins_with(call->name, "LFS."))
            add(visit, APP_USE_MODULE, (struct text){call->name.data + 4, call->name.bytes - 4},
                call->line);
        return;
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (text_is_equal(call->name, text_of(functions[i].name)) && call->argument_count > 0 &&
            call->arguments[0].data)
            add(visit, functions[i].kind, call->arguments[0], call->line);
}

// Compiles one file. False: it is no Lua, or has an error, whose message is kept.
static int look_at(const struct job_context *context, struct app_file *file, const char *compiler,
                   const char *sources, const char *image_path, struct app_uses *uses,
                   struct problem *problem)
{
    struct arena *arena = context->arena;
    char *argv[] = {(char *)compiler,
                    (char *)"-f",
                    (char *)"-o",
                    (char *)image_path,
                    arena_format(arena, "m=%s", file->path),
                    NULL};
    int status = program_run(argv, sources, true, problem);
    if (status < 0)
        return status;
    file->compiles = status == 0;
    if (!file->compiles)
        return STATUS_OK;
    const struct image *image;
    struct visit visit = {arena, uses, file->path};
    status = image_read_file(arena, image_path, NULL, &image, problem);
    if (status == STATUS_OK) {
        file->image_bytes = image->bytes;
        image_calls_visit(image, arena, note, &visit);
    }
    unlink(image_path);
    return status;
}

int app_uses_find(const struct job_context *context, struct app_directory *app,
                  const char *compiler, const char *sources, const char *scratch,
                  struct app_uses *uses, struct problem *problem)
{
    const char *image_path = arena_format(context->arena, "%s/one.img", scratch);
    *uses = (struct app_uses){0};
    for (size_t i = 0; i < app->file_count; i++) {
        if (!app->files[i].is_lua)
            continue;
        int status = look_at(context, &app->files[i], compiler, sources, image_path, uses, problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
