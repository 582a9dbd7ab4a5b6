// trace.c: connects the probes to the recorder's ring; nothing in the plain build.
//
// Reads and writes: the shared memory behind --trace-fd (runtime/format/trace_ring.h).
// Memory: the ring, and private pages for the tables of the event writer, outside the Lua heap and
// both ledgers. Context: main thread at the start, then the interpreter's thread.

#include "runtime/port/host/trace.h"

#ifdef FROST_PROBED

#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/state.h"
#include "runtime/format/status.h"
#include "runtime/format/trace_ring.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/say.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/snapshot.h"
#include "runtime/probe/start.h"

// The linker's: between them lie the program's constants. What may be written begins at the second
// one, buffers of what arrives among it.
extern const char etext[], __data_start[];

static lua_State *state;
static struct timespec start_time;
static pid_t recorder;
static struct trace_ring *shared; // NULL: not recorded
static volatile int is_torn;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)(now.tv_sec - start_time.tv_sec) * 1000000000u + (uint64_t)now.tv_nsec -
           (uint64_t)start_time.tv_nsec;
}

static void wait_for_recorder(uint32_t *word, uint32_t value)
{
    struct timespec second = {.tv_sec = 1};
    syscall(SYS_futex, word, FUTEX_WAIT, value, &second, NULL, 0);
    if (getppid() != recorder)
        _exit(EXIT_STATUS_ENVIRONMENT); // nobody is left to read the trace
}

static void wake_recorder(struct trace_ring *ring)
{
    syscall(SYS_futex, &ring->filled, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static _Noreturn void refuse(const char *what, const char *reason)
{
    host_say("%s: %s", what, reason);
    exit(EXIT_STATUS_ENVIRONMENT);
}

void host_trace_open(const struct vm_args *args)
{
    if (args->trace_fd < 0)
        return;
    struct stat info;
    if (fstat(args->trace_fd, &info) != 0 || (uint64_t)info.st_size != TRACE_RING_BYTES)
        refuse("the recorder's ring cannot be used", "wrong size; is frost of another version?");
    struct trace_ring *ring = mmap(NULL, TRACE_RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                                   args->trace_fd, 0);
    if (ring == MAP_FAILED)
        refuse("the recorder's ring cannot be mapped", strerror(errno));
    close(args->trace_fd);
    size_t bytes = probe_memory_bytes(args->heap_bytes);
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        refuse("cannot allocate the tables of the trace", strerror(errno));
    shared = ring;
    recorder = getppid();
    clock_gettime(CLOCK_MONOTONIC, &start_time);
    probe_literals_between(etext, __data_start);
    struct probe_setup setup = {
        .memory = memory,
        .memory_bytes = bytes,
        .heap_bytes = args->heap_bytes,
        .ring = ring,
        .port = {.wait = wait_for_recorder, .wake = wake_recorder},
        .now_ns = now_ns,
        .flags = (args->trace_raw ? PROBE_START_RAW : 0) |
                 (args->trace_no_text ? PROBE_START_NO_TEXT : 0) |
                 (args->trace_no_inputs ? PROBE_START_NO_INPUTS : 0),
        .stack_depth = args->trace_stacks,
    };
    for (unsigned i = 0; i < args->secret_count; i++)
        (void)probe_add_credential(args->secrets[i]);
    probe_snapshot_at(args->snapshots, args->snapshot_bytes);
    if (!probe_start(&setup))
        refuse("the recorder's ring cannot be used", "frost and its VM are of different versions");
}

void host_trace_state(lua_State *L)
{
    state = L;
    (void)PROBE_THREAD(L);
}

void host_trace_mark(const char *name, size_t bytes)
{
    PROBE_MARK(name, bytes);
    if (state && !REF_IS_NULL(state->global))
        probe_snapshot(state, MOMENT_MARK, GLOBAL(state)->total_bytes);
}

void host_trace_close(int status)
{
    // After a restart the heap is all zeros until there is a new state.
    struct global_state *g = state && !REF_IS_NULL(state->global) ? GLOBAL(state) : NULL;
    if (g && !is_torn) {
        probe_snapshot_peak(state, g->total_bytes); // nothing has come after the highest point
        probe_snapshot(state, MOMENT_END, g->total_bytes);
    }
    probe_end(status, g ? g->total_bytes : 0, g ? g->total_bytes_max : 0, port_stack_used_max());
}

void host_trace_torn(void)
{
    is_torn = 1;
}

void host_trace_cut(void)
{
    if (shared)
        shared->is_cut = 1;
}

int host_trace_defer(void (*then)(int), int argument)
{
    return probe_defer(then, argument);
}

#else

#include <stdio.h>
#include <stdlib.h>

#include "runtime/format/status.h"

void host_trace_open(const struct vm_args *args)
{
    if (args->trace_fd < 0)
        return;
    fputs("frost: this build of the VM has no probes and cannot be recorded\n", stderr);
    exit(EXIT_STATUS_USAGE);
}

void host_trace_state(lua_State *L)
{
    (void)L;
}

void host_trace_torn(void)
{
}

void host_trace_mark(const char *name, size_t bytes)
{
    (void)name;
    (void)bytes;
}

void host_trace_cut(void)
{
}

void host_trace_close(int status)
{
    (void)status;
}

int host_trace_defer(void (*then)(int), int argument)
{
    (void)then;
    (void)argument;
    return 0;
}

#endif
