// frostvm.c: the VM program: boots the runtime, runs a script, then the events that it started.
//
// Started by `frost run` and by the recorder. Each boot has a fresh heap and a fresh state; the
// flash stays. Exit status: DESIGN, section 4.

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/api/lua.h"
#include "runtime/core/call.h"
#include "runtime/core/chunk.h"
#include "runtime/core/compact.h"
#include "runtime/core/debug.h"
#include "runtime/core/heap.h"
#include "runtime/core/profile.h"
#include "runtime/core/state.h"
#include "runtime/flash/flash_events.h"
#include "runtime/flash/lfs_slots.h"
#include "runtime/format/address_map.h"
#include "runtime/format/status.h"
#include "runtime/freezer/freezer.h"
#include "runtime/lib/libs.h"
#include "runtime/lib/lualib.h"
#include "runtime/nodemcu/absent.h"
#include "runtime/nodemcu/boot.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/events.h"
#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/system/console.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/nodemcu/system/rtc.h"
#include "runtime/port/host/absent_list.h"
#include "runtime/port/host/flash_file.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/prompt.h"
#include "runtime/port/host/saved_wifi.h"
#include "runtime/port/host/say.h"
#include "runtime/port/host/standalone.h"
#include "runtime/port/host/trace.h"
#include "runtime/port/host/vm_args.h"
#include "runtime/port/host/where.h"
#include "runtime/port/host/world_library.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"
#include "runtime/world/host/replay.h"
#include "runtime/world/host/script_process.h"
#include "runtime/world/host/serial.h"

static struct vm_args args;
static lua_State *running;
static jmp_buf boot_start;
static unsigned boot_number;
static uint8_t reload_pages[NODE_RELOAD_BYTES];

_Noreturn void port_restart(void)
{
    replay_restart();
    host_files_drop();
    running = NULL;
    longjmp(boot_start, 1);
}

static int on_panic(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    host_say("error outside any protected call: %s", message ? message : "?");
    host_exit(EXIT_STATUS_ENVIRONMENT);
}

static int run_events(lua_State *L)
{
    enum events_end end = events_run(L, args.duration_ms, standalone_traceback);
    if (end == EVENTS_INTERRUPTED && !host_interrupted)
        return 0; // it is over
    if (end == EVENTS_INTERRUPTED)
        host_exit(128 + host_interrupted);
    if (end == EVENTS_TIME_OVER)
        host_trace_cut();
    return end == EVENTS_FAILED;
}

static int open_and_run(lua_State *L)
{
    libs_open(L);
    if (args.world_fd >= 0)
        world_library_open(L, args.world_fd);
    events_start();
    struct global_state *g = GLOBAL(L);
    g->egc_mode = args.egc_mode;
    g->memory_limit = args.egc_limit;
    if (args.has_console)
        console_start(L);
    int failed = standalone_run(L, &args);
    if (!failed && standalone_wants_prompt(&args))
        prompt_run(L);
    else if (!failed || args.has_console)
        failed |= run_events(L);
    lua_pushinteger(L, failed);
    return 1;
}

