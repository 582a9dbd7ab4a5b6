// value_text_test.c: figures as people read them, and which bytes are a character.

#include "reports/value_text.h"

#include "tests/support/tap.h"

static struct arena arena;

static const char *shown(enum report_kind kind, unsigned decimals, struct report_value value,
                         size_t cut_bytes)
{
    struct text text = value_text(&arena, kind, decimals, &value, cut_bytes);
    return arena_format(&arena, "%.*s", TEXT_ARGS(text));
}

TEST(numbers_have_separators)
{
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {{0, "0"},
                {7, "7"},
                {-7, "-7"},
                {999, "999"},
                {-999, "-999"},
                {1000, "1,000"},
                {-1000, "-1,000"},
                {123456, "123,456"},
                {1234567, "1,234,567"},
                {INT64_MAX, "9,223,372,036,854,775,807"},
                {INT64_MIN, "-9,223,372,036,854,775,808"}};
    arena_init(&arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text;
        size_t bytes;
        FILE *out = open_memstream(&text, &bytes);
        value_put_number(out, rows[i].number);
        fclose(out);
        CHECK_TEXT(text, rows[i].text);
        CHECK_TEXT(shown(REPORT_NUMBER, 0, report_number(rows[i].number), 0), rows[i].text);
        free(text);
    }
    arena_deinit(&arena);
}

TEST(values_of_each_kind)
{
    arena_init(&arena);
    CHECK_TEXT(shown(REPORT_REAL, 0, report_real(1234567.4), 0), "1,234,567");
    CHECK_TEXT(shown(REPORT_REAL, 0, report_real(-0.6), 0), "-1");
    CHECK_TEXT(shown(REPORT_REAL, 1, report_real(1234.56), 0), "1234.6");
    CHECK_TEXT(shown(REPORT_REAL, 3, report_real(0.5), 0), "0.500");
    CHECK_TEXT(shown(REPORT_REAL, 0, report_real(1e16), 0), "10000000000000000");
    CHECK_TEXT(shown(REPORT_FLAG, 0, report_flag(true), 0), "yes");
    CHECK_TEXT(shown(REPORT_FLAG, 0, report_flag(false), 0), "");
    CHECK_TEXT(shown(REPORT_HEX, 0, report_hex(0x40290000), 0), "0x40290000");
    CHECK_TEXT(shown(REPORT_STRING, 0, report_text(text_of("a\"b")), 0), "\"a\\\"b\"");
    CHECK_TEXT(shown(REPORT_NUMBER, 0, (struct report_value){0}, 0), "");
    arena_deinit(&arena);
}

TEST(long_texts_are_cut_to_the_room)
{
    arena_init(&arena);
    struct report_value ten = report_text(text_of("0123456789"));
    CHECK_TEXT(shown(REPORT_TEXT, 0, ten, 0), "0123456789");
    CHECK_TEXT(shown(REPORT_TEXT, 0, ten, 11), "0123456789");
    CHECK_TEXT(shown(REPORT_TEXT, 0, ten, 10), "0123456789");
    CHECK_TEXT(shown(REPORT_TEXT, 0, ten, 9), "012345...");
    CHECK_TEXT(shown(REPORT_STRING, 0, ten, 9), "\"01234...");
    arena_deinit(&arena);
}

// Bounds of each length of UTF-8: overlong forms, surrogates and what is beyond are none.
TEST(any_loss_is_a_loss)
{
    struct report_loss none = {0}, one;
    uint64_t *const parts[] = {&one.events_discarded, &one.packets_lost, &one.blocks_lost,
                               &one.bytes_cut, &one.runs_unfinished};
    arena_init(&arena);
    CHECK(!report_has_loss(&none));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        one = none;
        *parts[i] = 4711 + i;
        CHECK(report_has_loss(&one));
        struct text words = report_loss_text(&arena, &one);
        const char *number = arena_format(&arena, " %u", (unsigned)(4711 + i));
        CHECK(strstr(arena_copy_text(&arena, words).data, number) != NULL);
    }
    arena_deinit(&arena);
}

TEST_MAIN
