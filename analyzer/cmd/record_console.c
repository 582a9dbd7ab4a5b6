// record_console.c: `frost record --console`.

#include "analyzer/cmd/record_console.h"

#include <stdio.h>
#include <string.h>

#include "collectors/device/device_record.h"

void record_console_say(const struct call *call, const struct device_counts *counts,
                        const char *output)
{
    if (counts->lost || counts->damaged)
        fprintf(stderr, "frost record: %llu lines of the device are lost, %llu came damaged\n",
                (unsigned long long)counts->lost, (unsigned long long)counts->damaged);
    if (counts->foreign)
        fprintf(stderr, "frost record: %llu lines are of another version of frostline.lua\n",
                (unsigned long long)counts->foreign);
    if (counts->refused)
        fprintf(stderr,
                "frost record: %llu times the device had no memory for the list of its strings\n",
                (unsigned long long)counts->refused);
    if (counts->is_other_image)
        fprintf(stderr, "frost record: the image of --lfs is not the one in the device's flash: "
                        "what a list costs is not right\n");
    if (!call->common.quiet)
        fprintf(stderr, "frost record: %llu lines, %llu lists of strings (%llu incomplete), "
                        "in %s\n",
                (unsigned long long)counts->lines, (unsigned long long)counts->snapshots,
                (unsigned long long)counts->snapshots_incomplete, output);
}

int record_console(struct call *call, const struct record_console_settings *settings,
                   const struct vm_settings *vm, const char *output, bool has_text)
{
    struct problem problem = {0};
    if (call->operand_count > 0)
        return command_misused(call, "--console runs no program: '%s' is too much",
                               call->operands[0]);
    if (vm->chunks.count > 0)
        return command_misused(call, "--console runs no program: no -e");
    struct device_record_setup setup = {
        .input = settings->input,
        .folder = output,
        .is_without_text = !has_text,
        .lfs = vm->lfs,
        .shows_rest = !strcmp(settings->input, "-"),
        .command = arena_format(call->perm, "frost record --console %s", settings->input),
        .version = FROST_VERSION,
    };
    struct device_record_result result;
    if (device_record_run(call->perm, &setup, &result, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    record_console_say(call, &result.counts, output);
    return EXIT_STATUS_DONE;
}
