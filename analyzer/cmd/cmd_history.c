// cmd_history.c: `frost history`: sizes of builds over time.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyzer/base/output.h"
#include "analyzer/base/result.h"
#include "analyzer/base/safe_text.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/gate_options.h"
#include "analyzer/history/history_report.h"
#include "analyzer/job/size_measure.h"
#include "reports/plot.h"
#include "reports/report_exclude.h"

struct settings {
    struct report_settings report;
    struct gate_settings gate;
    const char *commit, *parent, *config, *time, *name, *output;
};

static const struct option options[] = {
    {OPTION_STRING, 0, "commit", "ID", NULL, "add: commit that was built; gate: commit of the base",
     offsetof(struct settings, commit), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "parent", "ID", "", "add: commit that it follows",
     offsetof(struct settings, parent), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "config", "KEY", NULL,
     "configuration, for builds that can be compared: add (\"default\"), and only those of it",
     offsetof(struct settings, config), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "time", "SECONDS", NULL,
     "add: when it was built, since 1970 (SOURCE_DATE_EPOCH, or now)",
     offsetof(struct settings, time), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "name", "NAME", NULL,
     "list, plot: what has that name: a label of a level, or \"LABEL / LABEL\" of the first levels",
     offsetof(struct settings, name), 0, 0, NULL, 0},
    {OPTION_STRING, 'o', "output", "DIR", NULL, "plot: directory for the plots",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    GATE_OPTIONS(struct settings),
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// ---- add ----

static bool read_time(const char *words, int64_t *time_s)
{
    char *end;
    errno = 0;
    *time_s = strtoll(words, &end, 10);
    return *words && *end == 0 && errno == 0 && *time_s >= 0 && *time_s < (int64_t)1 << 40;
}

static int add(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct history_build build = {.commit = settings->commit,
                                  .parent = settings->parent,
                                  .config = settings->config ? settings->config : "default",
                                  .time_s = (int64_t)time(NULL)};
    const char *words = settings->time ? settings->time : getenv("SOURCE_DATE_EPOCH");
    const char *name;
    if (call->operand_count != 3 || !settings->commit)
        return command_misused(call, "add needs a directory, a record and --commit");
    if (words && !read_time(words, &build.time_s))
        return command_misused(call, "'%.40s' is no time in seconds since 1970", words);
    if (history_db_add(call->perm, call->operands[1], call->operands[2], &build, &name, &problem) !=
        STATUS_OK)
        return command_fail(call, &problem);
    if (!call->common.quiet)
        safe_line(stderr, "frost history: %s", name);
    return EXIT_STATUS_DONE;
}

// ---- list, plot ----

static int read_rows(struct call *call, struct history_rows *rows, struct problem *problem)
{
    const struct settings *settings = call->settings;
    struct history_db *db;
    size_t read_count;
    int status = history_db_open(call->perm, call->operands[1], false, &db, &read_count, problem);
    if (status != STATUS_OK)
        return status;
    status = settings->name ? history_db_trend(db, settings->config, settings->name, rows, problem)
                            : history_db_list(db, settings->config, rows, problem);
    history_db_close(db);
    if (status == STATUS_OK && rows->count == 0 && (settings->name || settings->config))
        return problem_set(problem, STATUS_NOT_FOUND,
                           text_of(history_place_name(call->perm, call->operands[1])),
                           PROBLEM_NO_OFF, "no build has %s '%.60s'",
                           settings->name ? "anything called" : "the configuration",
                           settings->name ? settings->name : settings->config);
    return status;
}

static int make_report(struct call *call, struct report **report)
{
    const struct settings *settings = call->settings;
    struct history_rows rows;
    struct problem problem = {0};
    if (call->operand_count != 2)
        return command_misused(call, "%s needs the directory or URL of a history",
                               call->operands[0]);
    if (read_rows(call, &rows, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    *report = report_create(call->perm, "history", 1,
                            settings->name
                                ? arena_format(call->perm, "%s over builds", settings->name)
                                : "Sizes over builds");
    history_report_fill(&rows, settings->name, *report);
    return EXIT_STATUS_DONE;
}

static int list(struct call *call)
{
    const struct settings *settings = call->settings;
    struct report *report;
    int result = make_report(call, &report);
    return result == EXIT_STATUS_DONE ? report_settings_write(call, &settings->report, report)
                                      : result;
}

static int plot(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct report *report;
    struct result made = {0};
    struct plots plots = {.arena = call->perm};
    unsigned drawn_count = 0;
    if (!settings->output)
        return command_misused(call, "plot needs -o DIR");
    int result = make_report(call, &report);
    if (result != EXIT_STATUS_DONE)
        return result;
    report_exclude(report, call->exclude);
    int status = output_make_parents(settings->output, &problem);
    if (status == STATUS_OK)
        status = result_begin(call->perm, settings->output, &made, &problem);
    if (status == STATUS_OK) {
        plots.directory = made.scratch;
        status = plots_write(&plots, report, &problem);
    }
    if (status == STATUS_OK) {
        drawn_count = plots_draw(&plots);
        status = result_finish(&made, &problem);
    }
    result_abandon(&made);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    if (!call->common.quiet)
        safe_line(stderr, "frost history: %u plots in %s, %u drawn", plots.count, settings->output,
                  drawn_count);
    return EXIT_STATUS_DONE;
}

// ---- diff, gate ----

// The record of a commit, as a report.
static int find(struct call *call, struct history_db *db, const char *commit,
                struct report **report, struct problem *problem)
{
    const struct settings *settings = call->settings;
    struct history_build build;
    struct text record;
    int status = history_db_find(db, commit, settings->config, &build, problem);
    if (status == STATUS_OK)
        status = history_db_record(db, build.file, &record, problem);
    return status == STATUS_OK ? size_record_read(call->perm, record, build.file, report, problem)
                               : status;
}

static int diff(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct history_db *db;
    struct report *base, *now;
    size_t read_count;
    if (call->operand_count != 4)
        return command_misused(call, "diff needs a directory and two commits");
    int status = history_db_open(call->perm, call->operands[1], false, &db, &read_count, &problem);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    status = find(call, db, call->operands[2], &base, &problem);
    if (status == STATUS_OK)
        status = find(call, db, call->operands[3], &now, &problem);
    history_db_close(db);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    report_exclude(base, call->exclude); // so that rows of both are called alike
    report_exclude(now, call->exclude);
    return gate_finish(call, &settings->report, &settings->gate, base, now);
}

// Compares what is measured now with the build of a commit, as that of the merge base.
static int gate(struct call *call)
{
    const struct settings *settings = call->settings;
    struct job_context context = command_context(call);
    struct problem problem = {0};
    struct history_db *db;
    struct report *base, *now;
    size_t read_count;
    if (call->operand_count < 3 || !settings->commit)
        return command_misused(call, "gate needs a directory, what to compare, and --commit");
    int status = history_db_open(call->perm, call->operands[1], false, &db, &read_count, &problem);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    status = find(call, db, settings->commit, &base, &problem);
    history_db_close(db);
    if (status == STATUS_OK) {
        report_exclude(base, call->exclude);
        struct size_request request = {.paths = (const char *const *)&call->operands[2],
                                       .count = call->operand_count - 2,
                                       .levels = size_levels_of(call->perm, base)};
        status = size_measure(&context, &request, &now, &problem);
    }
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    report_exclude(now, call->exclude);
    return gate_finish(call, &settings->report, &settings->gate, base, now);
}

// ---- rebuild ----

static int rebuild(struct call *call)
{
    struct problem problem = {0};
    struct history_db *db;
    size_t read_count;
    if (call->operand_count != 2)
        return command_misused(call, "rebuild needs the directory or URL of a history");
    if (history_db_open(call->perm, call->operands[1], true, &db, &read_count, &problem) !=
        STATUS_OK)
        return command_fail(call, &problem);
    history_db_close(db);
    if (!call->common.quiet)
        fprintf(stderr, "frost history: %zu builds\n", read_count);
    return EXIT_STATUS_DONE;
}

// ---- the verbs ----

static const char *const verbs[] = {"add", "list", "diff", "plot", "gate", "rebuild", NULL};

static int run(struct call *call)
{
    static int (*const runs[])(struct call *) = {add, list, diff, plot, gate, rebuild};
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    for (size_t i = 0; call->operand_count && verbs[i]; i++)
        if (strcmp(call->operands[0], verbs[i]) == 0)
            return runs[i](call);
    return command_misused(call, "needs a verb: add, list, diff, plot, gate or rebuild");
}

const struct command command_history = {
    .name = "history",
    .summary = "Keeps sizes of builds, and shows how they grow.",
    .usage = "add DIR RECORD | list DIR | diff DIR COMMIT COMMIT "
             "| plot DIR | gate DIR FILE... | rebuild DIR",
    .description =
        "add keeps the record of a build (frost size --record) in DIR/builds: one JSON\n"
        "file each, to be checked in or archived. list, plot and diff show builds over\n"
        "time and two of them; with --name a module or function. gate compares files or\n"
        "a record with the build of --commit, as the merge base, and has the budgets of\n"
        "frost size. DIR/history.db is made from the records as they come and go; rebuild\n"
        "makes it anew. For teams DIR can be a database of PostgreSQL, which then keeps the\n"
        "records, too: postgresql://USER@HOST/NAME, as libpq reads it.\n",
    .examples = {"frost history add sizes size.json --commit 1a2b3c --config float",
                 "frost history list sizes --name runtime/core",
                 "frost history gate sizes size.json --commit 1a2b3c --max-growth 1%"},
    .verbs = verbs,
    .statuses = "a budget is exceeded",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
