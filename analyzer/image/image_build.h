// image_build.h: a model in the making, for the readers of this directory.
//
// Reads and writes: the model. Memory: the caller's arena; helper tables are garbage there.
// Each function that can fail gives 0, or a status with builder->problem filled.

#ifndef FROST_IMAGE_BUILD_H
#define FROST_IMAGE_BUILD_H

#include "analyzer/image/image_reader.h"

#define BUILD_SHARED 0x80u // claimed more than once

struct image_build {
    struct arena *arena;
    struct image *image;
    struct problem *problem;
    uint8_t *labels; // of each byte: label + 1, with BUILD_SHARED; 0 while nobody has claimed it
    struct image_span *spans;
    uint32_t span_count, span_room;
    struct image_string *strings;
    uint32_t string_count, string_room;
    struct image_function *functions;
    uint32_t function_count, function_room;
    struct hash_table strings_by_text;
    int32_t *slots; // of the hash vector, NULL without one
    uint32_t slot_count;
};

// Starts a model of `bytes` bytes at `data`; everything else in `image` is the caller's.
void build_init(struct image_build *b, struct arena *arena, struct image *image,
                struct problem *problem);

// Fills the problem; result: the status.
int build_fail(struct image_build *b, int status, uint64_t off, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Labels bytes. Bytes that have this label already are shared and stay with their first owner;
// another label is damage.
int build_claim(struct image_build *b, uint32_t off, uint32_t bytes, enum image_label label,
                int32_t function, int32_t string) __attribute__((warn_unused_result));

// A new string; result: its index. It stands in no slot of the hash vector yet.
int32_t build_add_string(struct image_build *b, struct text text, uint32_t hash, uint32_t off);
// The string with this text: its index, or IMAGE_NONE.
int32_t build_find_string(const struct image_build *b, struct text text);
// Counts a reference to a string from a function of `module`.
void build_use_string(struct image_build *b, int32_t string, unsigned use, int32_t module);

// A new function; result: its index. Pointers to functions are invalid afterwards.
int32_t build_add_function(struct image_build *b);

// Numbers the functions that begin on one line of one module, in the order of the source.
void build_number_functions(struct image_build *b);

// Labels what is left as unknown, sorts the spans, hands everything to the model.
void build_finish(struct image_build *b);

// ---- parts of the readers ----

// Checks the bytecode of a function whose inner functions are complete, and counts the constants
// and strings that it uses (image_code.c).
int image_check_code(struct image_build *b, struct image_function *function);
// Instructions that a packed line table covers; -1 if it breaks the format (image_lines.c).
int64_t image_count_lines(struct text lines);
// The string of the core image `core` (NULL: not given) to whose header a pointer leads: a byte
// offset there, or an address if `is_addr`; its index in the model, or IMAGE_NONE: there is none
// (image_link.c).
int32_t image_below_string(struct image_build *b, const struct image *core, uint32_t pointer,
                           bool is_addr);
// Is `core` the image that the model is linked against? 0, or a status with the problem filled.
int image_check_link(struct image_build *b, const struct image *core);
// Reads an image / a chunk into the model (image_lfs.c, image_chunk.c). `bitmap` NULL: pointers
// are final. `core` as in struct image_options.
int image_read_lfs(struct image_build *b, const uint8_t *bitmap, const struct image *core);
int image_read_chunk(struct image_build *b);
// Unpacks a gzip member and checks the firmware's limits (image_gzip.c).
int image_unpack(struct arena *arena, struct text file, const uint8_t *packed, size_t count,
                 const uint8_t **data, uint32_t *bytes, uint32_t *distance_max,
                 struct problem *problem);

static inline uint32_t image_word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

#endif
