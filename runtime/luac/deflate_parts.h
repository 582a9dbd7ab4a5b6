// deflate_parts.h: what the files of deflate.c tell each other.
//
// deflate_match.c finds matches and the cheapest way through the data, deflate_code.c makes codes
// and writes blocks, deflate.c decides about blocks and rounds.

#ifndef FROST_LUAC_DEFLATE_PARTS_H
#define FROST_LUAC_DEFLATE_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/lfs_image.h"

#define MATCH_BYTES_MIN 3
#define MATCH_BYTES_MAX 258
#define LITERAL_CODES 286 // bytes, end of block, lengths
#define DISTANCE_CODES 30
#define END_OF_BLOCK 256
#define CODE_BITS_MAX 15

// A literal (distance 0, length 1) or a match.
struct step {
    uint16_t length, distance;
    uint8_t literal;
};

// What stands between two places of the steps.
struct tally {
    uint32_t literals[LITERAL_CODES], distances[DISTANCE_CODES];
};

// Bits that a step takes, by its parts; lengths and distances with their extra bits.
struct costs {
    float literal[256], length[MATCH_BYTES_MAX + 1], distance[DISTANCE_CODES];
};

// ---- symbols ----

int deflate_length_code(int length);     // 257..285
int deflate_distance_code(int distance); // 0..29
int deflate_length_bits(int code);       // extra bits
int deflate_distance_bits(int code);
void deflate_tally_add(struct tally *tally, const struct step *step);
void deflate_costs_of(const struct tally *tally, struct costs *costs);
// Size of a block with these symbols, in bits; exact but for the coding of its codes.
double deflate_block_bits(const struct tally *tally);

// ---- matches ----

struct match_finder;
// NULL if memory ran out.
struct match_finder *match_finder_create(const uint8_t *data, uint32_t bytes);
void match_finder_destroy(struct match_finder *finder);

// From byte `end` on the costs of the next region hold.
struct region {
    uint32_t end;
    struct costs costs;
};

// The cheapest steps through all data; returns their number. `steps` has room for one per byte.
uint32_t match_finder_parse(struct match_finder *finder, const struct region *regions,
                            struct step *steps);

// ---- output ----

struct bit_writer {
    uint8_t *out;
    size_t bytes, bytes_max; // bytes > bytes_max: did not fit
    uint32_t bits;
    int bit_count;
};

void deflate_write_block(struct bit_writer *w, const struct step *steps, uint32_t count,
                         int is_last);
void deflate_write_end(struct bit_writer *w);

#endif
