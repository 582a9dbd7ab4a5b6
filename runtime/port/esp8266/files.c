// files.c: files of the host under the emulator; none on a chip.
//
// Reads and writes: files below the folder given to chip_files_init(), through QEMU's calls. These
// know no removing, renaming and listing; frostvm-esp8266 does that when it is asked through two
// pipes: three lines to `ask` (what, name, second name), its answer from `answer` up to the end.
// Memory: a table of the open files.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
static const char *pipes; // folder of `ask` and `answer`, NULL: nobody is there to ask

void chip_files_init(const char *path)
{
    folder = path;
}

void chip_files_ask(const char *path)
{
    pipes = path;
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

static uint32_t addr_of(const void *p)
{
    return (uint32_t)(uintptr_t)p;
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

// A folder can be opened, but not read.
static int can_be_read(int32_t descriptor, int *error)
{
    char first;
    int32_t count = host(HOST_READ, (uint32_t)descriptor, addr_of(&first), 1, error);
    if (count > 0)
        host(HOST_SEEK, (uint32_t)descriptor, 0, 0, NULL);
    return count >= 0;
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
        if (file->descriptor >= 0 && mode[0] == 'r' && !can_be_read(file->descriptor, &why)) {
            host(HOST_CLOSE, (uint32_t)file->descriptor, 0, 0, NULL);
            file->descriptor = -1;
        }
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

// ---- what has to be asked for ----

// Sends a request; result: the descriptor that the answer is read from, or -1.
static int32_t ask(const char *what, const char *name, const char *second)
{
    char path[PATH_BYTES], request[PATH_BYTES];
    if (!pipes || name[0] == '/' || second[0] == '/' || has_parent_step(name) ||
        has_parent_step(second) || strchr(name, '\n') || strchr(second, '\n'))
        return -1;
    int bytes = snprintf(request, sizeof request, "%s\n%s\n%s\n", what, name, second);
    snprintf(path, sizeof path, "%s/ask", pipes);
    int32_t to = bytes < PATH_BYTES ? host(HOST_OPEN, addr_of(path), OPEN_WRITE, 0, NULL) : -1;
    if (to < 0)
        return -1;
    int32_t sent = host(HOST_WRITE, (uint32_t)to, addr_of(request), (uint32_t)bytes, NULL);
    host(HOST_CLOSE, (uint32_t)to, 0, 0, NULL);
    snprintf(path, sizeof path, "%s/answer", pipes);
    return sent == bytes ? host(HOST_OPEN, addr_of(path), OPEN_READ, 0, NULL) : -1;
}

static int is_done(int32_t from)
{
    char answer = 0, more;
    if (from < 0)
        return -1;
    host(HOST_READ, (uint32_t)from, addr_of(&answer), 1, NULL);
    // Up to the end: the next request must not meet this answer's.
    while (host(HOST_READ, (uint32_t)from, addr_of(&more), 1, NULL) == 1)
        continue;
    host(HOST_CLOSE, (uint32_t)from, 0, 0, NULL);
    return answer == '0' ? 0 : -1;
}

int port_file_remove(const char *name)
{
    return is_done(ask("remove", name, ""));
}

int port_file_rename(const char *from, const char *to)
{
    return is_done(ask("rename", from, to));
}

// The next line of the answer, without its end; 0 behind the last one.
static int read_line(int32_t from, char *line, size_t line_bytes)
{
    size_t used = 0;
    char c;
    while (host(HOST_READ, (uint32_t)from, addr_of(&c), 1, NULL) == 1) {
        if (c == '\n') {
            line[used] = 0;
            return 1;
        }
        if (used + 1 < line_bytes)
            line[used++] = c;
    }
    return 0;
}

int port_file_list(int (*visit)(void *context, const char *name, long bytes), void *context)
{
    char line[PATH_BYTES];
    int stop = 0;
    int32_t from = ask("list", "", "");
    if (from < 0)
        return -1;
    while (read_line(from, line, sizeof line)) { // "BYTES NAME"
        char *name;
        long bytes = strtol(line, &name, 10);
        if (!stop && *name == ' ')
            stop = visit(context, name + 1, bytes);
    }
    host(HOST_CLOSE, (uint32_t)from, 0, 0, NULL);
    return stop;
}

const char *port_error_text(int error)
{
    return strerror(error);
}
