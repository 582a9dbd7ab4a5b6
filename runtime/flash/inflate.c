// inflate.c: a small inflater. Speed does not matter: an image is unpacked once per reload.
//
// Reads: the caller's input function. Writes: the caller's buffer, or the pages of its window.
// Memory: the stack. Errors stick in `stop`; after one, bits read as 0.

#include "runtime/flash/inflate.h"

#include <assert.h>
#include <string.h>

#include "runtime/format/lfs_image.h"

#define CODE_BITS_MAX 15
#define LITERALS 288
#define DISTANCES 32
#define INPUT_BYTES 512

// A canonical Huffman code: symbols sorted by code, and how many codes each length has.
struct code_table {
    uint16_t count[CODE_BITS_MAX + 1];
    uint16_t symbols[LITERALS];
};

struct unpacker {
    inflate_read read;
    void *context;
    uint8_t input[INPUT_BYTES];
    uint32_t input_at, input_count;
    uint32_t hold; // bits taken from the input and not used yet
    int hold_count;
    uint8_t *out;                        // all output, or
    const struct inflate_stream *stream; // the last pages of it
    uint32_t out_bytes, out_count;
    uint32_t crc;             // of what a stream has put
    enum inflate_result stop; // INFLATE_DONE while all is well
};

uint32_t inflate_crc(uint32_t crc, const void *data, uint32_t bytes)
{
    static const uint32_t nibble[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    const uint8_t *at = data;
    crc = ~crc;
    for (uint32_t i = 0; i < bytes; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
    return ~crc;
}

static void fail(struct unpacker *u, enum inflate_result why)
{
    if (u->stop == INFLATE_DONE)
        u->stop = why;
}

static uint32_t take_byte(struct unpacker *u)
{
    if (u->stop != INFLATE_DONE)
        return 0;
    assert(u->input_at <= u->input_count && u->input_count <= INPUT_BYTES);
    if (u->input_at == u->input_count) {
        long count = u->read(u->context, u->input, INPUT_BYTES);
        if (count <= 0 || count > INPUT_BYTES) {
            fail(u, count == 0 ? INFLATE_DATA : INFLATE_READ);
            return 0;
        }
        u->input_at = 0;
        u->input_count = (uint32_t)count;
    }
    return u->input[u->input_at++];
}

// The next `count` bits, 0..16, the first one lowest.
static uint32_t take_bits(struct unpacker *u, int count)
{
    assert(count <= 16);
    while (u->hold_count < count) {
        u->hold |= take_byte(u) << u->hold_count;
        u->hold_count += 8;
    }
    uint32_t bits = u->hold & ((1u << count) - 1);
    u->hold >>= count;
    u->hold_count -= count;
    return u->stop == INFLATE_DONE ? bits : 0;
}

// Makes the code whose symbol i has lengths[i] bits (0: unused). An over-full code is an error; a
// code with unused places is not, those places are refused when they are met.
static void build_table(struct unpacker *u, struct code_table *t, const uint8_t *lengths, int count)
{
    uint16_t next[CODE_BITS_MAX + 2];
    assert(count <= LITERALS);
    memset(t->count, 0, sizeof t->count);
    for (int i = 0; i < count; i++)
        t->count[lengths[i]]++;
    t->count[0] = 0;
    int32_t room = 1; // codes of this length that are free
    next[1] = 0;
    for (int bits = 1; bits <= CODE_BITS_MAX; bits++) {
        room = 2 * room - t->count[bits];
        if (room < 0) {
            fail(u, INFLATE_DATA);
            return;
        }
        next[bits + 1] = (uint16_t)(next[bits] + t->count[bits]);
    }
    assert(next[CODE_BITS_MAX + 1] <= count); // every symbol has a place
    for (int i = 0; i < count; i++)
        if (lengths[i])
            t->symbols[next[lengths[i]]++] = (uint16_t)i;
}

static uint32_t take_symbol(struct unpacker *u, const struct code_table *t)
{
    int32_t code = 0, first = 0, index = 0;
    for (int bits = 1; bits <= CODE_BITS_MAX; bits++) {
        code |= (int32_t)take_bits(u, 1);
        int32_t count = t->count[bits];
        assert(first <= code && index + count <= LITERALS);
        if (code - first < count)
            return u->stop == INFLATE_DONE ? t->symbols[index + code - first] : 0;
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    fail(u, INFLATE_DATA);
    return 0;
}

static uint8_t *place_of(const struct unpacker *u, uint32_t at)
{
    if (!u->stream)
        return &u->out[at];
    return &u->stream->pages[at / INFLATE_PAGE_BYTES % INFLATE_PAGES][at % INFLATE_PAGE_BYTES];
}

// Gives the last `bytes` bytes of output, which lie in one page.
static void put_page(struct unpacker *u, uint32_t bytes)
{
    const uint8_t *data = place_of(u, u->out_count - bytes);
    u->crc = inflate_crc(u->crc, data, bytes);
    if (!u->stream->put(u->stream->context, data, bytes))
        fail(u, INFLATE_STOPPED);
}

static void put_byte(struct unpacker *u, uint8_t byte)
{
    if (u->stop != INFLATE_DONE)
        return;
    assert(u->out_count <= u->out_bytes);
    if (u->out_count == u->out_bytes) {
        fail(u, INFLATE_FULL);
        return;
    }
    *place_of(u, u->out_count++) = byte;
    if (u->stream && u->out_count % INFLATE_PAGE_BYTES == 0)
        put_page(u, INFLATE_PAGE_BYTES);
}

static void copy_match(struct unpacker *u, uint32_t length, uint32_t distance)
{
    if (u->stop != INFLATE_DONE)
        return;
    if (distance > LFS_GZIP_WINDOW_BYTES || distance >= u->out_count) {
        fail(u, INFLATE_DICTIONARY);
        return;
    }
    assert(distance >= 1 && length >= 3 && length <= 258);
    while (length-- && u->stop == INFLATE_DONE)
        put_byte(u, *place_of(u, u->out_count - distance));
}

// Symbols 257..285: base length and extra bits; 0..29: base distance and extra bits.
static uint32_t take_length(struct unpacker *u, uint32_t symbol)
{
    uint32_t i = symbol - 257;
    assert(symbol >= 257 && symbol < LITERALS);
    if (i < 8)
        return 3 + i;
    if (i == 28)
        return 258;
    if (i > 28) {
        fail(u, INFLATE_DATA);
        return 0;
    }
    int extra = (int)(i / 4) - 1;
    return 3 + ((4 + (i & 3)) << extra) + take_bits(u, extra);
}

static uint32_t take_distance(struct unpacker *u, uint32_t symbol)
{
    if (symbol < 4)
        return 1 + symbol;
    if (symbol > 29) {
        fail(u, INFLATE_DATA);
        return 0;
    }
    int extra = (int)(symbol / 2) - 1;
    return 1 + ((2 + (symbol & 1)) << extra) + take_bits(u, extra);
}

static void take_coded(struct unpacker *u, const struct code_table *literals,
                       const struct code_table *distances)
{
    while (u->stop == INFLATE_DONE) {
        uint32_t symbol = take_symbol(u, literals);
        if (u->stop != INFLATE_DONE || symbol == 256)
            return;
        if (symbol < 256) {
            put_byte(u, (uint8_t)symbol);
            continue;
        }
        uint32_t length = take_length(u, symbol);
        uint32_t distance = take_distance(u, take_symbol(u, distances));
        copy_match(u, length, distance);
    }
}

static void take_stored(struct unpacker *u)
{
    assert(u->hold_count < 8 || u->stop != INFLATE_DONE);
    u->hold = 0; // the rest of the byte is skipped
    u->hold_count = 0;
    uint32_t bytes = take_bits(u, 16);
    uint32_t check = take_bits(u, 16);
    if (bytes != (check ^ 0xFFFF))
        fail(u, INFLATE_DATA);
    while (bytes-- && u->stop == INFLATE_DONE)
        put_byte(u, (uint8_t)take_byte(u));
}

static void take_fixed(struct unpacker *u)
{
    struct code_table literals, distances;
    uint8_t lengths[LITERALS];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    build_table(u, &literals, lengths, LITERALS);
    memset(lengths, 5, DISTANCES);
    build_table(u, &distances, lengths, DISTANCES);
    take_coded(u, &literals, &distances);
}

// Reads the code lengths of a dynamic block; they are coded themselves.
static void take_lengths(struct unpacker *u, const struct code_table *code, uint8_t *lengths,
                         uint32_t count)
{
    uint32_t at = 0;
    assert(count <= LITERALS + DISTANCES);
    while (at < count && u->stop == INFLATE_DONE) {
        uint32_t symbol = take_symbol(u, code);
        if (symbol < 16) {
            lengths[at++] = (uint8_t)symbol;
            continue;
        }
        uint8_t value = 0;
        if (symbol == 16 && at == 0) {
            fail(u, INFLATE_DATA);
            return;
        }
        if (symbol == 16)
            value = lengths[at - 1];
        uint32_t times = symbol == 16   ? 3 + take_bits(u, 2)
                         : symbol == 17 ? 3 + take_bits(u, 3)
                                        : 11 + take_bits(u, 7);
        if (times > count - at) {
            fail(u, INFLATE_DATA);
            return;
        }
        memset(lengths + at, value, times);
        at += times;
    }
}

static void take_dynamic(struct unpacker *u)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    struct code_table literals, distances;
    uint8_t lengths[LITERALS + DISTANCES] = {0};
    uint32_t literal_count = take_bits(u, 5) + 257;
    uint32_t distance_count = take_bits(u, 5) + 1;
    uint32_t order_count = take_bits(u, 4) + 4;
    if (literal_count > 286 || distance_count > 30)
        fail(u, INFLATE_DATA);
    for (uint32_t i = 0; i < order_count; i++)
        lengths[order[i]] = (uint8_t)take_bits(u, 3);
    build_table(u, &literals, lengths, 19);
    memset(lengths, 0, sizeof lengths);
    take_lengths(u, &literals, lengths, u->stop ? 0 : literal_count + distance_count);
    if (u->stop != INFLATE_DONE)
        return;
    if (lengths[256] == 0)
        fail(u, INFLATE_DATA);
    build_table(u, &distances, lengths + literal_count, (int)distance_count);
    build_table(u, &literals, lengths, (int)literal_count);
    take_coded(u, &literals, &distances);
}

static void take_blocks(struct unpacker *u)
{
    uint32_t is_last = 0;
    while (!is_last && u->stop == INFLATE_DONE) {
        is_last = take_bits(u, 1);
        switch (take_bits(u, 2)) {
        case 0:
            take_stored(u);
            break;
        case 1:
            take_fixed(u);
            break;
        case 2:
            take_dynamic(u);
            break;
        default:
            fail(u, INFLATE_DATA);
        }
    }
}

static void skip_text(struct unpacker *u)
{
    while (u->stop == INFLATE_DONE && take_byte(u) != 0)
        ;
}

static void take_header(struct unpacker *u)
{
    uint32_t magic = take_byte(u) | take_byte(u) << 8;
    uint32_t method = take_byte(u);
    uint32_t flags = take_byte(u);
    if (magic != 0x8B1F || method != 8 || flags & 0xE0)
        fail(u, INFLATE_DATA);
    for (int i = 0; i < 6; i++) // time, extra flags, system
        take_byte(u);
    if (flags & 4) {
        uint32_t bytes = take_byte(u);
        bytes |= take_byte(u) << 8;
        while (bytes-- && u->stop == INFLATE_DONE)
            take_byte(u);
    }
    if (flags & 8)
        skip_text(u);
    if (flags & 16)
        skip_text(u);
    if (flags & 2) {
        take_byte(u);
        take_byte(u);
    }
}

static uint32_t take_word(struct unpacker *u)
{
    uint32_t word = take_byte(u);
    word |= take_byte(u) << 8;
    word |= take_byte(u) << 16;
    return word | take_byte(u) << 24;
}

static void take_trailer(struct unpacker *u)
{
    // At most 7 bits are held, since bytes are taken only when they are needed.
    assert(u->stop != INFLATE_DONE || u->hold_count < 8);
    uint32_t crc = take_word(u);
    uint32_t bytes = take_word(u);
    if (u->stop == INFLATE_DONE && (crc != u->crc || bytes != u->out_count))
        fail(u, INFLATE_CHECKSUM);
}

enum inflate_result inflate_gzip(inflate_read read, void *context, uint8_t *out, uint32_t out_bytes,
                                 uint32_t *out_count)
{
    struct unpacker u = {.read = read, .context = context, .out = out, .out_bytes = out_bytes};
    take_header(&u);
    take_blocks(&u);
    *out_count = u.out_count;
    assert(u.out_count <= out_bytes);
    u.crc = inflate_crc(0, out, u.out_count);
    take_trailer(&u);
    return u.stop;
}

enum inflate_result inflate_gzip_stream(inflate_read read, void *context,
                                        const struct inflate_stream *stream, uint32_t *out_count)
{
    struct unpacker u = {
        .read = read, .context = context, .stream = stream, .out_bytes = stream->bytes_max};
    take_header(&u);
    take_blocks(&u);
    *out_count = u.out_count;
    uint32_t rest = u.out_count % INFLATE_PAGE_BYTES;
    if (rest > 0 && u.stop != INFLATE_STOPPED)
        put_page(&u, rest);
    take_trailer(&u);
    return u.stop;
}
