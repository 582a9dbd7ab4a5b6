// prompt.c: the interactive prompt.
//
// Reads and writes: standard input, the console, the state.
// Memory: lines belong to the C library, statements to the state.
// Source: Lua 5.1 reference manual, chapter 6: `=expr` prints, an incomplete statement goes on at
//         the second prompt, _PROMPT and _PROMPT2 replace the prompts.

#include "runtime/port/host/prompt.h"

#include <editline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/events.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/standalone.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

static int is_terminal(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

// ---- lines ----

// Before the prompt is written: who sees it and answers at once is not read by the terminal's own
// line discipline, which would take Ctrl-D for itself.
static int enter_raw_mode(void)
{
    rl_prep_terminal(1);
    return 0;
}

// A line without its newline, to be freed; NULL at the end of the input.
static char *read_line(const char *prompt)
{
    fflush(stdout);
    if (is_terminal()) {
        rl_pre_input_hook = enter_raw_mode;
        char *line = readline(prompt);
        if (line && line[0])
            add_history(line);
        return line;
    }
    char *line = NULL;
    size_t room = 0;
    port_console_write(prompt, strlen(prompt));
    fflush(stdout);
    ssize_t bytes = getline(&line, &room, stdin);
    if (bytes < 0) {
        free(line);
        return NULL;
    }
    if (bytes > 0 && line[bytes - 1] == '\n')
        line[bytes - 1] = 0;
    return line;
}

// Reads a line and pushes it; false at the end of the input.
static int push_line(lua_State *L, int is_first)
{
    lua_getglobal(L, is_first ? "_PROMPT" : "_PROMPT2");
    const char *prompt = lua_tostring(L, -1);
    host_interrupts(HOST_INTERRUPT_ENDS_NOW);
    char *line = read_line(prompt ? prompt : is_first ? "> " : ">> ");
    host_interrupts(HOST_INTERRUPT_RAISES);
    lua_pop(L, 1);
    if (!line)
        return 0;
    if (is_first && line[0] == '=')
        lua_pushfstring(L, "return %s", line + 1);
    else
        lua_pushstring(L, line);
    free(line);
    return 1;
}

// ---- statements ----

// The compiler missed something after the end of the text on top.
static int is_incomplete(lua_State *L, int status)
{
    static const char mark[] = "'<eof>'";
    if (status != LUA_ERRSYNTAX)
        return 0;
    size_t bytes;
    const char *message = lua_tolstring(L, -1, &bytes);
    return bytes >= sizeof mark - 1 && strcmp(message + bytes - (sizeof mark - 1), mark) == 0;
}

// Leaves a compiled statement, or reports why there is none. Result: 1, 0 after an error, -1 at
// the end of the input.
static int load_statement(lua_State *L)
{
    lua_settop(L, 0);
    if (!push_line(L, 1))
        return -1;
    for (;;) {
        size_t bytes;
        const char *text = lua_tolstring(L, 1, &bytes);
        PROBE_CODE_BEGIN(TRACE_ORIGIN_INPUT);
        int status = luaL_loadbuffer(L, text, bytes, "=stdin");
        PROBE_CODE_END();
        if (status == LUA_OK)
            return 1;
        if (!is_incomplete(L, status)) {
            standalone_report(L, status, "compiling a line");
            return 0;
        }
        lua_pop(L, 1);
        if (!push_line(L, 0))
            return -1;
        lua_pushliteral(L, "\n");
        lua_insert(L, -2);
        lua_concat(L, 3);
    }
}

// Body of a protected call: prints its arguments.
static int call_print(lua_State *L)
{
    luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
    lua_getglobal(L, "print");
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 0);
    return 0;
}

static void print_results(lua_State *L)
{
    int count = lua_gettop(L);
    if (count == 0)
        return;
    lua_pushcfunction(L, call_print);
    lua_insert(L, 1);
    int status = lua_pcall(L, count, 0, 0);
    if (status != LUA_OK)
        standalone_report_within(L, status, "printing", "error calling 'print' (", ")");
}

// Body of a protected call: reads a statement. Its result is the function, nil after an error,
// false at the end of the input.
static int read_statement(lua_State *L)
{
    int loaded = load_statement(L);
    if (loaded == 0)
        lua_pushnil(L);
    else if (loaded < 0)
        lua_pushboolean(L, 0);
    return 1;
}

// Reads and runs one statement; false at the end of the input. The statement is not run from a C
// function of the prompt, which would be one more level of its traceback.
static int run_statement(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushcfunction(L, read_statement);
    int status = lua_pcall(L, 0, 1, 0);
    if (status != LUA_OK)
        standalone_report(L, status, "reading a line");
    else if (lua_isboolean(L, 1))
        return 0;
    else if (lua_isfunction(L, 1) && standalone_call(L, 0, LUA_MULTRET, "running a line") == 0)
        print_results(L);
    return 1;
}

static uint64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void prompt_run(lua_State *L)
{
    uint64_t start_ms = wall_ms(), virtual_ms = device_time_us() / 1000;
    standalone_at_prompt();
    int goes_on;
    do {
        goes_on = run_statement(L);
        // A line that computes may be ahead of the wall's clock.
        uint64_t now_ms = device_time_us() / 1000, due_ms = virtual_ms + (wall_ms() - start_ms);
        events_run(L, (now_ms > due_ms ? now_ms : due_ms) + 1, standalone_traceback);
    } while (goes_on);
    host_interrupts(HOST_INTERRUPT_ENDS);
    lua_settop(L, 0);
    port_console_write("\n", 1);
}
