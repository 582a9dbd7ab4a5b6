// output.c: writes beside, then renames; reads whole files.

#include "analyzer/base/output.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    // A device or a pipe is written in place: nobody can rename over /dev/null and mean it.
    if (!stat(path, &info) && !S_ISREG(info.st_mode)) {
        if (S_ISDIR(info.st_mode)) {
            errno = EISDIR;
            return fail_with_errno(problem, output->path, "cannot be written");
        }
        output->file = fopen(path, "w");
    } else {
        output->scratch = arena_format(arena, "%s.%ld.part", path, (long)getpid());
        output->file = fopen(output->scratch, "w");
    }
    if (!output->file)
        return fail_with_errno(problem, output->path, "cannot be written");
    return STATUS_OK;
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
    if (output->file != stdout && fclose(output->file) != 0) {
        error = has_failed ? error : errno;
        has_failed = true;
    }
    output->file = NULL;
    if (!has_failed && output->scratch && rename(output->scratch, output->path) != 0) {
        error = errno;
        has_failed = true;
    }
    if (!has_failed)
        return STATUS_OK;
    if (output->scratch)
        unlink(output->scratch);
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
    if (output->scratch)
        unlink(output->scratch);
}

static int read_all(FILE *file, const char *path, uint64_t bytes_max, struct arena *arena,
                    struct text *content, struct problem *problem)
{
    size_t room = READ_STEP_BYTES, used = 0;
    struct stat info;
    if (!fstat(fileno(file), &info) && S_ISREG(info.st_mode) &&
        (uint64_t)info.st_size <= bytes_max)
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

int output_make_folder(const char *path, struct problem *problem)
{
    char part[4096];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "is no name for a folder");
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fail_with_errno(problem, path, "folder cannot be made");
        part[i] = kept;
    }
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return problem_set(problem, STATUS_IO, text_of(path), PROBLEM_NO_OFF, "is not a folder");
    return STATUS_OK;
}
