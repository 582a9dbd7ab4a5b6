// trap.c: loads that the flash window does not carry out are emulated here, and counted; what is
// frequent has its own way in start.S.
//
// On the chip a load of 8 or 16 bits from the window ends in EXCCAUSE 3: the aligned word is read
// and the bits are taken out of it. QEMU carries such loads out; chip_trap_all_loads() makes the
// whole region unreadable there (EXCCAUSE 28), and the words come from a copy at +0x20000000, which
// rom_stub/ keeps. Word loads then trap, too; they are emulated and counted apart.
// Memory: one frame, a table of counters. Everything that runs in a trap lies in IRAM.
// Source: instruction formats of the Xtensa ISA (little-endian): bits 0-3 op0, 4-7 t, 8-11 s,
//         12-15 r, 16-23 immediate.

#include "runtime/port/esp8266/trap.h"

#include <stdio.h>
#include <string.h>

#include "runtime/format/address_map.h"
#include "runtime/port/esp8266/chip.h"
#include "runtime/port/port.h"

#define CAUSE_LOAD_STORE 3
#define CAUSE_LOAD_PROHIBITED 28
#define ALIAS_OFFSET 0x20000000u
#define REGION_ADDR 0x40000000u // what one attribute of the data TLB covers, with code and window
#define REGION_MASK 0xE0000000u
#define ATTRIBUTE_EXECUTE_ONLY 3u

static uint32_t sites_used;
static uint32_t uncounted; // loads of sites that found no place
static uint32_t word_loads;

struct load {
    uint32_t target; // register
    uint32_t bytes;  // 1, 2, 4
    uint32_t is_signed;
    uint32_t instruction_bytes;
};

CHIP_IRAM static uint32_t fetch(uint32_t addr)
{
    return *(const volatile uint32_t *)(uintptr_t)(addr + trap_frame.alias);
}

// The instruction at `pc`; 0 if it is no load that is known here.
CHIP_IRAM static int decode(uint32_t pc, struct load *load)
{
    uint32_t shift = (pc & 3) * 8;
    uint32_t word = fetch(pc & ~3u) >> shift;
    if (shift > 8)
        word |= fetch((pc & ~3u) + 4) << (32 - shift);
    uint32_t op = word & 15, kind = word >> 12 & 15;
    load->target = word >> 4 & 15;
    load->instruction_bytes = 3;
    load->is_signed = 0;
    load->bytes = 4;
    if (op == 8) { // L32I.N
        load->instruction_bytes = 2;
        return 1;
    }
    if (op == 1) // L32R
        return 1;
    if (op != 2)
        return 0;
    if (kind == 0) { // L8UI
        load->bytes = 1;
    } else if (kind == 1 || kind == 9) { // L16UI, L16SI
        load->bytes = 2;
        load->is_signed = kind == 9;
    } else if (kind != 2) { // L32I
        return 0;
    }
    return 1;
}

CHIP_IRAM static void count(uint32_t pc, uint32_t bytes)
{
    if (bytes == 4) {
        word_loads++;
        return;
    }
    uint32_t at = (pc ^ pc >> 9) & (TRAP_SITE_HEADS - 1);
    for (uint32_t tries = 0; tries < TRAP_SITE_TRIES; tries++, at++) {
        if (trap_sites[at].pc == pc) {
            trap_sites[at].count++;
            return;
        }
        if (trap_sites[at].pc == 0) {
            trap_sites[at].pc = pc;
            trap_sites[at].count = 1;
            trap_sites[at].width_log2 = bytes >> 1;
            sites_used++;
            return;
        }
    }
    uncounted++;
}

static void write_line(const char *format, uint32_t a, uint32_t b, uint32_t c)
{
    char line[80];
    int bytes = snprintf(line, sizeof line, format, (unsigned)a, (unsigned)b, (unsigned)c);
    port_console_error(line, (size_t)bytes);
}

// Back to ordinary execution, to say what happened and end.
_Noreturn void trap_fatal(struct trap_frame *frame)
{
    __asm__ volatile("wsr.ps %0; rsync" : : "r"(0x20));
    write_line("frost: exception %u at 0x%08x, address 0x%08x\n", frame->cause, frame->epc,
               frame->address);
    port_panic("the firmware cannot go on");
}

CHIP_IRAM void trap_handle(struct trap_frame *frame)
{
    struct load load;
    uint32_t addr = frame->address;
    int is_known = frame->cause == CAUSE_LOAD_STORE ||
                   (frame->cause == CAUSE_LOAD_PROHIBITED && frame->alias);
    if (!is_known || (addr & REGION_MASK) != REGION_ADDR || !decode(frame->epc, &load) ||
        (addr & (load.bytes - 1)) != 0)
        trap_fatal(frame);
    uint32_t value = fetch(addr & ~3u) >> (addr & 3) * 8;
    if (load.bytes == 1)
        value &= 0xFF;
    else if (load.bytes == 2)
        value = load.is_signed ? (uint32_t)((int32_t)(value << 16) >> 16) : value & 0xFFFF;
    count(frame->epc, load.bytes);
    frame->a[load.target] = value;
    frame->epc += load.instruction_bytes;
}

void chip_trap_all_loads(void)
{
    trap_frame.alias = ALIAS_OFFSET;
    __asm__ volatile("wdtlb %0, %1; dsync" : : "r"(ATTRIBUTE_EXECUTE_ONLY), "r"(REGION_ADDR));
}

void chip_trap_report(void)
{
    uint32_t total = uncounted;
    for (int i = 0; i < (int)TRAP_SITES; i++)
        total += trap_sites[i].count;
    write_line("frost: %u sub-word loads from flash at %u places, %u word loads\n", total,
               sites_used, word_loads);
    for (int i = 0; i < (int)TRAP_SITES; i++)
        if (trap_sites[i].pc)
            write_line("load %10u %u 0x%08x\n", trap_sites[i].count, 1u << trap_sites[i].width_log2,
                       trap_sites[i].pc);
    if (uncounted)
        write_line("load %10u at places without a counter\n", uncounted, 0, 0);
}
