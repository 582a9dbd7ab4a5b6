// crc32.c: folds 64 bytes at a time by carry-less multiplication, the rest goes to zlib.
//
// Source: V. Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ",
// Intel 2009. Bits are reflected: a number's lowest bit is the highest power.

#include "analyzer/base/crc32.h"

#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define FOLDS __attribute__((target("pclmul,sse4.1")))
#define LANE_BYTES 16u
#define BLOCK_BYTES (4 * LANE_BYTES)

// Remainders of powers of x by the polynomial, for the two halves of a lane: how far each is moved.
#define BY_BLOCK _mm_set_epi64x(0x1c6e41596, 0x154442bd4)   // x^(4*128-32), x^(4*128+32)
#define BY_LANE _mm_set_epi64x(0x0ccaa009e, 0x1751997d0)    // x^(128-32), x^(128+32)
#define BY_WORD _mm_set_epi64x(0, 0x163cd6124)              // x^64
#define POLYNOMIAL _mm_set_epi64x(0x1f7011641, 0x1db710641) // and what divides by it

FOLDS static inline __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

// `lane` moved on by the distance of `by`, and `next` of there added.
FOLDS static inline __m128i fold(__m128i lane, __m128i by, __m128i next)
{
    __m128i low = _mm_clmulepi64_si128(lane, by, 0x00);
    __m128i high = _mm_clmulepi64_si128(lane, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// The remainder of 128 bits: to 96, to 64, and by Barrett's method to 32.
FOLDS static inline uint32_t reduce(__m128i lane)
{
    const __m128i words = _mm_setr_epi32(-1, 0, -1, 0);
    lane = _mm_xor_si128(_mm_srli_si128(lane, 8), _mm_clmulepi64_si128(lane, BY_LANE, 0x10));
    __m128i rest = _mm_srli_si128(lane, 4);
    lane = _mm_xor_si128(rest, _mm_clmulepi64_si128(_mm_and_si128(lane, words), BY_WORD, 0x00));
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(lane, words), POLYNOMIAL, 0x10);
    __m128i product = _mm_clmulepi64_si128(_mm_and_si128(quotient, words), POLYNOMIAL, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(lane, product), 1);
}

// `crc` without the inversions that zlib's has; `bytes` are one block or more, and whole lanes.
FOLDS static uint32_t sum_lanes(uint32_t crc, const uint8_t *at, size_t bytes)
{
    __m128i lanes[4];
    for (int i = 0; i < 4; i++)
        lanes[i] = load(at + (size_t)i * LANE_BYTES);
    lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128((int)crc));
    for (at += BLOCK_BYTES, bytes -= BLOCK_BYTES; bytes >= BLOCK_BYTES; bytes -= BLOCK_BYTES) {
        for (int i = 0; i < 4; i++)
            lanes[i] = fold(lanes[i], BY_BLOCK, load(at + (size_t)i * LANE_BYTES));
        at += BLOCK_BYTES;
    }
    for (int i = 1; i < 4; i++)
        lanes[0] = fold(lanes[0], BY_LANE, lanes[i]);
    for (; bytes >= LANE_BYTES; bytes -= LANE_BYTES, at += LANE_BYTES)
        lanes[0] = fold(lanes[0], BY_LANE, load(at));
    return reduce(lanes[0]);
}

static size_t fast_part(uint32_t *crc, const uint8_t *data, size_t bytes)
{
    size_t part = bytes - bytes % LANE_BYTES;
    if (part < BLOCK_BYTES || !__builtin_cpu_supports("pclmul") ||
        !__builtin_cpu_supports("sse4.1"))
        return 0;
    *crc = ~sum_lanes(~*crc, data, part);
    return part;
}
#else
static size_t fast_part(uint32_t *crc, const uint8_t *data, size_t bytes)
{
    (void)crc, (void)data, (void)bytes;
    return 0;
}
#endif

uint32_t crc32_more(uint32_t crc, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    size_t done = fast_part(&crc, at, bytes);
    return (uint32_t)crc32_z(crc, at + done, bytes - done);
}
