// console.c: the UART as console; the ways out; clocks and the stack.
//
// Output goes through the mask ROM one character at a time. Messages (port_console_error) go to the
// host's standard error under the emulator and to the same UART on a chip.

#include <assert.h>
#include <string.h>

#include "runtime/format/status.h"
#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/rom.h"
#include "runtime/port/esp8266/trace.h"
#include "runtime/port/esp8266/trace_out.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define CPU_MHZ 80
#define RESTART_WAIT_US 10000 // the UART sends its last characters
#define STACK_PAINT 0x5AA55AA5u

const struct services *chip_services(void)
{
    static const uint32_t magic[4] = SERVICES_MAGIC;
    const struct services *services = (const struct services *)SERVICES_ADDR;
    for (int i = 0; i < 4; i++)
        if (services->magic[i] != magic[i])
            return NULL;
    return services;
}

// ---- output ----

// One character of a text that may lie in flash, by a word load.
static uint8_t character_at(const char *text)
{
    uintptr_t addr = (uintptr_t)text;
    return (uint8_t)(*(const uint32_t *)(addr & ~(uintptr_t)3) >> (addr & 3) * 8);
}

static void send(const char *text, size_t bytes)
{
    trace_out_before_text((uint32_t)bytes);
    for (size_t i = 0; i < bytes; i++)
        rom_uart_tx_one_char(character_at(text + i));
}

void port_console_write(const char *text, size_t bytes)
{
    PROBE_CONSOLE(1, text, bytes);
    send(text, bytes);
}

void port_console_send(const char *bytes, size_t count)
{
    port_console_write(bytes, count);
}

void chip_message(const char *text, size_t bytes)
{
    const struct services *services = chip_services();
    int32_t error;
    if (services)
        services->call(HOST_WRITE, 2, (uint32_t)(uintptr_t)text, bytes, &error);
    else
        send(text, bytes);
}

void port_console_error(const char *text, size_t bytes)
{
    PROBE_CONSOLE(2, text, bytes);
    chip_message(text, bytes);
}

// ---- ways out ----

_Noreturn void port_exit(int status)
{
    const struct services *services = chip_services();
    int32_t error;
    chip_trace_close(status);
    if (services)
        services->call(HOST_EXIT, (uint32_t)status, 0, 0, &error);
    // A chip has nowhere to go: it waits for its reset, and does not reboot in a loop.
    for (;;)
        rom_ets_delay_us(1000000);
}

_Noreturn void port_panic(const char *text)
{
    chip_message("frost: ", 7);
    chip_message(text, strlen(text));
    chip_message("\n", 1);
    port_exit(EXIT_STATUS_ENVIRONMENT);
}

_Noreturn void port_restart(void)
{
    chip_trace_restart();
    rom_ets_delay_us(RESTART_WAIT_US);
    rom_reset();
}

_Noreturn void chip_assert_failed(const char *file, int line)
{
    char place[] = ":00000: ";
    for (int i = 5; i > 0; i--, line /= 10)
        place[i] = (char)('0' + line % 10);
    chip_message(file, strlen(file));
    chip_message(place, sizeof place - 1);
    port_panic("an assertion failed");
}

// ---- clocks ----

// CCOUNT has 32 bits: every 53 s it wraps, so this must be called more often than that.
uint64_t port_clock_us(void)
{
    static uint32_t last, wraps;
    uint32_t now;
    __asm__ volatile("rsr.ccount %0" : "=a"(now));
    wraps += now < last;
    last = now;
    return ((uint64_t)wraps << 32 | now) / CPU_MHZ;
}

// There is no clock that knows the date.
uint32_t port_time_s(void)
{
    return (uint32_t)(port_clock_us() / 1000000u);
}

// ---- memory that a reset leaves ----

volatile uint32_t *port_rtc_memory(void)
{
    return (volatile uint32_t *)0x60001200u;
}

// ---- stack ----

void chip_stack_paint(void)
{
    uint32_t *here = __builtin_frame_address(0);
    for (uint32_t *at = (uint32_t *)(void *)chip_bss_end; at < here - 16; at++)
        *at = STACK_PAINT;
}

uint32_t port_stack_used_max(void)
{
    const uint32_t *at = (const uint32_t *)(const void *)chip_bss_end;
    while ((const char *)at < chip_stack_top && *at == STACK_PAINT)
        at++;
    return (uint32_t)(chip_stack_top - (const char *)at);
}

uint32_t port_stack_left(void)
{
    return (uint32_t)((char *)__builtin_frame_address(0) - chip_bss_end);
}
