// record_serial.c: `frost record --serial`.

#include "analyzer/cmd/record_serial.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cmd/record_console.h"
#include "collectors/device/device_serial.h"
#include "collectors/serial/serial_recorder.h"

#define HELLO_WAIT_MS 3000

static void say(void *context, const char *message)
{
    const struct call *call = context;
    if (!call->common.quiet)
        fprintf(stderr, "frost record: %s\n", message);
}

static const char *ending_of(const struct serial_result *result)
{
    switch (result->ending) {
    case SERIAL_ENDED_BY_PROGRAM:
        return "the program has ended";
    case SERIAL_ENDED_BY_DURATION:
        return "the time is over";
    case SERIAL_ENDED_BY_LINE:
        return "the line is closed";
    default:
        return "stopped";
    }
}

// Loss first, then what came.
static void say_result(const struct call *call, const struct serial_result *result,
                       const char *output)
{
    if (result->frames_lost || result->frames_damaged)
        fprintf(stderr, "frost record: the line has lost %llu frames (%llu came damaged)\n",
                (unsigned long long)result->frames_lost,
                (unsigned long long)result->frames_damaged);
    if (result->packets_lost || result->events_discarded)
        fprintf(stderr, "frost record: lost: %llu events (%llu for want of room on the device), "
                        "%llu packets\n",
                (unsigned long long)result->events_discarded,
                (unsigned long long)result->events_dropped,
                (unsigned long long)result->packets_lost);
    if (!call->common.quiet)
        fprintf(stderr, "frost record: %llu events, %llu bytes in %s (%s; %u boot%s)\n",
                (unsigned long long)result->event_count, (unsigned long long)result->bytes, output,
                ending_of(result), result->boots, result->boots == 1 ? "" : "s");
}

int record_serial(struct call *call, const struct record_serial_settings *settings,
                  const struct vm_settings *vm, const char *output, bool has_text)
{
    struct problem problem = {0};
    struct serial_result result;
    struct device_serial stock;
    if (call->operand_count > 0)
        return command_misused(call, "--serial runs no program here: '%s' is too much",
                               call->operands[0]);
    if (settings->filters.count > SERIAL_COMMANDS_MAX)
        return command_misused(call, "--filter: at most %d are possible", SERIAL_COMMANDS_MAX);
    if (device_serial_init(&stock, call->perm, vm->lfs, !has_text, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct serial_setup setup = {
        .folder = output,
        .device = settings->device,
        .baud = (uint32_t)settings->baud,
        .lfs = vm->lfs,
        .duration_ms = vm->duration_ms,
        .hello_wait_ms = HELLO_WAIT_MS,
        .device_commands = settings->filters.items,
        .device_command_count = (uint32_t)settings->filters.count,
        .is_without_text = !has_text,
        .console_fd = STDOUT_FILENO,
        .input_fd = isatty(STDIN_FILENO) ? STDIN_FILENO : -1,
        .command = arena_format(call->perm, "frost record --serial %s", settings->device),
        .version = FROST_VERSION,
        .consumer = &stock.consumer,
        .say = say,
        .say_context = call,
    };
    if (serial_record(call->perm, &setup, &result, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (device_serial_counts(&stock)->lines && !result.has_hello)
        record_console_say(call, device_serial_counts(&stock), output);
    else
        say_result(call, &result, output);
    return result.exit_status;
}
