// image_gzip.h: gzip members as far as they go, with what the firmware looks at.

#ifndef FROST_IMAGE_GZIP_H
#define FROST_IMAGE_GZIP_H

#include <stdbool.h>

#include "analyzer/image/image_build.h"

#define GZIP_MAGIC_0 0x1F
#define GZIP_MAGIC_1 0x8B

enum gzip_fault {
    GZIP_WHOLE,
    GZIP_HEADER,   // no stream begins
    GZIP_CUT_OFF,  // the file ends inside
    GZIP_DAMAGED,  // the stream is none
    GZIP_SUM,      // check sum or length of the tail is another
    GZIP_TOO_LONG, // more than any image has
};

struct gzip {
    const uint8_t *data; // what was unpacked, up to the fault
    uint32_t bytes;
    size_t used; // packed bytes, up to the fault
    enum gzip_fault fault;
    const char *what;      // words for the fault
    uint32_t distance_max; // of its matches
    bool reads_first_byte; // a match reads output byte 0
};

// Unpacks the member that the file begins with; memory from the arena.
void gzip_unpack(struct arena *arena, const uint8_t *packed, size_t count, struct gzip *gzip);

#endif
