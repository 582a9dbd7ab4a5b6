// image_gzip.c: unpacks a gzip member, and finds out whether the firmware would unpack it, too.
//
// Reads: the packed bytes. Writes: a buffer in the arena. zlib unpacks; the stream is walked once
// more for what zlib does not tell: how far its matches reach back. Limits:
// runtime/format/lfs_image.h.

#include "analyzer/image/image_gzip.h"

#include <zlib.h>

#include "runtime/format/lfs_image.h"

#define HEAD_BYTES 10
#define METHOD_DEFLATE 8
#define FLAG_HEADER_SUM 2
#define FLAG_EXTRA 4
#define FLAG_NAME 8
#define FLAG_COMMENT 16
#define FLAGS_RESERVED 0xE0
#define TAIL_BYTES 8
#define UNPACKED_BYTES_MAX (LFS_IMAGE_BYTES_MAX + 4 * LFS_BITMAP_WORDS(LFS_IMAGE_BYTES_MAX / 4))

// ---- walking a deflate stream ----

struct huffman {
    uint16_t count[16];
    uint16_t symbols[288];
};

struct walk {
    const uint8_t *data;
    size_t bits, bits_max; // position and end
    uint64_t done;         // output bytes so far
    uint32_t distance_max;
    bool reads_first_byte;
    bool is_broken;
};

static uint32_t get(struct walk *w, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++, w->bits++) {
        if (w->bits >= w->bits_max) {
            w->is_broken = true;
            return 0;
        }
        value |= (uint32_t)(w->data[w->bits / 8] >> (w->bits % 8) & 1) << i;
    }
    return value;
}

static void make(struct huffman *h, const uint8_t *lengths, unsigned count)
{
    uint16_t begin[16];
    memset(h, 0, sizeof *h);
    for (unsigned i = 0; i < count; i++)
        if (lengths[i])
            h->count[lengths[i]]++;
    begin[1] = 0;
    for (unsigned bits = 1; bits < 15; bits++)
        begin[bits + 1] = (uint16_t)(begin[bits] + h->count[bits]);
    for (unsigned i = 0; i < count; i++)
        if (lengths[i])
            h->symbols[begin[lengths[i]]++] = (uint16_t)i;
}

static unsigned symbol(struct walk *w, const struct huffman *h)
{
    int64_t code = 0, first = 0, index = 0;
    for (unsigned bits = 1; bits < 16 && !w->is_broken; bits++) {
        code = code << 1 | get(w, 1);
        first <<= 1;
        if (code - first < h->count[bits])
            return h->symbols[index + code - first];
        index += h->count[bits];
        first += h->count[bits];
    }
    w->is_broken = true;
    return 256;
}

static void match(struct walk *w, unsigned length_symbol, const struct huffman *distances)
{
    static const uint16_t base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                    31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    unsigned i = length_symbol - 257;
    if (i > 28) {
        w->is_broken = true;
        return;
    }
    uint32_t length = base[i] + get(w, i < 8 || i == 28 ? 0 : i / 4 - 1);
    unsigned d = symbol(w, distances);
    if (d > 29) {
        w->is_broken = true;
        return;
    }
    uint32_t distance = d + 1;
    if (d > 3) {
        unsigned extra = d / 2 - 1;
        distance = ((2 + (d & 1)) << extra) + 1 + get(w, extra);
    }
    if (distance > w->distance_max)
        w->distance_max = distance;
    if (distance >= w->done)
        w->reads_first_byte = true;
    w->done += length;
}

static void walk_coded(struct walk *w, const struct huffman *literals,
                       const struct huffman *distances)
{
    while (!w->is_broken) {
        unsigned s = symbol(w, literals);
        if (s == 256)
            return;
        if (s < 256)
            w->done++;
        else
            match(w, s, distances);
    }
}

