// aes.c: see aes.h. The substitution is computed, not looked up: small, and no secret chooses an
// address.

#include "runtime/nodemcu/data/aes.h"

#include <string.h>

// ---- the field of 256 elements ----

static uint8_t doubled(uint8_t a)
{
    return (uint8_t)(a << 1 ^ (a >> 7) * 0x1B);
}

static uint8_t product(uint8_t a, uint8_t b)
{
    uint8_t sum = 0;
    for (; b; b >>= 1, a = doubled(a))
        sum ^= (uint8_t)((b & 1) * a);
    return sum;
}

// a to the power 254; of 0 that is 0.
static uint8_t inverse(uint8_t a)
{
    uint8_t power = a, result = 1;
    for (int bit = 1; bit < 8; bit++) {
        power = product(power, power);
        result = product(result, power);
    }
    return result;
}

static uint8_t turned(uint8_t a, int bits)
{
    return (uint8_t)(a << bits | a >> (8 - bits));
}

static uint8_t substitute(uint8_t a)
{
    uint8_t b = inverse(a);
    return (uint8_t)(b ^ turned(b, 1) ^ turned(b, 2) ^ turned(b, 3) ^ turned(b, 4) ^ 0x63);
}

static uint8_t substitute_back(uint8_t a)
{
    return inverse((uint8_t)(turned(a, 1) ^ turned(a, 3) ^ turned(a, 6) ^ 0x05));
}

// ---- keys ----

void aes_begin(struct aes *aes, const uint8_t key[AES_BYTES])
{
    uint8_t *words = &aes->keys[0][0], constant = 1;
    memcpy(words, key, AES_BYTES);
    for (unsigned at = AES_BYTES; at < sizeof aes->keys; at += 4) {
        uint8_t word[4];
        memcpy(word, words + at - 4, 4);
        if (at % AES_BYTES == 0) {
            uint8_t first = word[0];
            for (int i = 0; i < 3; i++)
                word[i] = substitute(word[i + 1]);
            word[3] = substitute(first);
            word[0] ^= constant;
            constant = doubled(constant);
        }
        for (unsigned i = 0; i < 4; i++)
            words[at + i] = (uint8_t)(words[at + i - AES_BYTES] ^ word[i]);
    }
}

// ---- blocks: columns of four bytes ----

static void add_key(uint8_t *block, const uint8_t *key)
{
    for (unsigned i = 0; i < AES_BYTES; i++)
        block[i] ^= key[i];
}

// Row r moves by r columns; `step` 1 to the left, 3 to the right.
static void shift_rows(uint8_t *block, unsigned step)
{
    uint8_t was[AES_BYTES];
    memcpy(was, block, AES_BYTES);
    for (unsigned column = 0; column < 4; column++)
        for (unsigned row = 0; row < 4; row++)
            block[4 * column + row] = was[4 * ((column + step * row) % 4) + row];
}

// Each column times a polynomial, whose coefficients are given from the lowest on.
static void mix_columns(uint8_t *block, const uint8_t factors[4])
{
    for (uint8_t *column = block; column < block + AES_BYTES; column += 4) {
        uint8_t was[4];
        memcpy(was, column, 4);
        for (unsigned row = 0; row < 4; row++) {
            column[row] = 0;
            for (unsigned i = 0; i < 4; i++)
                column[row] ^= product(was[(row + i) % 4], factors[i]);
        }
    }
}

void aes_encrypt(const struct aes *aes, uint8_t block[AES_BYTES])
{
    static const uint8_t factors[4] = {2, 3, 1, 1};
    add_key(block, aes->keys[0]);
    for (unsigned round = 1; round <= AES_ROUNDS; round++) {
        for (unsigned i = 0; i < AES_BYTES; i++)
            block[i] = substitute(block[i]);
        shift_rows(block, 1);
        if (round < AES_ROUNDS)
            mix_columns(block, factors);
        add_key(block, aes->keys[round]);
    }
}

void aes_decrypt(const struct aes *aes, uint8_t block[AES_BYTES])
{
    static const uint8_t factors[4] = {14, 11, 13, 9};
    for (unsigned round = AES_ROUNDS; round > 0; round--) {
        add_key(block, aes->keys[round]);
        if (round < AES_ROUNDS)
            mix_columns(block, factors);
        shift_rows(block, 3);
        for (unsigned i = 0; i < AES_BYTES; i++)
            block[i] = substitute_back(block[i]);
    }
    add_key(block, aes->keys[0]);
}

void aes_encrypt_all(const struct aes *aes, uint8_t *data, size_t bytes, uint8_t *chain)
{
    for (uint8_t *block = data; block < data + bytes; block += AES_BYTES) {
        if (chain)
            add_key(block, chain);
        aes_encrypt(aes, block);
        if (chain)
            memcpy(chain, block, AES_BYTES);
    }
}

void aes_decrypt_all(const struct aes *aes, uint8_t *data, size_t bytes, uint8_t *chain)
{
    for (uint8_t *block = data; block < data + bytes; block += AES_BYTES) {
        uint8_t was[AES_BYTES];
        memcpy(was, block, AES_BYTES);
        aes_decrypt(aes, block);
        if (!chain)
            continue;
        add_key(block, chain);
        memcpy(chain, was, AES_BYTES);
    }
}
