// program.c: looks beside the running program; runs what it finds.

#include "analyzer/job/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
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

static int open_new(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

// `output`: file for standard output; `messages`: for standard error, NULL: where that of frost
// goes.
static int run(char **argv, const char *directory, const char *output, const char *messages,
               struct problem *problem)
{
    int state;
    pid_t child = fork();
    if (child == 0) {
        int out = open_new(output), error = messages ? open_new(messages) : -1;
        if (messages)
            dup2(error, STDERR_FILENO);
        if (out >= 0 && dup2(out, STDOUT_FILENO) >= 0 && chdir(directory) == 0)
            execv(argv[0], argv);
        _exit(127);
    }
    if (child < 0)
        return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                           "cannot be started: %s", strerror(errno));
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
    if (WEXITSTATUS(state) == 127)
        return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                           "cannot be started");
    return WEXITSTATUS(state);
}

int program_run(char **argv, const char *directory, bool is_silent, struct problem *problem)
{
    return run(argv, directory, "/dev/null", is_silent ? "/dev/null" : NULL, problem);
}

int program_run_into(char **argv, const char *directory, const char *messages,
                     struct problem *problem)
{
    return run(argv, directory, "/dev/null", messages, problem);
}

int program_run_output(char **argv, const char *directory, const char *output,
                       struct problem *problem)
{
    return run(argv, directory, output, NULL, problem);
}