static void walk_stored(struct walk *w)
{
    w->bits = (w->bits + 7) & ~(size_t)7;
    uint32_t bytes = get(w, 16);
    (void)get(w, 16);
    w->done += bytes;
    w->bits += 8 * (size_t)bytes;
}

static void walk_fixed(struct walk *w)
{
    uint8_t lengths[288];
    struct huffman literals, distances;
    for (unsigned i = 0; i < 288; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make(&literals, lengths, 288);
    memset(lengths, 5, 30);
    make(&distances, lengths, 30);
    walk_coded(w, &literals, &distances);
}

static void walk_dynamic(struct walk *w)
{
    static const uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[320] = {0};
    struct huffman code, literals, distances;
    unsigned literal_count = get(w, 5) + 257, distance_count = get(w, 5) + 1;
    unsigned order_count = get(w, 4) + 4, total = literal_count + distance_count;
    for (unsigned i = 0; i < order_count; i++)
        lengths[order[i]] = (uint8_t)get(w, 3);
    make(&code, lengths, 19);
    memset(lengths, 0, sizeof lengths);
    for (unsigned at = 0; at < total && !w->is_broken;) {
        unsigned s = symbol(w, &code);
        unsigned times = s < 16    ? 1
                         : s == 16 ? 3 + get(w, 2)
                         : s == 17 ? 3 + get(w, 3)
                                   : 11 + get(w, 7);
        uint8_t value = s < 16 ? (uint8_t)s : s == 16 && at > 0 ? lengths[at - 1] : 0;
        for (; times > 0 && at < total; times--)
            lengths[at++] = value;
    }
    make(&distances, lengths + literal_count, distance_count);
    make(&literals, lengths, literal_count);
    walk_coded(w, &literals, &distances);
}

static void walk_stream(struct walk *w)
{
    uint32_t is_last = 0;
    while (!is_last && !w->is_broken) {
        is_last = get(w, 1);
        uint32_t kind = get(w, 2);
        if (kind == 0)
            walk_stored(w);
        else if (kind == 1)
            walk_fixed(w);
        else if (kind == 2)
            walk_dynamic(w);
        else
            w->is_broken = true;
    }
}

// Where the deflate stream begins after the gzip header; `count` if it does not. The check sum of
// the header, which is optional, is passed over, as by the firmware.
static size_t stream_begin(const uint8_t *packed, size_t count)
{
    size_t at = HEAD_BYTES;
    if (count < HEAD_BYTES || packed[2] != METHOD_DEFLATE || packed[3] & FLAGS_RESERVED)
        return count;
    unsigned flags = packed[3];
    if (flags & FLAG_EXTRA)
        at += at + 2 <= count ? 2 + (size_t)(packed[at] | packed[at + 1] << 8) : 2;
    for (unsigned flag = FLAG_NAME; flag <= FLAG_COMMENT; flag <<= 1)
        if (flags & flag) {
            while (at < count && packed[at] != 0)
                at++;
            at++;
        }
    if (flags & FLAG_HEADER_SUM)
        at += 2;
    return at < count ? at : count;
}

// ---- the whole ----

// What follows the stream: check sum and length of what was unpacked.
static void check_tail(struct gzip *gzip, const uint8_t *packed, size_t count)
{
    if (count - gzip->used < TAIL_BYTES) {
        gzip->fault = GZIP_CUT_OFF;
        gzip->what = "gzip stream is cut off";
        return;
    }
    const uint8_t *tail = packed + gzip->used;
    gzip->used += TAIL_BYTES;
    if (image_word(tail) != (uint32_t)crc32(crc32(0, NULL, 0), gzip->data, gzip->bytes)) {
        gzip->fault = GZIP_SUM;
        gzip->what = "incorrect data check";
    } else if (image_word(tail + 4) != gzip->bytes) {
        gzip->fault = GZIP_SUM;
        gzip->what = "incorrect length check";
    }
}

static void inflate_stream(struct gzip *gzip, const uint8_t *packed, size_t count, size_t room)
{
    size_t begin = gzip->used;
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed + begin,
                  .avail_in = (uInt)(count - begin),
                  .next_out = (Bytef *)(uintptr_t)gzip->data,
                  .avail_out = (uInt)room};
    int result = inflateInit2(&z, -MAX_WBITS) == Z_OK ? inflate(&z, Z_FINISH) : Z_MEM_ERROR;
    gzip->used = begin + z.total_in;
    gzip->bytes = (uint32_t)z.total_out;
    gzip->what = z.msg ? z.msg : "gzip stream is damaged";
    inflateEnd(&z);
    if (result == Z_STREAM_END)
        check_tail(gzip, packed, count);
    else if (gzip->bytes == room)
        gzip->fault = GZIP_TOO_LONG;
    else if (result == Z_BUF_ERROR || result == Z_OK)
        gzip->fault = GZIP_CUT_OFF, gzip->what = "gzip stream is cut off", gzip->used = count;
    else
        gzip->fault = GZIP_DAMAGED;
}

