// host.h: what the parts of the host port tell each other.
//
// Memory: the ranges of runtime/format/address_map.h. Context: main thread before the interpreter
// starts, then the interpreter's thread.

#ifndef FROST_PORT_HOST_HOST_H
#define FROST_PORT_HOST_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/lua.h"
#include "runtime/core/shortcut.h"

// ---- memory.c ----

// Checks page size and addresses; ends the program with status 4 and a message if they do not fit.
void host_memory_check(void);
// The heap of `bytes` (rounded up to 8): at HEAP_ADDR up to 1 MiB, else at HEAP_FAR_ADDR. NULL if
// it cannot be had.
void *host_heap_map(size_t bytes);
// Room for the forms of code in the flash window and small heaps (runtime/core/form.h), which
// host_heap_map gets as well; 0: it cannot be had.
#if HAS_SHORTCUTS
int host_forms_map(void);
#else
#define host_forms_map() 1
#endif
// Gives the heap's pages back as zeros, before another boot.
void host_heap_clear(void);

// ---- thread.c ----

// Runs `body` on a thread whose stack of `stack_bytes` lies at STACK_ADDR; returns its result, or
// -1 if the thread could not be made.
int host_thread_run(int (*body)(void *context), void *context, size_t stack_bytes);
// True for an address in the guard below the stack.
int host_is_stack_guard(uintptr_t addr);

// ---- fault.c ----

// Installs handlers for stray stores and loads, stack overflow and Ctrl-C. `*state` is the running
// state, or NULL.
void host_fault_init(lua_State *const *state);
// Gives the calling thread a second stack, on which the handler runs when the first is used up.
void host_fault_thread(void);
// Set by Ctrl-C: the program is to end at the next hook.
extern volatile int host_interrupted;

enum host_interrupt {
    HOST_INTERRUPT_ENDS,     // ends the program, at a hook if it comes to one
    HOST_INTERRUPT_RAISES,   // raises the error "interrupted!" in the main thread
    HOST_INTERRUPT_ENDS_NOW, // no Lua is running
};
// What Ctrl-C does from now on; HOST_INTERRUPT_ENDS at the start.
void host_interrupts(enum host_interrupt kind);

// ---- files.c ----

// The folder that is the program's file system; "" is the current folder. `is_flat`: names are the
// device's, without folders, absolute paths and "..".
void host_files_init(const char *folder, int is_flat);

// ---- exit.c ----

struct lua_State;
// Ends the trace, if there is one, with this status, and the process.
_Noreturn void host_exit(int status);
// Where port_restart jumps to: set by the boot loop.
int host_boots_allowed(void);

#endif
