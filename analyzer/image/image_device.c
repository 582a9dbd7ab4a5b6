// image_device.c: what stock firmware answers when it is given a file as an LFS image.

#include "analyzer/image/image_device.h"

#include "analyzer/image/image_gzip.h"
#include "runtime/format/lfs_image.h"

#define READ_ERROR "read error on LFS image file"
#define LENGTH_MISMATCH "LFS length mismatch"

// The checks as soon as the header is there. Its numbers are those of the build that runs.
static const char *judge_header(const uint8_t *image, const struct image_device *device)
{
    uint32_t signature = image_word(image), bytes = image_word(image + 4);
    bool is_integer = signature & LFS_INTEGER, is_packed = signature & LFS_PACKED;
    if ((signature & LFS_VERSION_MASK) != (LFS_SIGNATURE & LFS_VERSION_MASK))
        return "Incorrect LFS header version";
    if ((device->numbers && is_integer != (device->numbers == 2)) || is_packed == is_integer)
        return "Incorrect LFS build type";
    uint32_t wanted = LFS_SIGNATURE | (is_integer ? LFS_INTEGER : LFS_PACKED);
    if ((signature & ~LFS_ABSOLUTE) != wanted)
        return "incorrect LFS header signature";
    uint64_t room = device->region_bytes ? device->region_bytes : LFS_IMAGE_BYTES_MAX;
    return bytes > room ? "LFS Image too big for configured LFS region" : NULL;
}

// The file's last word must be the length that the header asks for.
static const char *judge_length(const uint8_t *image, const uint8_t *last_word)
{
    uint32_t bytes = image_word(image + 4), least = sizeof(struct lfs_header);
    uint32_t wanted = bytes + 4 * (uint32_t)LFS_BITMAP_WORDS(bytes / 4);
    if (bytes % 4 != 0 || bytes < least || image_word(last_word) != wanted)
        return LENGTH_MISMATCH;
    return NULL;
}

static const char *judge_stream(const struct gzip *gzip)
{
    if (gzip->distance_max > LFS_GZIP_WINDOW_BYTES || gzip->reads_first_byte)
        return "invalid dictionary offset on inflate";
    switch (gzip->fault) {
    case GZIP_WHOLE:
        return NULL;
    case GZIP_SUM:
        return "checksum error on LFS image file";
    case GZIP_TOO_LONG:
        return LENGTH_MISMATCH;
    default:
        return READ_ERROR;
    }
}

const char *image_device_answer(struct arena *arena, const void *file, size_t count,
                                const struct image_device *device)
{
    const uint8_t *bytes = file;
    struct gzip gzip;
    if (count <= LFS_FILE_BYTES_MIN || bytes[0] != GZIP_MAGIC_0 || bytes[1] != GZIP_MAGIC_1)
        return READ_ERROR;
    gzip_unpack(arena, bytes, count, &gzip);
    if (gzip.bytes < sizeof(struct lfs_header))
        return READ_ERROR;
    const char *answer = judge_header(gzip.data, device);
    if (!answer)
        answer = judge_length(gzip.data, bytes + count - 4);
    return answer ? answer : judge_stream(&gzip);
}
