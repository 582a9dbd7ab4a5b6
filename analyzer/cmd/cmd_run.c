// cmd_run.c: `frost run`: runs Lua in the runtime, without probes.

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cmd/command.h"
#include "analyzer/cmd/vm_options.h"

struct run_settings {
    struct vm_settings vm;
    bool is_chip; // the firmware under QEMU
};

static const struct option run_options[] = {
    VM_OPTIONS(struct run_settings),
    {OPTION_FLAG, 'i', "interactive", NULL, NULL, "prompt after the script",
     offsetof(struct run_settings, vm.is_interactive), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "esp8266", NULL, NULL, "on the emulated chip (make esp8266 makes it)",
     offsetof(struct run_settings, is_chip), 0, 0, NULL, 0},
    OPTION_TABLE_END,
};

static int run(struct call *call)
{
    struct run_settings *settings = call->settings;
    struct problem problem = {0};
    const char *program;
    struct vm_settings *vm = &settings->vm;
    vm->shows_version = call->common.verbose;
    vm_settings_take_words(vm, call->words, call->operands);
    if (call->operand_count == 0 && vm->chunks.count == 0 && vm->profile != VM_PROFILE_PC &&
        !vm->is_interactive && !vm->shows_version)
        return command_misused(call, "needs a script, -e CODE or -i");
    if (vm_settings_check(&settings->vm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (settings->is_chip && (vm->profile == VM_PROFILE_PC || vm->is_interactive))
        return command_misused(call, "--esp8266 has the nodemcu profile and no prompt");
    vm->chip_build = settings->is_chip ? vm_chip_build(vm, "plain") : NULL;
    const char *name = settings->is_chip ? VM_CHIP_PROGRAM : vm_program_name(vm, "plain");
    if (command_find_program(call->perm, name, &program, &problem) != STATUS_OK)
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
    .usage = "[OPTION]... [SCRIPT [ARG]...]",
    .description = "Runs SCRIPT (source or .lc; '-' is standard input) in the instrumented\n"
                   "runtime's plain build. The folder given by --fs is the program's file system;\n"
                   "modules of the image given by --lfs are executed in place from the flash\n"
                   "window. -e, -l, -i, -v and '-' are as the stand-alone Lua interpreter has\n"
                   "them; in the pc profile LUA_INIT and LUA_PATH are used, and without a script\n"
                   "there is a prompt on a terminal.\n",
    .examples = {"frost run --lfs app.img init.lua", "frost run -e 'print(node.heap())'",
                 "frost run --profile pc -i"},
    .statuses = "the Lua program failed",
    .options = run_options,
    .settings_bytes = sizeof(struct run_settings),
    .flags = COMMAND_STOP_AT_OPERAND,
    .run = run,
};
