// exit.c: the way out of the process, by which the trace is closed first.

#include "runtime/port/host/host.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/vm.h"
#include "runtime/format/status.h"
#include "runtime/port/host/say.h"
#include "runtime/port/host/trace.h"
#include "runtime/world/host/marks.h"
#include "runtime/world/host/replay.h"
#include "runtime/world/host/script_process.h"
#include "runtime/world/host/serial.h"

const char *host_instructions_file;

static int write_instructions(void)
{
    FILE *file = fopen(host_instructions_file, "w");
    if (file && fprintf(file, "%" PRIu64 "\n", vm_instructions()) > 0 && fclose(file) == 0)
        return EXIT_STATUS_DONE;
    host_say("%s: %s", host_instructions_file, strerror(errno));
    return EXIT_STATUS_ENVIRONMENT;
}

int host_output_failed(void)
{
    if (errno == EPIPE)
        return 128 + SIGPIPE; // who reads it has seen enough
    host_say("standard output: %s", strerror(errno));
    return EXIT_STATUS_ENVIRONMENT;
}

_Noreturn void host_exit(int status)
{
    // An internal fault and a signal leave no time for questions.
    status = script_stop(status, status == EXIT_STATUS_ENVIRONMENT || status > 128);
    if (fflush(stdout) != 0 && status == EXIT_STATUS_DONE)
        status = host_output_failed();
    if (host_instructions_file && write_instructions() != EXIT_STATUS_DONE)
        status = EXIT_STATUS_ENVIRONMENT;
    fflush(NULL); // what the library io has written
    serial_end();
    marks_take();
    status = replay_finish(status);
    if (replay_is_over())
        host_trace_cut();
    host_trace_close(status);
    replay_say_end();
    _exit(status);
}
