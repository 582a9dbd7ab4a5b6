// console.c: the program's output on standard output, messages on standard error; clocks.

#include "runtime/port/port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runtime/format/status.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/say.h"
#include "runtime/probe/probe.h"
#include "runtime/world/host/serial.h"
#include "runtime/world/world.h"

static void write_out(const char *text, size_t bytes, int to_serial(const char *, size_t))
{
    PROBE_CONSOLE(1, text, bytes);
    world_tell_console(1, text, bytes);
    if (to_serial(text, bytes))
        return;
    if (fwrite(text, 1, bytes, stdout) != bytes && bytes > 0)
        host_exit(host_output_failed());
}

void port_console_write(const char *text, size_t bytes)
{
    write_out(text, bytes, serial_print);
}

void port_console_send(const char *bytes, size_t count)
{
    write_out(bytes, count, serial_write);
}

void port_console_error(const char *text, size_t bytes)
{
    fflush(stdout);
    PROBE_CONSOLE(2, text, bytes);
    world_tell_console(2, text, bytes);
    fwrite(text, 1, bytes, stderr);
}

_Noreturn void port_panic(const char *text)
{
    fflush(stdout);
    host_say("%s", text);
    host_exit(EXIT_STATUS_ENVIRONMENT);
}

_Noreturn void port_exit(int status)
{
    host_exit(status);
}

uint32_t port_time_s(void)
{
    return (uint32_t)time(NULL);
}

uint64_t port_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

const char *port_error_text(int error)
{
    return strerror(error);
}
