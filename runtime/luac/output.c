// output.c: a result file that is written whole or not at all; see output.h.

#include "runtime/luac/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The mode for the file beside an ordinary file or nothing; -1 if the target must be written
// directly.
static int mode_beside(const char *target)
{
    struct stat about;
    if (stat(target, &about) != 0)
        return 0666;
    if (!S_ISREG(about.st_mode))
        return -1;
    return (int)(about.st_mode & 0777);
}

static int open_direct(struct output *out)
{
    out->stream = fopen(out->name, "wb");
    return out->stream ? 0 : -1;
}

static int open_beside(struct output *out, int mode)
{
    int n = snprintf(out->beside, sizeof(out->beside), "%s.%ld.new", out->target, (long)getpid());
    if (n >= (int)sizeof(out->beside)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(out->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    out->has_rename = 1;
    out->stream = fdopen(fd, "wb");
    if (out->stream)
        return 0;
    close(fd);
    unlink(out->beside);
    return -1;
}

int output_open(struct output *out, const char *name)
{
    memset(out, 0, sizeof(*out));
    out->name = name ? name : "standard output";
    if (!name) {
        out->stream = stdout;
        return 0;
    }
    // What a link leads to is replaced, not the link.
    if (!realpath(name, out->target)) {
        if (errno != ENOENT || strlen(name) >= sizeof(out->target))
            return -1;
        memcpy(out->target, name, strlen(name) + 1);
    }
    if (access(out->target, F_OK) == 0 && access(out->target, W_OK) != 0)
        return -1;
    int mode = mode_beside(out->target);
    return mode < 0 ? open_direct(out) : open_beside(out, mode);
}

void output_abandon(struct output *out)
{
    if (out->stream && out->stream != stdout)
        fclose(out->stream);
    if (out->has_rename)
        unlink(out->beside);
    out->stream = NULL;
    out->has_rename = 0;
}

int output_close(struct output *out, const char **what)
{
    int error = 0;
    *what = "write";
    if (ferror(out->stream) || fflush(out->stream) != 0)
        error = errno ? errno : EIO;
    if (out->stream != stdout && fclose(out->stream) != 0 && !error) {
        error = errno;
        *what = "close";
    }
    out->stream = NULL;
    if (!error && out->has_rename && rename(out->beside, out->target) != 0)
        error = errno;
    if (!error)
        out->has_rename = 0;
    else
        output_abandon(out);
    errno = error;
    return error ? -1 : 0;
}