// A program that ends on a computer closes its state: finalizers run, as part of the program and of
// its trace. The memory goes with the process; a trace shows what was alive at the end. What a
// device's program has written and not closed counts, too.
static void finish(lua_State *L)
{
    if (!args.profile->is_firmware)
        state_run_finalizers(L);
    fs_close_all(fs_program);
    flash_events_flush();
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

// For tests: FROST_MOVE_VECTORS=N moves every vector after N instructions and in every allocation,
// with more than 255 vectors in some of them.
static unsigned vectors_test(void)
{
    const char *text = getenv("FROST_MOVE_VECTORS");
    return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static lua_State *new_state(void)
{
    compact_set(args.is_compacting);
    compact_set_testing(vectors_test());
    lua_Alloc alloc = args.failing_allocation  ? failing_realloc
                      : compact_is_testing > 0 ? compact_test_realloc
                                               : heap_realloc;
    return lua_newstate(alloc, NULL);
}

// For tests: the heap as it lies, to be compared with other ports'.
static void dump_heap(const void *heap)
{
    FILE *file = fopen(args.heap_dump, "wb");
    if (!file || fwrite(heap, 1, args.heap_bytes, file) != args.heap_bytes || fclose(file) != 0) {
        host_say("%s: cannot be written", args.heap_dump);
        host_exit(EXIT_STATUS_ENVIRONMENT);
    }
}

static void mark_secrets_of_images(void)
{
    for (enum flash_region_id id = REGION_LFS; id <= REGION_DEVS; id++) {
        const struct flash_region *region = flash_region_find(id);
        if (region)
            PROBE_CODE_LOADED(running, (const struct proto *)(uintptr_t)region->index_addr);
    }
}

// One boot: 0, or 1 if the program failed.
static int boot(void *heap)
{
    host_heap_clear();
    heap_init(heap, args.heap_bytes);
    device_time_flash(flash_file_device());
    boot_begin();
    absent_reset();
    host_wait_boot();
    host_limit_boot(args.is_interactive ? 0 : args.duration_ms);
    PROBE_BOOT(boot_number,
               (sizeof(lua_Number) == 4 ? TRACE_BOOT_INTEGER : 0) |
                   (args.profile->is_firmware ? 0 : TRACE_BOOT_PC) | TRACE_BOOT_SOURCES |
                   TRACE_BOOT_PLACES,
               ADDR32(heap), (uint32_t)args.heap_bytes, LUA_STATE_BYTES + GLOBAL_STATE_BYTES,
               args.script ? args.script : "-e");
    flash_events_watch(flash_file_device());
    flash_file_mount();
    host_files_boot(rtctime_seconds);
    node_reload_noted(reload_pages);
    call_loaded = args.is_freezing ? freezer_freeze_loaded : NULL;
    chunk_function_loaded = args.is_freezing ? freezer_freeze_function : NULL;
    running = new_state();
    if (!running) {
        host_say("a heap of %zu bytes is too small to start Lua", args.heap_bytes);
        host_exit(EXIT_STATUS_ENVIRONMENT);
    }
    host_trace_state(running);
    mark_secrets_of_images();
    lua_atpanic(running, on_panic);
    lua_pushcfunction(running, open_and_run);
    int status = lua_pcall(running, 0, 1, 0);
    if (status != LUA_OK)
        standalone_report(running, status, "starting");
    int failed = status != LUA_OK || lua_tointeger(running, -1) != 0;
    lua_settop(running, 0);
    if (!failed)
        (void)lfs_confirm(&flash_table); // it has come to its end
    finish(running);
    if (args.heap_dump)
        dump_heap(heap);
    return failed;
}

static int interpret(void *heap)
{
    if (setjmp(boot_start) != 0 && boot_number >= args.boots_max) {
        host_say("ended after %u boots (--max-boots)", boot_number);
        host_exit(callbacks_restart() ? EXIT_STATUS_NO : EXIT_STATUS_DONE);
    }
    boot_number++;
    host_exit(boot(heap) ? EXIT_STATUS_NO : EXIT_STATUS_DONE);
}

static lua_State *running_thread(void)
{
    return running ? where_running(running) : NULL;
}

// A recording as the world. Result: an exit status.
static int open_replay(void)
{
    char problem[120];
    struct replay_setup setup = {
        .descriptor = args.replay_fd,
        .has_own_heap = args.replay_own_heap,
        .telling = {.is_loose = args.replay_loose,
                    .is_quiet = args.replay_quiet,
                    .running = running_thread,
                    .where = where_text},
    };
    if (replay_open(&setup, problem, sizeof problem) != 0) {
        host_say("the replay log %s", problem);
        return EXIT_STATUS_DAMAGED;
    }
    args.boots_max = replay_boots();
    return EXIT_STATUS_DONE;
}

static int open_world(void)
{
    if (args.replay_fd >= 0)
        return open_replay();
    int status = EXIT_STATUS_DONE;
    if (args.saved_wifi && saved_wifi_read(args.saved_wifi) != 0)
        return EXIT_STATUS_USAGE;
    if (args.world)
        status = script_start(args.world, host_exit);
    else if (args.world_fd < 0 && live_start(&args.live) != 0)
        status = EXIT_STATUS_USAGE;
    if (status == EXIT_STATUS_DONE && args.has_console &&
        serial_start(args.has_pseudo_terminal) != 0) {
        perror(args.has_pseudo_terminal ? "frost: --uart=pty" : "frost: --console");
        status = EXIT_STATUS_ENVIRONMENT;
    }
    return status;
}

static int list_names(void)
{
    const char *path = args.absent_list ? args.absent_list : args.module_list;
    if ((args.absent_list ? absent_list_write(&rom_table, path) : module_list_write(path)) == 0)
        return EXIT_STATUS_DONE;
    perror(path);
    return EXIT_STATUS_ENVIRONMENT;
}

int main(int argc, char **argv)
{
    vm_args_parse(&args, argc, argv);
    lua_profile = args.profile;
    chunk_strip_level = args.profile->is_firmware ? 1 : 0;
    if (args.absent_list || args.module_list)
        return list_names();
    host_memory_check();
    host_files_init(args.fs, args.has_store              ? HOST_FILES_STORE
                             : args.profile->is_firmware ? HOST_FILES_DIRECTORY
                                                         : HOST_FILES_PATHS);
    host_fault_init(&running);
    void *heap = host_heap_map(args.heap_bytes);
    if (!heap) {
        host_say("cannot allocate a heap of %zu bytes", args.heap_bytes);
        return EXIT_STATUS_ENVIRONMENT;
    }
    if (host_wait_init(args.clock) != 0) {
        perror("frost: waiting");
        return EXIT_STATUS_ENVIRONMENT;
    }
    callbacks_set_policy(args.on_error);
    firmware_set_edition(args.firmware);
    watchdog_set_policy(args.profile->is_firmware ? args.watchdog : WATCHDOG_OFF);
    if (args.profile->is_firmware)
        absent_open(&rom_table);
    int status = open_world();
    if (status != EXIT_STATUS_DONE)
        host_exit(status);
    host_trace_open(&args);
    status = flash_file_open(args.flash, args.lfs, args.freezer_bytes);
    if (status == EXIT_STATUS_DONE && args.devs)
        status = flash_file_put_devs(args.devs);
    if (status != EXIT_STATUS_DONE)
        host_exit(status);
    if (host_thread_run(interpret, heap, args.stack_bytes) < 0)
        host_say("cannot allocate a C stack of %zu bytes", args.stack_bytes);
    return EXIT_STATUS_ENVIRONMENT;
}
