// main.c: boots Lua on the chip and runs what it was told to.
//
// Under the emulator the command line is that of the host's VM program (--key=value, script,
// arguments), less --lfs and --flash, which its starter takes, plus --trap-loads. On a chip there
// is none, and the device starts as its firmware does: startup command, init.lua or init.lc of the
// store, the module init of LFS.
// Memory: the heap of chip.ld, or a larger one that only the emulator has.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/api/auxload.h"
#include "runtime/core/api/lauxlib.h"
#include "runtime/core/api/lua.h"
#include "runtime/core/call.h"
#include "runtime/core/chunk.h"
#include "runtime/core/compact.h"
#include "runtime/core/heap.h"
#include "runtime/core/profile.h"
#include "runtime/core/state.h"
#include "runtime/core/vm.h"
#include "runtime/flash/flash_events.h"
#include "runtime/flash/inflate.h"
#include "runtime/flash/lfs_slots.h"
#include "runtime/flash/regions.h"
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
#include "runtime/nodemcu/system/node.h"
#include "runtime/nodemcu/watchdog.h"
#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/trace.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define EGC_LIMIT_DEFAULT 4096
#define DOING_BYTES 80
#define INPUT_BYTES 256

static struct settings {
    uint32_t heap_bytes;
    uint32_t egc_mode;
    int32_t egc_limit;
    uint32_t boots_max;
    uint64_t duration_ms;
    int traps_loads;
    int shows_stack;
    int has_real_clock;
    int is_compacting;        // vectors move together
    int has_store;            // the program's files are those in flash
    const char *heap_dump;    // file of the host that gets the heap at the end
    const char *instructions; // the same for the number of instructions
    const char *stop;         // pipe of the host by which the recorder ends the program
    struct chip_trace_settings trace;
    const char *const *words; // the command line
    uint32_t word_count;
    uint32_t script_at; // index of the script; word_count: none
} settings;

// ---- command line ----

static _Noreturn void misuse(const char *what, const char *value)
{
    char line[200];
    int bytes = snprintf(line, sizeof line, "frost: on the chip: %s '%.100s'\n", what, value);
    port_console_error(line, (size_t)bytes);
    port_exit(EXIT_STATUS_USAGE);
}

static uint32_t parse_number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 0);
    if (end == text || *end != 0)
        misuse("not a number:", text);
    return (uint32_t)n;
}

static void parse_egc(const char *mode)
{
    settings.egc_limit = 0;
    if (strcmp(mode, "none") == 0) {
        settings.egc_mode = EGC_NOT_ACTIVE;
    } else if (strcmp(mode, "failure") == 0) {
        settings.egc_mode = EGC_ON_ALLOC_FAILURE;
    } else if (strcmp(mode, "always") == 0) {
        settings.egc_mode = EGC_ALWAYS;
        settings.egc_limit = EGC_LIMIT_DEFAULT;
    } else if (strncmp(mode, "limit:", 6) == 0) {
        settings.egc_mode = EGC_ON_MEM_LIMIT;
        settings.egc_limit = (int32_t)strtol(mode + 6, NULL, 0);
    } else {
        misuse("unknown mode of the emergency collector:", mode);
    }
}

// The value of `--key=value` if `word` is that option, else NULL.
static const char *option_value(const char *word, const char *key)
{
    size_t bytes = strlen(key);
    if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, key, bytes) != 0 || word[2 + bytes] != '=')
        return NULL;
    return word + 3 + bytes;
}

static void freeze_all_loaded(int is_wanted)
{
    call_loaded = is_wanted ? freezer_freeze_loaded : NULL;
    chunk_function_loaded = is_wanted ? freezer_freeze_function : NULL;
}

static void choose_firmware(const char *name)
{
    int edition = firmware_edition_of(name);
    if (edition < 0)
        misuse("no such firmware:", name);
    firmware_set_edition((enum firmware_edition)edition);
}

