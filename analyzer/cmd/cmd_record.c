// cmd_record.c: `frost record`: runs Lua in the probed runtime and keeps its events as a trace.

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/interrupt.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/vm_options.h"
#include "analyzer/job/program.h"
#include "analyzer/job/program_facts.h"
#include "analyzer/job/record_chip.h"
#include "analyzer/job/record_console.h"
#include "analyzer/job/record_peak.h"
#include "analyzer/job/record_serial.h"
#include "analyzer/job/replay.h"
#include "analyzer/trace/trace_reader.h"
#include "collectors/host/recorder.h"
#include "runtime/format/trace_events.h"
#include "runtime/format/version.h"

struct record_settings {
    struct vm_settings vm;
    struct record_console_settings console;
    struct record_serial_settings serial;
    struct record_chip_settings chip;
    const char *output;
    struct option_list snapshots;
    unsigned moments; // of them, bits 1 << MOMENT_
    uint64_t stack_depth;
    bool is_raw;
    bool has_text;
    bool has_inputs;
    bool has_loads;
};

static const struct option record_options[] = {
    {OPTION_STRING, 'o', "output", "TRACE", "frost.trace", "directory of the trace",
     offsetof(struct record_settings, output), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "raw", NULL, NULL, "write counted events one by one",
     offsetof(struct record_settings, is_raw), 0, 0, NULL, 0},
    {OPTION_COUNT, 0, "stacks", "N", "0",
     "keep the N outermost callers of each line, for trees (slower; at most 64)",
     offsetof(struct record_settings, stack_depth), 0, TRACE_STACK_DEPTH_MAX, NULL, 0},
    {OPTION_LIST, 0, "snapshot", "MOMENT", NULL,
     "keep which object refers to which, for frost heap: end, mark, failure (memory has run out), "
     "peak (which runs it twice)",
     offsetof(struct record_settings, snapshots), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "text", NULL, "yes", "keep contents of strings; --no-text: hash and length",
     offsetof(struct record_settings, has_text), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "inputs", NULL, "yes",
     "keep what the program is given, for --replay; --no-text keeps none",
     offsetof(struct record_settings, has_inputs), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "loads", NULL, NULL, "also every load from flash by the C code (slower)",
     offsetof(struct record_settings, has_loads), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "console", "FILE", NULL,
     "run no program: read a console log with lines of frostline.lua; -: stdin",
     offsetof(struct record_settings, console.input), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "serial", "DEV", NULL,
     "run no program: record the device on this serial line",
     offsetof(struct record_settings, serial.device), 0, 0, NULL, 0},
    {OPTION_COUNT, 0, "baud", "N", "115200", "speed of the serial line",
     offsetof(struct record_settings, serial.baud), 50, 10000000, NULL, 0},
    {OPTION_LIST, 0, "filter", "COMMAND", NULL,
     "tell the device what to leave out: 'only alloc free', 'min 64' ...",
     offsetof(struct record_settings, serial.filters), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "esp8266", NULL, NULL,
     "run on the emulated chip; also every load from flash (make esp8266)",
     offsetof(struct record_settings, chip.is_chip), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "model", "NAME", "esp8266",
     "with --esp8266: model of the flash cache; built in, or a .json file",
     offsetof(struct record_settings, chip.model), 0, 0, NULL, 0},
    VM_FLASH_OPTIONS(struct record_settings),
    VM_OPTIONS(struct record_settings),
    REPLAY_OPTIONS(struct record_settings),
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

// What a replay compares, and the log of one. Recordings without inputs tell nothing of files.
static int add_facts(struct call *call, struct vm_settings *vm, struct recorder_setup *setup,
                     struct problem *problem)
{
    struct job_context context = command_context(call);
    setup->facts = program_facts(call->perm, vm, call->operands, call->operand_count);
    vm->replay.is_quiet = call->common.quiet || vm->replay.has_own_trace;
    int status = vm->replay.trace ? replay_prepare(&context, vm, setup->facts, problem) : STATUS_OK;
    if (vm->replay.has_own_trace)
        json_object_del(setup->facts, "replay_of");
    if (setup->is_without_text || setup->is_without_inputs)
        json_object_clear(setup->facts);
    return status;
}

// The words of --snapshot, separated by commas or given one by one.
static int take_moments(struct record_settings *settings, struct problem *problem)
{
    for (size_t i = 0; i < settings->snapshots.count; i++)
        for (const char *word = settings->snapshots.items[i]; *word;) {
            size_t bytes = strcspn(word, ","), moment = 0;
            while (moment < MOMENT_COUNT &&
                   !text_is_equal((struct text){word, bytes},
                                  text_of(trace_moment_name((unsigned)moment))))
                moment++;
            if (moment == MOMENT_COUNT)
                return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                                   "--snapshot takes end, mark, failure and peak, not '%.*s'",
                                   (int)bytes, word);
            settings->moments |= 1u << moment;
            word += bytes + (word[bytes] == ',');
        }
    if (settings->moments >> MOMENT_PEAK & 1 && (!settings->has_text || !settings->has_inputs))
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "--snapshot=peak is made by a replay, which needs what the program was "
                           "given: not with --no-text or --no-inputs");
    return STATUS_OK;
}

