// frostvm.c: the VM program: boots the runtime, runs a script, then the events that it started.
//
// Started by `frost run` and by the recorder. Each boot has a fresh heap and a fresh state; the
// flash stays. Exit status: DESIGN, section 4.

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

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
#include "runtime/port/host/prompt.h"
#include "runtime/port/host/standalone.h"
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

static int open_and_run(lua_State *L)
{
    libs_open(L);
    struct global_state *g = GLOBAL(L);
    g->egc_mode = args.egc_mode;
    g->memory_limit = args.egc_limit;
    int failed = standalone_run(L, &args);
    if (!failed && standalone_wants_prompt(&args))
        prompt_run(L);
    else if (!failed)
        failed = events_run(L, args.duration_ms, standalone_traceback);
    lua_pushinteger(L, failed);
    return 1;
}

// A program that ends on a computer closes its state: finalizers run, as part of the program and of
// its trace. The memory goes with the process; a trace shows what was alive at the end.
static void finish(lua_State *L)
{
    if (!args.profile->is_firmware)
        state_run_finalizers(L);
}

// For tests: the heap, but for one allocation. It fails twice, since the runtime collects and tries
// again after the first time.
static void *failing_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    static uint64_t count, failed_bytes;
    if (new_bytes > old_bytes) {
        count++;
        if (count == args.failing_allocation)
            return failed_bytes = new_bytes, NULL;
        if (failed_bytes == new_bytes)
            return failed_bytes = 0, NULL;
    }
    return heap_realloc(context, block, old_bytes, new_bytes);
}

// For tests: the heap as it lies, to be compared with other ports'.
static void dump_heap(const void *heap)
{
    FILE *file = fopen(args.heap_dump, "wb");
    if (!file || fwrite(heap, 1, args.heap_bytes, file) != args.heap_bytes || fclose(file) != 0) {
        fprintf(stderr, "frost: %s: cannot be written\n", args.heap_dump);
        host_exit(EXIT_STATUS_ENVIRONMENT);
    }
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
    running = lua_newstate(args.failing_allocation ? failing_realloc : heap_realloc, NULL);
    if (!running) {
        fprintf(stderr, "frost: a heap of %zu bytes is too small to start Lua\n", args.heap_bytes);
        host_exit(EXIT_STATUS_ENVIRONMENT);
    }
    host_trace_state(running);
    lua_atpanic(running, on_panic);
    lua_pushcfunction(running, open_and_run);
    int status = lua_pcall(running, 0, 1, 0);
    if (status != LUA_OK)
        standalone_report(running, status, "starting");
    int failed = status != LUA_OK || lua_tointeger(running, -1) != 0;
    lua_settop(running, 0);
    finish(running);
    if (args.heap_dump)
        dump_heap(heap);
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
