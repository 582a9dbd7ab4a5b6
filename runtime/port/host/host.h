// host.h: what the parts of the host port tell each other.
//
// Memory: the ranges of runtime/format/address_map.h. Context: main thread before the interpreter
// starts, then the interpreter's thread.

#ifndef FROST_PORT_HOST_HOST_H
#define FROST_PORT_HOST_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/api/lua.h"
#include "runtime/core/fast_path.h"
#include "runtime/flash/file_system.h"

// ---- memory.c ----

// Checks page size and addresses; ends the program with status 4 and a message if they do not fit.
void host_memory_check(void);
// The heap of `bytes` (rounded up to 8): at HEAP_ADDR up to 1 MiB, else at HEAP_FAR_ADDR. NULL if
// it cannot be allocated.
void *host_heap_map(size_t bytes);
// Room for the forms of code in the flash window and small heaps (runtime/core/quicken.h), which
// host_heap_map gets as well; 0: it cannot be allocated.
#if HAS_FAST_PATHS
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
// Makes the upper half of the guard a part of the stack. 0: it is one already, or cannot be.
int host_stack_extend(void);

// ---- fault.c ----

// Installs handlers for stray stores and loads, stack overflow and Ctrl-C. `*state` is the running
// state, or NULL.
void host_fault_init(lua_State *const *state);
// Gives the calling thread a second stack, on which the handler runs when the first is used up.
void host_fault_thread(void);
// Set by Ctrl-C: the program is to end at the next hook.
extern volatile int host_interrupted;
// Set by SIGUSR1: who has started the program wants no more of it. It ends when nothing of Lua
// runs.
extern volatile int host_is_over;

enum host_interrupt {
    HOST_INTERRUPT_ENDS,     // ends the program, at a hook if it comes to one
    HOST_INTERRUPT_RAISES,   // raises the error "interrupted!" in the main thread
    HOST_INTERRUPT_ENDS_NOW, // no Lua is running
};
// What Ctrl-C does from now on; HOST_INTERRUPT_ENDS at the start.
void host_interrupts(enum host_interrupt kind);

// Somebody else has used vm_watch: one that came meanwhile watches again.
void host_interrupt_goes_on(void);

// ---- limit.c ----

// A boot begins, which ends when it has computed for that long (0: no limit), with status 0 and its
// trace marked as cut.
void host_limit_boot(uint64_t duration_ms);

// ---- files.c ----

enum host_files {
    HOST_FILES_PATHS,     // names are paths from a directory on
    HOST_FILES_DIRECTORY, // names of the device, in a directory (directory_files.h)
    HOST_FILES_STORE,     // the file store of the flash
};
// Where the program's files are, and the directory; "" is the current one. The text must last.
void host_files_init(const char *path, enum host_files kind);
// A boot begins: the store is mounted, if it is the program's; what is wrong with it is said.
// `seconds` gives the time for its files, since 1970.
void host_files_boot(uint32_t (*seconds)(void));
// A restart: files that are open are not closed, as the device does not.
void host_files_drop(void);
// Files by paths of the host, from that directory on: what the command line names.
extern struct file_system host_paths;

// ---- path_files.c ----

// The context of a file system with this driver points to the path of a directory.
extern const struct fs_driver path_driver;

// ---- wait.c ----

enum host_clock {
    HOST_CLOCK_VIRTUAL, // the device's clock jumps over waits
    HOST_CLOCK_REAL,    // it goes with the computer's, from the boot on
};
// Before the first boot. 0, or -1 with errno set.
int host_wait_init(enum host_clock clock);
// A boot begins: the device's clock is at 0 now.
void host_wait_boot(void);
// Something has arrived: ends the wait of now, or the next one. From any thread or signal handler.
void host_wake(void);
// One source more (1) or less (-1) from which something may arrive.
void host_wait_sources(int change);
// From now on the virtual clock, which says `now_us`, goes with the computer's for one reason more
// (1) or less (-1).
void host_wait_hold(int change, uint64_t now_us);
// Waits look at this descriptor, too: when it can be read, and before each wait, `look` is called,
// and says whether something has arrived.
void host_wait_poll(int descriptor, int (*look)(void));

// ---- exit.c ----

// Ends the trace, if there is one, with this status, and the process.
_Noreturn void host_exit(int status);
// The exit status of a program whose standard output failed (errno), which is said, but for a pipe
// that nobody reads any more.
int host_output_failed(void);
// For tests: gets the number of instructions executed then; NULL: none.
extern const char *host_instructions_file;

// Identity of this program: CRC-32 of the linker's build id; 0: it has none.
uint32_t host_program_id(void);

#endif
