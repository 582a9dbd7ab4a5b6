// fuzz_canary.c: a target with known faults: proves that the harness sees what it must see.
//
// An input "ICE" followed by a letter has the fault of that letter: `b` reads a byte after a block
// of the C library, `h` a byte after a block of the device's heap, `f` a block of that heap that
// was freed, `s` overflows a signed sum, `a` fails a requirement. Built as the other targets are;
// tests/fuzz/run wants every one of them to end the program, and the fuzzer to find one by itself.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"
#include "tests/fuzz/engine.h"

#define HEAP_BYTES (1u << 16)
#define BLOCK_BYTES 24 // a multiple of 8: what follows is another block's

static volatile int sink;

_Noreturn void port_restart(void)
{
    abort();
}

static void read_behind_heap_block(void)
{
    const volatile char *block = heap_realloc(NULL, NULL, 0, BLOCK_BYTES);
    sink = block[BLOCK_BYTES];
}

static void read_freed_heap_block(void)
{
    char *block = heap_realloc(NULL, NULL, 0, BLOCK_BYTES);
    heap_realloc(NULL, block, BLOCK_BYTES, 0);
    sink = ((const volatile char *)block)[BLOCK_BYTES / 2];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static void *heap;
    if (bytes < 4 || data[0] != 'I' || data[1] != 'C' || data[2] != 'E')
        return 0;
    if (!heap)
        heap = host_heap_map(HEAP_BYTES);
    if (!heap)
        return 0;
    heap_init(heap, HEAP_BYTES);
    uint8_t *copy = malloc(bytes);
    if (!copy)
        return 0;
    memcpy(copy, data, bytes);
    switch (data[3]) {
    case 'b':
        sink = ((const volatile uint8_t *)copy)[bytes];
        break;
    case 'h':
        read_behind_heap_block();
        break;
    case 'f':
        read_freed_heap_block();
        break;
    case 's':
        sink = INT32_MAX;
        sink = sink + data[3];
        break;
    case 'a':
        abort();
    default:
        break;
    }
    free(copy);
    return 0;
}
