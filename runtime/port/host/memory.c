// memory.c: the heap at the chip's address, or higher up if it is larger; room for the forms of
// instructions (runtime/core/quicken.h), which are zero until code runs.
//
// Reads and writes: the process's address map. Source: runtime/format/address_map.h.

#include "runtime/port/host/host.h"
#include "runtime/port/port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/core/heap.h"
#include "runtime/core/quicken.h"
#include "runtime/format/address_map.h"
#include "runtime/format/status.h"
#include "runtime/port/host/say.h"

extern char host_chip_range[];
extern char host_stack_range[];

static void *heap_base;
static size_t heap_bytes;

void host_memory_check(void)
{
    long page = sysconf(_SC_PAGESIZE);
    if (page > 16384) {
        host_say("pages of %ld bytes; the address map needs 16384 or less", page);
        exit(EXIT_STATUS_ENVIRONMENT);
    }
    if ((uintptr_t)host_chip_range != DRAM_ADDR || (uintptr_t)host_stack_range != STACK_ADDR) {
        host_say("linked at the wrong addresses (heap %p, stack %p)", (void *)host_chip_range,
                 (void *)host_stack_range);
        exit(EXIT_STATUS_ENVIRONMENT);
    }
}

#if HAS_FAST_PATHS
#define QUICK_OPS_ALIGN 0x10000u // no page is larger

// Where the forms of code in [first, end) lie, from the beginning of a page on.
static char *forms_of(uintptr_t first, uintptr_t end, size_t *bytes)
{
    uintptr_t at = (QUICK_OPS_OFFSET + first) & ~(uintptr_t)(QUICK_OPS_ALIGN - 1);
    *bytes = QUICK_OPS_OFFSET + end - at;
    return (char *)at;
}

// 0: it cannot be allocated.
static int map_forms(uintptr_t first, uintptr_t end)
{
    size_t bytes;
    char *forms = forms_of(first, end, &bytes);
    return mmap(forms, bytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) == forms;
}

int host_forms_map(void)
{
    static int is_mapped; // small heaps and the flash window
    return is_mapped = is_mapped || map_forms(HEAP_ADDR, WINDOW_ADDR + WINDOW_BYTES);
}

// Other forms on the same pages are forgotten with them, which does no harm.
static void forget_heap_forms(const void *heap, size_t heap_size)
{
    size_t bytes;
    char *forms = forms_of((uintptr_t)heap, (uintptr_t)heap + heap_size, &bytes);
    if (madvise(forms, bytes, MADV_DONTNEED) != 0)
        memset(forms, 0, bytes);
}

static int map_heap_forms(const void *heap, size_t bytes)
{
    uintptr_t first = (uintptr_t)heap;
    return host_forms_map() && (first == HEAP_ADDR || map_forms(first, first + bytes));
}
#else
#define map_heap_forms(heap, bytes) 1
#define forget_heap_forms(heap, bytes) ((void)0)
#endif

volatile uint32_t *port_rtc_memory(void)
{
    static uint32_t words[PORT_RTC_WORDS];
    return words;
}

void *host_heap_map(size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if (bytes > HEAP_FAR_BYTES_MAX)
        return NULL;
    int is_near = bytes <= HEAP_NEAR_BYTES_MAX;
    bytes = heap_map_bytes(bytes); // room for red zones in sanitizer builds
    void *base = (void *)(uintptr_t)(is_near ? HEAP_ADDR : HEAP_FAR_ADDR);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
                (is_near ? MAP_FIXED : MAP_FIXED_NOREPLACE);
    void *p = mmap(base, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (p != base || !map_heap_forms(base, bytes))
        return NULL;
    heap_base = base;
    heap_bytes = bytes;
    return base;
}

void host_heap_clear(void)
{
    if (!heap_base)
        return;
    if (madvise(heap_base, heap_bytes, MADV_DONTNEED) != 0)
        memset(heap_base, 0, heap_bytes);
    forget_heap_forms(heap_base, heap_bytes);
}
