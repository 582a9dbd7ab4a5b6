// digest_rounds.c: MD5, SHA-1 and SHA-2: what a block does to the state.
//
// Reads and writes: arguments only. A state is 4, 5 or 8 words of 32 bits, or 8 of 64 at an address
// for 32.
// Source: RFC 1321; FIPS 180-4.

#include <string.h>

#include "runtime/nodemcu/data/digest.h"

// The first bits behind the point of the cube roots of the first 80 primes.
static const uint64_t cube_roots[] = {
    0x428a2f98d728ae22u, 0x7137449123ef65cdu, 0xb5c0fbcfec4d3b2fu, 0xe9b5dba58189dbbcu,
    0x3956c25bf348b538u, 0x59f111f1b605d019u, 0x923f82a4af194f9bu, 0xab1c5ed5da6d8118u,
    0xd807aa98a3030242u, 0x12835b0145706fbeu, 0x243185be4ee4b28cu, 0x550c7dc3d5ffb4e2u,
    0x72be5d74f27b896fu, 0x80deb1fe3b1696b1u, 0x9bdc06a725c71235u, 0xc19bf174cf692694u,
    0xe49b69c19ef14ad2u, 0xefbe4786384f25e3u, 0x0fc19dc68b8cd5b5u, 0x240ca1cc77ac9c65u,
    0x2de92c6f592b0275u, 0x4a7484aa6ea6e483u, 0x5cb0a9dcbd41fbd4u, 0x76f988da831153b5u,
    0x983e5152ee66dfabu, 0xa831c66d2db43210u, 0xb00327c898fb213fu, 0xbf597fc7beef0ee4u,
    0xc6e00bf33da88fc2u, 0xd5a79147930aa725u, 0x06ca6351e003826fu, 0x142929670a0e6e70u,
    0x27b70a8546d22ffcu, 0x2e1b21385c26c926u, 0x4d2c6dfc5ac42aedu, 0x53380d139d95b3dfu,
    0x650a73548baf63deu, 0x766a0abb3c77b2a8u, 0x81c2c92e47edaee6u, 0x92722c851482353bu,
    0xa2bfe8a14cf10364u, 0xa81a664bbc423001u, 0xc24b8b70d0f89791u, 0xc76c51a30654be30u,
    0xd192e819d6ef5218u, 0xd69906245565a910u, 0xf40e35855771202au, 0x106aa07032bbd1b8u,
    0x19a4c116b8d2d0c8u, 0x1e376c085141ab53u, 0x2748774cdf8eeb99u, 0x34b0bcb5e19b48a8u,
    0x391c0cb3c5c95a63u, 0x4ed8aa4ae3418acbu, 0x5b9cca4f7763e373u, 0x682e6ff3d6b2b8a3u,
    0x748f82ee5defb2fcu, 0x78a5636f43172f60u, 0x84c87814a1f0ab72u, 0x8cc702081a6439ecu,
    0x90befffa23631e28u, 0xa4506cebde82bde9u, 0xbef9a3f7b2c67915u, 0xc67178f2e372532bu,
    0xca273eceea26619cu, 0xd186b8c721c0c207u, 0xeada7dd6cde0eb1eu, 0xf57d4f7fee6ed178u,
    0x06f067aa72176fbau, 0x0a637dc5a2c898a6u, 0x113f9804bef90daeu, 0x1b710b35131c471bu,
    0x28db77f523047d84u, 0x32caab7b40c72493u, 0x3c9ebe0a15c9bebcu, 0x431d67c49c100d4cu,
    0x4cc5d4becb3e42b6u, 0x597f299cfc657e2au, 0x5fcb6fab3ad6faecu, 0x6c44198c4a475817u,
};

// ... and of the square roots of the first 16.
static const uint64_t square_roots[] = {
    0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u,
    0x510e527fade682d1u, 0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u,
    0xcbbb9d5dc1059ed8u, 0x629a292a367cd507u, 0x9159015a3070dd17u, 0x152fecd8f70e5939u,
    0x67332667ffc00b31u, 0x8eb44a8768581511u, 0xdb0c2e0d64f98fa7u, 0x47b5481dbefa4fa4u,
};

// The first bits of the sines of 1, 2, 3 ...
static const uint32_t sines[] = {
    0xd76aa478u, 0xe8c7b756u, 0x242070dbu, 0xc1bdceeeu, 0xf57c0fafu, 0x4787c62au, 0xa8304613u,
    0xfd469501u, 0x698098d8u, 0x8b44f7afu, 0xffff5bb1u, 0x895cd7beu, 0x6b901122u, 0xfd987193u,
    0xa679438eu, 0x49b40821u, 0xf61e2562u, 0xc040b340u, 0x265e5a51u, 0xe9b6c7aau, 0xd62f105du,
    0x02441453u, 0xd8a1e681u, 0xe7d3fbc8u, 0x21e1cde6u, 0xc33707d6u, 0xf4d50d87u, 0x455a14edu,
    0xa9e3e905u, 0xfcefa3f8u, 0x676f02d9u, 0x8d2a4c8au, 0xfffa3942u, 0x8771f681u, 0x6d9d6122u,
    0xfde5380cu, 0xa4beea44u, 0x4bdecfa9u, 0xf6bb4b60u, 0xbebfbc70u, 0x289b7ec6u, 0xeaa127fau,
    0xd4ef3085u, 0x04881d05u, 0xd9d4d039u, 0xe6db99e5u, 0x1fa27cf8u, 0xc4ac5665u, 0xf4292244u,
    0x432aff97u, 0xab9423a7u, 0xfc93a039u, 0x655b59c3u, 0x8f0ccc92u, 0xffeff47du, 0x85845dd1u,
    0x6fa87e4fu, 0xfe2ce6e0u, 0xa3014314u, 0x4e0811a1u, 0xf7537e82u, 0xbd3af235u, 0x2ad7d2bbu,
    0xeb86d391u,
};

