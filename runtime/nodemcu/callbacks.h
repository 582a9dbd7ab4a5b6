// callbacks.h: calling functions of Lua from the event loop, and what becomes of their errors.
//
// Memory: a reference in the registry for an error on its way to node.setonerror's function.
// Context: the interpreter's thread, between turns or in one.

#ifndef FROST_NODEMCU_CALLBACKS_H
#define FROST_NODEMCU_CALLBACKS_H

#include "runtime/core/api/lua.h"

// What an error of a callback does.
enum callback_errors {
    CALLBACK_PROTECTED, // the error function or, without one, the policy has it
    CALLBACK_PANICS,    // net, tls, mqtt: "PANIC", and the watchdog resets the device
};

// What an error that nobody has taken does to the run.
enum callback_policy {
    CALLBACK_STOPS,    // it ends, with the traceback
    CALLBACK_RESTARTS, // the device prints it and restarts two seconds later
};

// ---- for the port and the event loop ----

// Before a boot: no error function, nothing has failed.
void callbacks_reset(void);
void callbacks_set_policy(enum callback_policy policy);
// The message handler of callbacks from now on.
void callbacks_set_handler(lua_CFunction handler);
// Has an error ended the run? Until this is asked nothing is called any more.
int callbacks_take_failure(void);
// Does an error of this boot restart the device?
int callbacks_restart(void);

// ---- for modules ----

// Calls the function below `count` arguments, all of which it pops; there are no results. 0, or 1:
// it failed, which has been dealt with.
int callback_call(lua_State *L, int count, enum callback_errors errors);
// Pushes the message handler.
void callbacks_push_handler(lua_State *L);
// Takes the function or nil on top of the stack: called with the message when a callback fails, and
// the run goes on.
void callbacks_set_on_error(lua_State *L);

#endif
