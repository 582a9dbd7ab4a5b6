// standalone.c: runs what the command line names, as the stand-alone interpreter does.
//
// Reads and writes: the state; files, the environment variable LUA_INIT, the console.
// Memory: the state's. Source: Lua 5.1 reference manual, chapter 6; messages of Lua 5.1.

#include "runtime/port/host/standalone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/api/auxload.h"
#include "runtime/core/api/lauxlib.h"
#include "runtime/flash/regions.h"
#include "runtime/format/version.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"

#define DOING_BYTES 300

// ---- errors ----

int standalone_traceback(lua_State *L)
{
    if (!lua_isstring(L, 1))
        return 1;
    lua_getfield(L, LUA_GLOBALSINDEX, "debug");
    if (!lua_istable(L, -1))
        return lua_settop(L, 1), 1;
    lua_getfield(L, -1, "traceback");
    if (!lua_isfunction(L, -1))
        return lua_settop(L, 1), 1;
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 2);
    lua_call(L, 2, 1);
    return 1;
}

static const char *program_name = "lua"; // NULL at the prompt: messages stand alone

void standalone_at_prompt(void)
{
    program_name = NULL;
}

static void write_text(const char *text)
{
    port_console_error(text, strlen(text));
}

void standalone_report_within(lua_State *L, int status, const char *doing, const char *before,
                              const char *after)
{
    const char *message = lua_tostring(L, -1);
    if (message || !lua_isnil(L, -1)) {
        if (program_name) {
            write_text(program_name);
            write_text(": ");
        }
        write_text(before);
        write_text(message ? message : "(error object is not a string)");
        write_text(after);
        write_text("\n");
    }
    // require and own handlers pass the message on as an ordinary error.
    if (status == LUA_ERRMEM || (message && strstr(message, "not enough memory"))) {
        char line[DOING_BYTES + 200];
        int n = snprintf(line, sizeof line,
                         "frost: the heap of %zu bytes was full while %s; code can be moved to "
                         "flash (frost luac -f, --lfs), or give more with --heap\n",
                         vm_heap_bytes, doing);
        port_console_error(line, (size_t)n);
    }
    lua_pop(L, 1);
}

void standalone_report(lua_State *L, int status, const char *doing)
{
    standalone_report_within(L, status, doing, "", "");
}

int standalone_call(lua_State *L, int argument_count, int result_count, const char *doing)
{
    int handler = lua_gettop(L) - argument_count;
    lua_pushcfunction(L, standalone_traceback);
    lua_insert(L, handler);
    int status = lua_pcall(L, argument_count, result_count, handler);
    lua_remove(L, handler);
    if (status == LUA_OK)
        return 0;
    standalone_report(L, status, doing);
    return 1;
}

void standalone_print_version(void)
{
    const char *text = "Lua 5.1.4  Frostline " FROST_VERSION "\n";
    port_console_error(text, strlen(text));
}

// ---- chunks ----

// Runs what a luaL_load function left; `status` is its result.
static int run_loaded(lua_State *L, int status, int argument_count, const char *doing)
{
    if (status == LUA_OK)
        return standalone_call(L, argument_count, 0, doing);
    standalone_report(L, status, doing);
    return 1;
}

static int run_code(lua_State *L, const char *code, const char *chunk_name, const char *doing)
{
    int status = luaL_loadbuffer(L, code, strlen(code), chunk_name);
    return run_loaded(L, status, 0, doing);
}

static int run_init(lua_State *L)
{
    const char *init = getenv("LUA_INIT");
    if (!init)
        return 0;
    if (init[0] == '@')
        return run_loaded(L, luaL_loadfile(L, init + 1), 0, "running LUA_INIT");
    return run_code(L, init, "=LUA_INIT", "running LUA_INIT");
}

static int run_library(lua_State *L, const char *name)
{
    char doing[DOING_BYTES];
    snprintf(doing, sizeof doing, "loading %.200s", name);
    lua_getglobal(L, "require");
    lua_pushstring(L, name);
    return standalone_call(L, 1, 0, doing);
}

// NAME=PATH of a file of the host, whose result becomes the global NAME.
static int run_module(lua_State *L, const char *given)
{
    char doing[DOING_BYTES];
    const char *path = strchr(given, '=') + 1, *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    snprintf(doing, sizeof doing, "loading %.200s", base);
    lua_pushfstring(L, "@%s", base);
    int status = auxload_file(L, &host_paths, path);
    if (status != LUA_OK) {
        standalone_report(L, status, doing);
        return 1;
    }
    lua_pushlstring(L, given, (size_t)(path - given) - 1);
    lua_insert(L, -2);
    if (standalone_call(L, 0, 1, doing))
        return 1;
    if (lua_isnil(L, -1)) {
        lua_pushfstring(L, "%s: gives no module, it has to return one", base);
        standalone_report(L, LUA_ERRRUN, doing);
        return 1;
    }
    lua_settable(L, LUA_GLOBALSINDEX);
    return 0;
}

