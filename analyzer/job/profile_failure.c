// profile_failure.c: who held the RAM when the application as it is ran out of it.

#include "analyzer/analysis/holders/holders.h"
#include "analyzer/job/profile_tables.h"

#define HOLDER_PERCENT_MIN 1.0 // share of what is held

static int read_snapshot(const char *trace, const char *name, struct holders *holders,
                         struct report *report, struct problem *problem)
{
    struct replay_observer observer = holders_observer(holders);
    struct replay_settings settings = {.traces = &trace, .names = &name, .trace_count = 1};
    int status = replay_run(&settings, &observer, 1, problem);
    return status == STATUS_OK ? holders_report(holders, HOLDER_PERCENT_MIN, report, problem)
                               : status;
}

struct report *profile_failure_report(const struct profile_job *job)
{
    struct arena *arena = job->runner.context->arena;
    const struct app_run *run = &job->as_is;
    struct holders holders;
    struct problem ignored = {0}; // without a snapshot there is nothing to show
    if (!run->is_done || !run->has_failed)
        return NULL;
    struct report *report = report_create(arena, "heap-failure", 1,
                                          "Who held the RAM when it ran out, as it is");
    holders_init(&holders, arena, (struct holders_wanted){.moment = MOMENT_FAILURE});
    int status = read_snapshot(run->trace_path, run->name, &holders, report, &ignored);
    holders_deinit(&holders);
    return status == STATUS_OK ? report : NULL;
}
