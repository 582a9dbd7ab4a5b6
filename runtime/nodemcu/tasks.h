// tasks.h: the queue of tasks: what is to be called when what runs now has ended, by priority.
//
// Memory: the queue's slots are outside the Lua heap, as on the device; the functions are anchored
// in the registry. Context: the interpreter's thread.

#ifndef FROST_NODEMCU_TASKS_H
#define FROST_NODEMCU_TASKS_H

#include "runtime/core/api/lua.h"

#define TASKS_PRIORITIES 3 // low 0, medium 1, high 2
#define TASKS_MAX 8        // waiting tasks of one priority, the firmware's

// A task of a module; `ref` is what it was posted with. Calls Lua by callback_call alone.
typedef void (*task_function)(lua_State *L, int ref);

struct task {
    task_function run; // NULL: the function of Lua behind `ref` is called with the priority
    int ref;
};

// Before a boot: nothing waits.
void tasks_reset(void);
// Queues the call of a registry reference, which is freed before it is called with the priority.
// 0, or -1 if the queue is full.
int tasks_post(int function_ref, int priority);
// The same of a module's task; what `ref` is, is its affair.
int tasks_post_c(task_function run, int ref, int priority);
// The highest priority of which a task waits; -1: none.
int tasks_next(void);
// Takes the oldest task of a priority. False: none waits.
int tasks_take(int priority, struct task *task);

#endif
