// serial_image.c: the image that the device has mounted, from the file that it was made from.
//
// An image is too long for the line, so it is taken from a file: the image as `frost luac -f` makes
// it, moved to the device's address, or a copy of the flash that holds it. It is the right one if
// its bytes have the crc that the device has found.
// Source: runtime/format/lfs_image.h.

#include <inttypes.h>
#include <string.h>

#include "analyzer/image/image_build.h"
#include "analyzer/image/image_reader.h"
#include "collectors/serial/serial_private.h"

// The bytes of a relocatable image as they lie in flash at `addr`.
static uint8_t *move_image(struct arena *arena, const struct image *image, uint32_t addr)
{
    uint8_t *moved = arena_alloc(arena, image->bytes);
    memcpy(moved, image->data, image->bytes);
    const uint8_t *bitmap = image->data + image->bytes;
    for (uint32_t i = 0; i < image->bytes / 4; i++) {
        if (!(image_word(bitmap + i / 32 * 4) >> (i % 32) & 1))
            continue;
        uint32_t word = addr + 4 * image_word(moved + 4 * i);
        memcpy(moved + 4 * i, &word, sizeof word);
    }
    return moved;
}

static const uint8_t *bytes_at(struct arena *arena, const struct image *image, uint32_t addr)
{
    if (image->form == IMAGE_RELOCATABLE || image->form == IMAGE_UNPACKED)
        return move_image(arena, image, addr);
    return image->form == IMAGE_ABSOLUTE && image->base_addr == addr ? image->data : NULL;
}

static void note_image(struct serial_recorder *recorder, const struct serial_image *image,
                       const char *name)
{
    struct recorder *directory = &recorder->directory;
    struct recorder_image noted = {.addr = image->addr, .bytes = image->bytes, .crc = image->crc};
    memcpy(noted.file, name, strlen(name));
    for (size_t i = 0; i < directory->image_count; i++)
        if (memcmp(&directory->images[i], &noted, sizeof noted) == 0)
            return;
    if (directory->image_count < RECORDER_IMAGES_MAX)
        directory->images[directory->image_count++] = noted;
}

int serial_keep_image(struct serial_recorder *recorder, const struct serial_image *image,
                      const char *name)
{
    if (recorder->setup->is_without_text) // an image is full of texts
        return STATUS_OK;
    const struct serial_setup *setup = recorder->setup;
    if (name[0] == '.' || name[0] == 0 || strchr(name, '/'))
        return STATUS_OK;
    note_image(recorder, image, name);
    if (!setup->lfs) {
        serial_say(recorder,
                   "the device has mounted an image of %" PRIu32 " bytes; give its file "
                   "with --lfs, so that reports can name what lies in it",
                   image->bytes);
        return STATUS_OK;
    }
    const struct image_options options = {.allows_rest = true};
    const struct image *file = NULL;
    int status = image_read_file(recorder->arena, setup->lfs, &options, &file, recorder->problem);
    if (status != STATUS_OK)
        return status;
    const uint8_t *bytes = file->bytes == image->bytes
                               ? bytes_at(recorder->arena, file, image->addr)
                               : NULL;
    if (!bytes || serial_crc(0, bytes, file->bytes) != image->crc) {
        serial_say(recorder,
                   "%s is not the image that the device has mounted at 0x%08" PRIx32 " (%" PRIu32
                   " bytes, crc %08" PRIx32 "); reports will not name what "
                   "lies in it",
                   setup->lfs, image->addr, image->bytes, image->crc);
        return STATUS_OK;
    }
    return recorder_directory_image(&recorder->directory, name, bytes, file->bytes);
}
