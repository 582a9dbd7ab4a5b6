// memory.c: the heap at the chip's address, or higher up if it is larger.
//
// Reads and writes: the process's address map. Source: runtime/format/address_map.h.

#include "runtime/port/host/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/core/heap.h"
#include "runtime/format/address_map.h"
#include "runtime/format/status.h"

extern char host_chip_range[];
extern char host_stack_range[];

static void *heap_base;
static size_t heap_bytes;

void host_memory_check(void)
{
    long page = sysconf(_SC_PAGESIZE);
    if (page > 16384) {
        fprintf(stderr, "frost: pages of %ld bytes; the address map needs 16384 or less\n", page);
        exit(EXIT_STATUS_ENVIRONMENT);
    }
    if ((uintptr_t)host_chip_range != DRAM_ADDR || (uintptr_t)host_stack_range != STACK_ADDR) {
        fprintf(stderr, "frost: linked at the wrong addresses (heap %p, stack %p)\n",
                (void *)host_chip_range, (void *)host_stack_range);
        exit(EXIT_STATUS_ENVIRONMENT);
    }
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
    if (p != base)
        return NULL;
    heap_base = base;
    heap_bytes = bytes;
    return base;
}

void host_heap_clear(void)
{
    if (heap_base && madvise(heap_base, heap_bytes, MADV_DONTNEED) != 0)
        memset(heap_base, 0, heap_bytes);
}
