// frostvm.c: the VM program: boots the runtime, runs a script, then the events that it started.
//
// Started by `frost run` and by the recorder. Each boot has a fresh heap and a fresh state; the
// flash stays. Exit status: DESIGN, section 4.

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/chunk.h"
#include "runtime/core/heap.h"
#include "runtime/core/lauxlib.h"
#include "runtime/core/lua.h"
#include "runtime/core/profile.h"
#include "runtime/core/state.h"
#include "runtime/format/address_map.h"
#include "runtime/format/status.h"
#include "runtime/lib/libs.h"
#include "runtime/nodemcu/events.h"
#include "runtime/port/host/flash_file.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/trace.h"
#include "runtime/port/host/vm_args.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

static struct vm_args args;
static lua_State *running;
static jmp_buf boot_start;
static unsigned boot_number;

_Noreturn void port_restart(void)
{
    longjmp(boot_start, 1);
}

static int on_panic(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "frost: error outside any protected call: %s\n", message ? message : "?");
    host_exit(EXIT_STATUS_ENVIRONMENT);
}

// Message handler: the message and where it came from.
static int add_traceback(lua_State *L)
{
    if (!lua_isstring(L, 1))
        return 1;
    lua_getfield(L, LUA_GLOBALSINDEX, "debug");
    if (!lua_istable(L, -1))
        return lua_settop(L, 1), 1;
    lua_getfield(L, -1, "traceback");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 2);
    lua_call(L, 2, 1);
    return 1;
}

static void report(lua_State *L, int status, const char *doing)
{
    const char *message = lua_tostring(L, -1);
    char line[512];
    int n = snprintf(line, sizeof line, "lua: %s\n",
                     message ? message : "(error object is not a string)");
    port_console_error(line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
    // require and own handlers pass the message on as an ordinary error.
    if (status == LUA_ERRMEM || (message && strstr(message, "not enough memory"))) {
        n = snprintf(line, sizeof line,
                     "frost: the heap of %zu bytes was full while %s; code can be moved to flash "
                     "(frost luac -f, --lfs), or give more with --heap\n",
                     args.heap_bytes, doing);
        port_console_error(line, (size_t)n);
    }
    lua_pop(L, 1);
}

// Calls the function below `count` arguments; 0 or 1.
static int call(lua_State *L, int count, const char *doing)
{
    int handler = lua_gettop(L) - count;
    lua_pushcfunction(L, add_traceback);
    lua_insert(L, handler);
    int status = lua_pcall(L, count, 0, handler);
    lua_remove(L, handler);
    if (status != LUA_OK)
        report(L, status, doing);
    return status != LUA_OK;
}

static int run_chunks(lua_State *L)
{
    for (int i = 0; i < args.execute_count; i++) {
        const char *code = args.execute[i];
        int status = luaL_loadbuffer(L, code, strlen(code), "=(command line)");
        if (status != LUA_OK) {
            report(L, status, "compiling -e");
            return 1;
        }
        if (call(L, 0, "running -e"))
            return 1;
    }
    return 0;
}

static int run_script(lua_State *L)
{
    char doing[300];
    if (!args.script)
        return 0;
    snprintf(doing, sizeof doing, "compiling or loading %s", args.script);
    int status = luaL_loadfile(L, args.script);
    if (status != LUA_OK) {
        report(L, status, doing);
        return 1;
    }
    luaL_checkstack(L, args.script_arg_count, "too many arguments to script");
    for (int i = 0; i < args.script_arg_count; i++)
        lua_pushstring(L, args.script_args[i]);
    snprintf(doing, sizeof doing, "running %s", args.script);
    return call(L, args.script_arg_count, doing);
}

// `arg`, as the stand-alone interpreter sets it.
static void set_arg(lua_State *L)
{
    lua_createtable(L, args.script_arg_count, 2);
    lua_pushstring(L, args.program);
    lua_rawseti(L, -2, -1);
    lua_pushstring(L, args.script ? args.script : args.program);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < args.script_arg_count; i++) {
        lua_pushstring(L, args.script_args[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
}

static int open_and_run(lua_State *L)
{
    libs_open(L);
    if (!args.profile->is_firmware)
        set_arg(L);
    struct global_state *g = GLOBAL(L);
    g->egc_mode = args.egc_mode;
    g->memory_limit = args.egc_limit;
    int failed = run_chunks(L) || run_script(L);
    if (!failed)
        failed = events_run(L, args.duration_ms, add_traceback);
    lua_pushinteger(L, failed);
    return 1;
}

// One boot: 0, or 1 if the program failed.
static int boot(void *heap)
{
    host_heap_clear();
    heap_init(heap, args.heap_bytes);
    events_reset();
    PROBE_BOOT(boot_number,
               (sizeof(lua_Number) == 4 ? TRACE_BOOT_INTEGER : 0) |
                   (args.profile->is_firmware ? 0 : TRACE_BOOT_PC),
               ADDR32(heap), (uint32_t)args.heap_bytes, LUA_STATE_BYTES + GLOBAL_STATE_BYTES,
               args.script ? args.script : "-e");
    flash_file_mount();
    running = lua_newstate(heap_realloc, NULL);
    if (!running) {
        fprintf(stderr, "frost: a heap of %zu bytes is too small to start Lua\n", args.heap_bytes);
        host_exit(EXIT_STATUS_ENVIRONMENT);
    }
    host_trace_state(running);
    lua_atpanic(running, on_panic);
    lua_pushcfunction(running, open_and_run);
    int status = lua_pcall(running, 0, 1, 0);
    if (status != LUA_OK)
        report(running, status, "starting");
    int failed = status != LUA_OK || lua_tointeger(running, -1) != 0;
    lua_settop(running, 0);
    return failed;
}

static int interpret(void *heap)
{
    if (setjmp(boot_start) != 0 && boot_number >= args.boots_max) {
        fprintf(stderr, "frost: ended after %u boots (--max-boots)\n", boot_number);
        host_exit(EXIT_STATUS_DONE);
    }
    boot_number++;
    host_exit(boot(heap) ? EXIT_STATUS_NO : EXIT_STATUS_DONE);
}

int main(int argc, char **argv)
{
    vm_args_parse(&args, argc, argv);
    lua_profile = args.profile;
    chunk_strip_level = args.profile->is_firmware ? 1 : 0;
    host_memory_check();
    host_files_init(args.fs, args.profile->is_firmware);
    host_fault_init(&running);
    void *heap = host_heap_map(args.heap_bytes);
    if (!heap) {
        fprintf(stderr, "frost: a heap of %zu bytes cannot be had\n", args.heap_bytes);
        return EXIT_STATUS_ENVIRONMENT;
    }
    host_trace_open(&args);
    int status = flash_file_open(args.flash, args.lfs);
    if (status != EXIT_STATUS_DONE)
        host_exit(status);
    if (host_thread_run(interpret, heap, args.stack_bytes) < 0)
        fprintf(stderr, "frost: a C stack of %zu bytes cannot be had\n", args.stack_bytes);
    return EXIT_STATUS_ENVIRONMENT;
}
