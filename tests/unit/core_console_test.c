// core_console_test.c: what is typed at UART 0, and what uart.on makes of it.

#include <string.h>

#include "runtime/lib/libs.h"
#include "runtime/nodemcu/boot.h"
#include "runtime/nodemcu/events.h"
#include "runtime/nodemcu/system/console.h"
#include "runtime/world/later.h"
#include "runtime/world/world.h"
#include "tests/support/state.h"

// ---- a world with a line ----

static char told[256];

static size_t ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                  void *answer, size_t room)
{
    (void)kind, (void)object, (void)question, (void)question_bytes, (void)answer, (void)room;
    return 0;
}

static void tell(int kind, uint32_t object, const void *data, size_t bytes)
{
    size_t used = strlen(told);
    if (kind == WORLD_SERIAL && object == 1)
        snprintf(told + used, sizeof told - used, "%.*s|", (int)bytes, (const char *)data);
}

static const struct world_filling filling = {
    .ask = ask, .tell = tell, .take = later_take, .next_us = later_next_us, .boot = later_reset};

static uint64_t type_us; // when the next piece arrives

static void type_bytes(uint32_t uart, const char *text, size_t bytes)
{
    CHECK_EQUAL(later_add(type_us += 1000, WORLD_SERIAL, uart, text, bytes), 0);
}

static void type(const char *text)
{
    type_bytes(0, text, strlen(text));
}

static int keep_message(lua_State *L)
{
    (void)L;
    return 1;
}

static void start(lua_State *L)
{
    world_use(&filling);
    boot_begin();
    libs_open(L);
    events_start();
}

