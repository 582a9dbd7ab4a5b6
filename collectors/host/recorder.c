// recorder.c: starts the program, empties its ring until it ends, finishes the trace.
//
// Reads: the ring. Writes: the trace directory (recorder_directory.c, recorder_drain.c).
// Memory: the ring; paths in the arena.

#include "collectors/host/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/base/interrupt.h"
#include "collectors/host/recorder_private.h"

#define POLL_NS 20000000L   // longest time until an ended program is noticed
#define OVER_POLLS_MAX 500u // a program that is to end and does not come to it

static int make_ring(struct recorder *recorder)
{
    recorder->ring_fd = memfd_create("frost-trace-ring", MFD_CLOEXEC);
    if (recorder->ring_fd < 0 || ftruncate(recorder->ring_fd, TRACE_RING_BYTES) != 0)
        return problem_set(recorder->problem, STATUS_IO, (struct text){0}, PROBLEM_NO_OFF,
                           "cannot make the shared ring: %s", strerror(errno));
    void *memory = mmap(NULL, TRACE_RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                        recorder->ring_fd, 0);
    if (memory == MAP_FAILED)
        return problem_set(recorder->problem, STATUS_NO_MEMORY, (struct text){0}, PROBLEM_NO_OFF,
                           "cannot map the shared ring: %s", strerror(errno));
    recorder->ring = memory;
    recorder->ring->magic = TRACE_RING_MAGIC;
    recorder->ring->slot_bytes = TRACE_PACKET_BYTES;
    recorder->ring->slot_count = TRACE_RING_SLOTS;
    trace_schema_uuid(recorder->ring->uuid);
    return STATUS_OK;
}

// ---- the program ----

// argv with the options of the recorder after the program's name.
static char **make_argv(struct recorder *recorder)
{
    const struct recorder_setup *setup = recorder->setup;
    size_t count = 0;
    while (setup->argv[count])
        count++;
    char **argv = ARENA_NEW_ARRAY(recorder->arena, char *, count + 9);
    size_t used = 0;
    argv[used++] = setup->argv[0];
    argv[used++] = arena_format(recorder->arena, "--trace-fd=%d", recorder->ring_fd);
    if (setup->is_raw)
        argv[used++] = arena_format(recorder->arena, "--trace-raw=1");
    if (setup->stack_depth)
        argv[used++] = arena_format(recorder->arena, "--trace-stacks=%u", setup->stack_depth);
    if (setup->snapshots)
        argv[used++] = arena_format(recorder->arena, "--snapshots=%u", setup->snapshots);
    if (setup->snapshot_bytes)
        argv[used++] = arena_format(recorder->arena, "--snapshot-bytes=%u", setup->snapshot_bytes);
    if (setup->is_without_text)
        argv[used++] = arena_format(recorder->arena, "--trace-no-text=1");
    if (setup->is_without_inputs)
        argv[used++] = arena_format(recorder->arena, "--trace-no-inputs=1");
    if (setup->ready_fd)
        argv[used++] = arena_format(recorder->arena, "--ready-fd=%d", setup->ready_fd);
    if (setup->mark_fd)
        argv[used++] = arena_format(recorder->arena, "--mark-fd=%d", setup->mark_fd);
    for (size_t i = 1; i < count; i++)
        argv[used++] = setup->argv[i];
    return argv;
}

static _Noreturn void be_the_program(const struct recorder *recorder, char **argv, int report_fd,
                                     pid_t parent)
{
    const struct recorder_setup *setup = recorder->setup;
    prctl(PR_SET_PDEATHSIG, SIGKILL); // it would wait for ever for room in the ring
    if (getppid() != parent)
        _exit(127);
    fcntl(recorder->ring_fd, F_SETFD, 0);
    if (setup->ready_fd)
        fcntl(setup->ready_fd, F_SETFD, 0);
    if (setup->mark_fd)
        fcntl(setup->mark_fd, F_SETFD, 0);
    if (setup->output_fd >= 0)
        dup2(setup->output_fd, STDOUT_FILENO);
    if (setup->error_fd >= 0)
        dup2(setup->error_fd, STDERR_FILENO);
    execv(argv[0], argv);
    int error = errno;
    ssize_t n = write(report_fd, &error, sizeof error);
    _exit(n == sizeof error ? 126 : 127);
}

// Forks and executes; the child says through a pipe why it could not.
static int start_program(struct recorder *recorder)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0)
        return problem_set(recorder->problem, STATUS_IO, (struct text){0}, PROBLEM_NO_OFF,
                           "cannot make a pipe: %s", strerror(errno));
    char **argv = make_argv(recorder);
    pid_t self = getpid(), child = fork();
    if (child == 0)
        be_the_program(recorder, argv, report[1], self);
    int error = child < 0 ? errno : 0;
    close(report[1]);
    if (child > 0 && read(report[0], &error, sizeof error) != (ssize_t)sizeof error)
        error = 0;
    close(report[0]);
    if (error == 0) {
        recorder->child = child;
        interrupt_set_child(child);
        return STATUS_OK;
    }
    if (child > 0)
        waitpid(child, NULL, 0);
    return problem_set(recorder->problem, error == ENOENT ? STATUS_NOT_FOUND : STATUS_IO,
                       (struct text){0}, PROBLEM_NO_OFF, "cannot start '%.100s': %s", argv[0],
                       strerror(error));
}

