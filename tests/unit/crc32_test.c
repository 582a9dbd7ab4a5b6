// crc32_test.c: the sum of many bytes against zlib's.

#include <zlib.h>

#include "analyzer/base/crc32.h"

#include "tests/support/tap.h"

TEST(sums_are_those_of_zlib)
{
    unsigned char data[1100];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof data; i++) {
        state = state * 1664525u + 1013904223u;
        data[i] = (unsigned char)(state >> 24);
    }
    CHECK_EQUAL(crc32_more(0, "123456789", 9), 0xcbf43926);
    CHECK_EQUAL(crc32_more(0, data, 0), 0);
    for (size_t from = 0; from < 20; from++)
        for (size_t bytes = 0; from + bytes <= sizeof data; bytes++) {
            uint32_t is = crc32_more(0, data + from, bytes);
            uint32_t wanted = (uint32_t)crc32(0, data + from, (uInt)bytes);
            if (is != wanted)
                CHECK_EQUAL(is, wanted);
        }
}

TEST(a_sum_goes_on)
{
    unsigned char data[400];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7);
    uint32_t whole = crc32_more(0, data, sizeof data);
    for (size_t cut = 0; cut <= sizeof data; cut++)
        CHECK_EQUAL(crc32_more(crc32_more(0, data, cut), data + cut, sizeof data - cut), whole);
}

TEST_MAIN
