// exit.c: the ways out of the process: each closes the trace first.

#include "runtime/port/host/host.h"

#include <stdio.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>

#include "runtime/format/status.h"
#include "runtime/port/host/trace.h"

_Noreturn void host_exit(int status)
{
    if (fflush(stdout) != 0 && status == EXIT_STATUS_DONE) {
        fprintf(stderr, "frost: standard output: %s\n", strerror(errno));
        status = EXIT_STATUS_ENVIRONMENT;
    }
    fflush(NULL); // what the library io has written
    host_trace_close(status);
    _exit(status);
}