static void parse_option(const char *word)
{
    const char *value;
    if ((value = option_value(word, "heap")) != NULL)
        settings.heap_bytes = parse_number(value) & ~7u;
    else if ((value = option_value(word, "egc")) != NULL)
        parse_egc(value);
    else if ((value = option_value(word, "fs")) != NULL)
        chip_files_init(value);
    else if ((value = option_value(word, "store")) != NULL)
        settings.has_store = parse_number(value) != 0;
    else if ((value = option_value(word, "pipes")) != NULL)
        chip_files_ask(value);
    else if ((value = option_value(word, "max-boots")) != NULL)
        settings.boots_max = parse_number(value);
    else if ((value = option_value(word, "duration")) != NULL)
        settings.duration_ms = parse_number(value);
    else if ((value = option_value(word, "on-error")) != NULL)
        callbacks_set_policy(strcmp(value, "restart") == 0 ? CALLBACK_RESTARTS : CALLBACK_STOPS);
    else if ((value = option_value(word, "watchdog")) != NULL)
        watchdog_set_policy(strcmp(value, "reset") == 0 ? WATCHDOG_RESETS
                            : strcmp(value, "off") == 0 ? WATCHDOG_OFF
                                                        : WATCHDOG_REPORTS);
    else if ((value = option_value(word, "firmware")) != NULL)
        choose_firmware(value);
    else if ((value = option_value(word, "freeze")) != NULL)
        freeze_all_loaded(parse_number(value) != 0);
    else if ((value = option_value(word, "compact")) != NULL)
        settings.is_compacting = parse_number(value) != 0;
    else if ((value = option_value(word, "trap-loads")) != NULL)
        settings.traps_loads = parse_number(value) != 0;
    else if ((value = option_value(word, "stack-report")) != NULL)
        settings.shows_stack = parse_number(value) != 0;
    else if ((value = option_value(word, "clock")) != NULL)
        settings.has_real_clock = strcmp(value, "real") == 0;
    else if ((value = option_value(word, "cut-power")) != NULL)
        chip_flash_cut_power(parse_number(value));
    else if ((value = option_value(word, "heap-dump")) != NULL)
        settings.heap_dump = value;
    else if ((value = option_value(word, "instructions")) != NULL)
        settings.instructions = value;
    else if ((value = option_value(word, "trace")) != NULL)
        settings.trace.path = value;
    else if ((value = option_value(word, "trace-serial")) != NULL)
        settings.trace.is_serial = parse_number(value) != 0;
    else if ((value = option_value(word, "trace-baud")) != NULL)
        settings.trace.baud = parse_number(value);
    else if ((value = option_value(word, "trace-filter")) != NULL)
        settings.trace.filter = value;
    else if ((value = option_value(word, "trace-wait")) != NULL)
        settings.trace.waits = parse_number(value) != 0;
    else if ((value = option_value(word, "trace-small")) != NULL)
        settings.trace.is_small = parse_number(value) != 0;
    else if ((value = option_value(word, "trace-raw")) != NULL)
        settings.trace.is_raw = parse_number(value) != 0;
    else if ((value = option_value(word, "trace-no-text")) != NULL)
        settings.trace.is_without_text = parse_number(value) != 0;
    else if ((value = option_value(word, "trace-no-inputs")) != NULL)
        settings.trace.is_without_inputs = parse_number(value) != 0;
    else if ((value = option_value(word, "trace-stop")) != NULL)
        settings.stop = value;
    else if ((value = option_value(word, "trace-doorbell")) != NULL)
        settings.trace.rings_doorbell = parse_number(value) != 0;
    else if ((value = option_value(word, "profile")) != NULL) {
        if (strcmp(value, "nodemcu") != 0)
            misuse("no such profile:", value);
    } else if (!option_value(word, "execute") && !option_value(word, "library") &&
               !option_value(word, "module")) {
        misuse("unknown option", word);
    }
}

static void parse_command_line(const struct services *services)
{
    settings = (struct settings){.heap_bytes = CHIP_HEAP_BYTES, .boots_max = 3};
    parse_egc("always");
    settings.trace.is_serial = !services;
    settings.has_real_clock = !services;
    settings.has_store = !services;
    if (!services)
        return;
    settings.words = services->arguments;
    settings.word_count = services->argument_count;
    uint32_t i = 0;
    for (; i < settings.word_count && strncmp(settings.words[i], "--", 2) == 0; i++) {
        if (strcmp(settings.words[i], "--") == 0) {
            i++;
            break;
        }
        parse_option(settings.words[i]);
    }
    settings.script_at = i;
}

