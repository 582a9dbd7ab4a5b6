// core_call_test.c: growth of stacks and call records, limits, handlers, coroutines, hooks.

#include "runtime/core/call.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "runtime/core/state.h"
#include "runtime/lib/libs.h"
#include "tests/support/state.h"

// ---- sizes (allocation policy of NodeMCU 3.0) ----

STATE_TEST(a_stack_grows_by_the_rule)
{
    static const int want[] = {45, 96, 198, 402, 810};
    for (size_t n = 0; n < sizeof want / sizeof *want; n++) {
        CHECK_EQUAL(L->stack_count, want[n]);
        CHECK_EQUAL(DEREF(L->stack_last) - DEREF(L->stack), want[n] - 6);
        call_grow_stack(L, 1);
    }
    int32_t count = L->stack_count;
    call_grow_stack(L, count + 100);
    CHECK_EQUAL(L->stack_count, 2 * count + 100 + 6);
}

STATE_TEST(values_and_upvalues_survive_a_move_of_the_stack)
{
    libs_open(L);
    lua_settop(L, 0);
    for (int n = 1; n <= 15; n++)
        lua_pushinteger(L, n);
    call_resize_stack(L, 1000);
    call_resize_stack(L, 39);
    for (int n = 1; n <= 15; n++)
        CHECK_EQUAL(lua_tointeger(L, n), n);
    CHECK_TEXT(run_text(L, "local a = 5; local f = function() a = a + 1 return a end\n"
                           "local function deep(n) if n > 0 then return 1 + deep(n - 1) end"
                           " return f() end\n"
                           "deep(300) return a .. ' ' .. f()"),
               "6 7");
}

STATE_TEST(call_records_double)
{
    CHECK_EQUAL(L->call_count, 8);
    CHECK_TEXT(run_text(L, "local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end"
                           " return f(50)"),
               "50");
    CHECK_EQUAL(L->call_count, 64);
}

STATE_TEST(records_have_a_limit)
{
    const char *message = run_text(L, "local n = 0 local function f() n = n + 1 return 1 + f() end"
                                      " return f()");
    CHECK_TEXT(message, "t:1: stack overflow");
    CHECK_EQUAL(L->call_count, CALLS_MAX);
    CHECK_TEXT(run_text(L, "return 1"), "1");
}

static int depth;

static int nest(lua_State *L)
{
    depth++;
    lua_pushcfunction(L, nest);
    lua_call(L, 0, 0);
    return 0;
}

STATE_TEST(calls_through_c_have_a_limit)
{
    depth = 0;
    lua_pushcfunction(L, nest);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    CHECK_TEXT(lua_tostring(L, -1), "C stack overflow");
    CHECK_EQUAL(depth, C_CALLS_MAX - 1);
    CHECK_EQUAL(L->c_calls, 0);
}

// Functions of many parameters get too few arguments at every distance from the stack's end.
STATE_TEST(missing_arguments_fit)
{
    CHECK_TEXT(run_text(L, "local function f(a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,...)"
                           " local x = {...} return #x + select_none(t) end\n"
                           "function select_none(v) return v == nil and 1 or 0 end\n"
                           "local function deep(n) if n == 0 then return f() end"
                           " return deep(n - 1) + f() end\n"
                           "local sum = 0 for n = 1, 120 do sum = sum + deep(n) end return sum"),
               "7380");
}

// ---- errors ----

static int fail_again(lua_State *L)
{
    return luaL_error(L, "second");
}

static int keep_message(lua_State *L)
{
    lua_pushliteral(L, "handled ");
    lua_insert(L, 1);
    lua_concat(L, 2);
    return 1;
}

static int fail(lua_State *L)
{
    return luaL_error(L, "first");
}

STATE_TEST(handlers)
{
    lua_pushcfunction(L, keep_message);
    lua_pushcfunction(L, fail);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 1), LUA_ERRRUN);
    CHECK_TEXT(lua_tostring(L, -1), "handled first");
    lua_settop(L, 0);
    lua_pushcfunction(L, fail_again);
    lua_pushcfunction(L, fail);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 1), LUA_ERRERR);
    CHECK_TEXT(lua_tostring(L, -1), "error in error handling");
    lua_settop(L, 0);
    lua_pushboolean(L, 1); // no function
    lua_pushcfunction(L, fail);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 1), LUA_ERRERR);
    CHECK_EQUAL(lua_gettop(L), 2);
}

