// trace_out_file.c: packets into a file or FIFO of the host, under the emulator; probed build only.
//
// Writes: whole packets to the file, images to the directory .frost beside it. Memory: none.

#include "runtime/port/esp8266/trace_out.h"

#ifdef FROST_PROBED

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/port/esp8266/chip.h"

#define PATH_BYTES 512
#define OPEN_NEW (01 | 0100 | 01000) // write, create, cut

static const char *trace_path;
static int32_t trace_file;

// Where the descriptor outlives a restart: memory that only the emulator has (trace.c).
#define KEPT_FILE (*(int32_t *)0x620F0000u)

static int32_t host(uint32_t number, uint32_t a, uint32_t b, uint32_t c, int *error)
{
    int32_t why = 0;
    int32_t result = chip_services()->call(number, a, b, c, &why);
    if (result < 0)
        *error = why;
    return result;
}

static uint32_t addr_of(const void *p)
{
    return (uint32_t)(uintptr_t)p;
}

static int write_all(int32_t file, const void *data, uint32_t bytes)
{
    uint32_t at = addr_of(data);
    while (bytes > 0) {
        int error = 0;
        int32_t count = host(HOST_WRITE, (uint32_t)file, at, bytes, &error);
        if (count < 0 && error == EINTR)
            continue;
        if (count <= 0)
            return 0;
        at += (uint32_t)count;
        bytes -= (uint32_t)count;
    }
    return 1;
}

static void write_image(const char *name, const void *image, uint32_t bytes)
{
    char path[PATH_BYTES];
    const char *slash = strrchr(trace_path, '/');
    int directory_bytes = slash ? (int)(slash - trace_path) + 1 : 0;
    int error = 0;
    if (snprintf(path, sizeof path, "%.*s.frost/%s", directory_bytes, trace_path, name) >=
        PATH_BYTES)
        return;
    int32_t file = host(HOST_OPEN, addr_of(path), OPEN_NEW, 0666, &error);
    if (file < 0)
        return;
    write_all(file, image, bytes);
    host(HOST_CLOSE, (uint32_t)file, 0, 0, &error);
}

static int write_packet(const void *packet, uint32_t bytes)
{
    return write_all(trace_file, packet, bytes);
}

static void close_file(int status)
{
    int error;
    (void)status;
    host(HOST_CLOSE, (uint32_t)trace_file, 0, 0, &error);
}

static struct trace_out to_file = {
    .packet = write_packet,
    .image = write_image,
    .close = close_file,
};

const struct trace_out *trace_out_file_open(const char *path, int is_large, uint32_t boot_number,
                                            int *error)
{
    *error = ENOSYS;
    if (!chip_services())
        return NULL;
    trace_path = path;
    to_file.is_large = is_large;
    if (boot_number == 1)
        KEPT_FILE = host(HOST_OPEN, addr_of(path), OPEN_NEW, 0666, error);
    trace_file = KEPT_FILE;
    return trace_file < 0 ? NULL : &to_file;
}

#endif
