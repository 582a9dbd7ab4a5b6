// interrupt.h: signals that end a command: what is half done is removed, or finished in order.
//
// While results are made (result.h takes them), SIGINT, SIGTERM, SIGHUP and SIGPIPE remove these
// and end the process as they would have. A command that can finish with what it has is patient:
// the first SIGINT, SIGTERM or SIGHUP is only noted for it, the next ends the process at once.
// Signals within INTERRUPT_PAUSE_MS of the first count as the same, since timeout(1) and terminals
// send several. A signal that was ignored stays so (nohup). Whoever needs the signals otherwise for
// a while (collectors/serial) takes them and gives them back. Memory: static. Context: one thread.

#ifndef FROST_BASE_INTERRUPT_H
#define FROST_BASE_INTERRUPT_H

#include <stdbool.h>
#include <sys/types.h>

#define INTERRUPT_PAUSE_MS 200

// Takes the signals, which interrupt_release gives back; calls nest. `clear` removes what is half
// done, with system calls only, before a signal ends the process.
void interrupt_take(void (*clear)(void));
void interrupt_release(void);

// From now on the first of them (but SIGPIPE) is noted; false: it ends the process again.
void interrupt_set_patient(bool is_patient);

// The signal that was noted, 0: none.
int interrupt_number(void);

// A process that is killed, and waited for, before this one ends by a signal; 0: none.
void interrupt_set_child(pid_t child);

#endif
