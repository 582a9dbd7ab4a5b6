// wrap_test.c: lines of sentences: widths, indents, long words, newlines, UTF-8.

#include "analyzer/base/wrap.h"

#include <stdlib.h>

#include "tests/support/tap.h"

static void check(const char *text, unsigned columns, unsigned column, unsigned indent,
                  const char *want)
{
    char *got = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&got, &bytes);
    wrap_print(out, text_of(text), columns, column, indent);
    fclose(out);
    CHECK_TEXT(got, want);
    free(got);
}

TEST(breaks_at_blanks)
{
    check("one two three four", 9, 0, 0, "one two\nthree\nfour");
    check("one two three four", 10, 0, 2, "one two\n  three\n  four");
    check("one two", 7, 0, 0, "one two"); // fits exactly
    check("one two", 6, 0, 0, "one\ntwo");
    check("one two", 8, 3, 2, "one\n  two"); // three characters stand before it
}

TEST(never)
{
    check("one two three four", WRAP_NEVER, 0, 0, "one two three four");
}

TEST(long_words_and_newlines)
{
    check("abcdefgh ij", 4, 0, 0, "abcdefgh\nij");
    check("one\ntwo three", 20, 0, 0, "one\ntwo three");
    check("a  b", 20, 0, 0, "a  b"); // blanks within a line stay
    check("one   two", 5, 0, 0, "one\ntwo");
    check("", 5, 0, 0, "");
}

#define LONG "a line of prose that is as long as lines of sources usually are, all"

TEST(prose_flows)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {LONG "\ngoes on", LONG " goes on"},
        {LONG "\n\na paragraph", LONG "\n\na paragraph"},
        {LONG "\n  a list", LONG "\n  a list"},
        {LONG "\n", LONG "\n"},
        {"a short line\nends", "a short line\nends"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *got = NULL;
        size_t bytes;
        FILE *out = open_memstream(&got, &bytes);
        wrap_print_prose(out, text_of(rows[i].text), 200);
        fclose(out);
        CHECK_TEXT(got, rows[i].want);
        free(got);
    }
}

TEST(characters_are_counted)
{
    check("\xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f", 5, 0, 0, "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f");
}

TEST(tells_the_column)
{
    FILE *out = fopen("/dev/null", "w");
    CHECK_EQUAL(wrap_print(out, text_of("one two"), 80, 3, 0), 10);
    CHECK_EQUAL(wrap_print(out, text_of("one two"), 5, 0, 2), 5);
    fclose(out);
}

TEST_MAIN