// What the console shows while that program and its events run. The text lasts until the next call.
static const char *shown(lua_State *L, const char *program)
{
    static char text[8192];
    fflush(stdout);
    FILE *file = tmpfile();
    int before = dup(STDOUT_FILENO);
    CHECK(file != NULL && before >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
    const char *result = run_text(L, program);
    lua_settop(L, 0);
    int end = events_run(L, 0, keep_message);
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    CHECK_TEXT(result, "nil");
    CHECK_EQUAL(end, EVENTS_DONE);
    CHECK_EQUAL(lua_gettop(L), 0);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

// ---- lines ----

STATE_TEST(a_console_begins_with_a_prompt)
{
    start(L);
    console_start(L);
    CHECK_TEXT(shown(L, "print 'main'"), "main\n> ");
    type("print(1 + 1)\n");
    CHECK_TEXT(shown(L, ""), "print(1 + 1)\n2\n> ");
    type("= 3, nil, 'x'\n");
    CHECK_TEXT(shown(L, ""), "= 3, nil, 'x'\n3\tnil\tx\n> ");
    type("return 1, 2\n");
    CHECK_TEXT(shown(L, ""), "return 1, 2\n1\t2\n> ");
    type("x = 5\n");
    type("=x\n");
    CHECK_TEXT(shown(L, ""), "x = 5\n> =x\n5\n> ");
}

STATE_TEST(lines_end_in_three_ways)
{
    start(L);
    type("\n\r\r\n\n\r\r\r");
    CHECK_TEXT(shown(L, ""), "\n> \n> \n> \n> \n> ");
    type("=1\r");
    type("\n=2\n");
    type("\r=3\r=4\n");
    CHECK_TEXT(shown(L, ""), "=1\n1\n> =2\n2\n> =3\n=4\n3\n> 4\n> ");
}

STATE_TEST(incomplete_statements_go_on)
{
    start(L);
    type("for i = 1, 2 do\n");
    type("\n");
    type("  print(i)\n");
    type("end\n");
    type("=1\n");
    CHECK_TEXT(shown(L, ""), "for i = 1, 2 do\n>> \n>>   print(i)\n>> end\n1\n2\n> =1\n1\n> ");
    // A syntax error ends it.
    type("f(\n");
    type(")) = 1\n");
    CHECK(strstr(shown(L, ""), ">> )) = 1\nLua error: \tstdin:2: ") != NULL);
    type("=2\n");
    CHECK_TEXT(shown(L, "_PROMPT, _PROMPT2 = 'one ', 2"), "=2\n2\none ");
    type("do\n");
    type("end\n");
    CHECK_TEXT(shown(L, ""), "do\n2end\none ");
}

STATE_TEST(errors_are_printed_and_end_nothing)
{
    start(L);
    type("error('of a line')\n");
    type("=1\n");
    const char *text = shown(L, "");
    CHECK(strncmp(text, "error('of a line')\nLua error: \t", 30) == 0);
    CHECK(strstr(text, "stdin:1: of a line") != NULL);
    CHECK(strstr(text, "\n> =1\n1\n> ") != NULL);
    type("error()\n");
    type("x x\n");
    CHECK(strstr(shown(L, ""), "error()\n> x x\nLua error: \tstdin:1: ") != NULL);
    type("=1\n");
    CHECK_TEXT(shown(L, "print = 5"), "=1\n> ");
}

STATE_TEST(what_is_typed_can_be_taken_back)
{
    start(L);
    type("\b=12\b\x7f"
         "2\n");
    CHECK_TEXT(shown(L, ""), "=12\b \b\b \b2\n2\n> ");
    type("\b\b=5\n");
    CHECK_TEXT(shown(L, ""), "=5\n5\n> ");
}

STATE_TEST(a_line_that_is_too_long_is_what_follows)
{
    char line[300];
    start(L);
    memset(line, ' ', sizeof line);
    memcpy(line + 255, "=7\n", 4);
    type(line);
    CHECK(strstr(shown(L, ""), "=7\n7\n> ") != NULL);
    memset(line, ' ', sizeof line);
    memcpy(line + 251, "x=8\n", 5); // 254 characters
    type(line);
    type("=x\n");
    CHECK(strstr(shown(L, ""), "=x\n8\n> ") != NULL);
    memset(line, ' ', sizeof line);
    memcpy(line, "x=", 2);
    memcpy(line + 254, "9\n", 3); // 255
    type(line);
    type("=x\n");
    CHECK(strstr(shown(L, ""), "=x\n9\n> ") != NULL);
}

STATE_TEST(without_echo)
{
    start(L);
    type("print(1)\b)\n");
    CHECK_TEXT(shown(L, "uart.setup(0, 115200, 8, 0, 1, 0)"), "1\n> ");
    type("=2\n");
    CHECK_TEXT(shown(L, "uart.setup(0, 115200, 8, 0, 1)"), "2\n> ");
    type("=3\n");
    CHECK_TEXT(shown(L, "uart.setup(0, 115200, 8, 0, 1, 1)"), "=3\n3\n> ");
}

STATE_TEST(what_is_printed_can_be_redirected_but_not_the_prompt)
{
    start(L);
    type("print(1)\n");
    type("=2\n");
    type("error('x', 0)\n");
    CHECK_TEXT(shown(L, "seen = '' node.output(function(p) seen = seen .. p:read(999) end, 0)"),
               "print(1)\n> =2\n> error('x', 0)\n> ");
    const char *seen = run_text(L, "node.output() return seen");
    CHECK(strncmp(seen, "1\n2\nLua error: \tx\n", 18) == 0);
}

STATE_TEST(node_input_is_typed_without_echo)
{
    start(L);
    CHECK_TEXT(shown(L, "node.input('=1\\n=2\\nprint(') node.input('3)') tmr.create():alarm(5, 0,\n"
                        "function() print('later') node.input('\\n') end)"),
               "1\n2\nlater\n3\n");
    type("do\n");
    CHECK_TEXT(shown(L, "node.input('print(4)\\n')"), "do\n4\n> >> "); // typed first
    CHECK_TEXT(shown(L, "node.input('print(5) end\\n')"), "5\n> ");
}

STATE_TEST(one_line_a_task)
{
    start(L);
    CHECK_TEXT(shown(L, "node.input('node.task.post(0, function() print(2) end) print(1)\\n'"
                        "..'print(3)\\n')"),
               "1\n2\n3\n");
}

// ---- uart.on ----

#define READS(arguments) "uart.on('data'" arguments ")"

STATE_TEST(lines_are_seen_before_they_run)
{
    start(L);
    type("=1\r\n");
    type("\n");
    type("do\n");
    type("end\n");
    CHECK_TEXT(shown(L, READS(", function(...) print('seen', #..., ...) end")),
               "=1\nseen\t2\t=1\n1\n> \n> do\nseen\t2\tdo\n>> end\nseen\t3\tend\n> ");
    type("=1\n");
    CHECK_TEXT(shown(L, READS(", 1, function(data) print('seen', data) end, 1")),
               "=1\nseen\t=1\n1\n> ");
    type("=1\n");
    CHECK_TEXT(shown(L, READS("")), "=1\n1\n> ");
}

STATE_TEST(data_comes_in_pieces)
{
    start(L);
    type("ab\r\n");
    CHECK_TEXT(shown(L, READS(", 0, function(data) print(#data, data:byte()) end, 0")),
               "1\t97\n1\t98\n1\t13\n1\t10\n");
    type("abcde");
    type("fgh");
    CHECK_TEXT(shown(L, READS(", 3, function(data) print(data) end, 0")), "abc\ndef\n");
    type("iabc");
    CHECK_TEXT(shown(L, ""), "ghi\nabc\n");
    type("one;two;;thr");
    CHECK_TEXT(shown(L, READS(", ';', function(data) print(data) end, 0")), "one;\ntwo;\n;\n");
    type_bytes(0, "ee\0four;\0\xFF", 10);
    CHECK_TEXT(shown(L, READS(", function(data) print(#data, data) end, 0")), // the NUL is printed
               "6\tthree\n6\tfour;\n");
    type("=1\n");
    CHECK_TEXT(shown(L, READS("")), "=1\nLua error: \tstdin:1: unexpected symbol near '\xFF'\n> ");
}

STATE_TEST(pieces_end_at_255_bytes)
{
    char line[301];
    start(L);
    memset(line, 'x', sizeof line);
    line[300] = 0;
    type(line);
    CHECK_TEXT(shown(L, READS(", ';', function(data) print(#data) end, 0")), "255\n");
    type(";");
    CHECK_TEXT(shown(L, ""), "46\n");
    type(line);
    CHECK_TEXT(shown(L, READS(", 255, function(data) print(#data) end, 0")), "255\n");
}

STATE_TEST(a_reader_may_end_itself)
{
    start(L);
    type("quit\r=1\n");
    CHECK_TEXT(
        shown(L, READS(", '\\r', function(data) print(data == 'quit\\r') uart.on('data') end, 0")),
        "true\n=1\n1\n> ");
    type("x");
    type("=2\n");
    CHECK_TEXT(
        shown(L,
              "node.setonerror(function(m) print((m:match(': (.*)'))) uart.on('data') end)" READS(
                  ", 1, function(data) error('of a reader') end, 0")),
        "of a reader\n=2\n2\n> ");
}

STATE_TEST(uart_1_only_sends)
{
    start(L);
    type_bytes(1, "=1\n", 3);
    CHECK_TEXT(shown(L, "uart.write(1, 'text', 65, 5 .. '') uart.write(0, 'a', 66, '\\n')"),
               "aB\n");
    CHECK_TEXT(told, "text|A|5|");
}

TEST_MAIN
