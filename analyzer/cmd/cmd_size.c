// cmd_size.c: `frost size`: where RAM and flash go.

#include <sys/stat.h>

#include "analyzer/analysis/size.h"
#include "analyzer/analysis/stock.h"
#include "analyzer/cmd/command.h"
#include "analyzer/cmd/report_options.h"

struct settings {
    struct report_settings report;
};

static const struct option options[] = {
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// Adds an operand: a folder is a trace, a file an image or chunk.
static int add_operand(struct call *call, const char *path, struct size_input *input,
                       struct heap_profile *profile, struct report *report,
                       struct problem *problem)
{
    struct stat info;
    const struct image *image;
    if (!stat(path, &info) && S_ISDIR(info.st_mode)) {
        int refusal = stock_refuse(call->perm, &path, 1, "what is in its heap", problem);
        if (refusal != STATUS_OK)
            return refusal;
        input->profile = profile;
        return heap_profile_add(profile, path, NULL, problem);
    }
    if (input->image_count == SIZE_IMAGES_MAX)
        return problem_set(problem, STATUS_LIMIT, text_of(path), PROBLEM_NO_OFF,
                           "more than %u images", SIZE_IMAGES_MAX);
    int status = image_read_file(call->perm, path, NULL, &image, problem);
    if (status != STATUS_OK)
        return status;
    report_input_sum(report_add_input(report, text_of(path),
                                      image->form == IMAGE_CHUNK ? "chunk" : "image",
                                      image->file_bytes, true),
                     path);
    input->images[input->image_count++] = image;
    return STATUS_OK;
}

static int analyse(struct call *call, const struct settings *settings,
                   struct heap_profile *profile)
{
    struct size_input input = {0};
    struct problem problem = {0};
    struct report *report = report_create(call->perm, "size", 1, "Where RAM and flash go");
    for (size_t i = 0; i < call->operand_count; i++)
        if (add_operand(call, call->operands[i], &input, profile, report, &problem) != STATUS_OK)
            return command_fail(call, &problem);
    if (input.profile)
        heap_profile_add_inputs(profile, report);
    size_add_mounted(&input, call->perm, report);
    size_fill_totals(&input, report);
    size_fill_tables(&input, report);
    return report_settings_write(call, &settings->report, report);
}

static int run(struct call *call)
{
    if (call->operand_count == 0)
        return command_misused(call, "needs an image, a .lc file or a trace");
    struct heap_profile *profile = ARENA_NEW(call->perm, struct heap_profile);
    heap_profile_init(profile, call->perm);
    int result = analyse(call, call->settings, profile);
    heap_profile_deinit(profile);
    return result;
}

const struct command command_size = {
    .name = "size",
    .summary = "Shows where RAM and flash go.",
    .usage = "[OPTION]... IMAGE | TRACE...",
    .description = "Labels every byte of LFS images and .lc files, by kind, module and function,\n"
                   "and the heap of a run at its highest point, by kind and Lua line. Every\n"
                   "table adds up to the size of its inputs.\n",
    .examples = {"frost size lfs.img", "frost size boot.trace lfs.img"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
