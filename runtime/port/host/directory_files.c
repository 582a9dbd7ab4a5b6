// directory_files.c: flat names in a directory of the host; see directory_files.h.
//
// Every path is walked from the directory on, part by part, without following links, so what
// somebody else changes meanwhile leads nowhere else either.

#include "runtime/port/host/directory_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/world/vary.h"

#define RESULT_MARK ".frost" // analyzer/base/result_list.h

// ---- where a name lies ----

// A path below the directory: its last part and the directory that this is in.
struct place {
    char path[DIRECTORY_PATH_BYTES];
    const char *last; // in `path`
    int parent;       // to be closed
};

// What is in a result or a trace of frost, that of this run among them, is no file of the program.
static int is_result(int directory)
{
    return faccessat(directory, RESULT_MARK, F_OK, 0) == 0;
}

static int step(int from, const char *part, int makes)
{
    int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int to = openat(from, part, flags);
    if (to >= 0 && is_result(to)) {
        close(to);
        errno = EACCES;
        return -1;
    }
    if (to >= 0 || errno != ENOENT || !makes || mkdirat(from, part, 0777) != 0)
        return to;
    return openat(from, part, flags);
}

// Walks to the directory of place->path; `makes`: absent ones are made. 0 or a negative errno
// value.
static int walk(const struct directory *directory, struct place *place, int makes)
{
    char *part = place->path, *slash;
    if (directory->descriptor < 0)
        return -ENOENT;
    int at = fcntl(directory->descriptor, F_DUPFD_CLOEXEC, 0);
    if (at < 0)
        return -errno;
    for (; (slash = strchr(part, '/')) != NULL; part = slash + 1) {
        *slash = 0;
        int next = step(at, part, makes), error = errno;
        *slash = '/';
        close(at);
        if (next < 0)
            return -error;
        at = next;
    }
    place->last = part;
    place->parent = at;
    return 0;
}

// Looks for the file of a name. 0, the place then has to be left; or a negative errno value.
static int find(const struct directory *directory, const char *name, struct place *place,
                struct stat *about)
{
    for (int spelling = 0; spelling < DIRECTORY_SPELLINGS; spelling++) {
        directory_spell(name, (enum directory_spelling)spelling, place->path);
        if (walk(directory, place, 0) != 0)
            continue;
        if (fstatat(place->parent, place->last, about, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(about->st_mode))
            return 0;
        close(place->parent);
    }
    return -ENOENT;
}

// Where a new file of this name can lie: the tree, or one entry where something is in its way.
static int find_new(const struct directory *directory, const char *name, struct place *place)
{
    int error = -ENOENT;
    for (int spelling = 0; spelling < DIRECTORY_SPELLINGS; spelling++) {
        struct stat about;
        directory_spell(name, (enum directory_spelling)spelling, place->path);
        error = walk(directory, place, 1);
        if (error)
            continue;
        if (fstatat(place->parent, place->last, &about, AT_SYMLINK_NOFOLLOW) != 0)
            return 0;
        close(place->parent);
        error = -EEXIST;
    }
    return error;
}

// ---- files ----

int directory_open_file(const struct directory *directory, const char *name, unsigned mode,
                        char path[DIRECTORY_PATH_BYTES])
{
    struct place place;
    struct stat about;
    int flags = O_CLOEXEC | O_NOFOLLOW | (mode & FS_TRUNCATE ? O_TRUNC : 0) |
                (mode & FS_APPEND ? O_APPEND : 0);
    flags |= !(mode & FS_WRITE) ? O_RDONLY : mode & FS_READ ? O_RDWR : O_WRONLY;
    int error = find(directory, name, &place, &about);
    if (error && (mode & FS_CREATE)) {
        flags |= O_CREAT | O_EXCL;
        error = find_new(directory, name, &place);
    }
    if (error)
        return error;
    int file = openat(place.parent, place.last, flags, 0666);
    error = errno;
    close(place.parent);
    memcpy(path, place.path, sizeof place.path);
    return file < 0 ? -error : file;
}

static int open_file(struct file_system *fs, const char *name, unsigned mode, struct fs_file *file)
{
    char path[DIRECTORY_PATH_BYTES];
    int descriptor = directory_open_file(fs->context, name, mode, path);
    file->handle.number = descriptor;
    return descriptor < 0 ? descriptor : 0;
}

static long read_file(struct fs_file *file, void *data, size_t bytes)
{
    ssize_t count = read(file->handle.number, data, bytes);
    return count < 0 ? -errno : count;
}

static long write_file(struct fs_file *file, const void *data, size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        ssize_t count = write(file->handle.number, (const char *)data + done, bytes - done);
        if (count <= 0)
            return count < 0 ? -errno : (long)done;
        done += (size_t)count;
    }
    return (long)done;
}