// Asks whether the program has ended. `options` is 0 (waits) or WNOHANG.
static bool has_ended(struct recorder *recorder, int options)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(recorder->child, &status, options)) < 0 && errno == EINTR)
        ;
    if (pid != recorder->child)
        return false;
    interrupt_set_child(0);
    recorder->child = 0;
    recorder->has_exited = true;
    recorder->result->exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                                        : WEXITSTATUS(status);
    return true;
}

static void stop_program(struct recorder *recorder)
{
    if (!recorder->child)
        return;
    kill(recorder->child, SIGKILL);
    has_ended(recorder, 0);
}

// ---- the run ----

static void wait_for_program(struct trace_ring *ring, uint32_t filled)
{
    struct timespec limit = {.tv_nsec = POLL_NS};
    syscall(SYS_futex, &ring->filled, FUTEX_WAIT, filled, &limit, NULL, 0);
}

// Passes the signal that is to end the recording on, once. Ctrl-C has reached the program by
// itself, since it is in our process group; it takes both as one.
static void pass_interrupt(struct recorder *recorder)
{
    if (recorder->result->interrupt || !interrupt_number())
        return;
    recorder->result->interrupt = interrupt_number();
    kill(recorder->child, SIGTERM);
}

// Ends a program that is to end, once; should it not, as a signal would.
static void end_when_over(struct recorder *recorder)
{
    const struct recorder_setup *setup = recorder->setup;
    if (!setup->watch || !recorder->child || !setup->watch(setup->watch_context))
        return;
    if (recorder->over_polls == 0)
        kill(recorder->child, SIGUSR1);
    else if (recorder->over_polls == OVER_POLLS_MAX)
        kill(recorder->child, SIGTERM);
    recorder->over_polls++;
}

static int drain_until_end(struct recorder *recorder)
{
    struct trace_ring *ring = recorder->ring;
    for (;;) {
        pass_interrupt(recorder);
        end_when_over(recorder);
        uint32_t filled = __atomic_load_n(&ring->filled, __ATOMIC_ACQUIRE);
        bool is_closed = __atomic_load_n(&ring->is_closed, __ATOMIC_ACQUIRE) != 0;
        int count = recorder_drain(recorder);
        if (count < 0)
            return count;
        if (count > 0)
            continue;
        if (has_ended(recorder, is_closed ? 0 : WNOHANG))
            return recorder_drain_rest(recorder);
        wait_for_program(ring, filled);
    }
}

static int record(struct recorder *recorder)
{
    int status = make_ring(recorder);
    if (status == STATUS_OK)
        status = recorder_directory_run(recorder);
    if (status == STATUS_OK)
        status = start_program(recorder);
    if (status == STATUS_OK)
        status = drain_until_end(recorder);
    stop_program(recorder);
    recorder->result->is_cut = recorder->ring && recorder->ring->is_cut == 1;
    recorder->result->is_complete = recorder->last_id == TRACE_ID_end && recorder->discarded == 0;
    if (status == STATUS_OK)
        status = recorder_directory_run(recorder);
    if (recorder->ring)
        munmap(recorder->ring, TRACE_RING_BYTES);
    if (recorder->ring_fd >= 0)
        close(recorder->ring_fd);
    return status;
}

// A program that had begun has written a packet, however it ended.
static int check_begun(struct recorder *recorder)
{
    static const int statuses[] = {[EXIT_STATUS_USAGE] = STATUS_USAGE,
                                   [EXIT_STATUS_DAMAGED] = STATUS_DAMAGED,
                                   [EXIT_STATUS_ENVIRONMENT] = STATUS_IO};
    const struct recorder_result *result = recorder->result;
    int status = result->exit_status;
    if (result->packet_count > 0 || result->interrupt || status < EXIT_STATUS_USAGE ||
        status > EXIT_STATUS_ENVIRONMENT)
        return STATUS_OK;
    return problem_set(recorder->problem, statuses[status], (struct text){0}, PROBLEM_NO_OFF,
                       "the program did not start; nothing is recorded");
}

int recorder_run(struct arena *arena, const struct recorder_setup *setup,
                 struct recorder_result *result, struct problem *problem)
{
    *result = (struct recorder_result){0};
    struct recorder *recorder = ARENA_NEW(arena, struct recorder);
    *recorder = (struct recorder){
        .arena = arena,
        .setup = setup,
        .result = result,
        .problem = problem,
        .events_fd = -1,
        .ring_fd = -1,
        .last_id = TRACE_ID_LIMIT,
    };
    int status = recorder_directory_begin(recorder);
    if (status != STATUS_OK)
        return status;
    status = record(recorder);
    if (status == STATUS_OK)
        status = check_begun(recorder);
    if (status == STATUS_OK)
        status = recorder_directory_finish(recorder);
    if (status != STATUS_OK)
        recorder_directory_abandon(recorder);
    return status;
}
