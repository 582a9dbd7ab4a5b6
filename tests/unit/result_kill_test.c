// result_kill_test.c: a job is killed at every system call that it makes for its result; the next
// one leaves nothing but the result and the user's files.

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

#include "analyzer/base/output.h"
#include "analyzer/base/result.h"
#include "tests/support/tap.h"

#define STOPS_MAX 4000
// A call stops where it begins, which is where the one before has ended, and where it ends.
#define CALL_STOPS (2 * (int)TEST_STEP(5))

static char place[] = "/tmp/frost-result.XXXXXX";

static void write_file(struct result *result, const char *name)
{
    const char *path = arena_format(result->arena, "%s/%s", result->scratch, name);
    result_note_file(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    (void)!write(fd, name, strlen(name));
    close(fd);
}

// A result with a directory, a work directory and a result inside it. Result: its status.
static int do_job(void)
{
    struct arena arena;
    struct result result, inner;
    struct problem problem = {0};
    arena_init(&arena);
    int status = result_begin(&arena, "r", &result, &problem);
    if (status != STATUS_OK)
        return status;
    write_file(&result, "one");
    const char *plots = arena_format(&arena, "%s/plots", result.scratch);
    if (output_make_directory(plots, &problem) != STATUS_OK)
        return STATUS_IO;
    write_file(&result, "plots/two");
    mkdir(arena_format(&arena, "%s/deep", result_make_work(&result)), 0777);
    status = result_begin(&arena, arena_format(&arena, "%s/run.trace", result.scratch), &inner,
                          &problem);
    if (status == STATUS_OK) {
        write_file(&inner, "events");
        status = result_finish(&inner, &problem);
    }
    if (status == STATUS_OK)
        status = result_finish(&result, &problem);
    arena_deinit(&arena);
    return status;
}

// Kills the job at the `count`-th stop at a system call. Result: true if it had so many.
static bool kill_job(int count)
{
    int status;
    pid_t job = fork();
    if (job == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(do_job());
    }
    waitpid(job, &status, 0);
    for (int i = 0; i < count && !WIFEXITED(status); i++) {
        ptrace(PTRACE_SYSCALL, job, NULL, NULL);
        waitpid(job, &status, 0);
    }
    if (WIFEXITED(status))
        return CHECK_EQUAL(WEXITSTATUS(status), STATUS_OK), false;
    kill(job, SIGKILL);
    waitpid(job, &status, 0);
    return true;
}

static int finish_job(void)
{
    int status;
    fflush(stdout);
    pid_t job = fork();
    if (job == 0)
        _exit(do_job());
    waitpid(job, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// What is in the directory, but for the result, the user's file and the user's directory.
static const char *left_over(void)
{
    static char name[NAME_MAX + 1];
    DIR *entries = opendir(".");
    *name = '\0';
    for (struct dirent *entry; (entry = readdir(entries));)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "r") != 0 &&
            strcmp(entry->d_name, "note") != 0 && strcmp(entry->d_name, "r.part.123456") != 0)
            snprintf(name, sizeof name, "%s", entry->d_name);
    closedir(entries);
    return name;
}

static void remove_tree(const char *path)
{
    char *const argv[] = {(char *)"rm", (char *)"-r", (char *)path, NULL};
    pid_t remover = fork();
    if (remover == 0)
        _exit(execvp(argv[0], argv));
    waitpid(remover, NULL, 0);
}

static void begin(void)
{
    CHECK(mkdtemp(place) && chdir(place) == 0);
    CHECK(mkdir("r.part.123456", 0755) == 0); // nothing in it, but not as a job makes it
    CHECK(close(open("note", O_WRONLY | O_CREAT, 0666)) == 0);
}

static void end(void)
{
    CHECK(rmdir("r.part.123456") == 0 && unlink("note") == 0);
    CHECK(chdir("/") == 0);
    remove_tree(place);
}

TEST(a_job_killed_anywhere_leaves_nothing_for_the_next)
{
    int count = 1;
    begin();
    // From the second try on there is an earlier result to be replaced.
    for (; count < STOPS_MAX && kill_job(count); count += CALL_STOPS) {
        CHECK_EQUAL(finish_job(), STATUS_OK);
        CHECK_TEXT(left_over(), "");
    }
    CHECK(count > 200 && count < STOPS_MAX);
    end();
}

// What it was about to start has the lock until it executes, or is gone.
TEST(a_lock_outlives_its_maker_for_a_moment)
{
    int ends[2];
    char byte;
    begin();
    CHECK(pipe(ends) == 0);
    pid_t job = fork();
    if (job == 0) {
        struct arena arena;
        struct result result;
        struct problem problem = {0};
        arena_init(&arena);
        int status = result_begin(&arena, "r", &result, &problem);
        if (status == STATUS_OK && fork() == 0)
            _exit(close(ends[0]) + close(ends[1]) + usleep(300000));
        (void)!write(ends[1], "", 1);
        kill(getpid(), SIGKILL);
    }
    CHECK(read(ends[0], &byte, 1) == 1);
    waitpid(job, NULL, 0);
    CHECK_EQUAL(finish_job(), STATUS_OK);
    CHECK_TEXT(left_over(), "");
    remove_tree("r");
    CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
    end();
}

TEST(the_first_result_killed_anywhere)
{
    begin();
    for (int count = 1; count < STOPS_MAX && kill_job(count); count += CALL_STOPS) {
        CHECK_EQUAL(finish_job(), STATUS_OK);
        CHECK_TEXT(left_over(), "");
        remove_tree("r");
    }
    end();
}

TEST_MAIN
