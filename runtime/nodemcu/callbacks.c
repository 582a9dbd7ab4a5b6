// callbacks.c: see callbacks.h.
//
// Source: facts on NodeMCU 3.0: an error of a callback becomes a task of high priority that calls
// the error function; the default one prints, and 2 s after the first error the device restarts.

#include "runtime/nodemcu/callbacks.h"

#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/tasks.h"
#include "runtime/nodemcu/watchdog.h"
#include "runtime/port/port.h"

#define RESTART_US 2000000u // after the first error

static enum callback_policy policy;
static lua_CFunction message_handler;
static int on_error_ref = LUA_NOREF;
static char has_failed;
static char has_restarted; // an error of this boot restarts the device

void callbacks_reset(void)
{
    on_error_ref = LUA_NOREF;
    has_failed = 0;
    has_restarted = 0;
}

void callbacks_set_policy(enum callback_policy what)
{
    policy = what;
}

void callbacks_set_handler(lua_CFunction handler)
{
    message_handler = handler;
}

int callbacks_take_failure(void)
{
    int had_failed = has_failed;
    has_failed = 0;
    return had_failed;
}

int callbacks_restart(void)
{
    return has_restarted;
}

void callbacks_set_on_error(lua_State *L)
{
    luaL_unref(L, LUA_REGISTRYINDEX, on_error_ref);
    on_error_ref = LUA_NOREF;
    if (lua_isnil(L, -1))
        lua_pop(L, 1);
    else
        on_error_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

void callbacks_push_handler(lua_State *L)
{
    lua_pushcfunction(L, message_handler);
}

static void write_error(const char *text)
{
    port_console_error(text, strlen(text));
}

static const char *message_of(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    return message ? message : "(error object is not a string)";
}

// Ends the run with the error on top of the stack.
static void stop(lua_State *L)
{
    write_error("lua: ");
    write_error(message_of(L));
    write_error("\n");
    has_failed = 1;
}

// The device's own error function, for the message on top of the stack.
static void print_and_restart(lua_State *L)
{
    has_restarted = 1;
    restart_later(RESTART_US, RESTART_SOFTWARE);
    lua_getglobal(L, "print");
    lua_pushvalue(L, -2);
    callback_call(L, 1, CALLBACK_PROTECTED);
}

static void panic(lua_State *L)
{
    const char *message = message_of(L), *traceback = strstr(message, "\nstack traceback:");
    write_error("PANIC: unprotected error in call to Lua API (");
    port_console_error(message, traceback ? (size_t)(traceback - message) : strlen(message));
    write_error(")\n");
    if (traceback) { // which the device does not have
        write_error(traceback + 1);
        write_error("\n");
    }
    has_restarted = 1;
    device_time_delay(WATCHDOG_US);
    restart_now(RESTART_SOFT_WATCHDOG);
}

// The task of an error: calls the error function, whose own errors come the same way.
static void run_error_function(lua_State *L, int ref)
{
    int has_function = on_error_ref >= 0;
    if (has_function)
        lua_rawgeti(L, LUA_REGISTRYINDEX, on_error_ref);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    if (has_function) {
        callback_call(L, 1, CALLBACK_PROTECTED);
        return;
    }
    print_and_restart(L);
    lua_pop(L, 1);
}

// Body of a protected call: a reference to its argument, an error message.
static int anchor(lua_State *L)
{
    lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
    return 1;
}

// Posts the task; -1: no memory, or the queue is full.
static int post_error(lua_State *L)
{
    lua_pushcfunction(L, anchor);
    lua_pushvalue(L, -2);
    int status = lua_pcall(L, 1, 1, 0);
    int ref = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (status != LUA_OK)
        return -1;
    if (tasks_post_c(run_error_function, ref, TASKS_PRIORITIES - 1) == 0)
        return 0;
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    return -1;
}

int callback_call(lua_State *L, int count, enum callback_errors errors)
{
    int at = lua_gettop(L) - count;
    if (has_failed) {
        lua_settop(L, at - 1);
        return 1;
    }
    lua_pushvalue(L, at); // for the watchdog, below the handler
    lua_insert(L, at);
    callbacks_push_handler(L);
    lua_insert(L, at + 1);
    watchdog_begin();
    int status = lua_pcall(L, count, 0, at + 1);
    watchdog_end(L, at);
    if (status != LUA_OK) {
        if (policy == CALLBACK_RESTARTS && errors == CALLBACK_PANICS)
            panic(L);
        int is_taken = (on_error_ref >= 0 && errors == CALLBACK_PROTECTED) ||
                       policy == CALLBACK_RESTARTS;
        if (!is_taken || post_error(L) != 0)
            stop(L);
    }
    lua_settop(L, at - 1);
    return status != LUA_OK;
}