// ---- the program ----

static int add_traceback(lua_State *L)
{
    if (!lua_isstring(L, 1))
        return 1;
    lua_getfield(L, LUA_GLOBALSINDEX, "debug");
    lua_getfield(L, -1, "traceback");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 2);
    lua_call(L, 2, 1);
    return 1;
}

static void report(lua_State *L, int status, const char *doing)
{
    const char *message = lua_tostring(L, -1);
    if (!message && !lua_isnil(L, -1))
        message = "(error object is not a string)";
    if (message) {
        port_console_error("lua", 3); // in the pieces in which the host writes it
        port_console_error(": ", 2);
        port_console_error(message, strlen(message));
        port_console_error("\n", 1);
    }
    if (status == LUA_ERRMEM || (message && strstr(message, "not enough memory"))) {
        char line[DOING_BYTES + 200];
        int n = snprintf(line, sizeof line,
                         "frost: the heap of %u bytes was full while %s; code can be moved to "
                         "flash (frost luac -f, --lfs), or give more with --heap\n",
                         (unsigned)settings.heap_bytes, doing);
        port_console_error(line, (size_t)n);
    }
    lua_pop(L, 1);
}

// Calls the function below the arguments; 0, or 1 after an error, which is reported.
static int call(lua_State *L, int argument_count, int result_count, const char *doing)
{
    int handler = lua_gettop(L) - argument_count;
    lua_pushcfunction(L, add_traceback);
    lua_insert(L, handler);
    int status = lua_pcall(L, argument_count, result_count, handler);
    lua_remove(L, handler);
    if (status != LUA_OK)
        report(L, status, doing);
    return status != LUA_OK;
}

static int run_library(lua_State *L, const char *name)
{
    char doing[DOING_BYTES];
    snprintf(doing, sizeof doing, "loading %.50s", name);
    lua_getglobal(L, "require");
    lua_pushstring(L, name);
    return call(L, 1, 0, doing);
}

// NAME=PATH of a file of the host, whose result becomes the global NAME.
static int run_module(lua_State *L, const char *given)
{
    char doing[DOING_BYTES];
    const char *path = strchr(given, '=') + 1, *base = strrchr(path, '/') + 1;
    snprintf(doing, sizeof doing, "loading %.50s", base);
    lua_pushlstring(L, given, (size_t)(path - given) - 1);
    lua_pushfstring(L, "@%s", base);
    int status = auxload_file(L, &chip_paths, path);
    if (status != LUA_OK)
        report(L, status, doing);
    if (status != LUA_OK || call(L, 0, 1, doing))
        return 1;
    if (lua_isnil(L, -1)) {
        lua_pushfstring(L, "%s: gives no module, it has to return one", base);
        report(L, LUA_ERRRUN, doing);
        return 1;
    }
    lua_settable(L, LUA_GLOBALSINDEX);
    return 0;
}

static int run_code(lua_State *L)
{
    for (uint32_t i = 0; i < settings.script_at; i++) {
        const char *given = option_value(settings.words[i], "module");
        if (given && run_module(L, given))
            return 1;
    }
    for (uint32_t i = 0; i < settings.script_at; i++) {
        const char *code = option_value(settings.words[i], "execute");
        const char *library = option_value(settings.words[i], "library");
        if (library && run_library(L, library))
            return 1;
        if (!code)
            continue;
        int status = luaL_loadbuffer(L, code, strlen(code), "=(command line)");
        if (status != LUA_OK)
            report(L, status, "running -e");
        if (status != LUA_OK || call(L, 0, 0, "running -e"))
            return 1;
    }
    return 0;
}

static const char *read_input(lua_State *L, void *buffer, size_t *bytes)
{
    int32_t error;
    (void)L;
    int32_t count = chip_services()->call(HOST_READ, 0, (uint32_t)(uintptr_t)buffer, INPUT_BYTES,
                                          &error);
    *bytes = count > 0 ? (size_t)count : 0;
    return *bytes ? buffer : NULL;
}

