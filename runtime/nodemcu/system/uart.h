// uart.h: the module uart, as a boot sees it.

#ifndef FROST_NODEMCU_SYSTEM_UART_H
#define FROST_NODEMCU_SYSTEM_UART_H

// Before a boot: 115200 baud, 8 bits, no parity, 1 stop bit.
void uart_reset(void);

#endif
