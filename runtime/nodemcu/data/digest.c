// digest.c: see digest.h: blocks, their padding, and keys.

#include "runtime/nodemcu/data/digest.h"

#include <ctype.h>
#include <string.h>

#define INNER_PAD 0x36u
#define OUTER_PAD 0x5cu
#define BLOCK_BYTES_MAX 128

static const struct method {
    const char *name;
    uint32_t result_bytes, state_bytes, block_bytes;
    uint32_t object_bytes; // of the firmware, which holds more than we do
    void (*round)(void *state, const uint8_t *block);
} methods[] = {
    {"MD5", 16, 20, 64, 104, digest_round_md5},
    {"SHA1", 20, 20, 64, 104, digest_round_sha1},
    {"SHA256", 32, 32, 64, 116, digest_round_sha256},
    {"SHA384", 48, 64, 128, 220, digest_round_sha512},
    {"SHA512", 64, 64, 128, 220, digest_round_sha512},
};
#define METHOD_COUNT ((int)(sizeof methods / sizeof *methods))

// Small and capital letters count as the same. The C library's function reads byte by byte, which
// flash does not give.
static int is_name(const char *a, const char *b)
{
    while (*a != '\0' && toupper((unsigned char)*a) == toupper((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

int digest_find(const char *name)
{
    for (int i = 0; i < METHOD_COUNT; i++)
        if (is_name(methods[i].name, name))
            return i;
    return -1;
}

size_t digest_bytes(int method, int has_key)
{
    return methods[method].object_bytes + (has_key ? methods[method].block_bytes : 0);
}

size_t digest_result_bytes(int method)
{
    return methods[method].result_bytes;
}

static const struct method *method_of(const struct digest *d)
{
    return &methods[d->method];
}

static uint8_t *block_of(struct digest *d)
{
    return (uint8_t *)d->words + method_of(d)->state_bytes;
}

static uint8_t *outer_of(struct digest *d)
{
    return block_of(d) + method_of(d)->block_bytes;
}

// ---- without a key ----

void digest_begin(struct digest *d, int method)
{
    static const uint32_t sha1[] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u,
                                    0xc3d2e1f0u};
    d->method = (uint32_t)method;
    d->length[0] = d->length[1] = 0;
    if (method == DIGEST_SHA256)
        digest_start_sha256(d->words);
    else if (method == DIGEST_SHA384 || method == DIGEST_SHA512)
        digest_start_sha512(d->words, method == DIGEST_SHA384 ? 8 : 0);
    else
        memcpy(d->words, sha1, sizeof sha1); // MD5 has the same, without the last
}

void digest_add(struct digest *d, const void *data, size_t bytes)
{
    const struct method *m = method_of(d);
    const uint8_t *from = data;
    uint32_t used = d->length[0] % m->block_bytes;
    uint64_t length = (d->length[0] | (uint64_t)d->length[1] << 32) + bytes;
    d->length[0] = (uint32_t)length;
    d->length[1] = (uint32_t)(length >> 32);
    while (bytes > 0) {
        size_t room = m->block_bytes - used, taken = bytes < room ? bytes : room;
        memcpy(block_of(d) + used, from, taken);
        from += taken;
        bytes -= taken;
        used += (uint32_t)taken;
        if (used == m->block_bytes) {
            m->round(d->words, block_of(d));
            used = 0;
        }
    }
}

// The bits so far, at the end of a block.
static void add_length(struct digest *d, uint64_t bits)
{
    uint8_t text[16] = {0};
    size_t bytes = method_of(d)->block_bytes / 8;
    for (size_t i = 0; i < 8; i++)
        text[d->method == DIGEST_MD5 ? i : bytes - 1 - i] = (uint8_t)(bits >> 8 * i);
    digest_add(d, text, bytes);
}

void digest_end(struct digest *d, uint8_t *result)
{
    static const uint8_t one[1] = {0x80}, none[1] = {0};
    const struct method *m = method_of(d);
    uint64_t bits = (d->length[0] | (uint64_t)d->length[1] << 32) * 8;
    digest_add(d, one, 1);
    while (d->length[0] % m->block_bytes != m->block_bytes - m->block_bytes / 8)
        digest_add(d, none, 1);
    add_length(d, bits);
    // Words of MD5 begin with their low byte; words of 8 bytes are the computer's.
    size_t word_bytes = m->block_bytes / 16;
    for (size_t i = 0; i < m->result_bytes; i++) {
        size_t byte = i % word_bytes, at = i - byte;
        uint64_t word = 0;
        if (word_bytes == 8)
            memcpy(&word, (uint8_t *)d->words + at, 8);
        else
            word = d->words[at / 4];
        size_t shift = d->method == DIGEST_MD5 ? byte : word_bytes - 1 - byte;
        result[i] = (uint8_t)(word >> 8 * shift);
    }
}

// ---- with a key ----

void digest_begin_key(struct digest *d, int method, const void *key, size_t bytes)
{
    uint8_t inner[BLOCK_BYTES_MAX] = {0};
    size_t block_bytes = methods[method].block_bytes;
    digest_begin(d, method);
    if (bytes > block_bytes) {
        digest_add(d, key, bytes);
        digest_end(d, inner);
        digest_begin(d, method);
    } else if (bytes > 0) {
        memcpy(inner, key, bytes);
    }
    for (size_t i = 0; i < block_bytes; i++) {
        outer_of(d)[i] = inner[i] ^ OUTER_PAD;
        inner[i] ^= INNER_PAD;
    }
    digest_add(d, inner, block_bytes);
}

void digest_end_key(struct digest *d, uint8_t *result)
{
    int method = (int)d->method;
    digest_end(d, result);
    digest_begin(d, method);
    digest_add(d, outer_of(d), methods[method].block_bytes);
    digest_add(d, result, methods[method].result_bytes);
    digest_end(d, result);
}
