// serial.h: standard input or a pseudo-terminal is UART 0, whatever else is behind the gate.
//
// While it is open the device's clock goes with the computer's (host_wait_hold), since somebody may
// be there; at its end the run goes on without. A terminal gives each key at once and leaves the
// echo to the device; Ctrl-D ends its input. A pseudo-terminal has both directions, so standard
// input and output are left alone; what nobody reads there is lost, as on a line.
// Memory: static. A thread reads; all else is the interpreter's.

#ifndef FROST_WORLD_SERIAL_H
#define FROST_WORLD_SERIAL_H

#include <stddef.h>

// Puts itself in front of the filling that is behind the gate. With a terminal of its own it says
// its name on standard error. 0, or -1 with errno set.
int serial_start(int has_own_terminal);
// Sends what the console gets to the pseudo-terminal. False: there is none.
int serial_write(const char *text, size_t bytes);
// The same for text, as the device prints it: a line feed becomes CR LF, a carriage return is left
// out.
int serial_print(const char *text, size_t bytes);
// The terminal is as it was. Before the end of the process; may be called without serial_start.
void serial_end(void);

#endif
