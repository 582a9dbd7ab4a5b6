// cmd_run.c: `frost run`: runs Lua in the runtime, without probes.

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/vm_options.h"
#include "analyzer/job/program.h"
#include "analyzer/job/program_facts.h"
#include "analyzer/job/replay.h"

struct run_settings {
    struct vm_settings vm;
    bool is_chip; // the firmware under QEMU
};

static const struct option run_options[] = {
    VM_FLASH_OPTIONS(struct run_settings),
    VM_OPTIONS(struct run_settings),
    REPLAY_OPTIONS(struct run_settings),
    {OPTION_FLAG, 'i', "interactive", NULL, NULL, "prompt after the script",
     offsetof(struct run_settings, vm.is_interactive), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "console", NULL, NULL,
     "standard input is typed at the device's console; its end ends nothing",
     offsetof(struct run_settings, vm.has_console), 0, 0, NULL, 0},
    {OPTION_CHOICE, 0, "uart", "WHAT", "output",
     "UART 0: output, or pty: a terminal for other programs, whose name is told",
     offsetof(struct run_settings, vm.uart), 0, 0, vm_uart_names, 0},
    {OPTION_FLAG, 0, "esp8266", NULL, NULL, "run on the emulated chip (built by make esp8266)",
     offsetof(struct run_settings, is_chip), 0, 0, NULL, 0},
    OPTION_TABLE_END,
};

static bool reads_input(const struct call *call)
{
    return call->operand_count > 0 && strcmp(call->operands[0], "-") == 0;
}

static int prepare_replay(struct call *call, struct vm_settings *vm, struct problem *problem)
{
    struct job_context context = command_context(call);
    struct json_t *facts = program_facts(call->perm, vm, call->operands, call->operand_count);
    vm->replay.is_quiet = call->common.quiet;
    int status = replay_prepare(&context, vm, facts, problem);
    json_decref(facts);
    return status;
}

static int run(struct call *call)
{
    struct run_settings *settings = call->settings;
    struct problem problem = {0};
    const char *program;
    struct vm_settings *vm = &settings->vm;
    vm->shows_version = call->common.verbose;
    if (!vm->is_interactive && replay_take_script(call->perm, vm, &call->operands,
                                                  &call->operand_count, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    vm_settings_take_words(vm, call->words, call->operands);
    if (call->operand_count == 0 && vm->chunks.count == 0 && vm->profile != VM_PROFILE_PC &&
        !vm->is_interactive && !vm->shows_version && !vm->has_console && vm->uart == VM_UART_OUTPUT)
        return command_misused(call, "needs a script, -e CODE, -i or --console");
    if (vm->has_console && (vm->is_interactive || reads_input(call) || settings->is_chip ||
                            vm->profile == VM_PROFILE_PC))
        return command_misused(call, "--console is the host's nodemcu profile, without -i and '-'");
    if (vm->uart != VM_UART_OUTPUT && (vm->is_interactive || vm->has_console || settings->is_chip ||
                                       vm->profile == VM_PROFILE_PC))
        return command_misused(call, "--uart=pty is the host's nodemcu profile, without -i and "
                                     "--console");
    if (vm_settings_check(&settings->vm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (settings->is_chip && (vm->profile == VM_PROFILE_PC || vm->is_interactive || vm->world))
        return command_misused(call, "--esp8266 has the nodemcu profile, no prompt and no world");
    if (settings->is_chip && (vm->freezer_bytes || vm->saved_wifi))
        return command_misused(call, "--freezer-size and --saved-wifi are the host's, not "
                                     "--esp8266's");
    if (vm->replay.trace && (settings->is_chip || vm->is_interactive))
        return command_misused(call, "--replay is not for --esp8266 or -i");
    if (vm->replay.trace && prepare_replay(call, vm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    vm->chip_build = settings->is_chip ? vm_chip_build(vm, "plain") : NULL;
    const char *name = settings->is_chip ? VM_CHIP_PROGRAM : vm_program_name(vm, "plain");
    if (program_find(call->perm, name, &program, &problem) != STATUS_OK)
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
    .description =
        "Runs SCRIPT (source or .lc; '-' is standard input) in the instrumented\n"
        "runtime's plain build. The directory given by --fs is the program's file system;\n"
        "modules of the image given by --lfs are executed in place from the flash\n"
        "window. -e, -l, -i, -v and '-' work as in the stand-alone Lua interpreter; in\n"
        "the pc profile LUA_INIT and LUA_PATH are used, and without a script there is a\n"
        "prompt on a terminal.\n"
        "--replay runs SCRIPT, or that of the recording, with what it received (frost\n"
        "record); see there.\n",
    .examples = {"frost run --lfs app.img init.lua", "frost run -e 'print(node.heap())'",
                 "frost run --profile pc -i"},
    .statuses = "the Lua program failed",
    .options = run_options,
    .settings_bytes = sizeof(struct run_settings),
    .flags = COMMAND_STOP_AT_OPERAND,
    .run = run,
};
