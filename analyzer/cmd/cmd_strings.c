// cmd_strings.c: `frost strings`: which strings to preload into flash.

#include <string.h>

#include "analyzer/analysis/strings/strings_leave.h"
#include "analyzer/analysis/strings/strings_list.h"
#include "analyzer/analysis/strings/strings_report.h"
#include "analyzer/base/output.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/list_options.h"
#include "analyzer/cmd/remake.h"
#include "analyzer/cmd/report_options.h"
#include "reports/report_exclude.h"

#define LIST_SOURCE_BYTES_MAX (16u << 20)

struct settings {
    struct report_settings report;
    const char *output;
    const char *check;
    const char *update;
    uint64_t saved_min;
    struct list_settings list;
    bool has_text;
    bool is_forced;
};

static const struct option options[] = {
    {OPTION_STRING, 'o', "output", "FILE", NULL,
     "write the list as Lua, dummy_strings.lua, instead of the table",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "check", "FILE", NULL,
     "judge the list in FILE; status 1 if it can be improved", offsetof(struct settings, check), 0,
     0, NULL, 0},
    {OPTION_BYTES, 0, "min-saved", "BYTES", NULL,
     "of --check: status 1 only if the list saves less RAM than that",
     offsetof(struct settings, saved_min), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "update", "FILE", NULL,
     "write the list over FILE; lines marked '-- own' and '-- not \"text\"' in it are kept",
     offsetof(struct settings, update), 0, 0, NULL, 0},
    LIST_OPTIONS(struct settings),
    {OPTION_FLAG, 0, "text", NULL, "yes", "show hash and length instead of texts",
     offsetof(struct settings, has_text), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "force", NULL, NULL, "make the list even from a run that failed",
     offsetof(struct settings, is_forced), 0, 0, NULL, 0},
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// What a report of the runs would say first.
static void say_inputs(const struct call *call, const struct strings *strings)
{
    struct report *report = report_create(call->perm, "strings", 1, "");
    heap_profile_add_inputs(strings->profile, report);
    report_exclude(report, call->exclude);
    report_say_inputs(call, report, false);
}

// There is no list, because a run failed.
static int refuse(const struct call *call, const struct strings *strings)
{
    say_inputs(call, strings);
    fputs("frost strings: " STRINGS_NO_LIST " (--force)\n", stderr);
    return EXIT_STATUS_NO;
}

// What is otherwise in a list than it was.
static void say_changes(const struct strings *strings)
{
    const struct strings_own *own = strings->own;
    const struct strings_list *chosen = &strings->chosen;
    uint32_t stayed = 0;
    for (uint32_t i = 0; i < chosen->count; i++)
        stayed += strings_own_has(own->before, own->before_count,
                                  strings->profile->texts.items[chosen->texts[i]].content);
    fprintf(stderr,
            "frost strings: %u strings are new, %u are gone, %u your own, %u left out by you\n",
            chosen->count - stayed, own->before_count - stayed - own->added_count, own->added_count,
            own->removed_count);
}

static int write_list(struct call *call, const struct settings *settings,
                      const struct strings *strings)
{
    struct output output;
    const char *path = settings->update ? settings->update : settings->output;
    struct problem problem = {0};
    say_inputs(call, strings);
    if (output_open(&output, path, call->perm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    strings_list_write(strings, &strings->chosen, "strings to preload into flash", call->perm,
                       output.file);
    if (output_close(&output, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (!call->common.quiet && settings->update)
        say_changes(strings);
    if (!call->common.quiet && strcmp(path, "-"))
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
    struct report *report = report_create(call->perm, "strings-check", 1,
                                          "What a preload list is worth");
    heap_profile_add_inputs(strings->profile, report);
    report_input_sum(report_add_input(report, text_of(settings->check), "list", source.bytes, true),
                     settings->check);
    strings_check_fill_report(strings, &check, report);
    int status = report_settings_write(call, &settings->report, report);
    if (status == EXIT_STATUS_DONE && settings->saved_min)
        return check.list.saved_bytes >= (int64_t)settings->saved_min ? status : EXIT_STATUS_NO;
    bool is_best = check.by_finding[STRINGS_FINDING_GOOD] == check.count && !check.missing_count;
    return status != EXIT_STATUS_DONE || is_best ? status : EXIT_STATUS_NO;
}

static int show_table(struct call *call, const struct settings *settings,
                      const struct strings_settings *wanted, const struct strings *strings)
{
    bool has_list = !strings_are_of_failure(strings, wanted);
    struct report *report = report_create(call->perm, "strings", 1,
                                          "Which strings to preload into flash");
    heap_profile_add_inputs(strings->profile, report);
    strings_fill_totals(strings, wanted, report);
    strings_fill_tables(strings, wanted, !settings->has_text, report);
    int status = report_settings_write(call, &settings->report, report);
    return status == EXIT_STATUS_DONE && !has_list ? EXIT_STATUS_NO : status;
}

static int read_own(struct call *call, const struct settings *settings, struct strings_own *own,
                    struct problem *problem)
{
    struct text source;
    int status = input_read(settings->update, LIST_SOURCE_BYTES_MAX, call->perm, &source, problem);
    return status == STATUS_OK
               ? strings_own_read(text_of(settings->update), source, call->perm, own, problem)
               : status;
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct strings_settings wanted = list_settings_wanted(&settings->list);
    struct strings strings = {0};
    struct strings_own own;
    struct progress progress;
    int result;
    struct problem problem = {0};
    if (call->operand_count == 0)
        return command_misused(call, "needs a trace, the directory that frost record has written");
    if ((settings->output != NULL) + (settings->check != NULL) + (settings->update != NULL) > 1)
        return command_misused(call, "--output, --check and --update cannot be combined");
    if (settings->saved_min && !settings->check)
        return command_misused(call, "--min-saved goes with --check");
    if (!strings_add_origins(settings->list.origins, &wanted.origins))
        return command_misused(call, LIST_ORIGINS_MISUSED);
    const struct report_view *view = &settings->report.view;
    if (settings->output && (view->sort || view->fields))
        return command_misused(call, "--sort and --fields are for tables, --output writes a list");
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    wanted.exclude = call->exclude;
    if (settings->update && read_own(call, settings, &own, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    wanted.own = settings->update ? &own : NULL;
    progress_begin(&progress, call->err, call->common.quiet, "frost strings");
    wanted.traces = (const char *const *)call->operands;
    wanted.trace_count = call->operand_count;
    wanted.progress = &progress;
    wanted.takes_failed = settings->is_forced;
    int status = strings_analyse(&wanted, call->perm, &strings, &problem);
    if (status == STATUS_OK && !settings->check && !settings->output && !settings->update &&
        !strings_are_of_failure(&strings, &wanted))
        status = strings_leave_each_out(&strings, &wanted, call->perm, &problem);
    progress_end(&progress);
    strings.remake = arena_format(call->perm, "frost strings%s -o dummy_strings.lua, of these runs",
                                  remake_options(call));
    if (status != STATUS_OK)
        result = command_fail(call, &problem);
    else if ((settings->check || settings->output || settings->update) &&
             strings_are_of_failure(&strings, &wanted))
        result = refuse(call, &strings);
    else if (settings->check)
        result = check_list(call, settings, &strings);
    else if (settings->output || settings->update)
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
                   "given run, and predicts what moving them into the LFS image would save.\n",
    .examples = {"frost strings boot.trace", "frost strings -o dummy_strings.lua boot.trace"},
    .statuses = "the list of --check can be improved, or a run failed",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
