// serial_uart.c: UART 0 by its status register and the ROM's functions; probed build only.
//
// Source: the status register and its fields: ESP8266 Technical Reference (UART_STATUS). Run only
// under QEMU, where the register reads 0: nothing waits to be sent.

#include "runtime/port/esp8266/serial_uart.h"

#ifdef FROST_PROBED

#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/rom.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define UART_STATUS (*(volatile uint32_t *)0x6000001Cu)
#define UART_SENDING(status) ((status) >> 16 & 0xFF) // bytes that wait in the FIFO
#define UART_FIFO_BYTES 126u
#define BITS_PER_BYTE 10u

// The line that the emulator lacks.
static struct {
    uint32_t baud; // 0: none
    uint64_t clock;
    uint32_t credit;      // bytes that the FIFO has room for
    uint32_t credit_rest; // in parts of SERIAL_VM_PER_SECOND * BITS_PER_BYTE
} model;

void serial_uart_init(uint32_t baud)
{
    model.baud = baud;
    model.clock = probe_clock;
    model.credit = UART_FIFO_BYTES;
    model.credit_rest = 0;
}

uint32_t serial_uart_time_us(void)
{
    if (model.baud)
        return (uint32_t)(probe_clock * (1000000u / (SERIAL_VM_PER_SECOND / 1000u)) / 1000u);
    return (uint32_t)port_clock_us();
}

static void let_time_pass(void)
{
    const uint32_t byte_cost = SERIAL_VM_PER_SECOND * BITS_PER_BYTE;
    uint64_t since = probe_clock - model.clock;
    model.clock = probe_clock;
    uint64_t parts = since * model.baud + model.credit_rest;
    uint64_t bytes = parts / byte_cost;
    model.credit_rest = (uint32_t)(parts % byte_cost);
    model.credit = bytes < UART_FIFO_BYTES - model.credit ? model.credit + (uint32_t)bytes
                                                          : UART_FIFO_BYTES;
}

uint32_t serial_uart_room(void)
{
    if (model.baud) {
        let_time_pass();
        return model.credit;
    }
    uint32_t sending = UART_SENDING(UART_STATUS);
    return sending < UART_FIFO_BYTES ? UART_FIFO_BYTES - sending : 0;
}

// Without credit time passes in which no instruction is executed.
void serial_uart_put(uint8_t byte)
{
    if (model.credit)
        model.credit--;
    rom_uart_tx_one_char(byte);
}

void serial_uart_note_text(uint32_t bytes)
{
    if (!model.baud)
        return;
    let_time_pass();
    model.credit -= bytes < model.credit ? bytes : model.credit;
}

int serial_uart_get(void)
{
    uint8_t byte;
    return rom_uart_rx_one_char(&byte) == 0 ? byte : -1;
}

#endif
