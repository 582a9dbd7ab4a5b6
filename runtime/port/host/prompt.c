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

#include "runtime/core/lauxlib.h"
#include "runtime/nodemcu/events.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/standalone.h"
#include "runtime/port/port.h"

static int is_terminal(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

// ---- lines ----

// A line without its newline, to be freed; NULL at the end of the input.
static char *read_line(const char *prompt)
{
    fflush(stdout);
    if (is_terminal()) {
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

// The compiler missed something behind the end of the text on top.
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
        int status = luaL_loadbuffer(L, text, bytes, "=stdin");
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

static void print_results(lua_State *L)
{
    if (lua_gettop(L) == 0)
        return;
    luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
    lua_getglobal(L, "print");
    lua_insert(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, 0, 0);
    if (status == LUA_OK)
        return;
    lua_pushfstring(L, "error calling 'print' (%s)", lua_tostring(L, -1));
    standalone_report(L, status, "printing");
}

// Body of a protected call: reads and runs one statement. Its result is false at the end of the
// input.
static int run_statement(lua_State *L)
{
    int loaded = load_statement(L);
    if (loaded > 0) {
        lua_remove(L, 1); // the text
        if (standalone_call(L, 0, LUA_MULTRET, "running a line") == 0)
            print_results(L);
    }
    lua_settop(L, 0);
    lua_pushboolean(L, loaded >= 0);
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
    uint64_t start_ms = wall_ms(), virtual_ms = events_now_us() / 1000;
    int goes_on = 1;
    standalone_at_prompt();
    while (goes_on) {
        lua_settop(L, 0);
        lua_pushcfunction(L, run_statement);
        int status = lua_pcall(L, 0, 1, 0);
        if (status == LUA_OK)
            goes_on = lua_toboolean(L, -1);
        else
            standalone_report(L, status, "reading a line");
        events_run(L, virtual_ms + (wall_ms() - start_ms) + 1, standalone_traceback);
    }
    host_interrupts(HOST_INTERRUPT_ENDS);
    lua_settop(L, 0);
    port_console_write("\n", 1);
}
