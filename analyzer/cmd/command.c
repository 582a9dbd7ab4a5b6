// command.c: what commands share: the ways to fail, and the programs that frost starts.

#include "analyzer/cmd/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/options.h"

#define LINE_BYTES_MAX 4600u // a path and a message
#define PATH_BYTES_MAX 4096u

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

int command_find_program(struct arena *arena, const char *name, const char **path,
                         struct problem *problem)
{
    static const char *const places[] = {"libexec/frost", "../libexec/frost"};
    char self[PATH_BYTES_MAX];
    ssize_t bytes = readlink("/proc/self/exe", self, sizeof self - 1);
    if (bytes <= 0)
        return problem_set(problem, STATUS_IO, text_of("/proc/self/exe"), PROBLEM_NO_OFF,
                           "cannot be read, so the place of %s is unknown", name);
    self[bytes] = '\0';
    struct text base = text_base_name(text_of(self));
    int folder_bytes = (int)(base.data - self) - 1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *candidate = arena_format(arena, "%.*s/%s/%s", folder_bytes, self, places[i], name);
        if (access(candidate, X_OK) == 0) {
            *path = candidate;
            return STATUS_OK;
        }
    }
    return problem_set(problem, STATUS_NOT_FOUND, text_of(name), PROBLEM_NO_OFF,
                       "no such program in %.*s/{%s,%s}", folder_bytes > 80 ? 80 : folder_bytes,
                       self, places[0], places[1]);
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; command_list[i]; i++)
        if (!strcmp(command_list[i]->name, name))
            return command_list[i];
    return NULL;
}
