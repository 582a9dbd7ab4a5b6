// deflate_code.c: symbols, codes and blocks of deflate; see deflate_parts.h. Format: RFC 1951.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "runtime/luac/deflate_parts.h"

#define ORDER_CODES 19 // symbols that code the lengths of codes
#define ORDER_BITS_MAX 7
#define LENGTH_CODE_FIRST 257

// ---- symbols ----

static int log2_of(uint32_t n)
{
    return 31 - __builtin_clz(n);
}

int deflate_length_code(int length)
{
    assert(length >= MATCH_BYTES_MIN && length <= MATCH_BYTES_MAX);
    if (length == MATCH_BYTES_MAX)
        return LITERAL_CODES - 1;
    uint32_t n = (uint32_t)length - 3;
    if (n < 8)
        return LENGTH_CODE_FIRST + (int)n;
    int log2 = log2_of(n);
    return LENGTH_CODE_FIRST + (log2 - 1) * 4 + (int)(n >> (log2 - 2) & 3);
}

int deflate_length_bits(int code)
{
    return code < 265 || code == LITERAL_CODES - 1 ? 0 : (code - 261) / 4;
}

int deflate_distance_code(int distance)
{
    assert(distance >= 1 && distance <= 32768);
    uint32_t n = (uint32_t)distance - 1;
    if (n < 4)
        return (int)n;
    int log2 = log2_of(n);
    return log2 * 2 + (int)(n >> (log2 - 1) & 1);
}

int deflate_distance_bits(int code)
{
    return code < 4 ? 0 : code / 2 - 1;
}

void deflate_tally_add(struct tally *tally, const struct step *step)
{
    if (step->distance == 0) {
        tally->literals[step->literal]++;
        return;
    }
    tally->literals[deflate_length_code(step->length)]++;
    tally->distances[deflate_distance_code(step->distance)]++;
}

#define COUNTS_KEPT 64

// Bits of each symbol by its share; what does not occur counts as a half. Most counts are small and
// many are equal: a logarithm for each symbol would be half the time of packing.
static void shares(const uint32_t *counts, int count, float *bits)
{
    float kept[COUNTS_KEPT] = {0}; // by count; 0 is not known yet
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += counts[i];
    for (int i = 0; i < count; i++) {
        uint32_t n = counts[i];
        float share = n < COUNTS_KEPT ? kept[n] : 0;
        if (share == 0)
            share = sum > 0 ? (float)log2(sum / (n ? n : 0.5)) : 5;
        if (n < COUNTS_KEPT)
            kept[n] = share;
        bits[i] = share;
    }
}

void deflate_costs_of(const struct tally *tally, struct costs *costs)
{
    float literals[LITERAL_CODES];
    shares(tally->literals, LITERAL_CODES, literals);
    shares(tally->distances, DISTANCE_CODES, costs->distance);
    memcpy(costs->literal, literals, sizeof(costs->literal));
    for (int length = MATCH_BYTES_MIN; length <= MATCH_BYTES_MAX; length++) {
        int code = deflate_length_code(length);
        costs->length[length] = literals[code] + (float)deflate_length_bits(code);
    }
    for (int code = 0; code < DISTANCE_CODES; code++)
        costs->distance[code] += (float)deflate_distance_bits(code);
}

double deflate_block_bits(const struct tally *tally)
{
    float literals[LITERAL_CODES], distances[DISTANCE_CODES];
    double bits = 0;
    int used = 0;
    shares(tally->literals, LITERAL_CODES, literals);
    shares(tally->distances, DISTANCE_CODES, distances);
    for (int i = 0; i < LITERAL_CODES; i++) {
        int extra = i >= LENGTH_CODE_FIRST ? deflate_length_bits(i) : 0;
        bits += tally->literals[i] * ((double)literals[i] + extra);
        used += tally->literals[i] > 0;
    }
    for (int i = 0; i < DISTANCE_CODES; i++) {
        bits += tally->distances[i] * ((double)distances[i] + deflate_distance_bits(i));
        used += tally->distances[i] > 0;
    }
    return bits + 80 + used * 3.5; // the codes themselves, as they are on average
}

// ---- lengths of codes ----

struct tree {
    int count; // symbols that occur
    uint16_t symbol[LITERAL_CODES];
    uint32_t weight[2 * LITERAL_CODES];
    uint16_t parent[2 * LITERAL_CODES];
};

