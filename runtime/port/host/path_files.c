// path_files.c: paths of the host as names of files, for programs on a computer.
//
// Reads and writes: any file of the host; names that do not begin with '/' are below the directory
//         that the context points to (a path; "": the current one).
// Memory: a file is a stream of the C library.

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/port/host/host.h"

// The host's path for a name, in `path`. 0 or a negative errno value.
static int make_path(const struct file_system *fs, const char *name, char path[PATH_MAX])
{
    const char *directory = *(const char **)fs->context;
    int is_plain = directory[0] == 0 || name[0] == '/';
    int n = is_plain ? snprintf(path, PATH_MAX, "%s", name)
                     : snprintf(path, PATH_MAX, "%s/%s", directory, name);
    return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static const char *stream_mode(unsigned mode)
{
    int is_both = (mode & FS_READ) != 0;
    if (!(mode & FS_WRITE))
        return "r";
    if (mode & FS_APPEND)
        return is_both ? "a+" : "a";
    if (mode & FS_TRUNCATE)
        return is_both ? "w+" : "w";
    return "r+";
}

static int open_file(struct file_system *fs, const char *name, unsigned mode, struct fs_file *file)
{
    char path[PATH_MAX];
    struct stat about;
    int error = make_path(fs, name, path);
    FILE *stream = error ? NULL : fopen(path, stream_mode(mode));
    if (!stream)
        return error ? error : -errno;
    if (fstat(fileno(stream), &about) == 0 && S_ISDIR(about.st_mode)) {
        fclose(stream);
        return -EISDIR;
    }
    file->handle.pointer = stream;
    return 0;
}

static long read_file(struct fs_file *file, void *data, size_t bytes)
{
    FILE *stream = file->handle.pointer;
    errno = 0;
    size_t count = fread(data, 1, bytes, stream);
    if (count == 0 && ferror(stream))
        return errno ? -errno : -EIO;
    return (long)count;
}

static long write_file(struct fs_file *file, const void *data, size_t bytes)
{
    size_t count = fwrite(data, 1, bytes, file->handle.pointer);
    return count < bytes ? -errno : (long)count;
}

static long seek_file(struct fs_file *file, long offset, enum fs_whence whence)
{
    static const int modes[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    FILE *stream = file->handle.pointer;
    long position = fseek(stream, offset, modes[whence]) == 0 ? ftell(stream) : -1;
    return position < 0 ? -errno : position;
}

static int flush_file(struct fs_file *file)
{
    return fflush(file->handle.pointer) == 0 ? 0 : -errno;
}

static int close_file(struct fs_file *file)
{
    return fclose(file->handle.pointer) == 0 ? 0 : -errno;
}

static long size_of(struct file_system *fs, const char *name)
{
    char path[PATH_MAX];
    struct stat about;
    int error = make_path(fs, name, path);
    if (error || stat(path, &about) != 0)
        return error ? error : -errno;
    return S_ISREG(about.st_mode) ? about.st_size : -EISDIR;
}

static int remove_file(struct file_system *fs, const char *name)
{
    char path[PATH_MAX];
    int error = make_path(fs, name, path);
    return error || remove(path) == 0 ? error : -errno;
}

static int rename_file(struct file_system *fs, const char *from, const char *to)
{
    char path[PATH_MAX], path_to[PATH_MAX];
    int error = make_path(fs, from, path);
    if (!error)
        error = make_path(fs, to, path_to);
    return error || rename(path, path_to) == 0 ? error : -errno;
}

static int is_listed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int list_files(struct file_system *fs, fs_visit visit, void *context)
{
    struct dirent **entries = NULL;
    const char *directory = *(const char **)fs->context;
    int count = scandir(directory[0] ? directory : ".", &entries, is_listed, alphasort);
    int result = count < 0 ? -errno : 0;
    for (int i = 0; i < count; i++) {
        long bytes = result ? -1 : size_of(fs, entries[i]->d_name);
        if (bytes >= 0)
            result = visit(context, entries[i]->d_name, (uint32_t)bytes);
        free(entries[i]);
    }
    free(entries);
    return result;
}

const struct fs_driver path_driver = {
    .open = open_file,
    .read = read_file,
    .write = write_file,
    .seek = seek_file,
    .flush = flush_file,
    .close = close_file,
    .size = size_of,
    .remove = remove_file,
    .rename = rename_file,
    .list = list_files,
};