void gzip_unpack(struct arena *arena, const uint8_t *packed, size_t count, struct gzip *gzip)
{
    size_t room = UNPACKED_BYTES_MAX + 1, begin = stream_begin(packed, count);
    *gzip = (struct gzip){.data = arena_alloc(arena, room), .used = begin};
    if (begin == count) {
        gzip->fault = GZIP_HEADER;
        gzip->what = "gzip header is damaged";
        return;
    }
    inflate_stream(gzip, packed, count, room);
    struct walk w = {.data = packed, .bits = 8 * begin, .bits_max = 8 * count};
    walk_stream(&w);
    gzip->distance_max = w.distance_max;
    gzip->reads_first_byte = w.reads_first_byte;
}

int image_unpack(struct arena *arena, struct text file, const uint8_t *packed, size_t count,
                 const uint8_t **data, uint32_t *bytes, uint32_t *distance_max,
                 struct problem *problem)
{
    struct gzip gzip;
    if (count > 4 * (size_t)UNPACKED_BYTES_MAX)
        return problem_set(problem, STATUS_LIMIT, file, PROBLEM_NO_OFF,
                           "%zu bytes are more than any image has", count);
    gzip_unpack(arena, packed, count, &gzip);
    *data = gzip.data;
    *bytes = gzip.bytes;
    *distance_max = gzip.distance_max;
    if (gzip.fault == GZIP_TOO_LONG)
        return problem_set(problem, STATUS_LIMIT, file, gzip.used,
                           "unpacks to more than an image of %u bytes", LFS_IMAGE_BYTES_MAX);
    if (gzip.fault != GZIP_WHOLE)
        return problem_set(problem, gzip.fault == GZIP_CUT_OFF ? STATUS_CUT_OFF : STATUS_DAMAGED,
                           file, gzip.used, "%s", gzip.what);
    // The firmware takes the file's last word for the length, whatever lies before it.
    if (image_word(packed + count - 4) != gzip.bytes)
        return problem_set(problem, STATUS_DAMAGED, file, gzip.used,
                           "%zu bytes after the gzip stream", count - gzip.used);
    if (count <= LFS_FILE_BYTES_MIN)
        return problem_set(problem, STATUS_LIMIT, file, PROBLEM_NO_OFF,
                           "%zu bytes; the firmware refuses files of %u and less", count,
                           LFS_FILE_BYTES_MIN);
    if (gzip.distance_max > LFS_GZIP_WINDOW_BYTES)
        return problem_set(problem, STATUS_LIMIT, file, PROBLEM_NO_OFF,
                           "matches reach back %u bytes; the firmware's window is %u",
                           (unsigned)gzip.distance_max, LFS_GZIP_WINDOW_BYTES);
    if (gzip.reads_first_byte)
        return problem_set(problem, STATUS_LIMIT, file, PROBLEM_NO_OFF,
                           "a match reads output byte 0, which the firmware refuses");
    return STATUS_OK;
}
