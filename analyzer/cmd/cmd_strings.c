// cmd_strings.c: `frost strings`: which strings to preload into flash.

#include <string.h>

#include "analyzer/analysis/strings_list.h"
#include "analyzer/analysis/strings_report.h"
#include "analyzer/base/output.h"
#include "analyzer/cmd/command.h"
#include "analyzer/cmd/list_options.h"
#include "analyzer/cmd/report_options.h"

#define LIST_SOURCE_BYTES_MAX (16u << 20)

struct settings {
    struct report_settings report;
    const char *output;
    const char *check;
    struct list_settings list;
    bool has_text;
};

static const struct option options[] = {
    {OPTION_STRING, 'o', "output", "FILE", NULL,
     "write the list as Lua, dummy_strings.lua, instead of the table",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "check", "FILE", NULL,
     "judge the list in FILE; status 1 if it can be better",
     offsetof(struct settings, check), 0, 0, NULL, 0},
    LIST_OPTIONS(struct settings),
    {OPTION_FLAG, 0, "text", NULL, "yes", "show hash and length instead of texts",
     offsetof(struct settings, has_text), 0, 0, NULL, 0},
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// The list says nothing of what is missing, so the messages do.
static void say_loss(const struct strings *strings)
{
    const struct report_loss *loss = &strings->profile->loss;
    if (loss->events_discarded || loss->packets_lost || loss->bytes_cut || loss->runs_unfinished)
        fputs("frost strings: a trace is incomplete, the list covers what was read\n", stderr);
}

static int write_list(struct call *call, const struct settings *settings,
                      const struct strings *strings)
{
    struct output output;
    struct problem problem = {0};
    if (output_open(&output, settings->output, call->perm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    strings_list_write(strings, &strings->chosen, "strings to preload into flash", call->perm,
                       output.file);
    if (output_close(&output, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    say_loss(strings);
    if (!call->common.quiet && strcmp(settings->output, "-"))
        fprintf(stderr, "frost strings: %u strings, %llu bytes of flash, %lld bytes of RAM saved\n",
                strings->chosen.count, (unsigned long long)strings->chosen.flash_bytes,
                (long long)strings->chosen.saved_bytes);
    return EXIT_STATUS_DONE;
}

static int check_list(struct call *call, const struct settings *settings,
                      const struct strings *strings)
{
    struct problem problem = {0};
    struct text source;
    struct strings_check check;
    if (input_read(settings->check, LIST_SOURCE_BYTES_MAX, call->perm, &source, &problem) !=
            STATUS_OK ||
        strings_list_check(strings, text_of(settings->check), source, call->perm, &check,
                           &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct report *report =
        report_create(call->perm, "strings-check", 1, "What a preload list is worth");
    heap_profile_add_inputs(strings->profile, report);
    report_input_sum(
        report_add_input(report, text_of(settings->check), "list", source.bytes, true),
        settings->check);
    strings_check_fill_report(strings, &check, report);
    int status = report_settings_write(call, &settings->report, report);
    bool is_best = check.by_finding[STRINGS_FINDING_GOOD] == check.count && !check.missing_count;
    return status != EXIT_STATUS_DONE || is_best ? status : EXIT_STATUS_NO;
}

static int show_table(struct call *call, const struct settings *settings,
                      const struct strings_settings *wanted, const struct strings *strings)
{
    struct report *report =
        report_create(call->perm, "strings", 1, "Which strings to preload into flash");
    heap_profile_add_inputs(strings->profile, report);
    strings_fill_totals(strings, wanted, report);
    strings_fill_tables(strings, wanted, !settings->has_text, report);
    return report_settings_write(call, &settings->report, report);
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct strings_settings wanted = list_settings_wanted(&settings->list);
    struct strings strings = {0};
    struct progress progress;
    int result;
    struct problem problem = {0};
    if (call->operand_count == 0)
        return command_misused(call, "needs a trace, the folder that frost record has written");
    if (settings->output && settings->check)
        return command_misused(call, "--output and --check cannot be combined");
    const struct report_arrangement *arrangement = &settings->report.arrangement;
    if (settings->output && (arrangement->sort || arrangement->fields))
        return command_misused(call, "--sort and --fields are for tables, --output writes a list");
    progress_begin(&progress, call->err, call->common.quiet, "frost strings");
    wanted.traces = (const char *const *)call->operands;
    wanted.trace_count = call->operand_count;
    wanted.progress = &progress;
    int status = strings_analyse(&wanted, call->perm, &strings, &problem);
    progress_end(&progress);
    if (status != STATUS_OK)
        result = command_fail(call, &problem);
    else if (settings->check)
        result = check_list(call, settings, &strings);
    else if (settings->output)
        result = write_list(call, settings, &strings);
    else
        result = show_table(call, settings, &wanted, &strings);
    strings_deinit(&strings);
    return result;
}

const struct command command_strings = {
    .name = "strings",
    .summary = "Finds the strings to preload into flash.",
    .usage = "[OPTION]... TRACE...",
    .description = "Looks for strings that are in RAM when the program needs most RAM, in every\n"
                   "given run, and predicts what moving them into the LFS image saves.\n",
    .examples = {"frost strings boot.trace", "frost strings -o dummy_strings.lua boot.trace"},
    .statuses = "the list of --check can be better",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
