// cmd_record.c: `frost record`: runs Lua in the probed runtime and keeps its events as a trace.

#include <stdio.h>
#include <string.h>

#include "analyzer/cmd/command.h"
#include "analyzer/cmd/record_chip.h"
#include "analyzer/cmd/record_console.h"
#include "analyzer/cmd/record_serial.h"
#include "analyzer/cmd/vm_options.h"
#include "collectors/host/recorder.h"

struct record_settings {
    struct vm_settings vm;
    struct record_console_settings console;
    struct record_serial_settings serial;
    struct record_chip_settings chip;
    const char *output;
    bool is_raw;
    bool has_text;
    bool has_loads;
};

static const struct option record_options[] = {
    {OPTION_STRING, 'o', "output", "TRACE", "frost.trace", "folder of the trace",
     offsetof(struct record_settings, output), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "raw", NULL, NULL, "write counted events one by one",
     offsetof(struct record_settings, is_raw), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "text", NULL, "yes", "keep contents of strings; --no-text: hash and length",
     offsetof(struct record_settings, has_text), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "loads", NULL, NULL, "every load of flash by the C code, too (slower)",
     offsetof(struct record_settings, has_loads), 0, 0, NULL, 0},
    RECORD_CONSOLE_OPTIONS(struct record_settings),
    RECORD_SERIAL_OPTIONS(struct record_settings),
    RECORD_CHIP_OPTIONS(struct record_settings),
    VM_OPTIONS(struct record_settings),
    OPTION_TABLE_END,
};

// What the user asked for, as one line.
static const char *command_line(struct call *call)
{
    char *line = arena_copy_string(call->perm, "frost record");
    for (size_t i = 0; i < call->operand_count; i++)
        line = arena_format(call->perm, "%s %s", line, call->operands[i]);
    return line;
}

// As a process on this machine. `setup` has everything but argv and build.
static int record_host(struct call *call, struct record_settings *settings,
                       struct recorder_setup *setup)
{
    struct problem problem = {0};
    struct recorder_result result;
    const char *program;
    setup->build = settings->has_loads ? "traced" : "probed";
    if (command_find_program(call->perm, vm_program_name(&settings->vm, setup->build), &program,
                             &problem) != STATUS_OK) {
        if (settings->has_loads && !call->common.quiet)
            fprintf(stderr, "frost record: --loads needs the traced runtime, which only gcc builds "
                            "(make CC=gcc, without SAN)\n");
        return command_fail(call, &problem);
    }
    setup->argv = vm_make_argv(call->perm, program, &settings->vm, call->operands,
                               call->operand_count);
    if (recorder_run(call->perm, setup, &result, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (!call->common.quiet)
        fprintf(stderr, "frost record: %llu events, %llu bytes in %s%s\n",
                (unsigned long long)result.event_count, (unsigned long long)result.bytes,
                settings->output, result.is_complete ? "" : " (the program did not end by itself)");
    return result.exit_status;
}

static int run(struct call *call)
{
    struct record_settings *settings = call->settings;
    struct problem problem = {0};
    if (settings->console.input)
        return record_console(call, &settings->console, &settings->vm, settings->output,
                              settings->has_text);
    if (settings->serial.device && (settings->is_raw || settings->has_loads))
        return command_misused(call, "--raw and --loads are not for --serial");
    if (settings->serial.device)
        return record_serial(call, &settings->serial, &settings->vm, settings->output,
                             settings->has_text);
    if (call->operand_count == 0 && settings->vm.chunks.count == 0)
        return command_misused(call, "needs a script or -e CODE");
    vm_settings_take_words(&settings->vm, call->words, call->operands);
    if (vm_settings_check(&settings->vm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct recorder_setup setup = {
        .folder = settings->output,
        .output_fd = -1,
        .error_fd = -1,
        .is_raw = settings->is_raw,
        .is_without_text = !settings->has_text,
        .command = command_line(call),
        .profile = vm_profile_names[settings->vm.profile],
        .number = settings->vm.is_integer ? "integer" : "float",
        .version = FROST_VERSION,
    };
    if (settings->chip.is_chip)
        return record_chip(call, &settings->chip, &settings->vm, &setup);
    return record_host(call, settings, &setup);
}

const struct command command_record = {
    .name = "record",
    .summary = "Runs Lua with probes and records a trace.",
    .usage = "[OPTION]... SCRIPT [ARG]...",
    .description = "As frost run, with every allocation, string, collection and read of string\n"
                   "content recorded in a CTF 1.8 trace, which frost's analyses, babeltrace2 and\n"
                   "Trace Compass read. The status is the program's. With --serial nothing is run\n"
                   "here: a device is recorded until its program has ended, or Ctrl-C.\n",
    .examples = {"frost record -o boot.trace --lfs app.img init.lua",
                 "frost record -e 'for i = 1, 9 do print(i) end'",
                 "frost record --serial /dev/ttyUSB0 --lfs app.img"},
    .statuses = "the Lua program failed",
    .options = record_options,
    .settings_bytes = sizeof(struct record_settings),
    .flags = COMMAND_STOP_AT_OPERAND,
    .run = run,
};