static uint32_t left(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

static uint32_t right(uint32_t x, unsigned bits)
{
    return x >> bits | x << (32 - bits);
}

static uint64_t right64(uint64_t x, unsigned bits)
{
    return x >> bits | x << (64 - bits);
}

static uint32_t word_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// ---- MD5 ----

void digest_round_md5(void *state, const uint8_t *block)
{
    static const uint32_t turns[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    static const uint32_t steps[4] = {1, 5, 3, 7}, firsts[4] = {0, 1, 5, 0};
    uint32_t *s = state, a = s[0], b = s[1], c = s[2], d = s[3];
    for (unsigned i = 0; i < 64; i++) {
        unsigned part = i / 16;
        const uint8_t *at = block + (firsts[part] + steps[part] * i) % 16 * 4;
        uint32_t word = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
                        (uint32_t)at[3] << 24;
        uint32_t mix = part == 0   ? (b & c) | (~b & d)
                       : part == 1 ? (d & b) | (~d & c)
                       : part == 2 ? b ^ c ^ d
                                   : c ^ (b | ~d);
        uint32_t next = b + left(a + mix + sines[i] + word, turns[part][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
}

// ---- SHA-1 ----

void digest_round_sha1(void *state, const uint8_t *block)
{
    static const uint32_t sums[4] = {0x5a827999u, 0x6ed9eba1u, 0x8f1bbcdcu, 0xca62c1d6u};
    uint32_t w[16], *s = state, a = s[0], b = s[1], c = s[2], d = s[3], e = s[4];
    for (unsigned i = 0; i < 16; i++)
        w[i] = word_at(block + 4 * i);
    for (unsigned i = 0; i < 80; i++) {
        if (i >= 16)
            w[i % 16] = left(w[(i + 13) % 16] ^ w[(i + 8) % 16] ^ w[(i + 2) % 16] ^ w[i % 16], 1);
        unsigned part = i / 20;
        uint32_t mix = part == 0   ? (b & c) | (~b & d)
                       : part == 2 ? (b & c) | (b & d) | (c & d)
                                   : b ^ c ^ d;
        uint32_t next = left(a, 5) + mix + e + sums[part] + w[i % 16];
        e = d;
        d = c;
        c = left(b, 30);
        b = a;
        a = next;
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
    s[4] += e;
}

// ---- SHA-256 ----

void digest_start_sha256(void *state)
{
    uint32_t *s = state;
    for (int i = 0; i < 8; i++)
        s[i] = (uint32_t)(square_roots[i] >> 32);
}

static uint32_t next_word(const uint32_t w[16], unsigned i)
{
    uint32_t x = w[(i + 1) % 16], y = w[(i + 14) % 16];
    return w[i % 16] + w[(i + 9) % 16] + (right(x, 7) ^ right(x, 18) ^ x >> 3) +
           (right(y, 17) ^ right(y, 19) ^ y >> 10);
}

void digest_round_sha256(void *state, const uint8_t *block)
{
    uint32_t w[16], v[8], *s = state;
    memcpy(v, s, sizeof v);
    for (unsigned i = 0; i < 64; i++) {
        w[i % 16] = i < 16 ? word_at(block + 4 * i) : next_word(w, i);
        uint32_t a = v[0], e = v[4];
        uint32_t first = v[7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) +
                         ((e & v[5]) ^ (~e & v[6])) + (uint32_t)(cube_roots[i] >> 32) + w[i % 16];
        uint32_t second = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) +
                          ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += first;
        v[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        s[i] += v[i];
}

// ---- SHA-512, SHA-384 ----

void digest_start_sha512(void *state, int first)
{
    memcpy(state, square_roots + first, 8 * sizeof *square_roots);
}

static uint64_t next_word64(const uint64_t w[16], unsigned i)
{
    uint64_t x = w[(i + 1) % 16], y = w[(i + 14) % 16];
    return w[i % 16] + w[(i + 9) % 16] + (right64(x, 1) ^ right64(x, 8) ^ x >> 7) +
           (right64(y, 19) ^ right64(y, 61) ^ y >> 6);
}

void digest_round_sha512(void *state, const uint8_t *block)
{
    uint64_t w[16], v[8], s[8];
    memcpy(s, state, sizeof s);
    memcpy(v, s, sizeof v);
    for (unsigned i = 0; i < 80; i++) {
        const uint8_t *at = block + 8 * (i % 16);
        w[i % 16] = i < 16 ? (uint64_t)word_at(at) << 32 | word_at(at + 4) : next_word64(w, i);
        uint64_t a = v[0], e = v[4];
        uint64_t first = v[7] + (right64(e, 14) ^ right64(e, 18) ^ right64(e, 41)) +
                         ((e & v[5]) ^ (~e & v[6])) + cube_roots[i] + w[i % 16];
        uint64_t second = (right64(a, 28) ^ right64(a, 34) ^ right64(a, 39)) +
                          ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += first;
        v[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        s[i] += v[i];
    memcpy(state, s, sizeof s);
}
