// trap_test.c: firmware of its own that tests the emulation of sub-word loads from flash
// (runtime/port/esp8266/start.S, trap.c): value, all other registers and SAR, for every target
// register, kind of load and place in the word, twice (the first load of an instruction takes
// another way than later ones). Ends with status 0, or 1 and a line per fault.

#include <stdio.h>

#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/rom.h"
#include "runtime/port/esp8266/trap.h"
#include "runtime/port/port.h"

#define REGISTERS 16
#define BASES 2
#define KINDS 3

extern void (*const trap_loads[KINDS * REGISTERS * BASES])(uint32_t addr);
extern uint32_t trap_results[REGISTERS + 1];

static const uint32_t flash_words[3]
    __attribute__((aligned(4))) = {0x8899AA7F, 0x0102F304, 0xFFFE8001};
static int fault_count, check_count;

static int32_t host(uint32_t number, uint32_t a, uint32_t b, uint32_t c)
{
    int32_t error;
    return ((const struct services *)SERVICES_ADDR)->call(number, a, b, c, &error);
}

void port_console_error(const char *text, size_t bytes)
{
    host(HOST_WRITE, 1, (uint32_t)(uintptr_t)text, bytes);
}

_Noreturn void port_panic(const char *text)
{
    port_console_error(text, __builtin_strlen(text));
    for (;;)
        host(HOST_EXIT, 4, 0, 0);
}

_Noreturn void chip_assert_failed(const char *file, int line);
_Noreturn void chip_assert_failed(const char *file, int line)
{
    (void)line;
    port_panic(file);
}

static void check(const char *what, int load, uint32_t addr, uint32_t want, uint32_t got)
{
    char line[100];
    check_count++;
    if (want == got || fault_count++ > 20)
        return;
    int n = snprintf(line, sizeof line, "load %d at %08x: %s is %08x, not %08x\n", load,
                     (unsigned)addr, what, (unsigned)got, (unsigned)want);
    port_console_error(line, (size_t)n);
}

static uint32_t value_at(int kind, uint32_t idx)
{
    uint32_t word = flash_words[idx / 4] >> idx % 4 * 8;
    if (kind == 0)
        return word & 0xFF;
    return kind == 1 ? word & 0xFFFF : (uint32_t)(int32_t)(int16_t)word;
}

static void test_load(int load, uint32_t idx)
{
    int kind = load / (REGISTERS * BASES), target = load / BASES % REGISTERS;
    int base = load % BASES ? 4 : 7;
    uint32_t addr = (uint32_t)(uintptr_t)flash_words + idx;
    trap_loads[load](addr);
    for (int i = 0; i < REGISTERS; i++) {
        uint32_t want = i == target ? value_at(kind, idx) : i == base ? addr : 0x400u + (uint32_t)i;
        char name[4];
        snprintf(name, sizeof name, "a%d", i);
        check(name, load, addr, want, trap_results[i]);
    }
    check("SAR", load, addr, 0x15, trap_results[REGISTERS]);
}

static _Noreturn void run(void)
{
    uint32_t loads = 0, counted = 0;
    chip_trap_all_loads();
    for (int load = 0; load < KINDS * REGISTERS * BASES; load++) {
        int step = load / (REGISTERS * BASES) ? 2 : 1;
        for (uint32_t idx = 0; idx < sizeof flash_words; idx += (uint32_t)step, loads++)
            test_load(load, idx);
    }
    for (uint32_t i = 0; i < TRAP_SITES; i++)
        counted += trap_sites[i].count;
    check("count of emulated loads", -1, 0, loads, counted);
    char line[60];
    int n = snprintf(line, sizeof line, "%d checks, %d faults\n", check_count, fault_count);
    port_console_error(line, (size_t)n);
    for (;;)
        host(HOST_EXIT, fault_count != 0, 0, 0);
}

CHIP_IRAM _Noreturn void chip_power_on(void)
{
    rom_Cache_Read_Enable(0, 0, 1);
    run();
}
