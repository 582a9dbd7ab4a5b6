// serial_out.h: what the files of the serial trace share.

#ifndef FROST_PORT_ESP8266_SERIAL_OUT_H
#define FROST_PORT_ESP8266_SERIAL_OUT_H

#include <stdint.h>

#include "runtime/format/serial_frame.h"

// ---- serial_out.c ----

// A hello is due.
void serial_out_hello(void);
// Sends a short text as an answer frame when the line is free; a later one replaces it.
void serial_out_answer(const char *text);
// 1 while one waits.
int serial_out_is_answering(void);
// A packet ends, with its sums, every so many milliseconds; 0: when it is full.
void serial_out_every(uint32_t ms);

// ---- serial_command.c ----

// Takes in what has come over the line; carries whole commands out (serial_frame.h).
void serial_command_poll(void);
// Carries commands out, with ";" between them.
void serial_command_take(const char *commands);

#endif