// Symbols by weight, by insertion, so that the order never depends on a library.
static void sort_symbols(struct tree *t, const uint32_t *counts, int count)
{
    t->count = 0;
    for (int i = 0; i < count; i++) {
        if (counts[i] == 0)
            continue;
        int at = t->count++;
        for (; at > 0 && t->weight[at - 1] > counts[i]; at--) {
            t->symbol[at] = t->symbol[at - 1];
            t->weight[at] = t->weight[at - 1];
        }
        t->symbol[at] = (uint16_t)i;
        t->weight[at] = counts[i];
    }
}

// Huffman's code with two queues: the symbols, and the nodes made so far, both by weight. Returns
// the longest code's bits.
static int build_tree(struct tree *t, uint8_t *lengths)
{
    uint8_t depth[2 * LITERAL_CODES];
    int leaf = 0, node = t->count, made = t->count, longest = 0;
    while (made < 2 * t->count - 1) {
        uint32_t sum = 0;
        for (int i = 0; i < 2; i++) {
            int take_leaf = leaf < t->count && (node == made || t->weight[leaf] <= t->weight[node]);
            int taken = take_leaf ? leaf++ : node++;
            sum += t->weight[taken];
            t->parent[taken] = (uint16_t)made;
        }
        t->weight[made++] = sum;
    }
    depth[made - 1] = 0;
    for (int i = made - 2; i >= 0; i--) {
        depth[i] = (uint8_t)(depth[t->parent[i]] + 1);
        if (i < t->count) {
            lengths[t->symbol[i]] = depth[i];
            longest = depth[i] > longest ? depth[i] : longest;
        }
    }
    return longest;
}

// At least two symbols get a code, as every inflater wants it; `lengths` gets 0 for one without.
static void make_lengths(const uint32_t *counts, int count, int bits_max, uint8_t *lengths)
{
    struct tree t;
    uint32_t known[LITERAL_CODES];
    int used = 0;
    memcpy(known, counts, (size_t)count * sizeof(*known));
    for (int i = 0; i < count; i++)
        used += known[i] > 0;
    for (int i = 0; used < 2; i++) {
        used += known[i] == 0;
        known[i] += known[i] == 0;
    }
    for (;;) {
        memset(lengths, 0, (size_t)count);
        sort_symbols(&t, known, count);
        if (build_tree(&t, lengths) <= bits_max)
            return;
        for (int i = 0; i < count; i++) // flatter
            known[i] = (known[i] + 1) / 2;
    }
}

static uint16_t reversed(uint32_t code, int bits)
{
    uint32_t result = 0;
    for (int i = 0; i < bits; i++)
        result |= (code >> i & 1) << (bits - 1 - i);
    return (uint16_t)result;
}

// The codes that belong to the lengths, first bit lowest.
static void make_codes(const uint8_t *lengths, int count, uint16_t *codes)
{
    uint32_t code = 0;
    for (int bits = 1; bits <= CODE_BITS_MAX; bits++) {
        for (int i = 0; i < count; i++)
            if (lengths[i] == bits)
                codes[i] = reversed(code++, bits);
        code <<= 1;
    }
}

// ---- output ----

static void put_byte(struct bit_writer *w, uint8_t byte)
{
    if (w->bytes < w->bytes_max)
        w->out[w->bytes] = byte;
    w->bytes++;
}

static void put(struct bit_writer *w, uint32_t bits, int count)
{
    assert(count <= 16);
    w->bits |= bits << w->bit_count;
    w->bit_count += count;
    for (; w->bit_count >= 8; w->bit_count -= 8) {
        put_byte(w, (uint8_t)w->bits);
        w->bits >>= 8;
    }
}

void deflate_write_end(struct bit_writer *w)
{
    if (w->bit_count > 0)
        put(w, 0, 8 - w->bit_count);
}

// ---- the lengths of a block's codes, packed ----

struct packed_length {
    uint8_t symbol, extra, extra_bits;
};

// Runs become symbols 16 (the last length 3 to 6 times), 17 and 18 (3 to 10 and 11 to 138 zeros).
static int pack_lengths(const uint8_t *lengths, int count, struct packed_length *packed)
{
    int n = 0;
    for (int i = 0; i < count;) {
        int run = 1;
        while (i + run < count && lengths[i + run] == lengths[i])
            run++;
        i += run;
        uint8_t length = lengths[i - 1];
        if (length != 0) {
            packed[n++] = (struct packed_length){.symbol = length};
            run--;
        }
        while (run >= 3) {
            int most = length != 0 ? 6 : 138;
            int part = run < most ? run : most;
            if (run - part > 0 && run - part < 3)
                part = run - 3 >= 3 ? run - 3 : part; // leaves a run that has a symbol
            if (length != 0)
                packed[n++] = (struct packed_length){16, (uint8_t)(part - 3), 2};
            else if (part <= 10)
                packed[n++] = (struct packed_length){17, (uint8_t)(part - 3), 3};
            else
                packed[n++] = (struct packed_length){18, (uint8_t)(part - 11), 7};
            run -= part;
        }
        for (; run > 0; run--)
            packed[n++] = (struct packed_length){.symbol = length};
    }
    return n;
}

