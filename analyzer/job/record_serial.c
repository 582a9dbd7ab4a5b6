// record_serial.c: `frost record --serial`.

#include "analyzer/job/record_serial.h"

#include <unistd.h>

#include "analyzer/job/record_console.h"
#include "collectors/device/device_serial.h"
#include "collectors/serial/serial_recorder.h"
#include "runtime/format/version.h"

#define HELLO_WAIT_MS 3000

static void say(void *context, const char *message)
{
    job_say(context, "%s", message);
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
static void say_result(const struct job_context *context, const struct serial_result *result,
                       const char *output)
{
    if (result->frames_lost || result->frames_damaged)
        job_warn(context, "the line has lost %llu frames (%llu came damaged)",
                 (unsigned long long)result->frames_lost,
                 (unsigned long long)result->frames_damaged);
    if (result->packets_lost || result->events_discarded)
        job_warn(context, "lost: %llu events (%llu for lack of room on the device), %llu packets",
                 (unsigned long long)result->events_discarded,
                 (unsigned long long)result->events_dropped,
                 (unsigned long long)result->packets_lost);
    job_say(context, "%llu events, %llu bytes in %s (%s; %u boot%s)",
            (unsigned long long)result->event_count, (unsigned long long)result->bytes, output,
            ending_of(result), result->boots, result->boots == 1 ? "" : "s");
}

int record_serial(const struct job_context *context, const struct record_serial_settings *settings,
                  const struct vm_settings *vm, const char *output, bool has_text, int *exit_status,
                  struct problem *problem)
{
    struct serial_result result;
    struct device_serial stock;
    if (settings->filters.count > SERIAL_COMMANDS_MAX)
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "--filter: at most %d are possible", SERIAL_COMMANDS_MAX);
    int status = device_serial_init(&stock, context->arena, vm->lfs, !has_text, problem);
    if (status != STATUS_OK)
        return status;
    struct serial_setup setup = {
        .directory = output,
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
        .command = arena_format(context->arena, "frost record --serial %s", settings->device),
        .version = FROST_VERSION,
        .consumer = &stock.consumer,
        .say = say,
        .say_context = (void *)context,
    };
    status = serial_record(context->arena, &setup, &result, problem);
    if (status != STATUS_OK)
        return status;
    if (device_serial_counts(&stock)->lines && !result.has_hello)
        record_console_say(context, device_serial_counts(&stock), output);
    else
        say_result(context, &result, output);
    *exit_status = result.exit_status;
    return STATUS_OK;
}
