// record_chip.c: finds what a recording on the emulated chip needs, and says what came out.

#include "analyzer/cmd/record_chip.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/analysis/cost_model.h"
#include "collectors/qemu/qemu_recorder.h"

#define PLUGIN "frost-qemu.so"

static void say(const struct recorder_setup *setup, const struct recorder_result *result,
                const struct qemu_figures *figures)
{
    fprintf(stderr, "frost record: %" PRIu64 " events, %" PRIu64 " bytes in %s%s\n",
            result->event_count, result->bytes, setup->folder,
            result->is_complete ? "" : " (the program did not end by itself)");
    fprintf(stderr,
            "frost record: %" PRIu64 " machine instructions; loads from flash: %" PRIu64
            " of 8, %" PRIu64 " of 16, %" PRIu64 " of 32 bits\n",
            figures->instructions, figures->loads[0], figures->loads[1], figures->loads[2]);
}

int record_chip(struct call *call, const struct record_chip_settings *settings,
                struct vm_settings *vm, const struct recorder_setup *setup)
{
    struct problem problem = {0};
    struct cost_model model = {0};
    struct recorder_result result;
    struct qemu_figures figures;
    struct qemu_setup qemu = {.host = *setup, .model = &model};
    const char *program;
    if (vm->profile == VM_PROFILE_PC)
        return command_misused(call, "--esp8266 has the nodemcu profile");
    if (cost_model_load(call->perm, settings->model, &model, &problem) != STATUS_OK ||
        command_find_program(call->perm, VM_CHIP_PROGRAM, &program, &problem) != STATUS_OK) {
        if (problem.status == STATUS_NOT_FOUND && !call->common.quiet)
            fprintf(stderr, "frost record: --esp8266 needs the firmware: make esp8266\n");
        return command_fail(call, &problem);
    }
    struct text starter = text_base_name(text_of(program));
    qemu.plugin = arena_format(call->perm, "%.*s" PLUGIN, (int)(starter.data - program), program);
    qemu.host.build = "probed";
    qemu.host.argv = vm_make_argv(call->perm, program, vm, call->operands, call->operand_count);
    if (qemu_recorder_run(call->perm, &qemu, &result, &figures, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (!call->common.quiet)
        say(setup, &result, &figures);
    return result.exit_status;
}
