// vm_watch.h: the chip's plain build: the port looks at the time between two instructions, and ends
// runs there. The host has a watcher (vm.h), probed builds have the probes' (probe_watch).
//
// While something is watched for, the loop runs with the table of handlers that hooks use; a run
// without pays nothing for each instruction.

#ifndef FROST_CORE_VM_WATCH_H
#define FROST_CORE_VM_WATCH_H

#include <stdint.h>

#if defined(FROST_CHIP) && !defined(FROST_PROBED)

struct vm_watched {
    uint64_t instruction;
    void (*look)(void); // NULL: nothing is watched for
};

extern struct vm_watched vm_watched;
#define VM_IS_WATCHED() (vm_watched.look != 0)

// Calls `look` before each instruction that vm_instructions() counts as that one or a later one,
// until it watches for another. Must be called before Lua runs first.
void vm_watch_at(uint64_t instruction, void (*look)(void));
// Before the next instruction, if something is watched for.
void vm_watch_soon(void);
// Before an instruction; the loop has shown its place (vm_count.h).
void vm_look_if_due(void);

#else

#define VM_IS_WATCHED() 0
#define vm_watch_soon() ((void)0)
#define vm_look_if_due() ((void)0)

#endif

#endif
