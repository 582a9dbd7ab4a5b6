// resume.c: coroutines: how a thread is started, left and entered again.
//
// Reads and writes: threads. Memory: none of its own.
// Source: Lua 5.1 manual, 2.11. A Lua function that calls another does not nest in C, so a
//         suspended thread is just its stack and its call records.

#include <assert.h>

#include "runtime/core/call.h"
#include "runtime/core/debug.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

// Runs in the thread's own protected call; `data` is the first argument or result.
static void resume_body(lua_State *L, void *data)
{
    struct value *first = data;
    struct call_record *call = DEREF(L->call);
    if (L->status == LUA_OK) { // a new thread: the function lies below its arguments
        if (call_prepare(L, first - 1, LUA_MULTRET) != CALL_LUA)
            return;
    } else {
        L->status = LUA_OK;
        if (call_is_lua(call)) { // it was left by a hook
            REF_COPY(L->base, call->base);
        } else if (call_finish(L, first)) { // the C function that yielded returns now
            TOP_SET(L, DEREF(DEREF(L->call)->top));
        }
    }
    // A C function as the body of a thread, resumed from C, has no Lua function to return to.
    if (DEREF(L->call) != DEREF(L->calls))
        vm_execute(L, (int)(DEREF(L->call) - DEREF(L->calls)));
}

// Replaces the arguments by a message.
static int refuse(lua_State *L, int arg_count, const char *message)
{
    TOP_SET(L, TOP(L) - arg_count);
    value_set_pointer(TOP(L), str_new_z(L, message), LUA_TSTRING);
    STACK_CHECK(L, 1);
    TOP_SET(L, TOP(L) + 1);
    return LUA_ERRRUN;
}

int lua_resume(lua_State *L, int arg_count)
{
    if (L->status != LUA_YIELD && (L->status != LUA_OK || DEREF(L->call) != DEREF(L->calls)))
        return refuse(L, arg_count, "cannot resume non-suspended coroutine");
    if (L->c_calls >= C_CALLS_MAX || PORT_STACK_IS_SHORT()) {
        if (L->status == LUA_OK) // loses its function as well: as Lua 5.1 has it, it is dead
            arg_count = (int)(TOP(L) - DEREF(DEREF(L->call)->base));
        return refuse(L, arg_count, "C stack overflow");
    }
    L->c_calls_base = ++L->c_calls;
    lua_State *resumer = PROBE_THREAD(L);
    int status = call_protected_raw(L, resume_body, TOP(L) - arg_count);
    (void)PROBE_THREAD(resumer);
    VM_HOOKS_RESTORE();
    if (status != LUA_OK) {
        L->status = (uint8_t)status; // the thread is dead
        call_set_error(L, status, TOP(L));
        REF_COPY(DEREF(L->call)->top, L->top);
    } else {
        status = L->status;
    }
    assert(L->c_calls > 0);
    L->c_calls--;
    return status;
}

int lua_yield(lua_State *L, int result_count)
{
    if (L->c_calls > L->c_calls_base)
        debug_run_error(L, "attempt to yield across metamethod/C-call boundary");
    REF_SET(L->base, TOP(L) - result_count); // protects what lies below
    L->status = LUA_YIELD;
    return -1;
}

int lua_status(lua_State *L)
{
    return L->status;
}

void lua_setlevel(lua_State *from, lua_State *to)
{
    to->c_calls = from->c_calls;
}
