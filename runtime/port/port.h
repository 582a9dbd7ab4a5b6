// port.h: what the runtime asks of the machine it runs on.
//
// Implemented by runtime/port/host and runtime/port/esp8266.
// Context: the interpreter's thread. Nothing here raises a Lua error.

#ifndef FROST_PORT_PORT_H
#define FROST_PORT_PORT_H

#include <stddef.h>
#include <stdint.h>

// Ends the program after an internal fault: prints `text`, closes the trace, exit status 4.
_Noreturn void port_panic(const char *text);

// Writes the program's output (print) or messages to the console.
void port_console_write(const char *text, size_t bytes);
void port_console_error(const char *text, size_t bytes);

// Ends the program with `status` after the trace has been closed (os.exit, node.restart of the
// last boot).
_Noreturn void port_exit(int status);

// Ends this boot; the port starts the next one from scratch, up to its limit of boots.
_Noreturn void port_restart(void);

// Wall clock: seconds since 1970; processor time used, microseconds since the start.
uint32_t port_time_s(void);
uint64_t port_clock_us(void);

// The machine's stack: bytes used at the deepest point so far, and bytes left now.
uint32_t port_stack_used_max(void);
uint32_t port_stack_left(void);

// The chip's stack ends long before the runtime's limits of depth do: true if too little is left
// for one more level and the error that says so, or not even for handling that error.
#ifdef FROST_CHIP
#define PORT_STACK_RESERVE_BYTES 4096u
#define PORT_STACK_IS_SHORT() (port_stack_left() < PORT_STACK_RESERVE_BYTES)
#define PORT_STACK_IS_SPENT() (port_stack_left() < PORT_STACK_RESERVE_BYTES / 2)
#else
#define PORT_STACK_IS_SHORT() 0
#define PORT_STACK_IS_SPENT() 0
#endif

// ---- the file system of the program (a folder on the host) ----

struct port_file; // owned by the port; released by port_file_close

// Opens `name` ("r", "w", "a", "r+", "w+", "a+"). NULL on failure; *error is then an errno value.
struct port_file *port_file_open(const char *name, const char *mode, int *error);
// Reads up to `bytes`; returns the count, 0 at the end, -1 on failure.
long port_file_read(struct port_file *file, void *data, size_t bytes);
// Returns the count written or -1.
long port_file_write(struct port_file *file, const void *data, size_t bytes);
// whence: 0 start, 1 current, 2 end. Returns the new position or -1.
long port_file_seek(struct port_file *file, long offset, int whence);
int port_file_flush(struct port_file *file);
int port_file_close(struct port_file *file);
int port_file_exists(const char *name);
int port_file_remove(const char *name);               // 0 or -1
int port_file_rename(const char *from, const char *to); // 0 or -1
// Size in bytes, or -1.
long port_file_size(const char *name);
// Calls `visit` for each file in name order; stops when it returns non-zero.
int port_file_list(int (*visit)(void *context, const char *name, long bytes), void *context);
// Text for an errno value. Static storage.
const char *port_error_text(int error);

#endif
