// vm_watch.c: the chip's plain build looks between instructions; see vm_watch.h.
//
// Reads and writes: process-wide state, zero at a boot. Memory: none. Raises: nothing.

#include "runtime/core/vm_watch.h"

#include "runtime/core/vm.h"

#if defined(FROST_CHIP) && !defined(FROST_PROBED)

struct vm_watched vm_watched;

void vm_watch_at(uint64_t instruction, void (*look)(void))
{
    vm_watched.instruction = instruction;
    vm_watched.look = look;
}

void vm_watch_soon(void)
{
    vm_watched.instruction = 0;
}

void vm_look_if_due(void)
{
    if (VM_IS_WATCHED() && vm_instructions() >= vm_watched.instruction)
        vm_watched.look();
}

#endif