static void write_codes(struct bit_writer *w, const uint8_t *literals, const uint8_t *distances)
{
    static const uint8_t order[ORDER_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                               11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t all[LITERAL_CODES + DISTANCE_CODES], lengths[ORDER_CODES];
    uint32_t counts[ORDER_CODES] = {0};
    uint16_t codes[ORDER_CODES];
    struct packed_length packed[LITERAL_CODES + DISTANCE_CODES];
    int literal_count = LITERAL_CODES, distance_count = DISTANCE_CODES, order_count = ORDER_CODES;
    while (literal_count > LENGTH_CODE_FIRST && literals[literal_count - 1] == 0)
        literal_count--;
    while (distance_count > 1 && distances[distance_count - 1] == 0)
        distance_count--;
    memcpy(all, literals, (size_t)literal_count);
    memcpy(all + literal_count, distances, (size_t)distance_count);
    int n = pack_lengths(all, literal_count + distance_count, packed);
    for (int i = 0; i < n; i++)
        counts[packed[i].symbol]++;
    make_lengths(counts, ORDER_CODES, ORDER_BITS_MAX, lengths);
    make_codes(lengths, ORDER_CODES, codes);
    while (order_count > 4 && lengths[order[order_count - 1]] == 0)
        order_count--;
    put(w, (uint32_t)(literal_count - 257), 5);
    put(w, (uint32_t)(distance_count - 1), 5);
    put(w, (uint32_t)(order_count - 4), 4);
    for (int i = 0; i < order_count; i++)
        put(w, lengths[order[i]], 3);
    for (int i = 0; i < n; i++) {
        put(w, codes[packed[i].symbol], lengths[packed[i].symbol]);
        put(w, packed[i].extra, packed[i].extra_bits);
    }
}

// ---- blocks ----

struct block_codes {
    uint8_t literal_bits[LITERAL_CODES], distance_bits[DISTANCE_CODES];
    uint16_t literals[LITERAL_CODES], distances[DISTANCE_CODES];
};

static void write_step(struct bit_writer *w, const struct block_codes *c, const struct step *s)
{
    if (s->distance == 0) {
        put(w, c->literals[s->literal], c->literal_bits[s->literal]);
        return;
    }
    // Extra bits: what is missing to the code's first length or distance.
    int code = deflate_length_code(s->length);
    int bits = deflate_length_bits(code);
    put(w, c->literals[code], c->literal_bits[code]);
    put(w, (uint32_t)(s->length - 3) & ((1u << bits) - 1), bits);
    code = deflate_distance_code(s->distance);
    bits = deflate_distance_bits(code);
    put(w, c->distances[code], c->distance_bits[code]);
    put(w, (uint32_t)(s->distance - 1) & ((1u << bits) - 1), bits);
}

void deflate_write_block(struct bit_writer *w, const struct step *steps, uint32_t count,
                         int is_last)
{
    struct tally tally = {0};
    struct block_codes codes;
    for (uint32_t i = 0; i < count; i++)
        deflate_tally_add(&tally, &steps[i]);
    tally.literals[END_OF_BLOCK] = 1;
    make_lengths(tally.literals, LITERAL_CODES, CODE_BITS_MAX, codes.literal_bits);
    make_lengths(tally.distances, DISTANCE_CODES, CODE_BITS_MAX, codes.distance_bits);
    make_codes(codes.literal_bits, LITERAL_CODES, codes.literals);
    make_codes(codes.distance_bits, DISTANCE_CODES, codes.distances);
    put(w, is_last ? 1 : 0, 1);
    put(w, 2, 2); // codes of its own
    write_codes(w, codes.literal_bits, codes.distance_bits);
    for (uint32_t i = 0; i < count; i++)
        write_step(w, &codes, &steps[i]);
    put(w, codes.literals[END_OF_BLOCK], codes.literal_bits[END_OF_BLOCK]);
}