STATE_TEST(an_error_ends_a_blocked_collection_and_a_fixed_stack)
{
    lua_gc(L, LUA_GCSTOP, 0);
    GLOBAL(L)->stack_fixed = 3;
    lua_pushcfunction(L, fail);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    CHECK_EQUAL(GLOBAL(L)->gc_blocked, 0);
    CHECK_EQUAL(GLOBAL(L)->stack_fixed, 0);
}

// ---- coroutines ----

static int yield_all(lua_State *L)
{
    return lua_yield(L, lua_gettop(L));
}

STATE_TEST(threads_pass_values_and_refuse)
{
    lua_State *thread = lua_newthread(L);
    lua_pushcfunction(L, yield_all);
    lua_setglobal(L, "yield");
    CHECK_EQUAL(luaL_loadstring(thread, "local a, b = yield(1, 2) return a .. b, yield()"), 0);
    CHECK_EQUAL(lua_resume(thread, 0), LUA_YIELD);
    CHECK_EQUAL(lua_gettop(thread), 2);
    CHECK_EQUAL(lua_tointeger(thread, 2), 2);
    lua_settop(thread, 0);
    lua_pushliteral(thread, "x");
    lua_pushliteral(thread, "y");
    CHECK_EQUAL(lua_resume(thread, 2), LUA_YIELD);
    CHECK_EQUAL(lua_gettop(thread), 0);
    lua_pushboolean(thread, 1);
    CHECK_EQUAL(lua_resume(thread, 1), LUA_OK);
    CHECK_TEXT(lua_tostring(thread, 1), "xy");
    CHECK(lua_toboolean(thread, 2));
    lua_settop(thread, 0);
    CHECK_EQUAL(luaL_loadstring(thread, "local x = nil; x()"), 0);
    CHECK_EQUAL(lua_resume(thread, 0), LUA_ERRRUN);
    CHECK_EQUAL(lua_status(thread), LUA_ERRRUN);
    CHECK_EQUAL(lua_resume(thread, 0), LUA_ERRRUN);
    CHECK_TEXT(lua_tostring(thread, -1), "cannot resume non-suspended coroutine");
    CHECK_TEXT(run_text(L, "yield()"), "attempt to yield across metamethod/C-call boundary");
}

// ---- hooks ----

static int hook_count;

static void count_hook(lua_State *L, lua_Debug *ar)
{
    (void)L;
    hook_count += ar->event == LUA_HOOKCOUNT;
}

STATE_TEST(count_hooks_come_at_their_interval)
{
    hook_count = 0;
    lua_sethook(L, count_hook, LUA_MASKCOUNT, 10);
    CHECK_TEXT(run_text(L, "local n = 0 for i = 1, 1000 do n = n + i end return n"), "500500");
    lua_sethook(L, NULL, 0, 0);
    CHECK(hook_count >= 200 && hook_count <= 202);
}

static lua_State *looping;

static void stop_hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    lua_sethook(L, NULL, 0, 0);
    lua_pushliteral(L, "interrupted");
    lua_error(L);
}

static void on_alarm(int number)
{
    (void)number;
    lua_sethook(looping, stop_hook, LUA_MASKCOUNT, 1);
}

// As Ctrl-C does: the hook is set by a signal while Lua code runs that calls nothing.
STATE_TEST(a_hook_set_by_a_signal_is_noticed)
{
    static const char *const loops[] = {
        "while true do end",
        "repeat until false",
        "for i = 1, 1e18 do end",
        "local function f() return f() end f()",
        "for _ in function() return 1 end do end",
    };
    struct itimerval soon = {{0, 0}, {0, 20000}};
    signal(SIGALRM, on_alarm);
    looping = L;
    for (size_t n = 0; n < sizeof loops / sizeof *loops; n++) {
        setitimer(ITIMER_REAL, &soon, NULL);
        CHECK_TEXT(run_text(L, loops[n]), "interrupted");
    }
}

TEST_MAIN
