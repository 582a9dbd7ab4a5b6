// cmd_lint.c: `frost lint`: what to look at in Lua sources and images before they go to a device.

#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/job/lint_job.h"
#include "reports/findings_text.h"
#include "reports/report_exclude.h"
#include "reports/sarif.h"
#include "runtime/format/lfs_image.h"

struct settings {
    struct report_settings report;
    struct lint_request request;
    const char *sarif;
};

static const char *const number_words[] = {"any", "float", "integer", NULL};

static const struct option options[] = {
    {OPTION_BYTES, 0, "lfs-size", "BYTES", NULL, "size of the device's LFS partition",
     offsetof(struct settings, request.settings.lfs_bytes), 1, LFS_IMAGE_BYTES_MAX, NULL, 0},
    {OPTION_CHOICE, 0, "numbers", "KIND", "any", "numbers of the device's firmware",
     offsetof(struct settings, request.settings.numbers), 0, 0, number_words, 0},
    {OPTION_STRING, 0, "modules", "LIST", NULL,
     "modules that the firmware was built with: file,gpio,net or its user_modules.h (those that "
     "frost has)",
     offsetof(struct settings, request.modules), 0, 0, NULL, 0},
    {OPTION_LIST, 0, "disable", "RULE", NULL, "leave out a rule; may be repeated",
     offsetof(struct settings, request.settings.disabled), 0, 0, NULL, 0},
    {OPTION_LIST, 0, "trace", "TRACE", NULL,
     "also find texts that this run of the program made in RAM again and again; may be repeated",
     offsetof(struct settings, request.traces), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "fix", NULL, NULL,
     "mend sources where that is safe: texts that would be read from flash are made at run time",
     offsetof(struct settings, request.is_mended), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "sarif", "FILE", NULL, "also write the findings as SARIF",
     offsetof(struct settings, sarif), 0, 0, NULL, 0},
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// As text one line after another, unless the user wants something of a table.
static int write_findings(struct call *call, const struct settings *settings, struct report *report)
{
    struct problem problem = {0};
    const struct report_settings *form = &settings->report;
    bool is_listing = renderer_list[form->format] == &renderer_text && !form->rows_max &&
                      !form->view.sort && !form->view.fields;
    if (!is_listing)
        return report_settings_write(call, form, report);
    report_exclude(report, call->exclude);
    if (findings_text_write(report, call->perm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return EXIT_STATUS_DONE;
}

static int run(struct call *call)
{
    struct settings *settings = call->settings;
    struct job_context context = command_context(call);
    struct problem problem = {0};
    struct report *report;
    size_t serious_count = 0;
    if (call->operand_count == 0 && settings->request.traces.count == 0)
        return command_misused(call, "needs Lua sources, a directory, chunks, images or a trace");
    settings->request.paths = (const char *const *)call->operands;
    settings->request.count = call->operand_count;
    int status = command_exclude(call, &settings->report.exclude, &problem);
    if (status == STATUS_OK)
        status = lint_job(&context, &settings->request, &report, &serious_count, &problem);
    if (status == STATUS_OK && settings->sarif) {
        report_exclude(report, call->exclude);
        status = sarif_write(report, settings->sarif, call->perm, &problem);
    }
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    int result = write_findings(call, settings, report);
    return result == EXIT_STATUS_DONE && serious_count ? EXIT_STATUS_NO : result;
}

const struct command command_lint = {
    .name = "lint",
    .summary = "Looks through Lua sources and images for what goes wrong later.",
    .usage = "[OPTION]... FILE | DIR...",
    .description = "Finds in sources, .lc files and images: limits of the firmware's compiler and\n"
                   "file system, sizes, kinds of numbers, modules that the firmware lacks, calls\n"
                   "that 3.0 no longer has, globals written by accident, patterns that stock\n"
                   "firmware would read byte by byte from flash, paths of this computer, what\n"
                   "nothing uses; in traces (--trace) texts that are made again and again. Each\n"
                   "finding has a place and what to do. Of a directory all *.lua are looked at;\n"
                   "init.lua stays a file, the others are modules of an image.\n"
                   "A comment allows a finding: '-- frost: ignore RULE' on its line or the line\n"
                   "before, '-- frost: ignore-file RULE' in the whole file.\n",
    .examples = {"frost lint app/",
                 "frost lint --lfs-size 128K --modules user_modules.h app lfs.img",
                 "frost lint --trace run.trace app"},
    .statuses = "something is found, notes aside",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
