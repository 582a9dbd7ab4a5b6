// device_image.c: the image in the flash of a stock device, from the file that was put there.

#include <zlib.h>

#include "analyzer/base/output.h"
#include "analyzer/image/image_reader.h"
#include "collectors/device/device_trace.h"

#define IMAGE_FILE_BYTES_MAX (4u << 20)

int device_image_read(struct arena *arena, const char *path, struct device_image *image,
                      struct problem *problem)
{
    const struct image_options options = {.allows_rest = true};
    const struct image *model = NULL;
    int status = image_read_file(arena, path, &options, &model, problem);
    if (status == STATUS_OK && model->form == IMAGE_CHUNK)
        status = problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                             "is a precompiled chunk, not an LFS image");
    *image = (struct device_image){.file = "lfs.img"};
    if (status == STATUS_OK)
        status = input_read(path, IMAGE_FILE_BYTES_MAX, arena, &image->content, problem);
    if (status != STATUS_OK)
        return status;
    image->addr = model->base_addr;
    image->bytes = model->bytes;
    image->strings = model->string_count;
    image->crc = (uint32_t)crc32(0, (const Bytef *)image->content.data, (uInt)image->content.bytes);
    return STATUS_OK;
}
