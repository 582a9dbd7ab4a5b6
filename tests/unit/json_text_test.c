// json_text_test.c: JSON strings read back by jansson, for all bytes and for seeded random ones.

#include "reports/json_text.h"

#include <jansson.h>

#include "tests/support/tap.h"

// What a JSON reader makes of the string, in `out`; -1 if it refuses it.
static int read_back(struct text text, char out[512])
{
    char *written = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&written, &bytes);
    json_text_put(file, text);
    fclose(file);
    json_t *value = json_loadb(written, bytes, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    int length = value ? (int)json_string_length(value) : -1;
    if (value)
        memcpy(out, json_string_value(value), (size_t)length);
    json_decref(value);
    free(written);
    return length;
}

TEST(every_byte_is_a_string)
{
    for (int c = 0; c < 256; c++) {
        char byte = (char)c, out[512];
        int length = read_back((struct text){&byte, 1}, out);
        CHECK_EQUAL(length, c < 128 ? 1 : 2);
        int read = length == 1 ? (uint8_t)out[0] : ((uint8_t)out[0] & 31) << 6 | (out[1] & 63);
        CHECK_EQUAL(read, c);
        CHECK_EQUAL(json_text_is_exact((struct text){&byte, 1}), c < 128);
    }
}

TEST(utf8_stays_as_it_is)
{
    static const char *const texts[] = {"", "a\"b\\c\n\001", "\xc3\xa4", "\xe2\x82\xac 1",
                                        "\xf0\x9f\x98\x80\x7f"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char out[512];
        struct text text = text_of(texts[i]);
        CHECK(json_text_is_exact(text));
        int length = read_back(text, out);
        CHECK_EQUAL(length, text.bytes);
        CHECK(memcmp(out, text.data, text.bytes) == 0);
    }
    CHECK(!json_text_is_exact(text_of("\xc3")));
    CHECK(!json_text_is_exact(text_of("ok\xed\xa0\x80"))); // half of a pair
}

TEST(random_bytes_are_always_json)
{
    unsigned state = test_seed();
    for (int round = 0; round < 2000; round++) {
        char bytes[40], out[512];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)((state = state * 1664525u + 1013904223u) >> 24);
        struct text text = {bytes, sizeof bytes};
        int length = read_back(text, out);
        CHECK(length >= (int)sizeof bytes);
        CHECK_EQUAL(json_text_is_exact(text), length == (int)sizeof bytes);
    }
}

TEST_MAIN
