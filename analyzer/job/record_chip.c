// record_chip.c: finds what a recording on the emulated chip needs, and says what came out.

#include "analyzer/job/record_chip.h"

#include <inttypes.h>

#include "analyzer/analysis/cost_model.h"
#include "analyzer/job/program.h"
#include "collectors/qemu/qemu_recorder.h"

#define PLUGIN "frost-qemu.so"

static void say(const struct job_context *context, const struct recorder_setup *setup,
                const struct recorder_result *result, const struct qemu_figures *figures)
{
    job_say(context, "%" PRIu64 " events, %" PRIu64 " bytes in %s%s", result->event_count,
            result->bytes, setup->directory,
            result->interrupt     ? " (ended by a signal)"
            : result->is_cut      ? " (ended by --duration)"
            : result->is_complete ? ""
                                  : " (the program did not end by itself)");
    job_say(context,
            "%" PRIu64 " machine instructions; loads from flash: %" PRIu64 " of 8, %" PRIu64
            " of 16, %" PRIu64 " of 32 bits",
            figures->instructions, figures->loads[0], figures->loads[1], figures->loads[2]);
}

int record_chip(const struct job_context *context, const struct record_chip_settings *settings,
                const struct vm_settings *vm, char *const *operands, size_t operand_count,
                const struct recorder_setup *setup, int *exit_status, struct problem *problem)
{
    struct cost_model model = {0};
    struct recorder_result result;
    struct qemu_figures figures;
    struct qemu_setup qemu = {.host = *setup, .model = &model};
    struct arena *arena = context->arena;
    const char *program;
    if (vm->profile == VM_PROFILE_PC || vm->world)
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "--esp8266 has the nodemcu profile and no world");
    int status = cost_model_load(arena, settings->model, &model, problem);
    if (status == STATUS_OK)
        status = program_find(arena, VM_CHIP_PROGRAM, &program, problem);
    if (status == STATUS_NOT_FOUND)
        job_say(context, "--esp8266 needs the firmware: make esp8266");
    if (status != STATUS_OK)
        return status;
    struct text starter = text_base_name(text_of(program));
    qemu.plugin = arena_format(arena, "%.*s" PLUGIN, (int)(starter.data - program), program);
    qemu.host.build = "probed";
    struct vm_settings limited = *vm;
    if (!limited.duration_ms)
        limited.duration_ms = VM_DURATION_MS;
    qemu.host.duration_ms = limited.duration_ms;
    qemu.host.argv = vm_make_argv(arena, program, &limited, operands, operand_count);
    job_say_limit(context, limited.duration_ms);
    status = qemu_recorder_run(arena, &qemu, &result, &figures, problem);
    if (status != STATUS_OK)
        return status;
    say(context, setup, &result, &figures);
    *exit_status = result.interrupt ? EXIT_STATUS_DONE : result.exit_status;
    return STATUS_OK;
}
