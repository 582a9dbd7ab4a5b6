// command.c: what commands share: the ways to fail, and what jobs are given.

#include "analyzer/cmd/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/options.h"

#define LINE_BYTES_MAX 4600u // a path and a message

static int exit_status_of(int status)
{
    switch (status) {
    case STATUS_OK:
        return EXIT_STATUS_DONE;
    case STATUS_USAGE:
        return EXIT_STATUS_USAGE;
    case STATUS_DAMAGED:
    case STATUS_CUT_OFF:
    case STATUS_VERSION:
    case STATUS_LIMIT:
        return EXIT_STATUS_DAMAGED;
    default:
        return EXIT_STATUS_ENVIRONMENT;
    }
}

static const char *color(const struct call *call, enum terminal_style style)
{
    return call->err ? terminal_style(call->err, style) : "";
}

int command_fail(const struct call *call, const struct problem *problem)
{
    char line[LINE_BYTES_MAX];
    problem_print(problem, line, sizeof line);
    if (!problem->message[0])
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s",
                 status_name(problem->status));
    fflush(stdout);
    fprintf(stderr, "%sfrost %s:%s %s\n", color(call, STYLE_BAD), call->command->name,
            color(call, STYLE_PLAIN), line);
    if (problem->status == STATUS_USAGE)
        fprintf(stderr, "Try 'frost help %s'.\n", call->command->name);
    return exit_status_of(problem->status);
}

int command_misused(const struct call *call, const char *format, ...)
{
    struct problem problem = {.status = STATUS_USAGE, .off = PROBLEM_NO_OFF};
    va_list args;
    va_start(args, format);
    vsnprintf(problem.message, sizeof problem.message, format, args);
    va_end(args);
    return command_fail(call, &problem);
}

int command_exclude(struct call *call, const struct option_list *patterns, struct problem *problem)
{
    return exclude_compile(call->perm, patterns->items, patterns->count, &call->exclude, problem);
}

struct job_context command_context(const struct call *call)
{
    return (struct job_context){
        .command = call->command->name,
        .arena = call->perm,
        .err = call->err,
        .is_quiet = call->common.quiet,
        .exclude = call->exclude,
    };
}
