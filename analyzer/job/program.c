// program.c: looks beside the running program; runs what it finds.

#include "analyzer/job/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/base/interrupt.h"
#include "runtime/format/status.h"

#define PATH_BYTES_MAX 4096u
#define LIBRARIES_BYTES (8u << 20) // of the C library and the linker, roughly

// The address space that a program has reserved when it starts, in bytes; 0: it is no ELF file.
static uint64_t reserved_bytes(const char *path)
{
    Elf64_Ehdr head;
    Elf64_Phdr part;
    uint64_t bytes = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (pread(fd, &head, sizeof head, 0) == sizeof head &&
        memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_ident[EI_CLASS] == ELFCLASS64)
        for (unsigned i = 0; i < head.e_phnum; i++)
            if (pread(fd, &part, sizeof part, (off_t)(head.e_phoff + i * sizeof part)) ==
                    sizeof part &&
                part.p_type == PT_LOAD)
                bytes += part.p_memsz;
    close(fd);
    return bytes;
}

// A program whose ranges do not fit is killed by the system before it can say anything.
static int check_room(const char *path, struct problem *problem)
{
    struct rlimit limit;
    uint64_t bytes = reserved_bytes(path);
    if (bytes == 0 || getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        bytes + LIBRARIES_BYTES <= limit.rlim_cur)
        return STATUS_OK;
    return problem_set(problem, STATUS_NO_MEMORY, text_of(path), PROBLEM_NO_OFF,
                       "needs %llu KB of address space, and may have %llu (ulimit -v)",
                       (unsigned long long)(bytes + LIBRARIES_BYTES) / 1024,
                       (unsigned long long)limit.rlim_cur / 1024);
}

int program_own_directory(char *directory, size_t room)
{
    ssize_t bytes = readlink("/proc/self/exe", directory, room - 1);
    if (bytes <= 0)
        return STATUS_IO;
    directory[bytes] = '\0';
    char *end = strrchr(directory, '/');
    if (!end)
        return STATUS_IO;
    *end = '\0';
    return STATUS_OK;
}

int program_find(struct arena *arena, const char *name, const char **path, struct problem *problem)
{
    static const char *const places[] = {"libexec/frost", "../libexec/frost"};
    char self[PATH_BYTES_MAX];
    if (program_own_directory(self, sizeof self) != STATUS_OK)
        return problem_set(problem, STATUS_IO, text_of("/proc/self/exe"), PROBLEM_NO_OFF,
                           "cannot be read, so the place of %s is unknown", name);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *candidate = arena_format(arena, "%s/%s/%s", self, places[i], name);
        if (access(candidate, X_OK) == 0) {
            *path = candidate;
            return check_room(candidate, problem);
        }
    }
    return problem_set(problem, STATUS_NOT_FOUND, text_of(name), PROBLEM_NO_OFF,
                       "no such program in %.80s/{%s,%s}", self, places[0], places[1]);
}

// Starts a program. Not by fork(): its copy of the page tables of a large frost takes longer than
// compiling a module. Result: an errno, 0 for none.
static int start(char **argv, const char *directory, const char *output, const char *messages,
                 pid_t *child)
{
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    if (messages)
        error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages, flags, 0600);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0600);
    if (error == 0)
        error = posix_spawn_file_actions_addchdir_np(&actions, directory);
    if (error == 0)
        error = posix_spawn(child, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// `output`: file for standard output; `messages`: for standard error, NULL: where that of frost
// goes.
static int run(char **argv, const char *directory, const char *output, const char *messages,
               struct problem *problem)
{
    int state;
    pid_t child;
    int error = start(argv, directory, output, messages, &child);
    if (error != 0)
        return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                           "cannot be started: %s", strerror(error));
    interrupt_set_child(child);
    pid_t ended;
    while ((ended = waitpid(child, &state, 0)) < 0 && errno == EINTR)
        continue;
    interrupt_set_child(0);
    if (ended < 0)
        return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                           "cannot be waited for: %s", strerror(errno));
    if (WIFSIGNALED(state))
        return 128 + WTERMSIG(state);
    return WEXITSTATUS(state);
}

int program_run(char **argv, const char *directory, bool is_silent, struct problem *problem)
{
    return run(argv, directory, "/dev/null", is_silent ? "/dev/null" : NULL, problem);
}

int program_run_output(char **argv, const char *directory, const char *output,
                       struct problem *problem)
{
    return run(argv, directory, output, NULL, problem);
}

// ---- programs that answer ----

int program_server_start(struct program_server *server, char **argv, const char *directory,
                         struct problem *problem)
{
    int ends[2];
    posix_spawn_file_actions_t actions;
    *server = (struct program_server){0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                           "cannot be started: %s", strerror(errno));
    int error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
        if (error == 0)
            error = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        if (error == 0)
            error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
                                                     0);
        if (error == 0)
            error = posix_spawn_file_actions_addchdir_np(&actions, directory);
        if (error == 0)
            error = posix_spawn(&server->child, argv[0], &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    if (error == 0) {
        server->link = ends[0];
        return STATUS_OK;
    }
    close(ends[0]);
    *server = (struct program_server){0};
    return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                       "cannot be started: %s", strerror(error));
}

static bool send_all(int link, const char *data)
{
    size_t bytes = strlen(data);
    while (bytes > 0) {
        ssize_t sent = send(link, data, bytes, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        data += sent > 0 ? sent : 0;
        bytes -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

// Result: 128+n for a signal, as a shell has it.
static int wait_for(pid_t child)
{
    int state;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return 127;
    return WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
}

int program_server_ask(struct program_server *server, const char *request, struct problem *problem)
{
    char digit = 0;
    ssize_t got = 0;
    interrupt_set_child(server->child);
    if (send_all(server->link, request))
        do
            got = recv(server->link, &digit, 1, 0);
        while (got < 0 && errno == EINTR);
    interrupt_set_child(0);
    if (got == 1)
        return digit - '0';
    close(server->link);
    int status = wait_for(server->child);
    *server = (struct program_server){0};
    return problem_set(problem, STATUS_IO, text_of(NULL), PROBLEM_NO_OFF,
                       "the compiler ended with status %d", status);
}

void program_server_stop(struct program_server *server)
{
    if (server->child == 0)
        return;
    close(server->link); // it reads the end of its input
    (void)wait_for(server->child);
    *server = (struct program_server){0};
}
