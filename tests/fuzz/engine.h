// engine.h: what a fuzz target and the engine that runs it tell each other.
//
// Context: everything runs on the interpreter's thread (runtime/port/host/thread.c), so a target
// may make states and run Lua where it stands.

#ifndef FROST_TESTS_FUZZ_ENGINE_H
#define FROST_TESTS_FUZZ_ENGINE_H

#include <stddef.h>
#include <stdint.h>

// The target: one input of `size` bytes at `data`, which may be NULL if there are none. Result: 0.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Inputs that were not refused; counted by the target, printed by the engines of this directory.
extern unsigned long fuzz_taken;

#endif
