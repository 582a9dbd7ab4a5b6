// cmd_run.c: `frost run`: runs Lua in the runtime, without probes.

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cmd/command.h"
#include "analyzer/cmd/vm_options.h"

struct run_settings {
    struct vm_settings vm;
};

static const struct option run_options[] = {
    VM_OPTIONS(struct run_settings),
    OPTION_TABLE_END,
};

static int run(struct call *call)
{
    struct run_settings *settings = call->settings;
    struct problem problem = {0};
    const char *program;
    if (call->operand_count == 0 && settings->vm.execute.count == 0)
        return command_misused(call, "needs a script or -e CODE");
    if (vm_settings_check(&settings->vm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (command_find_program(call->perm, vm_program_name(&settings->vm, "plain"), &program,
                             &problem) != STATUS_OK)
        return command_fail(call, &problem);
    char **argv = vm_make_argv(call->perm, program, &settings->vm, call->operands,
                               call->operand_count);
    execv(program, argv);
    problem_set(&problem, STATUS_IO, (struct text){0}, PROBLEM_NO_OFF, "cannot start %s: %s",
                program, strerror(errno));
    return command_fail(call, &problem);
}

const struct command command_run = {
    .name = "run",
    .summary = "Runs Lua as the device would, from source, bytecode or LFS.",
    .usage = "[OPTION]... SCRIPT [ARG]...",
    .description = "Runs SCRIPT (source or .lc) in the instrumented runtime's plain build. The\n"
                   "folder given by --fs is the program's file system; modules of the image given\n"
                   "by --lfs are executed in place from the flash window.\n",
    .examples = {"frost run --lfs app.img init.lua", "frost run -e 'print(node.heap())'"},
    .statuses = "the Lua program failed",
    .options = run_options,
    .settings_bytes = sizeof(struct run_settings),
    .flags = COMMAND_STOP_AT_OPERAND,
    .run = run,
};
