// core_debug_test.c: packed line tables written and read, chunk names, names in messages.

#include "runtime/core/debug.h"

#include <stdlib.h>

#include "runtime/core/chunk.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "tests/support/state.h"

static uint64_t random_state;

static int random_below(int n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (int)((random_state >> 33) % (uint64_t)n);
}

// ---- line tables ----

static const char *lines_text(const struct proto *p)
{
    return (const char *)DEREF(p->lines);
}

static const char *write_lines(lua_State *L, const int *lines, int count)
{
    struct proto *p = func_new_proto(L);
    struct line_writer w;
    debug_line_init(&w);
    for (int n = 0; n < count; n++)
        debug_line_add(L, p, &w, lines[n]);
    debug_line_close(L, p, &w);
    for (int n = 0; n < count; n++)
        CHECK_EQUAL(debug_line(L, p, n), lines[n]);
    return lines_text(p);
}

STATE_TEST(line_tables_have_the_firmwares_bytes)
{
    lua_gc(L, LUA_GCSTOP, 0);
    CHECK_TEXT(write_lines(L, (int[]){1, 1, 2}, 3), "\x02\x01");
    CHECK_TEXT(write_lines(L, (int[]){5}, 1), "\x83\x01");             // 0 + 3 + 2
    CHECK_TEXT(write_lines(L, (int[]){3, 1}, 2), "\x81\x01\xC2\x01");  // back by 2
    CHECK_TEXT(write_lines(L, (int[]){1, 67}, 2), "\x01\x80\x81\x01"); // 66 = 64 + 2
    int same[130];
    for (int n = 0; n < 130; n++)
        same[n] = 1;
    CHECK_TEXT(write_lines(L, same, 130), "\x7E\xC0\x04"); // 126, the same line again, 4
}

static int random_line(int line)
{
    switch (random_below(6)) {
    case 0:
        return line + 1;
    case 1:
        return line + random_below(100);
    case 2:
        return 1 + random_below(20000);
    case 3:
        return line > 3 ? line - random_below(3) : line;
    case 4:
        return 1 + random_below(1 << 24);
    default:
        return line;
    }
}

// Adds, changes and removes lines at random, beside a plain vector of lines.
STATE_TEST(line_tables_hold_what_was_written)
{
    enum { COUNT_MAX = 400 };
    static int lines[COUNT_MAX];
    random_state = test_seed();
    printf("# seed %llu\n", (unsigned long long)random_state);
    lua_gc(L, LUA_GCSTOP, 0);
    for (int run = 0; run < 200; run++) {
        struct proto *p = func_new_proto(L);
        struct line_writer w;
        debug_line_init(&w);
        int count = 0, line = 1;
        for (int step = 0; step < 600; step++) {
            int what = random_below(10);
            line = random_line(line);
            if (count > 0 && what == 0) {
                debug_line_remove(L, p, &w);
                count--;
            } else if (count > 0 && what == 1) {
                debug_line_fix(L, p, &w, line);
                lines[count - 1] = line;
            } else if (count < COUNT_MAX) {
                debug_line_add(L, p, &w, line);
                lines[count++] = line;
            }
            CHECK_EQUAL(strlen(lines_text(p)) + 1, w.room); // the block can be freed at any time
        }
        debug_line_close(L, p, &w);
        CHECK_EQUAL(strlen(lines_text(p)), w.used);
        for (int n = 0; n < count; n++)
            CHECK_EQUAL(debug_line(L, p, n), lines[n]);
    }
}

static void add_up(void *context, int line)
{
    *(unsigned *)context += (unsigned)line;
}

