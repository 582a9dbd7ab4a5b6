// image_reader.c: which form a file has, and the way to its reader.
//
// Reads: files and bytes. Writes: the model. Memory: the caller's arena.

#include "analyzer/image/image_reader.h"

#include <errno.h>
#include <stdio.h>

#include "analyzer/image/image_build.h"
#include "runtime/format/lfs_image.h"

// What the first words of an image say; `bytes` is what there is of it.
static int read_signature(struct image *image, uint64_t bytes, struct problem *problem)
{
    uint32_t least = sizeof(struct lfs_header) + sizeof(struct lfs_proto);
    if (bytes < 4 ||
        (bytes < least && (image_word(image->data) & LFS_SIGNATURE_MASK) == LFS_SIGNATURE))
        return problem_set(problem, STATUS_CUT_OFF, image->file, bytes, "image is cut off");
    uint32_t signature = image_word(image->data);
    image->signature = signature;
    if ((signature & ~(LFS_VERSION_MASK | 15u)) != (LFS_SIGNATURE & ~LFS_VERSION_MASK))
        return problem_set(problem, STATUS_VERSION, image->file, 0,
                           "neither an LFS image nor a precompiled chunk");
    if ((signature & LFS_VERSION_MASK) != (LFS_SIGNATURE & LFS_VERSION_MASK))
        return problem_set(problem, STATUS_VERSION, image->file, 0,
                           "image of format version %u, not 1",
                           (unsigned)(signature & LFS_VERSION_MASK) >> 8);
    if (signature & LFS_WRITING)
        return problem_set(problem, STATUS_DAMAGED, image->file, 0,
                           "the image was not written to its end (word in progress)");
    image->is_integer = signature & LFS_INTEGER;
    image->is_packed = signature & LFS_PACKED;
    image->value_bytes = lfs_value_bytes(signature);
    return STATUS_OK;
}

// The image's own length must fit what there is; *rest is what lies after it.
static int read_length(struct image *image, uint64_t bytes, uint64_t *rest, struct problem *problem)
{
    uint32_t size = image_word(image->data + 4);
    uint32_t least = sizeof(struct lfs_header) + sizeof(struct lfs_proto);
    if (size % 4 != 0 || size < least || size > LFS_IMAGE_BYTES_MAX)
        return problem_set(problem, STATUS_DAMAGED, image->file, 4, "image size %u",
                           (unsigned)size);
    if (size > bytes)
        return problem_set(problem, STATUS_CUT_OFF, image->file, bytes,
                           "image of %u bytes is cut off", (unsigned)size);
    image->bytes = size;
    *rest = bytes - size;
    return STATUS_OK;
}

static uint64_t bitmap_bytes(const struct image *image)
{
    return 4 * (uint64_t)LFS_BITMAP_WORDS(image->bytes / 4);
}

// True if no bit is set: pointers are final already.
static bool is_empty_bitmap(const struct image *image)
{
    const uint8_t *bitmap = image->data + image->bytes;
    for (uint64_t i = 0; i < bitmap_bytes(image); i++)
        if (bitmap[i])
            return false;
    return true;
}

// Decides what the pointers are, from form and length. *bitmap NULL: final.
static int choose_form(struct image *image, uint64_t rest, const struct image_options *options,
                       const uint8_t **bitmap, struct problem *problem)
{
    bool is_packed_file = image->form == IMAGE_RELOCATABLE;
    uint32_t slots = image_word(image->data + offsetof(struct lfs_header, string_slots));
    bool has_bitmap = rest == bitmap_bytes(image) &&
                      (is_packed_file || slots == sizeof(struct lfs_header) / 4);
    *bitmap = NULL;
    if (is_packed_file && !has_bitmap)
        return problem_set(problem, STATUS_DAMAGED, image->file, 4,
                           "unpacked length does not match image and bitmap");
    // The firmware relocates what it unpacks, whatever the flag says.
    bool is_final = image->signature & LFS_ABSOLUTE && (!is_packed_file || is_empty_bitmap(image));
    if (has_bitmap && !is_final) {
        *bitmap = image->data + image->bytes;
        if (!is_packed_file)
            image->form = IMAGE_UNPACKED;
        return STATUS_OK;
    }
    if (has_bitmap && !is_empty_bitmap(image))
        return problem_set(problem, STATUS_DAMAGED, image->file, 0,
                           "absolute image with a relocation bitmap");
    if (rest != 0 && !has_bitmap && !options->allows_rest)
        return problem_set(problem, STATUS_DAMAGED, image->file, image->bytes,
                           "%llu bytes after the image", (unsigned long long)rest);
    if (!is_packed_file)
        image->form = IMAGE_ABSOLUTE;
    image->base_addr = options->base_addr ? options->base_addr
                                          : slots - (uint32_t)sizeof(struct lfs_header);
    return STATUS_OK;
}