// Its buffer must not lie on the stack while the script runs.
static __attribute__((noinline)) int load_script(lua_State *L, const char *script)
{
    char buffer[INPUT_BYTES];
    if (strcmp(script, "-") == 0)
        return lua_load(L, read_input, buffer, "=stdin");
    lua_pushfstring(L, "@%s", script);
    return auxload_file(L, &chip_paths, script);
}

static int run_script(lua_State *L)
{
    char doing[DOING_BYTES];
    const char *script = settings.words[settings.script_at];
    snprintf(doing, sizeof doing, "compiling or loading %.50s", script);
    int status = load_script(L, script);
    if (status != LUA_OK) {
        report(L, status, doing);
        return 1;
    }
    int count = (int)(settings.word_count - settings.script_at) - 1;
    luaL_checkstack(L, count, "too many arguments to script");
    for (int i = 1; i <= count; i++)
        lua_pushstring(L, settings.words[settings.script_at + (uint32_t)i]);
    snprintf(doing, sizeof doing, "running %.50s", script);
    return call(L, count, 0, doing);
}

// Without a command line, or with one that names nothing to run.
static int run_start(lua_State *L)
{
    static const char nothing[] =
        "frost: nothing to run: no startup command, no init.lua or init.lc "
        "in the store, no module init in LFS\n";
    int status = node_load_start(L);
    if (status == NODE_START_NOTHING) {
        port_console_error(nothing, sizeof nothing - 1);
        return 1;
    }
    if (status != LUA_OK) {
        report(L, status, "loading what is run at the start");
        return 1;
    }
    return call(L, 0, 0, "running what is run at the start");
}

// Is there a script, or code?
static int has_program(void)
{
    int has_code = 0;
    for (uint32_t i = 0; i < settings.script_at; i++)
        has_code |= option_value(settings.words[i], "execute") != NULL ||
                    option_value(settings.words[i], "library") != NULL;
    return has_code || settings.script_at < settings.word_count;
}

static int run_events(lua_State *L)
{
    enum events_end end = events_run(L, settings.duration_ms, add_traceback);
    if (end == EVENTS_TIME_OVER)
        chip_limit_cut();
    return end == EVENTS_FAILED;
}

static int open_and_run(lua_State *L)
{
    libs_open(L);
    events_start();
    struct global_state *g = GLOBAL(L);
    g->egc_mode = settings.egc_mode;
    g->memory_limit = settings.egc_limit;
    int failed = run_code(L);
    if (!failed && settings.script_at < settings.word_count)
        failed = run_script(L);
    else if (!failed && !has_program())
        failed = run_start(L);
    failed = failed || run_events(L);
    lua_pushinteger(L, failed);
    return 1;
}

static int on_panic(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    port_panic(message ? message : "error outside any protected call");
}

// ---- boot ----

static void *heap_place(void)
{
    if (settings.heap_bytes <= CHIP_HEAP_BYTES)
        return chip_heap;
    if (settings.heap_bytes > CHIP_FAR_HEAP_BYTES_MAX)
        misuse("a heap too large:", "--heap");
    return (void *)CHIP_FAR_HEAP_ADDR;
}

static void end(int status)
{
    if (settings.traps_loads)
        chip_trap_report();
    if (settings.shows_stack) {
        char line[60];
        int n = snprintf(line, sizeof line, "frost: stack used %u, left %u bytes\n",
                         (unsigned)port_stack_used_max(),
                         (unsigned)(chip_stack_top - chip_bss_end - port_stack_used_max()));
        port_console_error(line, (size_t)n);
    }
    port_exit(status);
}

static void check_boots(const struct services *services)
{
    if (!services || services->boot_number <= settings.boots_max)
        return;
    char line[60];
    int n = snprintf(line, sizeof line, "frost: ended after %u boots (--max-boots)\n",
                     (unsigned)settings.boots_max);
    chip_message(line, (size_t)n);
    port_exit(EXIT_STATUS_DONE);
}

