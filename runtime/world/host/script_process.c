// script_process.c: starts and ends the process of a world script; see script_process.h.
//
// It is the VM for computers, from the directory of this one, with runtime/world/host/lua/main.lua.
// It has no descriptor of ours but its end of the socket and standard error, and ends with us.

#include "runtime/world/host/script_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/format/status.h"
#include "runtime/port/host/say.h"
#include "runtime/world/host/link_loss.h"
#include "runtime/world/host/script.h"
#include "runtime/world/vary.h"

#define PROGRAM "frostvm-float-plain"
#define PRELUDE "world/main.lua"
#define PATH_BYTES_MAX 4096
#define CHILD_FD 3
#define FDS_MAX 1024    // that a system without close_range may have open
#define GOODBYE_MS 2000 // until a process that has said its last word has to be gone

static pid_t child;
static int own_fd = -1;

// The directory of the running program; its length, 0: not known.
static size_t own_directory(char *path)
{
    ssize_t bytes = readlink("/proc/self/exe", path, PATH_BYTES_MAX - 1);
    while (bytes > 0 && path[bytes - 1] != '/')
        bytes--;
    if (bytes <= 0)
        return 0;
    path[bytes] = '\0';
    return (size_t)bytes;
}

static void close_others(void)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, CHILD_FD + 1, ~0u, 0) == 0)
        return;
#endif
    for (int fd = CHILD_FD + 1; fd < FDS_MAX; fd++)
        close(fd);
}

// In the child. Its standard output is where messages go: the program's is the program's alone.
static _Noreturn void be_the_world(const char *directory, const char *path, int fd, pid_t parent)
{
    char program[PATH_BYTES_MAX + 64], prelude[PATH_BYTES_MAX + 64], number[16];
    snprintf(program, sizeof program, "%s" PROGRAM, directory);
    snprintf(prelude, sizeof prelude, "%s" PRELUDE, directory);
    char *argv[] = {program,
                    (char *)"--profile=pc",
                    (char *)"--world-fd=3",
                    (char *)"--name=frost",
                    (char *)"--",
                    prelude,
                    (char *)path,
                    NULL};
    int null = open("/dev/null", O_RDONLY);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    unsetenv("LUA_INIT");
    snprintf(number, sizeof number, "%u", vary_world());
    setenv("FROST_WORLD", number, 1);
    if (getppid() == parent && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
        dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 && dup2(fd, CHILD_FD) >= 0) {
        fcntl(CHILD_FD, F_SETFD, 0); // dup2 does not where the two are the same
        close_others();
        execv(program, argv);
    }
    host_say("cannot start %s: %s", program, strerror(errno));
    _exit(EXIT_STATUS_ENVIRONMENT);
}

int script_start(const char *path, void (*end)(int status))
{
    char directory[PATH_BYTES_MAX];
    int fds[2];
    pid_t self = getpid();
    if (access(path, R_OK) != 0) {
        host_say("%s: %s", path, strerror(errno));
        return EXIT_STATUS_ENVIRONMENT;
    }
    if (own_directory(directory) == 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0 || (child = fork()) < 0) {
        host_say("%s: no process for the world script: %s", path, strerror(errno));
        return EXIT_STATUS_ENVIRONMENT;
    }
    if (child == 0)
        be_the_world(directory, path, fds[1], self);
    close(fds[1]);
    own_fd = fds[0];
    script_attach(own_fd, path, end);
    int status = script_greet();
    if (status == EXIT_STATUS_DONE)
        world_use(link_loss_over(&world_script));
    return status;
}

// The process closes its end when it ends, having said everything.
static void wait_for_goodbye(void)
{
    char rest[256];
    struct pollfd from = {.fd = own_fd, .events = POLLIN};
    shutdown(own_fd, SHUT_WR);
    while (poll(&from, 1, GOODBYE_MS) > 0 && read(own_fd, rest, sizeof rest) > 0)
        continue;
}

int script_stop(int status, int at_once)
{
    if (child <= 0)
        return status;
    if (!at_once) {
        status = script_leave(status);
        wait_for_goodbye();
    }
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    child = 0;
    close(own_fd);
    return status;
}
