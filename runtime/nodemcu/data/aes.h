// aes.h: AES with keys of 128 bits, block by block, alone or in a chain (CBC).
//
// Reads and writes: arguments only. Memory: the caller's.
// Source: FIPS 197; NIST SP 800-38A.

#ifndef FROST_NODEMCU_DATA_AES_H
#define FROST_NODEMCU_DATA_AES_H

#include <stddef.h>
#include <stdint.h>

#define AES_BYTES 16u // of a block, and of a key
#define AES_ROUNDS 10u

struct aes {
    uint8_t keys[AES_ROUNDS + 1][AES_BYTES];
};

void aes_begin(struct aes *aes, const uint8_t key[AES_BYTES]);
// One block in place.
void aes_encrypt(const struct aes *aes, uint8_t block[AES_BYTES]);
void aes_decrypt(const struct aes *aes, uint8_t block[AES_BYTES]);
// `bytes`, a multiple of AES_BYTES, in place. `chain` is the initial vector, and afterwards what
// the next piece needs; NULL: each block by itself.
void aes_encrypt_all(const struct aes *aes, uint8_t *data, size_t bytes, uint8_t *chain);
void aes_decrypt_all(const struct aes *aes, uint8_t *data, size_t bytes, uint8_t *chain);

#endif
