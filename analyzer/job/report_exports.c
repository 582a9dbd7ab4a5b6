// report_exports.c: one filler a trace, inside an observer of all.

#include "analyzer/job/report_exports.h"

#include "analyzer/base/output.h"

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct report_exports *exports = context;
    struct replay first_of_one = *replay;
    struct arena *arena = exports->directory->context->arena;
    if (replay->number > 0)
        arena = &exports->arena;
    arena_init(&exports->arena);
    exports->filler = export_fill_observer(arena, &exports->settings, &exports->profile);
    first_of_one.number = 0;
    return exports->filler.begin(exports->filler.context, &first_of_one, problem);
}

static void note_step(void *context, struct heap_step *step)
{
    struct report_exports *exports = context;
    exports->filler.step(exports->filler.context, step);
}

static int write_run(struct report_exports *exports, uint32_t number, struct problem *problem)
{
    const struct report_directory *directory = exports->directory;
    struct arena *arena = directory->context->arena;
    const char *path = directory->trace_count == 1
                           ? arena_format(arena, "%s/exports", directory->path)
                           : arena_format(arena, "%s/exports/run%u", directory->path, number + 1);
    int status = output_make_directory(path, problem);
    return status == STATUS_OK ? export_write_all(&exports->profile, path, arena, problem) : status;
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct report_exports *exports = context;
    int status = exports->filler.end(exports->filler.context, replay, problem);
    if (status == STATUS_OK)
        status = write_run(exports, replay->number, problem);
    if (replay->number == 0)
        exports->first = exports->profile;
    arena_deinit(&exports->arena);
    return status;
}

int report_exports_begin(struct report_exports *exports, const struct report_directory *directory,
                         struct replay_observer *observer, struct problem *problem)
{
    *exports = (struct report_exports){.directory = directory};
    exports->settings = (struct export_settings){.model = &exports->model,
                                                 .includes_input = directory->includes_input,
                                                 .exclude = directory->context->exclude};
    *observer = export_fill_observer(directory->context->arena, &exports->settings,
                                     &exports->profile);
    observer->context = exports;
    observer->begin = begin_run;
    observer->step = note_step;
    observer->end = end_run;
    return cost_model_load(directory->context->arena, directory->model, &exports->model, problem);
}