static long seek_file(struct fs_file *file, long offset, enum fs_whence whence)
{
    static const int modes[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    off_t position = lseek(file->handle.number, offset, modes[whence]);
    return position < 0 ? -errno : position;
}

static int flush_file(struct fs_file *file)
{
    (void)file; // nothing is kept back
    return 0;
}

static int close_file(struct fs_file *file)
{
    return close(file->handle.number) == 0 ? 0 : -errno;
}

// ---- files by name ----

static long size_of(struct file_system *fs, const char *name)
{
    struct place place;
    struct stat about;
    int error = find(fs->context, name, &place, &about);
    if (error)
        return error;
    close(place.parent);
    return about.st_size;
}

static int remove_file(struct file_system *fs, const char *name)
{
    struct place place;
    struct stat about;
    int error = find(fs->context, name, &place, &about);
    if (error)
        return error;
    error = unlinkat(place.parent, place.last, 0) == 0 ? 0 : -errno;
    close(place.parent);
    return error;
}

static int rename_file(struct file_system *fs, const char *from, const char *to)
{
    struct place old, new;
    struct stat about;
    int error = find(fs->context, from, &old, &about);
    if (error)
        return error;
    error = find_new(fs->context, to, &new);
    if (!error) {
        error = renameat(old.parent, old.last, new.parent, new.last) == 0 ? 0 : -errno;
        close(new.parent);
    }
    close(old.parent);
    return error;
}

// ---- listing ----

struct listed {
    char name[SPIFFS_NAME_BYTES_MAX + 1];
    uint32_t bytes;
};

struct listing {
    const struct directory *directory;
    struct listed *files;
    size_t count, room;
};

// Notes the file at a path, unless another path or none is the file of its name.
static int add_file(struct listing *listing, const char *path)
{
    struct listed file;
    struct place place;
    struct stat about;
    if (directory_read_name(path, file.name) < 1 ||
        find(listing->directory, file.name, &place, &about) != 0)
        return 0;
    close(place.parent);
    if (strcmp(place.path, path) != 0)
        return 0;
    file.bytes = about.st_size < UINT32_MAX ? (uint32_t)about.st_size : UINT32_MAX;
    if (listing->count == listing->room) {
        size_t room = listing->room ? 2 * listing->room : 64;
        struct listed *files = realloc(listing->files, room * sizeof *files);
        if (!files)
            return -ENOMEM;
        listing->files = files;
        listing->room = room;
    }
    listing->files[listing->count++] = file;
    return 0;
}

// No file below the directory at `path` has a name that is short enough: one more '/' and
// character.
static int is_too_deep(const char *path)
{
    char name[SPIFFS_NAME_BYTES_MAX + 1];
    int bytes = directory_read_name(path, name);
    return bytes < 0 || bytes + 2 > SPIFFS_NAME_BYTES_MAX;
}

// Adds what lies in the directory at `path` ("": the topmost); takes `descriptor`.
static int add_directory(struct listing *listing, int descriptor, const char *path)
{
    int error = 0;
    DIR *stream = fdopendir(descriptor);
    if (!stream) {
        close(descriptor);
        return 0; // may not be read
    }
    for (struct dirent *entry; !error && (entry = readdir(stream)) != NULL;) {
        char below[DIRECTORY_PATH_BYTES];
        struct stat about;
        int n = snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "/" : "", entry->d_name);
        if (entry->d_name[0] == '.' || n >= (int)sizeof below ||
            fstatat(dirfd(stream), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISREG(about.st_mode))
            error = add_file(listing, below);
        if (!S_ISDIR(about.st_mode) || is_too_deep(below))
            continue;
        int next = openat(dirfd(stream), entry->d_name,
                          O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next >= 0)
            error = add_directory(listing, next, below);
    }
    closedir(stream);
    return error;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->name, ((const struct listed *)b)->name);
}

static int list_files(struct file_system *fs, fs_visit visit, void *context)
{
    struct listing listing = {.directory = fs->context};
    int top = -1;
    if (listing.directory->descriptor >= 0)
        top = openat(listing.directory->descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = top >= 0 ? add_directory(&listing, top, "") : 0;
    if (listing.count)
        qsort(listing.files, listing.count, sizeof *listing.files, by_name);
    size_t first = listing.count ? vary_first_file(listing.count) : 0;
    for (size_t i = 0; !result && i < listing.count; i++) {
        const struct listed *file = &listing.files[(first + i) % listing.count];
        result = visit(context, file->name, file->bytes);
    }
    free(listing.files);
    return result;
}

// ---- the driver ----

void directory_open(struct directory *directory, const char *path)
{
    directory->descriptor = open(path[0] ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void directory_close(struct directory *directory)
{
    if (directory->descriptor >= 0)
        close(directory->descriptor);
    directory->descriptor = -1;
}

const struct fs_driver directory_driver = {
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