// One recording. `setup` has everything but facts and argv.
static int run_once(struct call *call, struct vm_settings *vm, struct recorder_setup *setup,
                    const char *program, struct recorder_result *result, struct problem *problem)
{
    int status = add_facts(call, vm, setup, problem);
    if (status != STATUS_OK)
        return status;
    setup->argv = vm_make_argv(call->perm, program, vm, call->operands, call->operand_count);
    setup->duration_ms = vm->duration_ms;
    interrupt_set_patient(true);
    status = recorder_run(call->perm, setup, result, problem);
    interrupt_set_patient(false);
    json_decref(setup->facts);
    return status;
}

// With a snapshot at the highest point: `setup` is for the second run, a replay of the first one,
// whose height is known. What the program prints is shown once. The first trace is the result until
// the second is there.
static int run_twice(struct call *call, struct record_settings *settings,
                     struct recorder_setup *setup, const char *program,
                     const struct record_peak *peak, struct recorder_result *result,
                     struct problem *problem)
{
    struct job_context context = command_context(call);
    struct recorder_setup first = *setup;
    struct recorder_result second;
    first.snapshots &= ~(1u << MOMENT_PEAK);
    int status = run_once(call, &settings->vm, &first, program, result, problem);
    if (status == STATUS_OK && result->interrupt)
        job_warn(&context, "no snapshot at the highest point: the signal has ended the run");
    if (status != STATUS_OK || result->interrupt)
        return status;
    status = record_peak_find(&context, setup->directory, &setup->snapshot_bytes, problem);
    if (status != STATUS_OK)
        return status;
    setup->output_fd = setup->error_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    settings->vm.replay.trace = setup->directory;
    settings->vm.replay.has_own_trace = true;
    settings->vm.fs = peak->fs ? peak->fs : settings->vm.fs;
    settings->vm.flash = peak->flash;
    char **operands = ARENA_NEW_ARRAY(call->perm, char *, call->operand_count + 1);
    for (size_t i = 0; i < call->operand_count; i++)
        operands[i] = i == 0 && peak->script ? (char *)peak->script : call->operands[i];
    operands[call->operand_count] = NULL;
    call->operands = operands;
    status = run_once(call, &settings->vm, setup, program, &second, problem);
    close(setup->output_fd);
    if (status == STATUS_OK && second.exit_status != result->exit_status && !second.interrupt)
        job_warn(&context, "the replay for the snapshot did not go as the program had gone: it "
                           "has what frost does not record (frost trace dump: replay_difference)");
    if (status == STATUS_OK)
        *result = second;
    return status;
}

static int run_recording(struct call *call, struct record_settings *settings,
                         struct recorder_setup *setup, const char *program,
                         struct recorder_result *result, struct problem *problem)
{
    struct job_context context = command_context(call);
    bool has_peak = settings->moments >> MOMENT_PEAK & 1;
    if (has_peak && !settings->vm.replay.trace) {
        struct record_peak peak;
        int status = record_peak_keep(&context, setup->directory, &settings->vm, call->operands,
                                      call->operand_count, &peak, problem);
        if (status == STATUS_OK)
            status = run_twice(call, settings, setup, program, &peak, result, problem);
        result_abandon(&peak.scratch);
        return status;
    }
    int status = has_peak ? record_peak_find(&context, settings->vm.replay.trace,
                                             &setup->snapshot_bytes, problem)
                          : STATUS_OK;
    return status == STATUS_OK ? run_once(call, &settings->vm, setup, program, result, problem)
                               : status;
}

// As a process on this machine. `setup` has everything but argv and build.
static int record_host(struct call *call, struct record_settings *settings,
                       struct recorder_setup *setup, int *exit_status, struct problem *problem)
{
    struct job_context context = command_context(call);
    struct recorder_result result;
    const char *program;
    setup->build = settings->has_loads ? "traced" : "probed";
    int status = program_find(call->perm, vm_program_name(&settings->vm, setup->build), &program,
                              problem);
    if (status != STATUS_OK && settings->has_loads)
        job_say(&context, "--loads needs the traced runtime, which only gcc builds "
                          "(make CC=gcc, without SAN)");
    if (status != STATUS_OK)
        return status;
    if (!settings->vm.duration_ms && !settings->vm.is_interactive)
        settings->vm.duration_ms = VM_DURATION_MS;
    if (!settings->vm.replay.trace)
        job_say_limit(&context, settings->vm.duration_ms);
    status = run_recording(call, settings, setup, program, &result, problem);
    if (status != STATUS_OK)
        return status;
    job_say(&context, "%llu events, %llu bytes in %s%s", (unsigned long long)result.event_count,
            (unsigned long long)result.bytes, settings->output,
            result.interrupt     ? " (ended by a signal)"
            : result.is_cut      ? " (ended by --duration)"
            : result.is_complete ? ""
                                 : " (the program did not end by itself)");
    *exit_status = result.interrupt ? EXIT_STATUS_DONE : result.exit_status;
    return STATUS_OK;
}

