// serial_uart.h: the UART of the trace, byte by byte, without ever waiting.
//
// Under the emulator a line has no speed. `--trace-baud=N` gives it one: time is then the number of
// VM instructions, SERIAL_VM_PER_SECOND of them to a second, so what is dropped is the same in
// every run. Not so without it: time is the CPU's, room is endless.
// Context: the one thread.

#ifndef FROST_PORT_ESP8266_SERIAL_UART_H
#define FROST_PORT_ESP8266_SERIAL_UART_H

#include <stdint.h>

#define SERIAL_VM_PER_SECOND 400000u // an assumption: 200 clocks of 80 MHz each

// `baud` 0: the speed that the UART has.
void serial_uart_init(uint32_t baud);
// Microseconds since boot, of either clock.
uint32_t serial_uart_time_us(void);
// How many bytes can be sent now.
uint32_t serial_uart_room(void);
// Sends one. Waits if there is no room: only for whoever may wait.
void serial_uart_put(uint8_t byte);
// Console text of so many bytes goes out by another way.
void serial_uart_note_text(uint32_t bytes);
// The next byte that has come, -1 if there is none.
int serial_uart_get(void);

#endif
