// serial_line.c: a terminal in raw mode, at any speed.
//
// The speed is set by number (BOTHER), since boards use speeds that have no constant (74880).

#include "collectors/serial/serial_line.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *path, const char *what, struct problem *problem)
{
    int status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    return problem_set(problem, status, text_of(path), PROBLEM_NO_OFF, "%s: %s", what,
                       strerror(errno));
}

static int make_raw(const char *path, int fd, uint32_t baud, struct problem *problem)
{
    struct termios2 mode;
    if (ioctl(fd, TCGETS2, &mode) != 0)
        return fail(path, "cannot read the mode of the line", problem);
    mode.c_iflag = 0;
    mode.c_oflag = 0;
    mode.c_lflag = 0;
    mode.c_cflag &= ~(tcflag_t)(CBAUD | CBAUD << IBSHIFT | CSIZE);
    mode.c_cflag &= ~(tcflag_t)(PARENB | CSTOPB | CRTSCTS | HUPCL);
    mode.c_cflag |= BOTHER | CS8 | CREAD | CLOCAL;
    mode.c_ispeed = mode.c_ospeed = baud;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    if (ioctl(fd, TCSETS2, &mode) != 0 || ioctl(fd, TCGETS2, &mode) != 0)
        return fail(path, "cannot set the mode of the line", problem);
    uint32_t far = mode.c_ospeed > baud ? mode.c_ospeed - baud : baud - mode.c_ospeed;
    if (far > baud / 40) // a UART takes 2.5 % at most
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "does not do %u baud, only %u", baud, mode.c_ospeed);
    return STATUS_OK;
}

int serial_line_open(const char *path, uint32_t baud, struct serial_line *line,
                     struct problem *problem)
{
    struct stat info;
    *line = (struct serial_line){.fd = -1};
    if (stat(path, &info) != 0)
        return fail(path, "cannot be opened", problem);
    bool is_line = S_ISCHR(info.st_mode);
    int flags = is_line ? O_RDWR : O_RDONLY;
    line->fd = open(path, flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (line->fd < 0)
        return fail(path, "cannot be opened", problem);
    line->can_send = is_line;
    int status = STATUS_OK;
    if (is_line && !isatty(line->fd))
        status = problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                             "is not a serial line");
    else if (S_ISDIR(info.st_mode))
        status = problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                             "is a directory");
    else if (is_line && (flock(line->fd, LOCK_EX | LOCK_NB) != 0 || ioctl(line->fd, TIOCEXCL) != 0))
        status = problem_set(problem, STATUS_IO, text_of(path), PROBLEM_NO_OFF,
                             "is in use by another program");
    else if (is_line)
        status = make_raw(path, line->fd, baud, problem);
    if (status != STATUS_OK)
        serial_line_close(line);
    return status;
}

void serial_line_close(struct serial_line *line)
{
    if (line->fd < 0)
        return;
    if (line->can_send)
        ioctl(line->fd, TIOCNXCL);
    close(line->fd);
    line->fd = -1;
}
