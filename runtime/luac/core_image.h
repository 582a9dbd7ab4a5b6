// core_image.h: the core image that a devs image is made for: its strings and its name.
//
// Reads: an image file, relocatable or absolute, which is checked as the device checks it.
// Memory: one static image. Layout: runtime/format/lfs_image.h, "Linked images".

#ifndef FROST_LUAC_CORE_IMAGE_H
#define FROST_LUAC_CORE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

// Reads the image at `path`. Result: 0, or -1 with `message` filled ("cannot open X: reason").
int core_image_read(const char *path, char *message, size_t message_bytes);

// The name of the image, as linked images carry it; 0: none was read.
uint32_t core_image_name(void);

// Word offset of the string with that text in the image; 0: it has none, or none was read.
uint32_t core_image_find(const char *text, uint32_t bytes);

#endif
