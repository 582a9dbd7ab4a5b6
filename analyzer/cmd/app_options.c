// app_options.c: see app_options.h.

#include "analyzer/cmd/app_options.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/interrupt.h"
#include "analyzer/cmd/remake.h"
#include "analyzer/job/session.h"

static const struct option_list nobody;

// A session that is Lua is a world script, which goes alone. False: it does not.
static bool take_world(const struct option_list *sessions, struct vm_settings *vm)
{
    for (size_t i = 0; i < sessions->count; i++)
        if (text_ends_with(text_of(sessions->items[i]), ".lua")) {
            if (sessions->count > 1 || vm->world)
                return false;
            vm->world = sessions->items[i];
        }
    return true;
}

static int check_directory(const char *path, struct problem *problem)
{
    if (!path || access(path, R_OK | X_OK) == 0)
        return STATUS_OK;
    return problem_set(problem, STATUS_NOT_FOUND, text_of(path), PROBLEM_NO_OFF, "%s",
                       strerror(errno));
}

// Checks the settings and fills in the job, but for its variants. Result: EXIT_STATUS_DONE, or the
// status of what has been said.
static int apply(struct call *call, const struct app_command *command,
                 const struct job_context *context, struct profile_job *job)
{
    const struct app_settings *app = command->app;
    const struct vm_settings *vm = command->vm;
    const struct list_settings *list = command->list;
    struct problem problem = {0};
    struct vm_settings wanted = *vm;
    if (!take_world(&app->sessions, &wanted))
        return command_misused(call, "a world script is the only session");
    const struct option_list *sessions = wanted.world && !vm->world ? &nobody : &app->sessions;
    if (wanted.world && sessions->count)
        return command_misused(call, "--session needs real sockets, --world has none");
    if (vm_settings_check(&wanted, &problem) != STATUS_OK ||
        check_directory(app->world_files, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    *job = (struct profile_job){
        .runner = {.context = context,
                   .vm = wanted,
                   .supplied = &app->supplied,
                   .sessions = sessions,
                   .world_files = app->world_files,
                   .ready_after_ms = app->ready_after_ms},
        .plan_settings = app->plan,
        .strings_settings = list_settings_wanted(list),
    };
    job->strings_settings.exclude = call->exclude;
    if (!strings_add_origins(list->origins, &job->strings_settings.origins))
        return command_misused(call, LIST_ORIGINS_MISUSED);
    if (!job->runner.vm.duration_ms)
        job->runner.vm.duration_ms = sessions->count ? SESSION_DURATION_MS : VM_DURATION_MS;
    return EXIT_STATUS_DONE;
}

int app_command_run(struct call *call, const struct app_command *command)
{
    struct problem problem = {0};
    struct job_context context = command_context(call);
    struct profile_job *job = ARENA_NEW(call->perm, struct profile_job);
    int result = apply(call, command, &context, job);
    if (result != EXIT_STATUS_DONE)
        return result;
    job->variants = command->variants;
    job->variant_count = command->variant_count;
    job->worlds.count = command->world_count;
    job->options = remake_options(call);
    job_say_limit(&context, job->runner.vm.duration_ms);
    interrupt_set_patient(true);
    if (profile_begin(job, call->operands[0], command->output, &problem) != STATUS_OK)
        result = command_fail(call, &problem);
    else
        result = command->work(call, job);
    profile_end(job);
    return result;
}

int app_command_report(struct call *call, struct profile_job *job,
                       const struct report_settings *settings,
                       int (*make)(struct profile_job *job, struct report **report,
                                   struct problem *problem))
{
    struct problem problem = {0};
    struct report *report;
    bool compile_failed;
    int status = profile_work(job, &compile_failed, &problem);
    if (interrupt_number())
        return 128 + interrupt_number(); // what was not run cannot be compared
    if (compile_failed)
        return EXIT_STATUS_NO; // the compiler has said why
    if (status == STATUS_OK)
        status = make(job, &report, &problem);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    int result = report_settings_write(call, settings, report);
    return result == EXIT_STATUS_DONE && job->runs[0].has_failed ? EXIT_STATUS_NO : result;
}
