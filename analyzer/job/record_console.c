// record_console.c: `frost record --console`.

#include "analyzer/job/record_console.h"

#include <string.h>

#include "collectors/device/device_record.h"
#include "runtime/format/version.h"

void record_console_say(const struct job_context *context, const struct device_counts *counts,
                        const char *output)
{
    if (counts->lost || counts->damaged)
        job_warn(context, "%llu lines of the device are lost, %llu came damaged",
                 (unsigned long long)counts->lost, (unsigned long long)counts->damaged);
    if (counts->foreign)
        job_warn(context, "%llu lines are of another version of frostline.lua",
                 (unsigned long long)counts->foreign);
    if (counts->refused)
        job_warn(context, "%llu times the device had no memory for the list of its strings",
                 (unsigned long long)counts->refused);
    if (counts->is_other_image)
        job_warn(context, "the image of --lfs is not the one in the device's flash: "
                          "what a list costs is not right");
    job_say(context, "%llu lines, %llu lists of strings (%llu incomplete), in %s",
            (unsigned long long)counts->lines, (unsigned long long)counts->snapshots,
            (unsigned long long)counts->snapshots_incomplete, output);
}

int record_console(const struct job_context *context,
                   const struct record_console_settings *settings, const char *lfs,
                   const char *output, bool has_text, struct problem *problem)
{
    struct device_record_setup setup = {
        .input = settings->input,
        .directory = output,
        .is_without_text = !has_text,
        .lfs = lfs,
        .shows_rest = !strcmp(settings->input, "-"),
        .command = arena_format(context->arena, "frost record --console %s", settings->input),
        .version = FROST_VERSION,
    };
    struct device_record_result result;
    int status = device_record_run(context->arena, &setup, &result, problem);
    if (status == STATUS_OK)
        record_console_say(context, &result.counts, output);
    return status;
}
