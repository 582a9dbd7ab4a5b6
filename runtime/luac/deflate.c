// deflate.c: blocks and rounds of packing; see deflate.h.

#include "runtime/luac/deflate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/luac/deflate_parts.h"

#define ROUNDS 8 // at most; the way through the data hardly gets cheaper after that
#define BLOCKS_MAX 48
#define SPLIT_TRIES 24 // places looked at in one step of the search for a split
#define SPLIT_STEPS_MIN 64

struct packing {
    const uint8_t *data;
    uint32_t bytes;
    struct step *steps;
    uint32_t step_count;
    uint32_t block_ends[BLOCKS_MAX]; // in steps
    int block_count;
};

static void tally_steps(const struct packing *p, uint32_t from, uint32_t to, struct tally *tally)
{
    memset(tally, 0, sizeof(*tally));
    for (uint32_t i = from; i < to; i++)
        deflate_tally_add(tally, &p->steps[i]);
    tally->literals[END_OF_BLOCK] = 1;
}

static double bits_between(const struct packing *p, uint32_t from, uint32_t to)
{
    struct tally tally;
    tally_steps(p, from, to, &tally);
    return deflate_block_bits(&tally);
}

// ---- where blocks end ----

// What the left part of a block leaves to the right one; each has an end.
static double bits_of_rest(const struct tally *all, const struct tally *left)
{
    struct tally rest;
    for (int i = 0; i < LITERAL_CODES; i++)
        rest.literals[i] = all->literals[i] - left->literals[i];
    for (int i = 0; i < DISTANCE_CODES; i++)
        rest.distances[i] = all->distances[i] - left->distances[i];
    rest.literals[END_OF_BLOCK] = 1;
    return deflate_block_bits(&rest);
}

// Tries places evenly between two bounds, then nearer around the best one. Each step is counted
// once for all places.
static uint32_t best_split(const struct packing *p, uint32_t from, uint32_t to, double *bits)
{
    uint32_t low = from + SPLIT_STEPS_MIN, high = to - SPLIT_STEPS_MIN, best = 0;
    struct tally all, left;
    tally_steps(p, from, to, &all);
    *bits = 1e30;
    while (high > low) {
        uint32_t stride = (high - low) / SPLIT_TRIES + 1, counted = low;
        tally_steps(p, from, low, &left);
        for (uint32_t at = low; at <= high; at += stride) {
            for (; counted < at; counted++)
                deflate_tally_add(&left, &p->steps[counted]);
            double sum = deflate_block_bits(&left) + bits_of_rest(&all, &left);
            if (sum < *bits) {
                *bits = sum;
                best = at;
            }
        }
        if (stride == 1)
            break;
        low = best > low + stride ? best - stride : low;
        high = best + stride < high ? best + stride : high;
    }
    return best;
}

static void split(struct packing *p, uint32_t from, uint32_t to)
{
    double bits;
    if (to - from > 4 * SPLIT_STEPS_MIN && p->block_count < BLOCKS_MAX - 16) {
        uint32_t at = best_split(p, from, to, &bits);
        if (at > from && bits < bits_between(p, from, to)) {
            split(p, from, at);
            split(p, at, to);
            return;
        }
    }
    assert(p->block_count < BLOCKS_MAX);
    p->block_ends[p->block_count++] = to;
}

static void find_blocks(struct packing *p)
{
    p->block_count = 0;
    split(p, 0, p->step_count);
}

// ---- rounds ----

// Costs of the blocks as they are now, by place in the data.
static void make_regions(const struct packing *p, struct region *regions)
{
    uint32_t step = 0, at = 0;
    struct tally tally;
    for (int i = 0; i < p->block_count; i++) {
        tally_steps(p, step, p->block_ends[i], &tally);
        deflate_costs_of(&tally, &regions[i].costs);
        for (; step < p->block_ends[i]; step++)
            at += p->steps[step].length;
        regions[i].end = at;
    }
    assert(at == p->bytes);
}

// Costs before anything is known: a literal 8 bits, a match about 20.
static void first_costs(struct region *region, uint32_t bytes)
{
    region->end = bytes;
    for (int i = 0; i < 256; i++)
        region->costs.literal[i] = 8;
    for (int i = 0; i <= MATCH_BYTES_MAX; i++)
        region->costs.length[i] = 8;
    for (int i = 0; i < DISTANCE_CODES; i++)
        region->costs.distance[i] = 5 + (float)deflate_distance_bits(i);
}

static size_t write_blocks(const struct packing *p, uint8_t *out, size_t out_bytes)
{
    struct bit_writer w = {.out = out, .bytes_max = out_bytes};
    uint32_t from = 0;
    for (int i = 0; i < p->block_count; i++) {
        deflate_write_block(&w, p->steps + from, p->block_ends[i] - from, i == p->block_count - 1);
        from = p->block_ends[i];
    }
    deflate_write_end(&w);
    return w.bytes <= out_bytes ? w.bytes : 0;
}

// The smallest result of all rounds ends up in `out`; a round's result is written beside it first.
static size_t pack_rounds(struct packing *p, struct match_finder *finder, uint8_t *out,
                          uint8_t *beside, size_t out_bytes)
{
    static struct region regions[BLOCKS_MAX];
    size_t best = 0;
    first_costs(regions, p->bytes);
    for (int round = 0; round < ROUNDS; round++) {
        p->step_count = match_finder_parse(finder, regions, p->steps);
        find_blocks(p);
        size_t bytes = write_blocks(p, beside, out_bytes);
        if (bytes == 0 || (best != 0 && bytes >= best))
            break;
        best = bytes;
        memcpy(out, beside, bytes);
        make_regions(p, regions);
    }
    return best;
}

size_t deflate_pack(const uint8_t *data, size_t bytes, uint8_t *out, size_t out_bytes)
{
    assert(bytes > 0 && bytes < UINT32_MAX / 16);
    struct packing p = {.data = data, .bytes = (uint32_t)bytes};
    struct match_finder *finder = match_finder_create(data, p.bytes);
    p.steps = malloc(bytes * sizeof(*p.steps));
    uint8_t *beside = malloc(out_bytes);
    size_t packed = 0;
    if (finder && p.steps && beside)
        packed = pack_rounds(&p, finder, out, beside, out_bytes);
    match_finder_destroy(finder);
    free(p.steps);
    free(beside);
    return packed;
}