static int record_program(struct call *call, struct record_settings *settings, int *exit_status,
                          struct problem *problem)
{
    struct job_context context = command_context(call);
    vm_settings_take_words(&settings->vm, call->words, call->operands);
    int status = vm_settings_check(&settings->vm, problem);
    if (status == STATUS_OK)
        status = take_moments(settings, problem);
    if (status != STATUS_OK)
        return status;
    struct recorder_setup setup = {
        .directory = settings->output,
        .output_fd = -1,
        .error_fd = -1,
        .snapshots = settings->moments,
        .stack_depth = (unsigned)settings->stack_depth,
        .is_raw = settings->is_raw,
        .is_without_text = !settings->has_text,
        .is_without_inputs = !settings->has_inputs,
        .command = command_line(call),
        .profile = vm_profile_names[settings->vm.profile],
        .number = settings->vm.is_integer ? "integer" : "float",
        .version = FROST_VERSION,
    };
    if (settings->chip.is_chip)
        return record_chip(&context, &settings->chip, &settings->vm, call->operands,
                           call->operand_count, &setup, exit_status, problem);
    return record_host(call, settings, &setup, exit_status, problem);
}

static int run(struct call *call)
{
    struct record_settings *settings = call->settings;
    struct vm_settings *vm = &settings->vm;
    struct job_context context = command_context(call);
    struct problem problem = {0};
    int status, exit_status = EXIT_STATUS_DONE;
    if (settings->console.input) {
        if (call->operand_count > 0)
            return command_misused(call, "--console runs no program: unexpected argument '%s'",
                                   call->operands[0]);
        if (vm->chunks.count > 0)
            return command_misused(call, "--console runs no program: no -e");
        status = record_console(&context, &settings->console, vm->lfs, settings->output,
                                settings->has_text, &problem);
    } else if (settings->serial.device) {
        if (settings->is_raw || settings->has_loads || settings->stack_depth || vm->replay.trace)
            return command_misused(call,
                                   "--raw, --loads, --stacks and --replay are not for --serial");
        if (call->operand_count > 0)
            return command_misused(call, "--serial runs no program here: unexpected argument '%s'",
                                   call->operands[0]);
        status = record_serial(&context, &settings->serial, vm, settings->output,
                               settings->has_text, &exit_status, &problem);
    } else {
        if (settings->chip.is_chip && (vm->replay.trace || settings->stack_depth))
            return command_misused(call, "--replay and --stacks are not for --esp8266");
        if (settings->chip.is_chip && (vm->is_compacting || vm->freezer_bytes || vm->saved_wifi))
            return command_misused(call, "--compact, --freezer-size and --saved-wifi are the "
                                         "host's, not --esp8266's");
        if (vm->replay.trace && vm->is_interactive)
            return command_misused(call, "--replay is not for -i");
        if (replay_take_script(call->perm, vm, &call->operands, &call->operand_count, &problem) !=
            STATUS_OK)
            return command_fail(call, &problem);
        if (call->operand_count == 0 && vm->chunks.count == 0)
            return command_misused(call, "needs a script or -e CODE");
        status = record_program(call, settings, &exit_status, &problem);
    }
    return status == STATUS_OK ? exit_status : command_fail(call, &problem);
}

const struct command command_record = {
    .name = "record",
    .summary = "Runs Lua with probes and records a trace.",
    .usage = "[OPTION]... SCRIPT [ARG]...",
    .description =
        "As frost run, with every allocation, string, collection and read of string\n"
        "content recorded in a CTF 1.8 trace, which frost's analyses, babeltrace2 and\n"
        "Trace Compass read. The status is the program's. With --serial nothing is run\n"
        "here: a device is recorded until its program has ended, or Ctrl-C. Other\n"
        "recordings end after --duration, a minute unless given, or after a signal: the\n"
        "trace is complete then, and the status 0; a second signal removes it.\n"
        "A recording keeps what the program is given: the order and the time of its\n"
        "timers and tasks, random numbers, addresses, bytes that arrive. With --replay it\n"
        "is given the same once more, at full speed, and what it sends and prints is\n"
        "compared: the first difference is told, with its Lua line, and ends the run with\n"
        "status 1. SCRIPT must be the recorded program, and is if none is given; it may be\n"
        "changed, have another image or another collector. The files of --fs must be as\n"
        "they were at the start.\n",
    .examples = {"frost record -o boot.trace --lfs app.img init.lua",
                 "frost record -e 'for i = 1, 9 do print(i) end'",
                 "frost record --serial /dev/ttyUSB0 --lfs app.img"},
    .statuses = "the Lua program failed",
    .options = record_options,
    .settings_bytes = sizeof(struct record_settings),
    .flags = COMMAND_STOP_AT_OPERAND,
    .run = run,
};
