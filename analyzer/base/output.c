// output.c: writes beside, then renames; reads whole files.

#include "analyzer/base/output.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/result.h"

#define NAME_TRIES 1000u // for a name that nobody has
#define READ_STEP_BYTES 65536u

static int fail_with_errno(struct problem *problem, const char *path, const char *what)
{
    int error = errno;
    int status = error == ENOSPC || error == EDQUOT ? STATUS_NO_SPACE
                 : error == ENOENT                  ? STATUS_NOT_FOUND
                                                    : STATUS_IO;
    return problem_set(problem, status, text_of(path), PROBLEM_NO_OFF, "%s: %s", what,
                       strerror(error));
}

// ---- where it is written ----

// A device or a pipe is written in place: nobody can rename over /dev/null and mean it. A file of a
// result that is being made, too: nobody sees it yet.
static FILE *open_in_place(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

// A file without a name, which is gone if the process is; one beside the target on file systems
// that have none.
static FILE *open_beside(struct output *output, struct arena *arena)
{
    const char *slash = strrchr(output->target, '/');
    const char *directory = slash ? arena_format(arena, "%.*s", (int)(slash - output->target) + 1,
                                                 output->target)
                                  : ".";
    char *scratch = arena_format(arena, "%s.part.XXXXXX", output->target);
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    bool is_unnamed = fd >= 0 && access("/proc/self/fd", X_OK) == 0;
    output->scratch = scratch;
    if (is_unnamed) {
        output->is_unnamed = true;
        return fdopen(fd, "w+");
    }
    if (fd >= 0)
        close(fd);
    fd = mkostemp(scratch, O_CLOEXEC);
    if (fd < 0)
        return NULL;
    mode_t mask = umask(0);
    umask(mask);
    (void)!fchmod(fd, 0666 & ~mask);
    return fdopen(fd, "w+");
}

// For a file that may be written in a directory that may not.
static FILE *open_aside(struct output *output)
{
    int fd = memfd_create("frost", MFD_CLOEXEC);
    output->is_unnamed = output->is_copied = true;
    return fd < 0 ? NULL : fdopen(fd, "w+");
}

int output_open(struct output *output, const char *path, struct arena *arena,
                struct problem *problem)
{
    struct stat info;
    *output = (struct output){0};
    if (!strcmp(path, "-")) {
        output->file = stdout;
        output->path = "-";
        return STATUS_OK;
    }
    output->path = arena_copy_string(arena, path);
    output->target = result_resolve(arena, path);
    bool is_there = stat(output->target, &info) == 0;
    if (is_there && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
    } else if (result_holds(output->target)) {
        result_note_file(output->target);
        output->file = open_in_place(output->target);
    } else if (is_there && !S_ISREG(info.st_mode)) {
        output->file = open_in_place(output->target);
    } else if (!is_there || access(output->target, W_OK) == 0) {
        output->file = open_beside(output, arena);
        if (!output->file && is_there && (errno == EACCES || errno == EPERM || errno == EROFS))
            output->file = open_aside(output);
    }
    return output->file ? STATUS_OK : fail_with_errno(problem, output->path, "cannot be written");
}

// ---- its name ----

// Copies what was written into the file that is there, which stays the same file: 0, or -1.
static int copy_into(struct output *output)
{
    char bytes[READ_STEP_BYTES];
    int from = fileno(output->file);
    int to = open(output->target, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = to < 0 ? -1 : 0;
    off_t off = 0;
    while (to >= 0 && (n = pread(from, bytes, sizeof bytes, off)) > 0) {
        for (ssize_t done = 0; n > 0 && done < n;) {
            ssize_t put = write(to, bytes + done, (size_t)(n - done));
            n = put < 0 ? -1 : n;
            done += put;
        }
        if (n < 0)
            break;
        off += n;
    }
    if (to >= 0 && close(to) != 0)
        n = -1;
    return n < 0 ? -1 : 0;
}

static int copy_and_forget(struct output *output)
{
    int status = copy_into(output);
    if (status == 0 && !output->is_unnamed)
        unlink(output->scratch);
    return status;
}

// Gives a file without a name the name `scratch`. Result: 0, or -1 with errno.
static int name_it(struct output *output)
{
    char path[40];
    char *digits = (char *)output->scratch + strlen(output->scratch) - 6;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(output->file));
    for (unsigned i = 0; i < NAME_TRIES; i++) {
        snprintf(digits, 7, "%06u", ((unsigned)getpid() * 37u + i) % 1000000u);
        if (linkat(AT_FDCWD, path, AT_FDCWD, output->scratch, AT_SYMLINK_FOLLOW) == 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return -1;
}

// Puts the file into its place. One that is there keeps its mode, its owner and its other names.
static int put_in_place(struct output *output)
{
    struct stat before, now;
    int fd = fileno(output->file);
    if (stat(output->target, &before) == 0 && fstat(fd, &now) == 0) {
        bool is_same_owner = before.st_uid == now.st_uid && before.st_gid == now.st_gid;
        if (!is_same_owner && fchown(fd, before.st_uid, before.st_gid) == 0)
            is_same_owner = true;
        if (before.st_nlink > 1 || !is_same_owner || output->is_copied)
            return copy_and_forget(output);
        if (fchmod(fd, before.st_mode & 07777) != 0)
            return -1;
    }
    if (output->is_unnamed && name_it(output) != 0)
        return -1;
    output->is_unnamed = false; // it has a name, to be removed if the last step fails
    if (rename(output->scratch, output->target) == 0)
        return 0;
    // A file that is a mount of its own, as those given to a container.
    return errno == EBUSY ? copy_and_forget(output) : -1;
}

int output_close(struct output *output, struct problem *problem)
{
    assert(output->file);
    bool has_failed = ferror(output->file) != 0;
    int error = EIO;
    // What failed in the middle has lost its reason: one byte more fails for the same.
    errno = 0;
    if (has_failed)
        fputc('\n', output->file);
    if (fflush(output->file) != 0)
        has_failed = true;
    error = errno ? errno : error;
    if (!has_failed && output->scratch && put_in_place(output) != 0) {
        error = errno;
        has_failed = true;
    }
    if (has_failed && output->file != stdout) {
        output_abandon(output);
    } else if (output->file != stdout && fclose(output->file) != 0) {
        error = errno;
        has_failed = true;
    }
    output->file = NULL;
    if (!has_failed)
        return STATUS_OK;
    errno = error;
    return fail_with_errno(problem, strcmp(output->path, "-") ? output->path : "standard output",
                           "cannot be written");
}

void output_abandon(struct output *output)
{
    if (!output->file)
        return;
    if (output->file != stdout)
        fclose(output->file);
    output->file = NULL;
    if (output->scratch && !output->is_unnamed)
        unlink(output->scratch);
}

static int read_all(FILE *file, const char *path, uint64_t bytes_max, struct arena *arena,
                    struct text *content, struct problem *problem)
{
    size_t room = READ_STEP_BYTES, used = 0;
    struct stat info;
    if (!fstat(fileno(file), &info) && S_ISREG(info.st_mode) && (uint64_t)info.st_size <= bytes_max)
        room = (size_t)info.st_size + 1;
    char *bytes = arena_alloc(arena, room + 1);
    for (;;) {
        size_t got = fread(bytes + used, 1, room - used, file);
        used += got;
        if (used > bytes_max)
            return problem_set(problem, STATUS_LIMIT, text_of(path), PROBLEM_NO_OFF,
                               "larger than %llu bytes", (unsigned long long)bytes_max);
        if (got == 0)
            break;
        if (used == room) {
            bytes = arena_grow_array(arena, bytes, used, room * 2 + 1, 1);
            room *= 2;
        }
    }
    if (ferror(file))
        return fail_with_errno(problem, path, "cannot be read");
    bytes[used] = '\0';
    *content = (struct text){bytes, used};
    return STATUS_OK;
}

int input_read(const char *path, uint64_t bytes_max, struct arena *arena, struct text *content,
               struct problem *problem)
{
    if (!strcmp(path, "-"))
        return read_all(stdin, path, bytes_max, arena, content, problem);
    FILE *file = fopen(path, "r");
    if (!file)
        return fail_with_errno(problem, path, "cannot be read");
    int status = read_all(file, path, bytes_max, arena, content, problem);
    fclose(file);
    return status;
}

int output_make_directory(const char *path, struct problem *problem)
{
    char part[4096];
    struct stat info;
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "is no name for a directory");
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        if (lstat(part, &info) != 0)
            result_note_directory(part); // first: a signal may come at any time
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fail_with_errno(problem, path, "directory cannot be made");
        part[i] = kept;
    }
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return STATUS_OK;
    errno = ENOTDIR;
    return fail_with_errno(problem, path, "directory cannot be made");
}

int output_make_parents(const char *path, struct problem *problem)
{
    char parent[4096];
    size_t bytes = strlen(path);
    while (bytes > 0 && path[bytes - 1] == '/')
        bytes--;
    while (bytes > 0 && path[bytes - 1] != '/')
        bytes--;
    if (bytes == 0 || bytes >= sizeof parent)
        return STATUS_OK;
    memcpy(parent, path, bytes - 1);
    parent[bytes - 1] = '\0';
    struct problem inner = {0};
    int status = bytes == 1 ? STATUS_OK : output_make_directory(parent, &inner);
    return status == STATUS_OK ? status
                               : problem_set(problem, status, text_of(path), PROBLEM_NO_OFF,
                                             "its %s", inner.message);
}
