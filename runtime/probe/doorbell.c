// doorbell.c: tells the emulator's plugin where the program is, by the address of stores.
//
// Empty but in the probed firmware; there nothing happens on a chip, where PROBE_START_DOORBELL is
// not set and the addresses do not exist.
// The site of each instruction of Lua code is looked up once and kept in a table of the emulator's
// RAM, one entry per word of code; code in RAM that gives its place to other code loses them.
// Context: the interpreter's thread.

#include "runtime/probe/doorbell.h"

#ifdef PROBE_HAS_DOORBELL

#include <string.h>

#include "runtime/format/doorbell.h"
#include "runtime/probe/writer.h"

const uint32_t *probe_pc;

// Memory whose words of code have sites.
struct code_range {
    uint32_t addr, bytes;
    uint32_t sites_addr;
};

static const struct code_range ranges[] = {
    {WINDOW_ADDR, WINDOW_BYTES, DOORBELL_FLASH_SITES},
    {DRAM_ADDR, DRAM_BYTES, DOORBELL_NEAR_SITES},
    {DOORBELL_FAR_HEAP_ADDR, DOORBELL_FAR_HEAP_BYTES, DOORBELL_FAR_SITES},
};
#define RANGE_COUNT (sizeof ranges / sizeof *ranges)

static struct {
    uint64_t clock;
    void (*look)(void);
} watched = {.clock = UINT64_MAX};

static int is_on(void)
{
    return (probe_writer.flags & PROBE_START_DOORBELL) != 0;
}

static void ring(uint32_t addr)
{
    *(volatile uint8_t *)(uintptr_t)addr = 0;
}

void doorbell_site(uint16_t site)
{
    if (is_on())
        ring(DOORBELL_SITE + site);
}

void doorbell_enter(void)
{
    if (is_on())
        ring(DOORBELL_ENTER);
}

void doorbell_leave(void)
{
    if (is_on())
        ring(DOORBELL_LEAVE);
}

void doorbell_packet(int is_last)
{
    if (is_on())
        ring(is_last ? DOORBELL_STOP : DOORBELL_PACKET);
}

void doorbell_cut(void)
{
    if (is_on())
        ring(DOORBELL_CUT);
}

// The entry of the word of code at `addr`, NULL if it lies nowhere that is known.
static uint16_t *entry_of(uint32_t addr)
{
    for (unsigned i = 0; i < RANGE_COUNT; i++)
        if (addr - ranges[i].addr < ranges[i].bytes)
            return (uint16_t *)(uintptr_t)(ranges[i].sites_addr + (addr - ranges[i].addr) / 4 * 2);
    return NULL;
}

void doorbell_code(uint32_t addr, uint32_t bytes)
{
    uint16_t *first = is_on() ? entry_of(addr) : NULL;
    if (first)
        memset(first, 0, bytes / 4 * sizeof *first);
}

void doorbell_boot(uint32_t heap_addr, uint32_t heap_bytes)
{
    doorbell_code(WINDOW_ADDR, WINDOW_BYTES);
    doorbell_code(heap_addr, heap_bytes);
}

void probe_watch(uint64_t clock, void (*look)(void))
{
    watched.clock = clock;
    watched.look = look;
}

void probe_watch_soon(void)
{
    if (watched.look)
        watched.clock = 0;
}

static __attribute__((noinline)) void look_now(void)
{
    void (*look)(void) = watched.look;
    probe_watch(UINT64_MAX, NULL);
    doorbell_enter();
    look();
    doorbell_leave();
}

void probe_step(struct lua_State *L, const uint32_t *next)
{
    if (__builtin_expect(probe_clock >= watched.clock, 0))
        look_now();
    if (!is_on())
        return;
    probe_pc = next;
    uint16_t *entry = entry_of((uint32_t)(uintptr_t)(next - 1));
    if (entry && *entry) {
        ring(DOORBELL_SITE + *entry);
        return;
    }
    int site = probe_site_id(L); // rings
    if (entry)
        *entry = (uint16_t)site;
}

void probe_place(struct lua_State *L)
{
    if (is_on())
        probe_site_id(L);
}

#endif
