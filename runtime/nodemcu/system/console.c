// console.c: bytes that arrive at UART 0: echo, lines, data; see console.h.
//
// Reads and writes: the console. Source: facts on NodeMCU 3.0.

#include "runtime/nodemcu/system/console.h"

#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#ifdef FROST_CHIP // where nothing arrives yet
#define LINE_BYTES 16
#else
#define LINE_BYTES (CONSOLE_LINE_BYTES_MAX + 1)
#endif

#define BACKSPACE '\b'
#define DELETE 0x7F

static struct {
    char text[LINE_BYTES];
    uint16_t bytes;
    char last;        // character, 0: of no matter
    char is_attended; // prompts are for somebody
    char is_silent;   // no echo
    char keeps_lines; // the program has the bytes
    uint8_t bytes_max;
    int16_t end;
    int32_t reader_ref;
} input = {.reader_ref = LUA_NOREF};

void console_reset(void)
{
    memset(&input, 0, sizeof input);
    input.reader_ref = LUA_NOREF;
    console_run_reset();
}

void console_set_echo(int is_on)
{
    input.is_silent = !is_on;
}

void console_set_reader(lua_State *L, int runs_lines, int bytes_max, int end)
{
    int ref = lua_isnil(L, -1) ? (lua_pop(L, 1), LUA_NOREF) : luaL_ref(L, LUA_REGISTRYINDEX);
    luaL_unref(L, LUA_REGISTRYINDEX, input.reader_ref);
    input.reader_ref = ref;
    input.keeps_lines = !runs_lines;
    input.bytes_max = (uint8_t)bytes_max;
    input.end = (int16_t)end;
}

// Pushes the line.
static void push_text(lua_State *L)
{
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT);
    lua_pushlstring(L, input.text, input.bytes);
    PROBE_SOURCE_END();
}

static void call_reader(lua_State *L)
{
    if (input.reader_ref == LUA_NOREF || input.bytes == 0)
        return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, input.reader_ref);
    push_text(L);
    callback_call(L, 1, CALLBACK_PROTECTED);
}

// ---- prompts ----

void console_prompt(lua_State *L)
{
    int goes_on = console_is_incomplete();
    if (!input.is_attended)
        return;
    lua_getglobal(L, goes_on ? "_PROMPT2" : "_PROMPT");
    const char *prompt = lua_tostring(L, -1);
    prompt = prompt ? prompt : goes_on ? ">> " : "> ";
    port_console_write(prompt, strlen(prompt));
    lua_pop(L, 1);
}

void console_start(lua_State *L)
{
    input.is_attended = 1;
    lua_pushliteral(L, " \n");
    console_input(L);
}

// ---- bytes ----

static void echo(const char *text, size_t bytes)
{
    if (!input.is_silent)
        port_console_write(text, bytes);
}

static void end_line(lua_State *L)
{
    echo("\n", 1);
    call_reader(L);
    if (input.bytes == 0) {
        console_prompt(L);
        return;
    }
    input.text[input.bytes++] = '\n';
    push_text(L);
    input.bytes = 0;
    console_input(L);
}

static int is_second_of_two(char c)
{
    return (c == '\r' && input.last == '\n') || (c == '\n' && input.last == '\r');
}

static void take_typed(lua_State *L, char c)
{
    int is_end = c == '\r' || c == '\n', is_second = is_second_of_two(c);
    int takes_back = c == BACKSPACE || c == DELETE;
    input.last = takes_back || is_second ? 0 : c;
    if (is_second)
        return;
    if (takes_back) {
        if (input.bytes > 0) {
            echo("\b \b", 3);
            input.bytes--;
        }
        return;
    }
    if (is_end) {
        end_line(L);
        return;
    }
    echo(&c, 1);
    if (input.bytes + 1 >= LINE_BYTES) // too long: what follows is the line
        input.bytes = 0;
    input.text[input.bytes++] = c;
}

static void take_data(lua_State *L, char c)
{
    input.text[input.bytes++] = c;
    if (input.bytes < input.bytes_max && input.bytes < LINE_BYTES - 1 &&
        (unsigned char)c != input.end)
        return;
    call_reader(L);
    input.bytes = 0;
}

void console_arrival(lua_State *L, const struct world_arrival *arrival)
{
    const char *bytes = arrival->data;
    if (arrival->object != 0)
        return;
    input.is_attended = 1;
    for (uint32_t i = 0; i < arrival->bytes; i++) {
        if (input.keeps_lines)
            take_data(L, bytes[i]);
        else
            take_typed(L, bytes[i]);
    }
}