static int read_image(struct image_build *b, struct arena *arena, struct image *image,
                      uint64_t bytes, const struct image_options *options, struct problem *problem)
{
    uint64_t rest = 0;
    const uint8_t *bitmap = NULL;
    int status = read_signature(image, bytes, problem);
    if (status == STATUS_OK)
        status = read_length(image, bytes, &rest, problem);
    if (status == STATUS_OK)
        status = choose_form(image, rest, options, &bitmap, problem);
    if (status != STATUS_OK)
        return status;
    build_init(b, arena, image, problem);
    return image_read_lfs(b, bitmap, options->core);
}

static int read_any(struct image_build *b, struct arena *arena, struct image *image,
                    const uint8_t *bytes, size_t count, const struct image_options *options,
                    struct problem *problem)
{
    if (count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B) {
        uint32_t unpacked = 0;
        int status = image_unpack(arena, image->file, bytes, count, &image->data, &unpacked,
                                  &image->match_distance_max, problem);
        if (status != STATUS_OK)
            return status;
        image->form = IMAGE_RELOCATABLE;
        return read_image(b, arena, image, unpacked, options, problem);
    }
    uint8_t *copy = arena_alloc(arena, count + 4);
    if (count)
        memcpy(copy, bytes, count);
    image->data = copy;
    if (count >= 1 && bytes[0] == 0x1B) {
        image->form = IMAGE_CHUNK;
        image->bytes = (uint32_t)count;
        build_init(b, arena, image, problem);
        return image_read_chunk(b);
    }
    image->form = IMAGE_ABSOLUTE;
    return read_image(b, arena, image, count, options, problem);
}

int image_read(struct arena *arena, struct text file, const void *bytes, size_t count,
               const struct image_options *options, const struct image **image,
               struct problem *problem)
{
    static const struct image_options none;
    struct problem own = {0};
    if (!problem)
        problem = &own;
    struct image *model = ARENA_NEW(arena, struct image);
    model->file = file;
    model->file_bytes = count;
    if (count > IMAGE_BYTES_LIMIT)
        return problem_set(problem, STATUS_LIMIT, file, PROBLEM_NO_OFF,
                           "%zu bytes are more than any image or chunk has", count);
    struct image_build b;
    int status = read_any(&b, arena, model, bytes, count, options ? options : &none, problem);
    if (status != STATUS_OK)
        return status;
    build_finish(&b);
    *image = model;
    return STATUS_OK;
}

static int read_stream(struct arena *arena, FILE *stream, struct text file, uint8_t **bytes,
                       size_t *count, struct problem *problem)
{
    size_t room = 1 << 16, used = 0;
    uint8_t *data = arena_alloc(arena, room);
    for (size_t part; (part = fread(data + used, 1, room - used, stream)) > 0;) {
        used += part;
        if (used > IMAGE_BYTES_LIMIT)
            return problem_set(problem, STATUS_LIMIT, file, PROBLEM_NO_OFF,
                               "more bytes than any image or chunk has");
        if (used == room) {
            data = arena_grow_array(arena, data, used, 2 * room, 1);
            room *= 2;
        }
    }
    if (ferror(stream))
        return problem_set(problem, STATUS_IO, file, PROBLEM_NO_OFF, "%s", strerror(errno));
    *bytes = data;
    *count = used;
    return STATUS_OK;
}

int image_read_file(struct arena *arena, const char *path, const struct image_options *options,
                    const struct image **image, struct problem *problem)
{
    struct problem own = {0};
    struct text file = text_of(path);
    if (!problem)
        problem = &own;
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return problem_set(problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, file,
                           PROBLEM_NO_OFF, "%s", strerror(errno));
    uint8_t *bytes = NULL;
    size_t count = 0;
    int status = read_stream(arena, stream, file, &bytes, &count, problem);
    fclose(stream);
    if (status != STATUS_OK)
        return status;
    return image_read(arena, file, bytes, count, options, image, problem);
}
