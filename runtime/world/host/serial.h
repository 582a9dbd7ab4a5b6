// serial.h: standard input is what arrives at UART 0, whatever else is behind the gate.
//
// While it is open the device's clock goes with the computer's (host_wait_hold), since somebody may
// be there; at its end the run goes on without. A terminal gives each key at once and leaves the
// echo to the device; Ctrl-D ends its input.
// Memory: static. A thread reads; all else is the interpreter's.

#ifndef FROST_WORLD_SERIAL_H
#define FROST_WORLD_SERIAL_H

// Puts itself in front of the filling that is behind the gate. 0, or -1 with errno set.
int serial_start(void);
// The terminal is as it was. Before the end of the process; may be called without serial_start.
void serial_end(void);

#endif
