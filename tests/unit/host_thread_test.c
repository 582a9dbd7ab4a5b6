// host_thread_test.c: how deep the interpreter's stack has been, and what it costs to find out.

#include <sys/resource.h>

#include "runtime/port/host/host.h"
#include "runtime/port/port.h"
#include "tests/support/tap.h"

#define STACK_BYTES (32u << 20)
#define FRAME_BYTES 4096
#define ROOM_BYTES 65536u // for what else lies on the stack

_Noreturn void port_restart(void)
{
    abort();
}

// Uses as many bytes of the stack in frames of a page or more each; something is written in each.
__attribute__((noinline)) static uint32_t use(uint32_t bytes, uint32_t top)
{
    volatile unsigned char frame[FRAME_BYTES];
    memset((void *)(uintptr_t)frame, 1, sizeof(frame));
    uint32_t used = top - (uint32_t)(uintptr_t)frame;
    uint32_t deepest = used < bytes ? use(bytes, top) : used;
    return frame[FRAME_BYTES - 1] ? deepest : 0;
}

static int measure_depth(void *context)
{
    uint32_t top = (uint32_t)(uintptr_t)__builtin_frame_address(0);
    uint32_t deepest = use(*(const uint32_t *)context, top), told = port_stack_used_max();
    CHECK(told >= deepest);
    CHECK(told <= deepest + ROOM_BYTES);
    return 0;
}

// Around what is looked up at once: 512 pages.
TEST(the_deepest_point_is_found)
{
    for (uint32_t bytes = 1; bytes < STACK_BYTES / 2; bytes = bytes * 2 + FRAME_BYTES)
        CHECK_EQUAL(host_thread_run(measure_depth, &bytes, STACK_BYTES), 0);
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static int measure_faults(void *context)
{
    long before = faults();
    CHECK(port_stack_used_max() < ROOM_BYTES);
    *(long *)context = faults() - before;
    return 0;
}

TEST(pages_that_were_never_used_stay_so)
{
    long count = -1;
    if (access("/proc/self/pagemap", R_OK) != 0)
        return;
    CHECK_EQUAL(host_thread_run(measure_faults, &count, STACK_BYTES), 0);
    CHECK(count >= 0 && count < (long)(STACK_BYTES / FRAME_BYTES / 100));
}

TEST_MAIN
