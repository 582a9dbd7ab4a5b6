// files.c: files of the host under the emulator; none on a chip.
//
// Reads and writes: files below the folder given to chip_files_init(), through QEMU's calls, which
// know no removing, renaming and listing. Memory: a table of the open files.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/port/esp8266/chip.h"
#include "runtime/port/port.h"

#define FILES_MAX 8
#define PATH_BYTES 512

// Flags of the host's open(), which is Linux.
#define OPEN_READ 0
#define OPEN_WRITE 01
#define OPEN_BOTH 02
#define OPEN_CREATE 0100
#define OPEN_CUT 01000
#define OPEN_APPEND 02000

struct port_file {
    int32_t descriptor;
    int is_open;
};

static struct port_file files[FILES_MAX];
static const char *folder = "";

void chip_files_init(const char *path)
{
    folder = path;
}

static int32_t host(uint32_t number, uint32_t a, uint32_t b, uint32_t c, int *error)
{
    const struct services *services = chip_services();
    int32_t why = ENOSYS;
    int32_t result = services ? services->call(number, a, b, c, &why) : -1;
    if (result < 0 && error)
        *error = why;
    return result;
}

static int has_parent_step(const char *name)
{
    for (const char *at = name; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == name || at[-1] == '/') && (at[2] == 0 || at[2] == '/'))
            return 1;
    return 0;
}

static int32_t open_flags(const char *mode)
{
    int is_both = strchr(mode, '+') != NULL;
    switch (mode[0]) {
    case 'w':
        return (is_both ? OPEN_BOTH : OPEN_WRITE) | OPEN_CREATE | OPEN_CUT;
    case 'a':
        return (is_both ? OPEN_BOTH : OPEN_WRITE) | OPEN_CREATE | OPEN_APPEND;
    default:
        return is_both ? OPEN_BOTH : OPEN_READ;
    }
}

struct port_file *port_file_open(const char *name, const char *mode, int *error)
{
    char path[PATH_BYTES];
    int why = EMFILE;
    struct port_file *file = NULL;
    for (int i = 0; i < FILES_MAX && !file; i++)
        file = files[i].is_open ? NULL : &files[i];
    if (file && (name[0] == '/' || has_parent_step(name))) {
        why = EACCES;
        file = NULL;
    }
    if (file) {
        int n = snprintf(path, sizeof path, "%s%s%s", folder, folder[0] ? "/" : "", name);
        file->descriptor = -1;
        why = ENAMETOOLONG;
        if (n < PATH_BYTES)
            file->descriptor = host(HOST_OPEN, (uint32_t)(uintptr_t)path,
                                    (uint32_t)open_flags(mode), 0666, &why);
        file->is_open = file->descriptor >= 0;
        if (!file->is_open)
            file = NULL;
    }
    if (!file && error)
        *error = why;
    return file;
}

long port_file_read(struct port_file *file, void *data, size_t bytes)
{
    return host(HOST_READ, (uint32_t)file->descriptor, (uint32_t)(uintptr_t)data, bytes, NULL);
}

long port_file_write(struct port_file *file, const void *data, size_t bytes)
{
    uint32_t from = (uint32_t)(uintptr_t)data;
    int32_t n = host(HOST_WRITE, (uint32_t)file->descriptor, from, bytes, NULL);
    return n == (int32_t)bytes ? n : -1;
}

long port_file_seek(struct port_file *file, long offset, int whence)
{
    if (whence < 0 || whence > 2)
        return -1;
    return host(HOST_SEEK, (uint32_t)file->descriptor, (uint32_t)offset, (uint32_t)whence, NULL);
}

int port_file_flush(struct port_file *file)
{
    (void)file; // nothing is kept back
    return 0;
}

int port_file_close(struct port_file *file)
{
    file->is_open = 0;
    return host(HOST_CLOSE, (uint32_t)file->descriptor, 0, 0, NULL) < 0 ? -1 : 0;
}

int chip_files_dump(const char *path, const void *data, uint32_t bytes)
{
    uint32_t flags = OPEN_WRITE | OPEN_CREATE | OPEN_CUT;
    int32_t file = host(HOST_OPEN, (uint32_t)(uintptr_t)path, flags, 0666, NULL);
    if (file < 0)
        return 0;
    int32_t count = host(HOST_WRITE, (uint32_t)file, (uint32_t)(uintptr_t)data, bytes, NULL);
    return host(HOST_CLOSE, (uint32_t)file, 0, 0, NULL) >= 0 && count == (int32_t)bytes;
}

long port_file_size(const char *name)
{
    struct port_file *file = port_file_open(name, "r", NULL);
    if (!file)
        return -1;
    long bytes = port_file_seek(file, 0, 2);
    port_file_close(file);
    return bytes;
}

int port_file_exists(const char *name)
{
    return port_file_size(name) >= 0;
}

int port_file_remove(const char *name)
{
    (void)name;
    return -1;
}

int port_file_rename(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return -1;
}

int port_file_list(int (*visit)(void *context, const char *name, long bytes), void *context)
{
    (void)visit;
    (void)context;
    return -1;
}

const char *port_error_text(int error)
{
    return strerror(error);
}