static int run_chunk(lua_State *L, const struct vm_chunk *chunk)
{
    switch (chunk->kind) {
    case VM_CHUNK_LIBRARY:
        return run_library(L, chunk->text);
    case VM_CHUNK_MODULE:
        return run_module(L, chunk->text);
    default:
        return run_code(L, chunk->text, "=(command line)", "running -e");
    }
}

static int run_chunks(lua_State *L, const struct vm_args *args)
{
    for (int of_modules = 1; of_modules >= 0; of_modules--) // first; the others in their order
        for (int i = 0; i < args->chunk_count; i++)
            if ((args->chunks[i].kind == VM_CHUNK_MODULE) == of_modules &&
                run_chunk(L, &args->chunks[i]))
                return 1;
    return 0;
}

// ---- the script ----

// `arg`: the script at 0, its arguments after, what stood in front of it at negative indices.
static void set_arg(lua_State *L, const struct vm_args *args)
{
    lua_createtable(L, args->script_arg_count, args->word_count + 1);
    for (int i = 0; i < args->word_count; i++) {
        lua_pushstring(L, vm_args_word(args, i));
        lua_rawseti(L, -2, i - args->word_count);
    }
    lua_pushstring(L, args->script);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < args->script_arg_count; i++) {
        lua_pushstring(L, args->script_args[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
}

static const char *read_input(lua_State *L, void *buffer, size_t *bytes)
{
    (void)L;
    *bytes = fread(buffer, 1, BUFSIZ, stdin);
    return *bytes ? buffer : NULL;
}

// Compiles standard input, of which nothing is read ahead by anybody else. A first line that
// begins with '#' is passed over up to its newline.
static int load_input(lua_State *L)
{
    char buffer[BUFSIZ];
    int c = getc(stdin);
    if (c == '#')
        while (c != EOF && c != '\n')
            c = getc(stdin);
    if (c != EOF)
        ungetc(c, stdin);
    return lua_load(L, read_input, buffer, "=stdin");
}

// The script is named by the user of the host: a device's limits of names do not hold for it, and
// it may be a link.
static int load_script(lua_State *L, const char *script)
{
    if (strcmp(script, "-") == 0)
        return load_input(L);
    lua_pushfstring(L, "@%s", script);
    return auxload_file(L, &host_paths, script);
}

static int run_script(lua_State *L, const struct vm_args *args)
{
    char doing[DOING_BYTES];
    if (!args->profile->is_firmware)
        set_arg(L, args);
    snprintf(doing, sizeof doing, "compiling or loading %.200s", args->script);
    int status = load_script(L, args->script);
    if (status != LUA_OK) {
        standalone_report(L, status, doing);
        return 1;
    }
    luaL_checkstack(L, args->script_arg_count, "too many arguments to script");
    for (int i = 0; i < args->script_arg_count; i++)
        lua_pushstring(L, args->script_args[i]);
    snprintf(doing, sizeof doing, "running %.200s", args->script);
    return standalone_call(L, args->script_arg_count, 0, doing);
}

// ---- modules in flash ----

// On a computer the image was asked for (--lfs, --flash), so require looks there before files.
static void add_flash_loader(lua_State *L)
{
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "loaders");
    for (int i = (int)lua_objlen(L, -1); i >= 2; i--) {
        lua_rawgeti(L, -1, i);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushcfunction(L, node_load_from_flash);
    lua_rawseti(L, -2, 2);
    lua_pop(L, 2);
}

// ---- all of it ----

static int has_nothing(const struct vm_args *args)
{
    int has_code = 0;
    for (int i = 0; i < args->chunk_count; i++)
        has_code |= args->chunks[i].kind == VM_CHUNK_CODE;
    return !args->script && !has_code && !args->shows_version && !args->is_interactive &&
           !args->profile->is_firmware;
}

int standalone_wants_prompt(const struct vm_args *args)
{
    return args->is_interactive || (has_nothing(args) && isatty(STDIN_FILENO));
}

static int run_all(lua_State *L, const struct vm_args *args)
{
    int is_prompt = standalone_wants_prompt(args);
    if (!args->profile->is_firmware &&
        (flash_region_find(REGION_LFS) || flash_region_find(REGION_DEVS)))
        add_flash_loader(L);
    if (!args->profile->is_firmware && run_init(L))
        return 1;
    if (args->shows_version || is_prompt)
        standalone_print_version();
    if (run_chunks(L, args))
        return 1;
    if (args->script)
        return run_script(L, args);
    if (is_prompt || !has_nothing(args))
        return 0;
    return run_loaded(L, load_input(L), 0, "running standard input");
}

int standalone_run(lua_State *L, const struct vm_args *args)
{
    program_name = args->name;
    // A Lua interpreter by name does with Ctrl-C what others do.
    if (args->is_interpreter)
        host_interrupts(HOST_INTERRUPT_RAISES);
    int status = run_all(L, args);
    host_interrupts(HOST_INTERRUPT_ENDS);
    return status;
}
