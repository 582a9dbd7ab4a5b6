// script.h: the filling behind which a world script is: a Lua file that runs in a process of its
// own (`frost run --world FILE`), in lock step with the device's time.
//
// What the script has no answer to, and Wi-Fi, is the virtual world's (runtime/world/virtual.h).
// Reads and writes: a socket (runtime/format/world_pipe.h); messages on standard error.
// Memory: static. Context: the interpreter's thread, but for what is said otherwise.

#ifndef FROST_WORLD_HOST_SCRIPT_H
#define FROST_WORLD_HOST_SCRIPT_H

#include "runtime/world/world.h"

extern const struct world_filling world_script;

// The script's process is at the other end of this socket and has not been greeted yet; `name` is
// the script's, for messages. `end` is called when the run is to end, with its exit status, and
// does not return.
void script_attach(int fd, const char *name, void (*end)(int status));
// Greets. Exit status: EXIT_STATUS_DONE, or what the run ends with; a message has been written.
int script_greet(void);
// The run ends with `status`: asks the script what it thinks of that. The status to end with.
int script_leave(int status);

#endif
