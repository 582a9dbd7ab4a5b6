// image_dump.h: a model as text: functions with their instructions, constants and lines.
//
// Memory: none; writes to the stream.

#ifndef FROST_IMAGE_DUMP_H
#define FROST_IMAGE_DUMP_H

#include <stdio.h>

#include "analyzer/base/exclude.h"
#include "analyzer/image/image_reader.h"

// Writes all functions of a module (IMAGE_ALL: of all, and the index function) in the order of the
// image: header, instructions with operands in words, constants.
void image_dump_module(const struct image *image, int32_t module, FILE *out);

// Writes the string table: offset, uses, text.
void image_dump_strings(const struct image *image, FILE *out);

// A copy of the model in which texts that match are replaced, to be dumped and no more: it finds no
// string by its text. The image itself, if there is nothing to exclude. In the arena.
const struct image *image_without(const struct image *image, const struct exclude *exclude,
                                  struct arena *arena);

#endif