STATE_TEST(any_bytes_are_safe_to_read)
{
    unsigned sum = 0;
    random_state = test_seed();
    struct proto *p = func_new_proto(L);
    for (int run = 0; run < 20000; run++) {
        int bytes = 1 + random_below(12);
        uint8_t *lines = malloc((size_t)bytes); // exact, so that a sanitizer sees reads after it
        for (int n = 0; n < bytes; n++)
            lines[n] = (uint8_t)random_below(256);
        lines[bytes - 1] = 0;
        if ((uintptr_t)lines >> 32) { // references hold 32 bits
            static uint8_t low[12];
            memcpy(low, lines, (size_t)bytes);
            REF_SET(p->lines, (const uint8_t *)low);
        } else {
            REF_SET(p->lines, (const uint8_t *)lines);
        }
        for (int pc = 0; pc < 20; pc++)
            sum += (unsigned)debug_line(L, p, pc);
        debug_line_each(p, add_up, &sum);
        free(lines);
    }
    REF_NULL(p->lines);
    CHECK(sum != 0);
}

// ---- chunk names ----

TEST(chunk_names_fit)
{
    static const char *const cases[][2] = {
        {"=name", "name"},
        {"=0123456789012345678901234567890123456789012345678901234567890123456789",
         "01234567890123456789012345678901234567890123456789012345678"},
        {"@dir/file.lua", "dir/file.lua"},
        {"@0123456789012345678901234567890123456789012345678901234567890123",
         "...2345678901234567890123456789012345678901234567890123"},
        {"return 1", "[string \"return 1\"]"},
        {"return 1\nreturn 2", "[string \"return 1...\"]"},
        {"", "[string \"\"]"},
        {"01234567890123456789012345678901234567890123456789",
         "[string \"0123456789012345678901234567890123456789012...\"]"},
    };
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        char id[LUA_IDSIZE];
        debug_chunk_id(id, cases[n][0], sizeof id);
        CHECK_TEXT(id, cases[n][1]);
    }
}

// ---- names in messages ----

STATE_TEST(messages_name_what_is_wrong)
{
    static const char *const cases[][2] = {
        {"x()", "t:1: attempt to call global 'x' (a nil value)"},
        {"local x; x()", "t:1: attempt to call local 'x' (a nil value)"},
        {"local x; (function() x() end)()", "t:1: attempt to call upvalue 'x' (a nil value)"},
        {"local t = {} t.f()", "t:1: attempt to call field 'f' (a nil value)"},
        {"local t = {} t:m()", "t:1: attempt to call method 'm' (a nil value)"},
        {"local t = {} t[1]()", "t:1: attempt to call field '?' (a nil value)"},
        {"local a = {} return a.b.c", "t:1: attempt to index field 'b' (a nil value)"},
        {"a.b = 1", "t:1: attempt to index global 'a' (a nil value)"},
        {"return 'x' + 1", "t:1: attempt to perform arithmetic on a string value"},
        {"local s = {} return 1 + s",
         "t:1: attempt to perform arithmetic on local 's' (a table value)"},
        {"local s = {} return 's' .. s", "t:1: attempt to concatenate local 's' (a table value)"},
        {"return #nothing", "t:1: attempt to get length of global 'nothing' (a nil value)"},
        {"return {} < {}", "t:1: attempt to compare two table values"},
        {"return {} < 1", "t:1: attempt to compare table with number"},
        {"return nil < false", "t:1: attempt to compare nil with boolean"},
        {"for i = {}, 1 do end", "t:1: 'for' initial value must be a number"},
        {"for i = 1, 'x' do end", "t:1: 'for' limit must be a number"},
        {"for i = 1, 1, {} do end", "t:1: 'for' step must be a number"},
        {"\n\nlocal t = {\nx = nothing.y}", "t:4: attempt to index global 'nothing' (a nil value)"},
    };
    int strip_level = chunk_strip_level;
    chunk_strip_level = 0;
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++)
        CHECK_TEXT(run_text(L, cases[n][0]), cases[n][1]);
    chunk_strip_level = strip_level;
}

STATE_TEST(formatted_messages)
{
    const char *volatile nothing = NULL; // or the compiler warns
    CHECK_TEXT(lua_pushfstring(L, "%s|%d|%c|%%|%f|%s", "a", -5, 'x', 2.0, nothing),
               "a|-5|x|%|2|(null)");
    CHECK_TEXT(lua_pushfstring(L, "%p", (void *)(uintptr_t)0x40200010), "0x40200010");
    CHECK_TEXT(lua_pushfstring(L, "%p", NULL), "0x0");
}

TEST_MAIN
