// stock_line_test.c: lines of frostline.lua: whole, damaged, among others.

#include "collectors/device/device_line.h"
#include "tests/support/device_lines.h"

static struct device_record record;

static enum device_finding read_one(const char *line)
{
    struct text rest = text_of(line);
    return device_line_next(&rest, &record);
}

TEST(reads_each_kind)
{
    CHECK_EQUAL(read_one(device_line(7, 1234567, "H 28000 14000 13000")), DEVICE_GOOD);
    CHECK_EQUAL(record.sequence, 7);
    CHECK_EQUAL(record.time_us, 1234567);
    CHECK_EQUAL(record.kind, 'H');
    CHECK_EQUAL(record.fields[0], 28000);
    CHECK_EQUAL(record.fields[1], 14000);
    CHECK_EQUAL(record.fields[2], 13000);
    CHECK_EQUAL(read_one(device_line(0, 0, "B i 512")), DEVICE_GOOD);
    CHECK(record.is_integer);
    CHECK_EQUAL(record.fields[0], 512);
    CHECK_EQUAL(read_one(device_line(0, 0, "S F")), DEVICE_GOOD);
    CHECK_EQUAL(record.place, DEVICE_FLASH);
    CHECK_EQUAL(read_one(device_line(65535, 2147483647, "E R 81")), DEVICE_GOOD);
    CHECK_EQUAL(record.place, DEVICE_RAM);
    CHECK_EQUAL(record.fields[0], 81);
    CHECK_EQUAL(read_one(device_line(1, 2, "N R 900")), DEVICE_GOOD);
    CHECK_EQUAL(read_one(device_line(1, 2, "X")), DEVICE_GOOD);
    CHECK_EQUAL(record.kind, 'X');
}

TEST(reads_texts)
{
    CHECK_EQUAL(read_one(device_line(1, 2, "T 9 a b\\0a\\7e\\00\\5cz ")), DEVICE_GOOD);
    CHECK_EQUAL(record.fields[0], 9);
    CHECK_EQUAL(record.text_bytes, 8 + 1);
    CHECK(memcmp(record.text, "a b\n~\0\\z ", 9) == 0);
    CHECK_EQUAL(read_one(device_line(1, 2, "T 0 ")), DEVICE_GOOD);
    CHECK_EQUAL(record.text_bytes, 0);
    CHECK_EQUAL(read_one(device_line(1, 2, "M \\ff")), DEVICE_GOOD);
    CHECK_EQUAL(record.text_bytes, 1);
    CHECK_EQUAL(read_one(device_line(1, 2, "U tail of a longer one")), DEVICE_GOOD);
    CHECK_EQUAL(record.text_bytes, 20);
}

TEST(what_stands_behind_the_sum_does_not_matter)
{
    static const char *const tails[] = {"\r", "  ",     "\033[0m", "\033[0;32mI (12) wifi",
                                        "x",  " 10000 "};
    char line[200];
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        snprintf(line, sizeof line, "%s%s", device_line(7, 9, "T 4 1000"), tails[i]);
        CHECK_EQUAL(read_one(line), DEVICE_GOOD);
        CHECK(record.text_bytes == 4 && memcmp(record.text, "1000", 4) == 0);
    }
    // A sum that is right for less of the line does not end it early.
    CHECK_EQUAL(read_one(device_line(7, 9, "M a 10000 b")), DEVICE_GOOD);
    CHECK_EQUAL(record.text_bytes, 9);
}

TEST(refuses_what_is_no_record_of_its_kind)
{
    static const char *const bad[] = {
        "H 1 2",  "H 1 2 3 4", "H 1 2 -3", "H 1 2 4294967296", "B x 1", "S X",      "S", "E R",
        "T 1 ab", "T ab",      "T 3 a\\0", "T 3 \\zz",         "Q",     "HH 1 2 3", "",  "X 1",
        "N R",    "M",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (read_one(device_line(1, 2, bad[i])) != DEVICE_DAMAGED)
            printf("# taken: '%s'\n", bad[i]), CHECK(false);
    CHECK_EQUAL(read_one(device_line(65536, 2, "X")), DEVICE_DAMAGED);
    CHECK_EQUAL(read_one(device_line(1, 2147483648u, "X")), DEVICE_DAMAGED);
}

TEST(finds_records_among_other_text)
{
    char line[8300];
    snprintf(line, sizeof line, "> ~F~F1~%s%s\r", device_line(4, 2, "X"), device_line(5, 3, "S R"));
    struct text rest = text_of(line);
    CHECK_EQUAL(device_line_next(&rest, &record), DEVICE_GOOD);
    CHECK_EQUAL(record.sequence, 4);
    CHECK_EQUAL(device_line_next(&rest, &record), DEVICE_GOOD);
    CHECK_EQUAL(record.sequence, 5);
    CHECK_EQUAL(device_line_next(&rest, &record), DEVICE_NONE);
    CHECK_EQUAL(read_one("temperature 21.5 ~ F1"), DEVICE_NONE);
    CHECK_EQUAL(read_one(""), DEVICE_NONE);
    CHECK_EQUAL(read_one("~F2 1 2 X 1abcd"), DEVICE_FOREIGN);
}

// Each byte changed to each other one, and each cut: never taken for another record.
TEST(damage_is_seen)
{
    char good[200], bad[200];
    unsigned taken = 0, tried = 0;
    snprintf(good, sizeof good, "%s", device_line(1042, 77001234, "T 12 temperature\\0a"));
    size_t bytes = strlen(good);
    CHECK_EQUAL(read_one(good), DEVICE_GOOD);
    for (size_t i = 0; i < bytes; i++)
        for (int c = 0; c < 256; c++) {
            struct text rest = {bad, bytes};
            memcpy(bad, good, bytes);
            bad[i] = (char)c;
            if (bad[i] == good[i])
                continue;
            tried++;
            taken += device_line_next(&rest, &record) == DEVICE_GOOD;
        }
    CHECK_EQUAL(taken, 0);
    CHECK_EQUAL(tried, bytes * 255);
    for (size_t cut = 0; cut < bytes; cut++) {
        struct text rest = {good, cut};
        CHECK(device_line_next(&rest, &record) != DEVICE_GOOD);
    }
    for (size_t i = 5; i + 1 < bytes; i++) { // two bytes change places
        struct text rest = {bad, bytes};
        memcpy(bad, good, bytes);
        bad[i] = good[i + 1];
        bad[i + 1] = good[i];
        CHECK(bad[i] == good[i] || device_line_next(&rest, &record) != DEVICE_GOOD);
    }
}

TEST(any_bytes_are_survived)
{
    uint64_t state = test_seed() * 2654435761u + 1;
    static const char often[] = "~F1 0123456789abcdefTHSEUBMX\\RF";
    unsigned marks = 0;
    printf("# SEED=%llu\n", (unsigned long long)test_seed());
    for (int round = 0; round < 20000; round++) {
        size_t bytes = test_random(&state) % 200;
        char *line = malloc(bytes ? bytes : 1); // of its exact size, for sanitizers
        for (size_t i = 0; i < bytes; i++)
            line[i] = test_random(&state) % 4 ? often[test_random(&state) % (sizeof often - 1)]
                                              : (char)test_random(&state);
        struct text rest = {line, bytes};
        enum device_finding finding;
        while ((finding = device_line_next(&rest, &record)) != DEVICE_NONE) {
            CHECK(finding != DEVICE_GOOD);
            marks++;
        }
        free(line);
    }
    CHECK(marks > 0);
}

TEST_MAIN
