// digest.h: message digests, piece by piece, and codes with a key (HMAC).
//
// Reads and writes: arguments only. Memory: the caller's; digest_bytes() says how much.
// Source: RFC 1321, RFC 2104, FIPS 180-4; sizes of objects: facts on NodeMCU 3.0.

#ifndef FROST_NODEMCU_DATA_DIGEST_H
#define FROST_NODEMCU_DATA_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_RESULT_BYTES_MAX 64

// The methods, in the order of digest_find().
enum digest_method { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

// A digest that is being made: state, block and, with a key, the block that the end needs.
struct digest {
    uint32_t method;
    uint32_t length[2]; // bytes so far, low word first
    uint32_t words[];
};

// Room for any of them.
union digest_room {
    struct digest digest;
    uint32_t words[87];
};

// The method of that name, in letters of either case; -1: there is none.
int digest_find(const char *name);
// Of the object, with a key or without: the firmware's sizes.
size_t digest_bytes(int method, int has_key);
size_t digest_result_bytes(int method);

void digest_begin(struct digest *d, int method);
void digest_begin_key(struct digest *d, int method, const void *key, size_t bytes);
void digest_add(struct digest *d, const void *data, size_t bytes);
// Writes digest_result_bytes(). Nothing may be added afterwards.
void digest_end(struct digest *d, uint8_t *result);
// The same for one that was begun with a key.
void digest_end_key(struct digest *d, uint8_t *result);

// ---- for digest.c: one block into the state (digest_rounds.c) ----

void digest_round_md5(void *state, const uint8_t *block);
void digest_round_sha1(void *state, const uint8_t *block);
void digest_round_sha256(void *state, const uint8_t *block);
void digest_round_sha512(void *state, const uint8_t *block);
// The state's first value: the roots of the first primes, from prime `first` on.
void digest_start_sha512(void *state, int first);
void digest_start_sha256(void *state);

#endif
