// job_context.c: messages of jobs.

#include "analyzer/job/job_context.h"

#include <stdarg.h>
#include <stdio.h>

#include "analyzer/base/safe_text.h"

static void say(const struct job_context *context, const char *format, va_list args)
{
    fprintf(stderr, "frost %s: ", context->command);
    safe_line_of(stderr, format, args);
}

void job_say_step(const struct job_context *context, const char *step)
{
    if (context->err->is_terminal)
        job_say(context, "%s", step);
}

void job_say(const struct job_context *context, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!context->is_quiet)
        say(context, format, args);
    va_end(args);
}

void job_say_limit(const struct job_context *context, uint64_t duration_ms)
{
    if (duration_ms)
        job_say(context, "runs for at most %g s of device time (--duration)",
                (double)duration_ms / 1000);
}

void job_warn(const struct job_context *context, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(context, format, args);
    va_end(args);
}
