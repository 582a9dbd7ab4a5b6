// safe_text_test.c: what is UTF-8, what a terminal would obey, texts made safe.

#include "analyzer/base/problem.h"
#include "analyzer/base/safe_text.h"

#include "runtime/format/utf8.h"
#include "tests/support/tap.h"

TEST(characters_of_utf8)
{
    static const struct {
        const char *bytes;
        size_t count;
    } rows[] = {
        {"", 0},
        {"\x1f", 0},
        {" ", 1},
        {"~", 1},
        {"\x7f", 0},
        {"\x80", 0},
        {"\xbf\x80", 0},
        {"\xc1\xbf", 0},
        {"\xc2\x80", 0},
        {"\xc2\x7f", 0},
        {"\xc2\xc0", 0},
        {"\xc2", 0},
        {"\xdf\xbf", 2},
        {"\xe0\x9f\xbf", 0},
        {"\xe0\xa0\x80", 3},
        {"\xe0\xa0", 0},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0},
        {"\xee\x80\x80", 3},
        {"\xef\xbf\xbf", 3},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf0\x90\x80\x80", 4},
        {"\xf0\x90\x80", 0},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"a\xc2\x80", 1},
        {"\xc2\x9b", 0}, // a control character of Latin 1: CSI
        {"\xc2\xa0", 2},
        {"\xe2\x80\xae", 0}, // override of direction
        {"\xe2\x81\xa6", 0},
        {"\xe2\x80\xa8", 0}, // separator of lines
        {"\xe2\x80\xaf", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_EQUAL(utf8_character_bytes(text_of(rows[i].bytes)), (long long)rows[i].count);
}

TEST(codes)
{
    uint32_t code;
    CHECK(utf8_decode("\xc3\xa9", sizeof "\xc3\xa9" - 1, &code) == 2 && code == 0xE9);
    CHECK(utf8_decode("\xe2\x82\xac", sizeof "\xe2\x82\xac" - 1, &code) == 3 && code == 0x20AC);
    CHECK(utf8_decode("\xf0\x9f\x98\x80", sizeof "\xf0\x9f\x98\x80" - 1, &code) == 4 &&
          code == 0x1F600);
    CHECK(utf8_decode("\x1b", sizeof "\x1b" - 1, &code) == 1 && code == 0x1B);
    CHECK_EQUAL(utf8_decode("", sizeof "" - 1, &code), 0);
}

TEST(texts)
{
    struct arena arena;
    arena_init(&arena);
    struct text good = text_of("caf\xc3\xa9 \xe2\x82\xac");
    CHECK(safe_text(&arena, good).data == good.data);
    CHECK_TEXT(safe_text(&arena, text_of("a\x1b[31m\r\nb\xff\xe2\x80\xae"
                                         "c\x7f"))
                   .data,
               "a\\x1b[31m\\x0d b\\xff\\xe2\\x80\\xae"
               "c\\x7f");
    CHECK_EQUAL(safe_text(&arena, (struct text){"a\0b", 3}).bytes, 6);
    char line[] = "a\x1b[0m \xc3\xa9\xc3";
    safe_text_in_place(line);
    CHECK_TEXT(line, "a?[0m \xc3\xa9?");
    arena_deinit(&arena);
}

TEST(problems)
{
    struct problem problem = {0};
    char line[100];
    problem_set(&problem, STATUS_DAMAGED, text_of("x\x1b]0;t\x07"), PROBLEM_NO_OFF, "module '%s'",
                "m\xe2\x80\xae\n");
    problem_print(&problem, line, sizeof line);
    CHECK_TEXT(line, "x?]0;t?: module 'm????"
                     "'");
}

TEST_MAIN
