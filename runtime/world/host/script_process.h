// script_process.h: the process in which a world script runs, a child of the device's.
//
// Reads and writes: processes; messages on standard error. Memory: none.
// Context: main thread before the interpreter starts; script_stop whoever ends the process.

#ifndef FROST_WORLD_HOST_SCRIPT_PROCESS_H
#define FROST_WORLD_HOST_SCRIPT_PROCESS_H

// Starts the process with the script at `path`, which compiles it, and puts it behind the gate.
// Exit status: EXIT_STATUS_DONE, or with what the run is to end now; a message has been written.
int script_start(const char *path, void (*end)(int status));
// The run ends with `status`; returns what it is with what the script thinks of it. The process is
// gone then. If `at_once`, the script is not asked.
int script_stop(int status, int at_once);

#endif
