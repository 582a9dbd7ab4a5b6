// files.c: a folder of the host as the program's file system.
//
// Reads and writes: files below the folder given to host_files_init(). In the device's flat name
// space a name is taken as one file of the folder: absolute paths and ".." are refused.

#include "runtime/port/port.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/port/host/host.h"

struct port_file {
    FILE *stream;
};

static const char *folder = "";
static int flat;

void host_files_init(const char *path, int is_flat)
{
    folder = path;
    flat = is_flat;
}

static int has_parent_step(const char *name)
{
    for (const char *at = name; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == name || at[-1] == '/') && (at[2] == 0 || at[2] == '/'))
            return 1;
    return 0;
}

// The host's path for a name, in `path`; 0 with errno set if the name is refused.
static int make_path(const char *name, char path[PATH_MAX])
{
    if (flat && (name[0] == '/' || has_parent_step(name))) {
        errno = EACCES;
        return 0;
    }
    int is_plain = folder[0] == 0 || name[0] == '/';
    int n = is_plain ? snprintf(path, PATH_MAX, "%s", name)
                     : snprintf(path, PATH_MAX, "%s/%s", folder, name);
    if (n < 0 || n >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return 0;
    }
    return 1;
}

struct port_file *port_file_open(const char *name, const char *mode, int *error)
{
    char path[PATH_MAX];
    struct port_file *file = NULL;
    if (make_path(name, path)) {
        FILE *stream = fopen(path, mode);
        struct stat about;
        if (stream && fstat(fileno(stream), &about) == 0 && S_ISDIR(about.st_mode)) {
            fclose(stream);
            stream = NULL;
            errno = EISDIR;
        }
        file = stream ? malloc(sizeof *file) : NULL;
        if (file)
            file->stream = stream;
        else if (stream)
            fclose(stream);
    }
    if (!file && error)
        *error = errno;
    return file;
}

long port_file_read(struct port_file *file, void *data, size_t bytes)
{
    size_t n = fread(data, 1, bytes, file->stream);
    return n == 0 && ferror(file->stream) ? -1 : (long)n;
}

long port_file_write(struct port_file *file, const void *data, size_t bytes)
{
    size_t n = fwrite(data, 1, bytes, file->stream);
    return n < bytes ? -1 : (long)n;
}

long port_file_seek(struct port_file *file, long offset, int whence)
{
    static const int modes[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    if (whence < 0 || whence > 2 || fseek(file->stream, offset, modes[whence]) != 0)
        return -1;
    return ftell(file->stream);
}

int port_file_flush(struct port_file *file)
{
    return fflush(file->stream) == 0 ? 0 : -1;
}

int port_file_close(struct port_file *file)
{
    int failed = fclose(file->stream) != 0;
    free(file);
    return failed ? -1 : 0;
}

int port_file_exists(const char *name)
{
    return port_file_size(name) >= 0;
}

int port_file_remove(const char *name)
{
    char path[PATH_MAX];
    return make_path(name, path) ? remove(path) : -1;
}

int port_file_rename(const char *from, const char *to)
{
    char path[PATH_MAX], path_to[PATH_MAX];
    return make_path(from, path) && make_path(to, path_to) ? rename(path, path_to) : -1;
}

long port_file_size(const char *name)
{
    char path[PATH_MAX];
    struct stat about;
    if (!make_path(name, path) || stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return -1;
    return (long)about.st_size;
}

static int is_listed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int port_file_list(int (*visit)(void *context, const char *name, long bytes), void *context)
{
    struct dirent **entries = NULL;
    int count = scandir(folder[0] ? folder : ".", &entries, is_listed, alphasort);
    int stop = 0;
    for (int i = 0; i < count; i++) {
        long bytes = stop ? -1 : port_file_size(entries[i]->d_name);
        if (bytes >= 0)
            stop = visit(context, entries[i]->d_name, bytes);
        free(entries[i]);
    }
    free(entries);
    return count < 0 ? -1 : stop;
}
