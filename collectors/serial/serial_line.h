// serial_line.h: opens what a device is connected to: a serial line, a pseudo-terminal, a FIFO, or
// a file with what came over one (read to its end).
//
// Context: Linux; the line is ours alone until it is closed.

#ifndef FROST_COLLECTORS_SERIAL_LINE_H
#define FROST_COLLECTORS_SERIAL_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/problem.h"

struct serial_line {
    int fd;
    bool can_send;
};

// Opens `path`. A terminal is made raw: 8 bits, no parity, 1 stop bit, no flow control, `baud` bits
// a second; closing it does not hang up, so that a board is not reset.
//
// Errors: STATUS_NOT_FOUND; STATUS_IO no permission, in use by another program; STATUS_USAGE the
//         line does not do that speed.
int serial_line_open(const char *path, uint32_t baud, struct serial_line *line,
                     struct problem *problem) __attribute__((warn_unused_result));

void serial_line_close(struct serial_line *line);

#endif