static void open_trace(uint32_t boot_number)
{
    settings.trace.heap_addr = (uint32_t)(uintptr_t)heap_place();
    settings.trace.heap_bytes = settings.heap_bytes;
    settings.trace.boot_number = boot_number;
    chip_trace_open(&settings.trace);
}

static void probe_this_boot(uint32_t boot_number, const void *heap)
{
    int has_script = settings.script_at < settings.word_count;
    PROBE_BOOT(boot_number, sizeof(lua_Number) == 4 ? TRACE_BOOT_INTEGER : 0,
               (uint32_t)(uintptr_t)heap, settings.heap_bytes, LUA_STATE_BYTES + GLOBAL_STATE_BYTES,
               has_script ? settings.words[settings.script_at] : "-e");
    (void)boot_number;
    (void)heap;
    (void)has_script;
}

// The heap is not in use yet; the check of the image and the freezer borrow it.
static void mount(void)
{
    chip_flash_init();
    device_time_flash(flash_table.device);
    flash_events_watch(flash_table.device);
    chip_flash_mount();
#ifdef FROST_PROBED
    for (uint32_t i = 0; i < flash_regions.count; i++) {
        const struct flash_region *region = &flash_regions.items[i];
        uint32_t bytes = region->end - region->begin;
        uint32_t crc = inflate_crc(0, (const void *)(uintptr_t)region->begin, bytes);
        PROBE_IMAGE_MOUNTED(region->begin, bytes, crc, flash_region_file(region->id));
    }
#endif
    chip_freezer_mount(chip_heap);
}

static void write_instructions(void)
{
    char text[24];
    int bytes = snprintf(text, sizeof text, "%llu\n", (unsigned long long)vm_instructions());
    if (!chip_files_dump(settings.instructions, text, (uint32_t)bytes))
        port_panic("the number of instructions cannot be written");
}

// The first boot finds there what the RAM had when the power came. A chip cannot tell, and takes
// every boot for the first.
static void forget_at_first(const struct services *services)
{
    if (!services || services->boot_number == 1)
        memset(chip_kept_start, 0, (size_t)(chip_kept_end - chip_kept_start));
}

_Noreturn void chip_main(void)
{
    const struct services *services = chip_services();
    forget_at_first(services);
    chip_stack_paint();
    parse_command_line(services);
    if (settings.heap_bytes < 4096)
        misuse("a heap too small to start Lua:", "--heap");
    void *heap = heap_place();
    uint32_t boot_number = services ? services->boot_number : 1;
    open_trace(boot_number);
    check_boots(services);
    boot_set_count_before(services ? services->boot_number - 1 : 0);
    boot_begin();
    probe_this_boot(boot_number, heap);
    mount();
    if (settings.has_store)
        chip_files_use_store();
    node_reload_noted((uint8_t *)chip_heap); // not in use yet
    memset(heap, 0, settings.heap_bytes);
    heap_init(heap, settings.heap_bytes);
    absent_open(&rom_table);
    chip_wait_boot(settings.has_real_clock);
    chip_limit_boot(settings.duration_ms, settings.stop);
    if (settings.traps_loads && services)
        chip_trap_all_loads();
    compact_set(settings.is_compacting);
    lua_State *L = lua_newstate(heap_realloc, NULL);
    if (!L)
        port_panic("the heap is too small to start Lua");
    chip_trace_state(L);
    lua_atpanic(L, on_panic);
    lua_pushcfunction(L, open_and_run);
    int status = lua_pcall(L, 0, 1, 0);
    if (status != LUA_OK)
        report(L, status, "starting");
    int failed = status != LUA_OK || lua_tointeger(L, -1) != 0;
    lua_settop(L, 0);
    if (!failed)
        (void)lfs_confirm(&flash_table); // it has come to its end
    fs_close_all(fs_program);
    flash_events_flush();
    if (settings.heap_dump && !chip_files_dump(settings.heap_dump, heap, settings.heap_bytes))
        port_panic("the heap's dump cannot be written");
    if (settings.instructions)
        write_instructions();
    end(failed ? EXIT_STATUS_NO : EXIT_STATUS_DONE);
    port_panic("not ended");
}
