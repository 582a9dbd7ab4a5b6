// thread.c: the interpreter's thread, with its stack below 4 GiB.
//
// The state holds addresses of the C stack in 32 bits. The stack's high-water mark is found by
// looking for the lowest word that is not zero: nothing has written below it.

#include "runtime/port/host/host.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/format/address_map.h"
#include "runtime/port/port.h"

#define GUARD_BYTES 65536u

static uintptr_t stack_low;   // first usable address
static uintptr_t stack_high;  // first address after
static uintptr_t stack_start; // where the body began

struct thread_start {
    int (*body)(void *context);
    void *context;
    sigset_t signals; // blocked for the interpreter
    int result;
};

static void *thread_main(void *data)
{
    struct thread_start *start = data;
    pthread_sigmask(SIG_SETMASK, &start->signals, NULL);
    host_fault_thread();
    stack_start = (uintptr_t)__builtin_frame_address(0);
    start->result = start->body(start->context);
    return NULL;
}

int host_thread_run(int (*body)(void *context), void *context, size_t stack_bytes)
{
    stack_bytes = (stack_bytes + GUARD_BYTES - 1) & ~(size_t)(GUARD_BYTES - 1);
    if (stack_bytes + GUARD_BYTES > STACK_BYTES_MAX)
        return -1;
    char *base = (char *)(uintptr_t)STACK_ADDR;
    if (mprotect(base, GUARD_BYTES, PROT_NONE) != 0)
        return -1;
    stack_low = STACK_ADDR + GUARD_BYTES;
    stack_high = stack_low + stack_bytes;

    struct thread_start start = {.body = body, .context = context, .result = -1};
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0)
        return -1;
    // Handlers of signals run on the interpreter's thread, which can tell what they interrupt; from
    // its first moment on, however late this one goes on.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &start.signals);
    if (pthread_attr_setstack(&attributes, base + GUARD_BYTES, stack_bytes) != 0 ||
        pthread_create(&thread, &attributes, thread_main, &start) != 0) {
        pthread_sigmask(SIG_SETMASK, &start.signals, NULL);
        return -1;
    }
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    return start.result;
}

int host_is_stack_guard(uintptr_t addr)
{
    return addr >= STACK_ADDR && addr < STACK_ADDR + GUARD_BYTES;
}

int host_stack_extend(void)
{
    static int is_extended;
    return !is_extended++ && mprotect((char *)(uintptr_t)STACK_ADDR + GUARD_BYTES / 2,
                                      GUARD_BYTES / 2, PROT_READ | PROT_WRITE) == 0;
}

#define PAGES_AT_ONCE 512

// Where the lowest page begins that has ever been used, or one below it. Below lie the most of 8
// MB: each page of them that is looked at is one that the system must first provide, half of what a
// short run costs.
static uintptr_t lowest_page_used(void)
{
    static uint64_t pages[PAGES_AT_ONCE];    // not on the stack that is measured
    const uint64_t used = (uint64_t)3 << 62; // in memory or swapped out
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t low = stack_low;
    int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return low;
    while (low < stack_start) {
        ssize_t bytes = pread(file, pages, sizeof(pages),
                              (off_t)(low / page_bytes * sizeof(*pages)));
        size_t count = bytes > 0 ? (size_t)bytes / sizeof(*pages) : 0, unused = 0;
        while (unused < count && !(pages[unused] & used))
            unused++;
        low += unused * page_bytes;
        if (unused < PAGES_AT_ONCE)
            break;
    }
    close(file);
    return low;
}

uint32_t port_stack_used_max(void)
{
    if (stack_start == 0)
        return 0;
    const uint64_t *at = (const uint64_t *)lowest_page_used();
    while ((uintptr_t)at < stack_start && *at == 0)
        at++;
    return (uint32_t)(stack_start - (uintptr_t)at);
}

uint32_t port_stack_left(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return here > stack_low && here < stack_high ? (uint32_t)(here - stack_low) : 0;
}
