// sandbox.c: what sandbox.h says.

#include "tests/fuzz/sandbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/check.h"
#include "runtime/core/heap.h"
#include "runtime/lib/libs.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"

#define HEAP_BYTES (128u << 10)
#define RUN_INSTRUCTIONS_MAX 3000
#define INSERT_BELOW_MAX 1000

_Noreturn void port_restart(void)
{
    abort(); // node, which could ask for it, is not there
}

static int is_over; // the program has had its time

static void stop(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    is_over = 1;
    lua_sethook(L, stop, LUA_MASKCOUNT, 1); // or a loop around pcall would go on for ever
    luaL_error(L, "too long");
}

int sandbox_call(lua_State *L, int argument_count)
{
    lua_sethook(L, stop, LUA_MASKCOUNT, RUN_INSTRUCTIONS_MAX);
    return lua_pcall(L, argument_count, 1, 0);
}

static int do_nothing(lua_State *L)
{
    (void)L;
    return 0;
}

// table.insert, but for positions that would have it move nothing two thousand million times.
static int insert_near(lua_State *L)
{
    if (lua_gettop(L) > 2)
        luaL_argcheck(L, luaL_checkinteger(L, 2) > -INSERT_BELOW_MAX, 2, "too far");
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 0);
    return 0;
}

static void tame_tables(lua_State *L)
{
    static const char *const names[] = {"concat", "foreach", "foreachi", "getn",
                                        "maxn",   "remove",  "sort",     "insert"};
    lua_newtable(L);
    lua_getglobal(L, "table");
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        lua_getfield(L, -1, names[n]);
        if (n == sizeof names / sizeof *names - 1)
            lua_pushcclosure(L, insert_near, 1);
        lua_setfield(L, -3, names[n]);
    }
    lua_pop(L, 1);
    lua_setglobal(L, "table");
}

// xpcall and load, but not once time is over: handlers of errors that call them again would double
// the work at each depth.
static int call_in_time(lua_State *L)
{
    if (is_over)
        return luaL_error(L, "too long");
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

static void tame(lua_State *L)
{
    tame_tables(L);
    static const char *const timed[] = {"xpcall", "load"};
    for (size_t n = 0; n < sizeof timed / sizeof *timed; n++) {
        lua_getglobal(L, timed[n]);
        lua_pushcclosure(L, call_in_time, 1);
        lua_setglobal(L, timed[n]);
    }
    static const char *const names[] = {"print", "node", "dofile", "loadfile", "file", "tmr"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        lua_pushcfunction(L, do_nothing);
        lua_setglobal(L, names[n]);
    }
}

struct job {
    lua_CFunction body;
    void *data;
};

static int open_and_run(lua_State *L)
{
    const struct job *job = lua_touserdata(L, 1);
    libs_open(L);
    tame(L);
    lua_settop(L, 0);
    lua_pushlightuserdata(L, job->data);
    return job->body(L);
}

static int collect(lua_State *L)
{
    lua_gc(L, LUA_GCCOLLECT, 0); // may raise what a finalizer raises
    return 0;
}

void sandbox_run(lua_CFunction body, void *data)
{
    static void *heap;
    struct job job = {body, data};
    if (!heap)
        heap = host_heap_map(HEAP_BYTES);
    if (!heap)
        abort();
    is_over = 0;
    heap_init(heap, HEAP_BYTES);
    uint32_t free_bytes = heap_free_bytes();
    lua_State *L = lua_newstate(heap_realloc, NULL);
    if (!L)
        abort();
    lua_cpcall(L, open_and_run, &job);
    lua_settop(L, 0);
    lua_sethook(L, stop, LUA_MASKCOUNT, RUN_INSTRUCTIONS_MAX); // for finalizers
    lua_cpcall(L, collect, NULL);
    const char *fault = check_all(L, 1);
    lua_close(L);
    if (!fault)
        fault = heap_check();
    if (heap_free_bytes() != free_bytes || fault) {
        fprintf(stderr, "fuzz: closing the state leaves %u bytes; the state and its heap are %s\n",
                free_bytes - heap_free_bytes(), fault ? fault : "sound");
        abort();
    }
}
